"""Style sheets, scripts, pictures and fonts: read once, kept in memory, compressed, and cached by browsers for ever.

The address of every file begins with one word made from the contents of all of them: a new release never meets an old
cache, and modules that import each other by relative paths stay within one release.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct

from plaudit.web.pages.art import art_address

_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".css": "text/css"}
_PACKED = frozenset({"text/javascript", "image/svg+xml", "text/css"})


class Asset(Struct, frozen=True):
    """One file as it is sent."""

    content: bytes
    packed: bytes | None
    media_type: str


class Assets(Struct, frozen=True):
    """All of them by their path below the folder `static`."""

    release: str
    by_path: Mapping[str, Asset]

    def address(self, path: str) -> str:
        """Where a browser finds it; raises KeyError for a file that isn't there, which is a slip in a template."""
        if path not in self.by_path:
            raise KeyError(path)
        return f"/static/{self.release}/{path}"

    def gift_address(self, art: str) -> str:
        """Where a browser finds the picture of a gift; applause for one that nobody drew or uploaded."""
        if uploaded := art_address(art):
            return uploaded
        path = f"gifts/{art}.svg"
        return self.address(path if path in self.by_path else "gifts/applause.svg")


@cache
def load_assets() -> Assets:
    """Everything below `static`, read once."""
    by_path = {path: _read(path, file) for path, file in _walk(files("plaudit.web.pages").joinpath("static"), "")}
    digest = hashlib.sha256()
    for path, asset in sorted(by_path.items()):
        digest.update(path.encode() + b"\0" + asset.content + b"\0")
    return Assets(digest.hexdigest()[:12], by_path)


@get("/static/{release:str}/{path:path}", include_in_schema=False, sync_to_thread=False)
def send_asset(release: FromPath[str], path: FromPath[str], request: Request) -> Response[bytes]:  # pyright: ignore[reportMissingTypeArgument, reportUnknownParameterType] - any request may ask
    """One file. A page of an older release may still ask for its own: it gets what there is now."""
    asset = load_assets().by_path.get(path.lstrip("/"))
    if asset is None:
        raise NotFoundException("There is no such file.")
    headers = {"cache-control": _FOREVER if release == load_assets().release else "no-cache", "vary": "accept-encoding"}
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for entry in folder.iterdir():
        inner = f"{path}{entry.name}"
        found += _walk(entry, f"{inner}/") if entry.is_dir() else [(inner, entry)]
    return found


def _read(path: str, file: Traversable) -> Asset:
    content = file.read_bytes()
    suffix = "." + path.rsplit(".", 1)[-1]
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    # Level 6 of a few hundred small files takes a fraction of a second; no file here changes while the program runs.
    packed = gzip.compress(content, 6, mtime=0) if media_type in _PACKED else None
    return Asset(content, packed, media_type)
