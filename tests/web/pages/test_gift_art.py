"""The art of the gifts: a picture for each of the catalogue, a scene for each large one, nothing a browser may refuse.

Pictures are loaded as <img> under a strict policy: what it would block, or what would reach out of the file, is not in
them. Scenes are modules that import only their neighbour.
"""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[3]
ART = ROOT / "src/plaudit/web/pages/static/gifts"
SVG = "{http://www.w3.org/2000/svg}"
MAX_PICTURE_BYTES = 6 * 1024
LARGE_FROM_COINS = 1000
# What every scene stands on, and the scene of large gifts that an operator adds.
FOR_ALL = {"stagecraft", "spotlight"}


def the_catalogue() -> dict[str, int]:
    """Ids and prices as the migration seeds them."""
    text = (ROOT / "migrations/0005_gifts.sql").read_text()
    return {
        name.lower().replace(" ", "_"): int(coins) for name, coins in re.findall(r"\('([A-Z][\w ]+)', (\d+)\)", text)
    }


CATALOGUE = the_catalogue()
LARGE = sorted(gift for gift, coins in CATALOGUE.items() if coins >= LARGE_FROM_COINS)


def test_the_catalogue_was_found():
    assert len(CATALOGUE) == 31
    assert len(LARGE) == 12


def test_every_gift_has_its_picture_and_every_picture_its_gift():
    assert {path.stem for path in ART.glob("*.svg")} == set(CATALOGUE)


def test_every_large_gift_has_its_scene_and_every_scene_its_gift():
    assert {path.stem for path in (ART / "scenes").glob("*.js")} - FOR_ALL == set(LARGE)


@pytest.mark.parametrize("gift", CATALOGUE)
def test_a_picture_is_small_and_square(gift: str):
    picture = ART / f"{gift}.svg"

    root = ET.parse(picture).getroot()

    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 128 128"
    # Firefox draws no picture without a size on a canvas.
    assert (root.get("width"), root.get("height")) == ("128", "128")
    assert picture.stat().st_size <= MAX_PICTURE_BYTES


@pytest.mark.parametrize("gift", CATALOGUE)
def test_a_picture_holds_nothing_but_shapes(gift: str):
    known = "svg defs g use path circle ellipse rect stop linearGradient radialGradient clipPath"

    elements = list(ET.parse(ART / f"{gift}.svg").iter())

    assert {element.tag.removeprefix(SVG) for element in elements} <= set(known.split())
    attributes = [name for element in elements for name in element.attrib]
    assert "style" not in attributes
    assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("gift", CATALOGUE)
def test_a_picture_points_only_into_itself_and_uses_each_id_once(gift: str):
    text = (ART / f"{gift}.svg").read_text()
    elements = list(ET.fromstring(text).iter())

    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    references = [target for element in elements if (target := element.get("href"))]
    references += re.findall(r"url\(([^)]*)\)", text)

    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in references} <= set(ids)
    assert all(target.startswith("#") for target in references)
    assert set(re.findall(r"https?://[^\"]*", text)) == {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("gift", [*LARGE, "spotlight"])
def test_a_scene_says_how_long_it_lasts_and_how_it_is_played(gift: str):
    text = (ART / f"scenes/{gift}.js").read_text()

    lasts = re.search(r"^export const seconds = (\d+);$", text, re.MULTILINE)

    assert lasts
    assert 8 <= int(lasts[1]) <= 12
    assert re.search(r"^export const play = \(canvas, options\) =>", text, re.MULTILINE)
    assert f'id: "{gift}"' in text


@pytest.mark.parametrize("gift", LARGE)
def test_a_large_gift_has_a_motif_of_its_own(gift: str):
    assert re.search(rf"^  {gift}: \{{", (ART / "sounds.js").read_text(), re.MULTILINE)


@pytest.mark.parametrize("script", sorted(ART.rglob("*.js")), ids=lambda path: path.name)
def test_a_script_imports_only_its_neighbour_and_asks_nothing_of_the_policy(script: Path):
    text = script.read_text()

    imported = set(re.findall(r'from "([^"]*)"', text))

    assert imported <= {"./stagecraft.js", "./scenes/stagecraft.js"}
    assert not re.search(r"\beval\b|new Function|innerHTML|setAttribute|https?:|import\(", text)
    assert len(text.splitlines()) <= 400
