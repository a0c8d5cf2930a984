"""Pictures that operators upload: what is kept of them, and everything that is refused."""

import re
from pathlib import Path

import pytest

from plaudit.foundation.errors import Invalid
from plaudit.gifts.art import take_picture
from plaudit.gifts.svg import MOST_BYTES, clean_svg

OURS = Path(__file__).parents[2] / "src/plaudit/web/pages/static/gifts"
OPEN = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:html="http://www.w3.org/1999/xhtml" viewBox="0 0 10 10">'
)


def drawing(inside: str) -> bytes:
    return f"{OPEN}{inside}</svg>".encode()


MALICIOUS: dict[str, bytes] = {
    "a script": drawing("<script>alert(1)</script>"),
    "a script in capitals": drawing("<SCRIPT/>"),
    "a script of XHTML": drawing("<html:script>alert(1)</html:script>"),
    "a script among what is left out": drawing("<metadata><script/></metadata>"),
    "a style sheet": drawing("<style>@import url(https://evil.example)</style>"),
    "a style attribute": drawing('<rect style="fill: url(https://evil.example)"/>'),
    "a foreign object": drawing("<foreignObject/>"),
    "a frame": drawing("<html:iframe/>"),
    "a picture from elsewhere": drawing('<image href="https://evil.example/a.png"/>'),
    "a link": drawing('<a href="javascript:alert(1)"/>'),
    "an event": drawing('<rect onclick="alert(1)"/>'),
    "an event in capitals": drawing('<rect OnLoad="alert(1)"/>'),
    "an event of the whole": f'{OPEN[:-1]} onload="alert(1)"/>'.encode(),
    "a use from elsewhere": drawing('<use href="https://evil.example/a.svg#a"/>'),
    "a use without its scheme": drawing('<use xlink:href="//evil.example/a.svg#a"/>'),
    "a use of data": drawing('<use href="data:image/svg+xml;base64,AAAA#a"/>'),
    "a gradient from elsewhere": drawing('<linearGradient href="https://evil.example/a.svg#a"/>'),
    "a fill from elsewhere": drawing('<rect fill="url(https://evil.example)"/>'),
    "a fill from elsewhere beside our own": drawing('<rect fill="url(#a) url(//evil.example)"/>'),
    "a fill in capitals": drawing('<rect fill="URL(//evil.example)"/>'),
    "a fill that hides its name": drawing(r'<rect fill="u\72l(//evil.example)"/>'),
    "a set of images": drawing("<rect mask=\"image-set('//evil.example' 1x)\"/>"),
    "an animation of an address": drawing('<animate attributeName="href" to="javascript:alert(1)"/>'),
    "a setting of an address": drawing('<set attributeName="href" to="javascript:alert(1)"/>'),
    "entities": b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + drawing("&b;"),
    "an entity from a file": b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + drawing("&a;"),
    "a DOCTYPE alone": b"<!DOCTYPE svg>" + drawing(""),
    "a style sheet by instruction": b'<?xml-stylesheet href="https://evil.example"?>' + drawing(""),
    "shapes that multiply": drawing(
        '<g id="a0"><rect/></g>'
        + "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 6))
    ),
    "a shape in itself": drawing('<g id="a"><use href="#a"/></g>'),
    "elements too deep": drawing("<g>" * 40 + "</g>" * 40),
    "too much of it": drawing(" " * MOST_BYTES),
    "no SVG": b"<html/>",
    "no SVG by its name space": b'<svg viewBox="0 0 1 1"/>',
    "only what is left out": b'<metadata xmlns="http://www.w3.org/2000/svg"/>',
    "no XML": b"GIF89a",
    "nothing": b"",
    "another encoding": '<?xml version="1.0" encoding="utf-16"?><svg/>'.encode("utf-16"),
    "no size": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.mark.parametrize("content", MALICIOUS.values(), ids=MALICIOUS)
def test_what_could_run_reach_out_or_grow_is_refused_in_words(content: bytes):
    with pytest.raises(Invalid) as refused:
        clean_svg(content)

    assert refused.value.field == "art"
    assert re.search(r"\w \w", refused.value.detail)


@pytest.mark.parametrize("picture", sorted(OURS.glob("*.svg")), ids=lambda path: path.stem)
def test_our_own_pictures_could_be_uploaded_and_keep_every_shape(picture: Path):
    content = picture.read_bytes()

    cleaned = clean_svg(content)

    for shape in (b"<path", b"<circle", b"<use", b"<stop"):
        assert cleaned.count(shape) == content.count(shape)
    assert clean_svg(cleaned) == cleaned


def test_what_editors_leave_behind_is_left_out():
    content = (
        b'<?xml version="1.0" encoding="UTF-8"?><!-- by hand -->'
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:i="http://www.inkscape.org/namespaces/inkscape"'
        b' width="64px" height="32" i:version="1.3" class="x" data-name="y"><title>A hat</title><metadata/>'
        b'<i:grid><i:line/></i:grid><g i:label="Layer 1"><path d="M0 0h9" fill="url(#a)"/></g></svg>'
    )

    cleaned = clean_svg(content)

    assert cleaned == (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 64 32">'
        b'<g><path d="M0 0h9" fill="url(#a)"/></g></svg>'
    )


def test_a_picture_is_named_by_what_it_holds():
    rose, again = take_picture(drawing("<rect/>")), take_picture(drawing("<!-- the same --><rect/>"))

    assert rose == again
    assert re.fullmatch("art_[0-9a-f]{32}", rose.name)
    assert take_picture(drawing("<circle/>")).name != rose.name
