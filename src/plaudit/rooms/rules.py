"""What is right for a live: pure decisions, each refusal named."""

import unicodedata
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import UNSET

from plaudit.foundation.errors import IdReused, Invalid
from plaudit.rooms.model import Live, LiveChange, LiveWish, Playback
from plaudit.rooms.wire import LiveShown

TITLE_LIMIT = 100
URL_LIMIT = 500
REASON_LIMIT = 200
PLAYBACK_KINDS = ("hls", "whep")

_OWN_MACHINE = ("localhost", "127.0.0.1", "::1")


def take_wish(wish: LiveWish) -> LiveWish:
    """The wish in its normal form. Raises Invalid naming the field."""
    take_cover_url(wish.cover_url)
    take_playback(wish.playback)
    return msgspec.structs.replace(wish, title=take_title(wish.title))


def take_title(title: str) -> str:
    """One line of 1 to 100 characters that can be seen."""
    normal = unicodedata.normalize("NFC", title).strip()
    if not 1 <= len(normal) <= TITLE_LIMIT or not _is_one_line(normal):
        raise Invalid(f"A title is one line of 1 to {TITLE_LIMIT} characters.", field="title")
    return normal


def take_reason(reason: str) -> str:
    """Why an operator ended a live: one line that everyone sees."""
    normal = unicodedata.normalize("NFC", reason).strip()
    if not 1 <= len(normal) <= REASON_LIMIT or not _is_one_line(normal):
        raise Invalid(f"A reason is one line of 1 to {REASON_LIMIT} characters.", field="reason")
    return normal


def take_cover_url(url: str | None) -> str | None:
    """The address of a picture, or None."""
    if url is not None and not _is_address(url):
        raise Invalid("A cover is given as an address that begins with https://.", field="cover_url")
    return url


def take_playback(playback: Playback | None) -> Playback | None:
    """Where the stream is, or None."""
    if playback is None:
        return None
    if playback.kind not in PLAYBACK_KINDS:
        raise Invalid("A playback's kind is hls or whep.", field="playback.kind")
    if not _is_address(playback.url):
        raise Invalid("A playback is given as an address that begins with https://.", field="playback.url")
    return playback


def require_same(creator_id: UUID, started: LiveShown, wish: LiveWish, of: UUID) -> None:
    """The live that is there was started with this wish, however it was changed since. Raises IdReused."""
    if creator_id != of or (started.title, started.cover_url, started.playback) != (
        wish.title,
        wish.cover_url,
        wish.playback,
    ):
        raise IdReused


def change_live(live: Live, change: LiveChange) -> Live:
    """The live after the change. Raises Invalid naming the field."""
    title = live.title if change.title is UNSET else take_title(change.title)
    cover_url = live.cover_url if change.cover_url is UNSET else take_cover_url(change.cover_url)
    playback = live.playback if change.playback is UNSET else take_playback(change.playback)
    return msgspec.structs.replace(
        live,
        title=title,
        cover_url=cover_url,
        playback_kind=playback.kind if playback else None,
        playback_url=playback.url if playback else None,
    )


def _is_one_line(text: str) -> bool:
    # Beside what is printable: the joiner that families of emoji are made with.
    return all(letter.isprintable() or letter == "\u200d" for letter in text)


def _is_address(url: str) -> bool:
    """https, or plain http on this machine itself, where a creator tries things out."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _OWN_MACHINE)
    plain = url.isascii() and url.isprintable() and not any(letter in url for letter in " \"'<>\\`")
    return secure and bool(host) and parts.username is None and plain and len(url) <= URL_LIMIT
