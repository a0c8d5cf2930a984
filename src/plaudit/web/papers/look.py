"""How printed papers look: fonts, colours, and the frame around every page."""

from functools import cache
from importlib.resources import as_file, files
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONT, STRONG = "PlauditInter", "PlauditInterStrong"

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
BAND = 46 * mm
INNER = WIDTH - 2 * MARGIN

INK, QUIET, LINE = HexColor("#1c1724"), HexColor("#645d70"), HexColor("#e3dcd1")
PAPER, WHITE, ON_BAND = HexColor("#faf7f2"), HexColor("#ffffff"), HexColor("#e3d6fb")
DEEP, ACCENT, GOLD = HexColor("#2a1156"), HexColor("#6a26d6"), HexColor("#ffd055")


def use_fonts() -> None:
    """Make the fonts known to reportlab, once for the program."""
    _letters()


def can_write(text: str) -> bool:
    """Whether the fonts have every letter: Latin, Greek and Cyrillic with all their accents, and nothing beyond."""
    return all(ord(letter) in _letters() for letter in text)


@cache
def _letters() -> frozenset[int]:
    # reportlab has no types of its own.
    fonts: Any = pdfmetrics
    for name, file in ((FONT, "inter.ttf"), (STRONG, "inter-strong.ttf")):
        with as_file(files("plaudit.web.papers").joinpath("fonts", file)) as path:
            fonts.registerFont(TTFont(name, str(path)))
    fonts.registerFontFamily(FONT, normal=FONT, bold=STRONG, italic=FONT, boldItalic=STRONG)
    return frozenset(fonts.getFont(FONT).face.charToGlyph)


def style(size: float = 8.5, *, strong: bool = False, quiet: bool = False, end: bool = False) -> ParagraphStyle:
    """A paragraph's style; `end` is for figures, which stand at the right."""
    return ParagraphStyle(
        name="plain",
        fontName=STRONG if strong else FONT,
        fontSize=size,
        leading=size * 1.4,
        textColor=QUIET if quiet else INK,
        alignment=TA_RIGHT if end else 0,
    )
