"""/art: pictures of gifts that operators uploaded. A name stands for one picture for ever, so browsers keep it."""

import re

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from plaudit.gifts.art import NoSuchArt, get_picture
from plaudit.web.api.desk import desk_of

_FILE = re.compile(r"(art_[0-9a-f]{32})\.svg")
# As an <img> it can run nothing; opened by itself it could, so it is allowed nothing.
_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
}


def art_address(name: str) -> str | None:
    """Where an uploaded picture is; None for the name of one that is among our files. `js/art.js` has the same rule."""
    return f"/art/{name}.svg" if _FILE.fullmatch(f"{name}.svg") else None


@get("/art/{file:str}", include_in_schema=False)
async def send_art(file: FromPath[str], state: State) -> Response[bytes]:
    """One picture."""
    named = _FILE.fullmatch(file)
    if named is None:
        raise NoSuchArt
    return Response(await get_picture(desk_of(state).db, named[1]), media_type="image/svg+xml", headers=_HEADERS)


ROUTES: list[ControllerRouterHandler] = [send_art]
"""All of them, for the pages' router."""
