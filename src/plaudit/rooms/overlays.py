"""Overlays: addresses that show a creator's live over the picture of a streaming program, each revocable on its own.

An overlay has a channel of its own, a room with the overlay's id: nothing there has a number, and whoever listens is an
overlay that is connected now. Tests and the end of an overlay go there; what happens in the live it watches like all
others.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, field

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Conflict, Invalid, NotFound, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.gifts.errors import GiftNotAvailable
from plaudit.people.hashing import hash_token, new_token
from plaudit.rooms import leaderboard, live_queries, wire
from plaudit.rooms.model import Face, GiftShown, Live
from plaudit.rooms.rooms import Rooms

MOST_OVERLAYS = 20
NAME_LIMIT = 60

# How fine the instant is at which an overlay was last seen; each asks about every fifteen seconds.
_SEEN_EVERY = timedelta(seconds=10)
_TESTER = Face(handle="plaudit", name="Plaudit", picture_url=None)


class OverlayNotValid(PlauditError):
    """No overlay has this secret, or not any more."""

    code = "overlay_not_valid"
    title = "There is no such overlay, or it was revoked."
    status = 401


class NoSuchOverlay(NotFound):
    """The creator has no overlay with this id, or has revoked it."""

    code = "overlay_not_found"
    title = "There is no such overlay."


class TooManyOverlays(Conflict):
    """The creator has as many as one may have."""

    code = "too_many_overlays"
    title = f"You have {MOST_OVERLAYS} overlays, and that is as many as there can be. Revoke one that you don't use."


class Overlay(Struct, frozen=True, kw_only=True):
    """An overlay that isn't revoked; `seen_at` is when it last asked what is on, None before the first time."""

    id: UUID
    creator_id: UUID
    name: str
    made_at: datetime
    seen_at: datetime | None


class Scene(Struct, frozen=True, kw_only=True):
    """What an overlay begins with: the live that is on, and its coins as of the event `live.last_seq`."""

    overlay: Overlay
    live: Live | None
    coins: int


class TriedAlert(Struct, frozen=True, kw_only=True, tag_field="type", tag="test_alert"):
    """What a test sends: it looks like a gift, but it has no number, and the ledger doesn't know it."""

    at: datetime
    id: UUID
    gift: GiftShown
    quantity: int
    coins: int
    sender: Face = field(name="from", default=_TESTER)
    message: None = None
    combo: None = None


class Revoked(Struct, frozen=True, kw_only=True, tag_field="type", tag="overlay_revoked"):
    """What an overlay hears when it is over."""

    at: datetime


async def make_overlay(db: Database, creator_id: UUID, name: str, *, now: datetime) -> tuple[Overlay, str]:
    """A new overlay, and its secret, which nobody can tell again. Raises Invalid or TooManyOverlays."""
    overlay = Overlay(id=new_id(), creator_id=creator_id, name=_take_name(name), made_at=now, seen_at=None)
    secret = new_token()
    async with db.transaction() as tx:
        # Two at once would both count one too few: the creator's row makes the second wait.
        await tx.execute("select 1 from people.people where id = %(id)s for no key update", {"id": creator_id})
        if len(await _list(tx, creator_id)) >= MOST_OVERLAYS:
            raise TooManyOverlays
        await tx.execute(
            """
            insert into rooms.overlays (id, creator_id, name, secret_hash, made_at)
            values (%(id)s, %(creator_id)s, %(name)s, %(secret_hash)s, %(now)s)
            """,
            {
                "id": overlay.id,
                "creator_id": creator_id,
                "name": overlay.name,
                "secret_hash": hash_token(secret),
                "now": now,
            },
        )
    return overlay, secret


async def list_overlays(db: Database, creator_id: UUID) -> list[Overlay]:
    """A creator's overlays, the newest first, without those that were revoked."""
    async with db.transaction() as tx:
        return await _list(tx, creator_id)


async def revoke_overlay(rooms: Rooms, creator_id: UUID, overlay_id: UUID, *, now: datetime) -> None:
    """From now on its address shows nothing; what is connected goes blank. Raises NoSuchOverlay."""
    async with rooms.db.transaction() as tx:
        revoked = await tx.execute(
            """
            update rooms.overlays set revoked_at = %(now)s
            where id = %(id)s and creator_id = %(creator_id)s and revoked_at is null
            """,
            {"id": overlay_id, "creator_id": creator_id, "now": now},
        )
    if not revoked:
        raise NoSuchOverlay
    rooms.line.publish(wire.subject_of(overlay_id), wire.encode([Revoked(at=now)]))


async def find_overlay(db: Database, secret: str) -> Overlay:
    """Whose secret this is. Raises OverlayNotValid."""
    async with db.transaction() as tx:
        overlay = await tx.find(
            Overlay,
            """
            select id, creator_id, name, made_at, seen_at from rooms.overlays
            where secret_hash = %(hash)s and revoked_at is null
            """,
            {"hash": hash_token(secret)},
        )
    if overlay is None:
        raise OverlayNotValid
    return overlay


async def open_scene(db: Database, secret: str, *, now: datetime) -> Scene:
    """What is on for this overlay, which is noted as seen. Raises OverlayNotValid."""
    overlay = await find_overlay(db, secret)
    if overlay.seen_at is None or now - overlay.seen_at >= _SEEN_EVERY:
        async with db.transaction() as tx:
            await tx.execute(
                "update rooms.overlays set seen_at = %(now)s where id = %(id)s", {"now": now, "id": overlay.id}
            )
    async with db.transaction() as tx:
        # The coins must be those up to the live's number, neither more nor less.
        await tx.execute("set transaction isolation level repeatable read, read only")
        live = await live_queries.find_on(tx, overlay.creator_id)
        coins = await leaderboard.sum_coins(tx, live) if live else 0
    return Scene(overlay=overlay, live=live, coins=coins)


async def try_overlay(rooms: Rooms, creator_id: UUID, overlay_id: UUID, gift_id: str, *, now: datetime) -> None:
    """Let an overlay show a gift that nobody sent. Raises NoSuchOverlay or GiftNotAvailable."""
    async with rooms.db.transaction() as tx:
        overlay = next((each for each in await _list(tx, creator_id) if each.id == overlay_id), None)
    if overlay is None:
        raise NoSuchOverlay
    entry = (await rooms.gifting.catalogue.get_shelf()).entries.get(gift_id)
    if entry is None:
        raise GiftNotAvailable
    gift = entry.newest
    shown = GiftShown(id=gift.id, name=gift.name, tier=gift.tier, art=gift.art)
    alert = TriedAlert(at=now, id=new_id(), gift=shown, quantity=1, coins=gift.price_coins)
    rooms.line.publish(wire.subject_of(overlay_id), wire.encode([alert]))


async def _list(tx: Transaction, creator_id: UUID) -> list[Overlay]:
    return await tx.all(
        Overlay,
        """
        select id, creator_id, name, made_at, seen_at from rooms.overlays
        where creator_id = %(creator_id)s and revoked_at is null order by made_at desc, id desc
        """,
        {"creator_id": creator_id},
    )


def _take_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise Invalid(f"Give the overlay a name of 1 to {NAME_LIMIT} characters.", field="name")
    return name
