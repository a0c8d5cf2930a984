"""Cut the fonts of printed papers out of Inter: Latin, Greek and Cyrillic letters, with digits that are all as wide.

Run by hand when Inter changes; what it makes is committed, because reportlab takes TrueType and npm's pages fonts are
WOFF2. Needs fonttools, and the unpacked npm package @expo-google-fonts/inter (0.4.2) as its argument:

    python front/cut_fonts.py package
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parents[1] / "src" / "plaudit" / "web" / "papers" / "fonts"
CUTS = {"400Regular/Inter_400Regular.ttf": "inter.ttf", "600SemiBold/Inter_600SemiBold.ttf": "inter-strong.ttf"}
DIGITS = "zero one two three four five six seven eight nine".split()
LETTERS = [
    *range(0x20, 0x250),  # Latin, with its extensions A and B
    *range(0x2B0, 0x370),  # modifiers and combining accents
    *range(0x370, 0x530),  # Greek and Cyrillic
    *range(0x1E00, 0x2000),  # more Latin (Vietnamese among it), and Greek with all its accents
    *range(0x2010, 0x2070),  # dashes, quotes, spaces
    *range(0x20A0, 0x20C1),  # signs of currencies
    0x2116, 0x2122, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x25CF, 0xFFFD,
]  # fmt: skip


def main() -> None:
    """Write the fonts and their licence."""
    package = Path(sys.argv[1])
    FONTS.mkdir(parents=True, exist_ok=True)
    for source, name in CUTS.items():
        cut(TTFont(package / source), FONTS / name)
    shutil.copyfile(package / "LICENSE_FONT", FONTS / "LICENSE.txt")


def cut(font: TTFont, target: Path) -> None:
    """Digits stand below each other when all are as wide; a PDF knows no features of fonts, so they are swapped."""
    for table in font["cmap"].tables:
        for number, digit in enumerate(DIGITS):
            table.cmap[ord("0") + number] = f"{digit}.tf"
    options = subset.Options(
        layout_features=[], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=LETTERS)
    cutter.subset(font)
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    font.save(target)


if __name__ == "__main__":
    main()
