"""A gift on its way through a room: may it go there, and then what the room is told.

Refusals in their order: LiveNotFound or NoSuchPerson, CannotGiftYourself, CannotBeAnonymous (in a message),
LiveHasEnded, CreatorMayNotReceive, SenderBlocked, and then those of `gifts.sending.send_gift`. A gift that was sent
before is answered as it was then, whatever has changed in the room.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit import gifts
from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.gifts import sending as gift_sending
from plaudit.gifts.errors import CannotGiftYourself
from plaudit.people import queries as people_queries
from plaudit.people import rules as people_rules
from plaudit.rooms import messages
from plaudit.rooms.errors import CreatorMayNotReceive, LiveHasEnded, LiveNotFound, SenderBlocked
from plaudit.rooms.model import Face, GiftShown, RoomGift
from plaudit.rooms.rooms import Rooms
from plaudit.rooms.talk_errors import CannotBeAnonymous

log = get_logger(__name__)


class _Aim(Struct, frozen=True):
    """Where a gift goes: into a live of this creator, or else into a message to this person."""

    creator_id: UUID
    live_id: UUID | None
    is_on: bool = True


async def send_gift(
    rooms: Rooms, wish: gifts.Wish, sender: gifts.Sender, *, live_id: UUID | None, to: str | None, now: datetime
) -> gifts.Sent:
    """Give, in a live or in a message to the person with the handle `to`; the room is told in a moment.

    The same wish again gives the same answer. Raises Invalid, the refusals above in their order, Unavailable (nothing
    happened) or OutcomeUnknown (ask again with the same id).
    """
    aim = await _take_aim(rooms, live_id, to)
    refusal = await _find_refusal(rooms, aim, wish, sender)
    if refusal is not None and await gift_sending.find_sent(rooms.gifting, wish.id) is None:
        raise refusal
    # What was sent before moves nothing now: it is answered again, or refused because the id was for something else.
    sent = await gift_sending.send_gift(
        rooms.gifting, wish, sender, creator_id=aim.creator_id, live_id=aim.live_id, now=now
    )
    await tell(rooms, sent, Face(handle=sender.handle, name=sender.name, picture_url=sender.picture_url))
    if to is not None:
        rooms.tell_of_letters(people_rules.take_known_handle(to), sender.handle)
    return sent


async def find_receiver(rooms: Rooms, *, live_id: UUID | None, to: str | None) -> UUID:
    """Who would get what is given there. Raises Invalid, LiveNotFound or NoSuchPerson."""
    return (await _take_aim(rooms, live_id, to)).creator_id


async def tell(rooms: Rooms, sent: gifts.Sent, sender: Face) -> None:
    """Tell the room, or the thread of messages, that the ledger has this gift; a second time changes nothing.

    It never raises: what can't be told now, the relay tells later.
    """
    if sent.sending.live_id is not None:
        rooms.log.take(make_room_gift(sent, sent.sending.live_id, sender))
        return
    try:
        async with rooms.db.transaction() as tx:
            await messages.note_gift(tx, sent.sending, at=sent.at)
    except PlauditError as problem:
        log.warning("a gift waits for its message", code=problem.code, gift=str(sent.sending.id))


def make_room_gift(sent: gifts.Sent, live_id: UUID, sender: Face) -> RoomGift:
    """A gift with everything that its room is told."""
    sending, gift = sent.sending, sent.gift
    return RoomGift(
        id=sending.id,
        live_id=live_id,
        creator_id=sending.creator_id,
        fan_id=sending.sender_id,
        sender=sender,
        gift=GiftShown(id=gift.id, name=gift.name, tier=gift.tier, art=gift.art),
        quantity=sending.quantity,
        coins=sending.coins,
        is_anonymous=sending.is_anonymous,
        combo_id=sending.combo_id,
        message=sending.message,
        at=sent.at,
    )


async def _take_aim(rooms: Rooms, live_id: UUID | None, to: str | None) -> _Aim:
    if (live_id is None) == (to is None):
        raise Invalid("A gift goes into a live (`live_id`) or to a person (`to`): one of them.", field="live_id")
    if live_id is None:
        async with rooms.db.transaction() as tx:
            return _Aim(await people_queries.get_id_by_handle(tx, people_rules.take_known_handle(to or "")), None)
    live = await rooms.known.find_live(live_id)
    if live is None:
        raise LiveNotFound
    return _Aim(live.creator_id, live_id, live.is_on)


async def _find_refusal(rooms: Rooms, aim: _Aim, wish: gifts.Wish, sender: gifts.Sender) -> PlauditError | None:
    if aim.creator_id == sender.person_id:
        return CannotGiftYourself()
    if aim.live_id is None and wish.is_anonymous:
        return CannotBeAnonymous()
    if not aim.is_on:
        return LiveHasEnded()
    if not await rooms.known.may_receive(aim.creator_id):
        return CreatorMayNotReceive()
    if await rooms.known.is_blocked_between(sender.person_id, aim.creator_id):
        return SenderBlocked()
    return None
