"""Movements in plain words: coins know that a gift was given, gifts know which, and rooms know the people."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.coins import Movement, MovementKind
from plaudit.gifts import Gift, Sending
from plaudit.gifts.sending import list_given
from plaudit.rooms.model import Face
from plaudit.web.api.desk import Desk


class Given(Struct, frozen=True, kw_only=True):
    """A gift behind a movement: which, how many, from whom (None for who gave anonymously) and to whom."""

    sending: Sending
    gift: Gift
    sender: Face | None
    to: Face


async def name_gifts(desk: Desk, found: Sequence[Movement]) -> list[Movement]:
    """The same movements; those that are gifts say which, how many, and to whom or from whom."""
    given = await find_given(desk, found)
    return [_named(movement, given.get(movement.number)) for movement in found]


async def find_given(desk: Desk, found: Sequence[Movement]) -> Mapping[int, Given]:
    """The gifts behind those movements that are gifts, by the movement's number."""
    ids = {movement.reference for movement in found if movement.kind is MovementKind.GIFT and movement.reference}
    given = await list_given(desk.rooms.gifting, ids) if ids else {}
    faces = {
        person_id: (await desk.rooms.known.get_person(person_id)).face
        for sending, _ in given.values()
        for person_id in _shown(sending)
    }
    return {
        movement.number: _tell(*given[movement.reference], faces)
        for movement in found
        if movement.kind is MovementKind.GIFT and movement.reference and movement.reference in given
    }


def _tell(sending: Sending, gift: Gift, faces: Mapping[UUID, Face]) -> Given:
    sender = None if sending.is_anonymous else faces[sending.sender_id]
    return Given(sending=sending, gift=gift, sender=sender, to=faces[sending.creator_id])


def _shown(sending: Sending) -> list[UUID]:
    return [sending.creator_id] if sending.is_anonymous else [sending.creator_id, sending.sender_id]


def _named(movement: Movement, given: Given | None) -> Movement:
    return replace(movement, reason=_reason(given, was_sent=movement.coins < 0)) if given else movement


def _reason(given: Given, *, was_sent: bool) -> str:
    what = f"{given.sending.quantity} × {given.gift.name}"
    if was_sent:
        return f"You sent {what} to {given.to.name}."
    if given.sender is None:
        return f"You received {what} from somebody who gave anonymously."
    return f"You received {what} from {given.sender.name}."
