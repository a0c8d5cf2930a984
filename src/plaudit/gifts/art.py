"""Pictures that operators uploaded. Each is named by its hash, so what a name stands for never changes."""

from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import NotFound
from plaudit.gifts.svg import clean_svg

_DIGITS = 32


class NoSuchArt(NotFound):
    """No picture was uploaded under this name."""

    code = "no_such_art"
    title = "There is no such picture."


class Picture(Struct, frozen=True, kw_only=True):
    """A picture that is fit to be shown; `name` goes where a gift's `art` goes."""

    name: str
    svg: bytes


class _Row(Struct, frozen=True):
    svg: bytes


def take_picture(content: bytes) -> Picture:
    """An upload as it is kept. Raises Invalid with the field `art`."""
    svg = clean_svg(content)
    return Picture(name=f"art_{sha256(svg).hexdigest()[:_DIGITS]}", svg=svg)


async def add_picture(tx: Transaction, picture: Picture, *, now: datetime) -> None:
    """The same again changes nothing."""
    await tx.execute(
        """
        insert into gifts.art (name, svg, added_at) values (%(name)s, %(svg)s, %(now)s) on conflict (name) do nothing
        """,
        {"name": picture.name, "svg": picture.svg, "now": now},
    )


async def get_picture(db: Database, name: str) -> bytes:
    """An uploaded picture. Raises NoSuchArt."""
    async with db.transaction() as tx:
        found = await tx.find(_Row, "select svg from gifts.art where name = %(name)s", {"name": name})
    if found is None:
        raise NoSuchArt
    return found.svg
