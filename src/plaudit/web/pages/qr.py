"""QR codes inside a page: SVG without any inline style, which the policy of the pages doesn't let in."""

import segno
from markupsafe import Markup

_DARK, _LIGHT = "#1c1724", "#ffffff"
# What the standard asks for around it, in modules.
_QUIET_ZONE = 4


def qr(text: str) -> Markup:
    """`{{ uri | qr }}`. It is dark on light in every theme: many cameras read nothing else."""
    code = segno.make_qr(text, error="m", boost_error=False)
    drawn = code.svg_inline(border=_QUIET_ZONE, dark=_DARK, light=_LIGHT, omitsize=True, svgclass=None, lineclass=None)
    return Markup(drawn)  # noqa: S704 - segno draws squares; nothing of the text is in it
