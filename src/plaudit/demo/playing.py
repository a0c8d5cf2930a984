"""A chapter of the past is played: with the packages' own functions, so that it is as true as what happens later.

All of it may be played again, for the ids are those of the script: what was done before stays as it is.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from plaudit.coins import Status, Wish, settling, top_ups
from plaudit.demo.cast import Member
from plaudit.demo.house import House, buyer_of, sender_of, visitor_of
from plaudit.demo.script import Chapter, Line, Moment, Purchase, Tap
from plaudit.gifts import Wish as GiftWish
from plaudit.providers import Card, PaymentState
from plaudit.providers.sandbox import NAME
from plaudit.rooms import LiveWish, chat, combos, lives, sending
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.likes import MOST_AT_ONCE
from plaudit.rooms.talk_model import ChatWish

# Each wants a connection of the pool, and some of it is left for the rest.
_AT_ONCE = 6
_TAP_SECONDS = 0.4


async def is_played(house: House, chapter: Chapter) -> bool:
    """Whether its live has ended: then everything before has happened, too."""
    try:
        return (await lives.get_live(house.db, chapter.live_id)).ended_at is not None
    except LiveNotFound:
        return False


async def play_chapter(house: House, chapter: Chapter) -> None:
    """The live begins, everything happens in it, and it ends."""
    house.move_to(chapter.begins)
    creator = visitor_of(chapter.creator.member, house.now, is_creator=True)
    await lives.start_live(house.rooms, LiveWish(id=chapter.live_id, title=chapter.title), creator, now=house.now)
    for moment in chapter.moments:
        house.move_to(moment.at)
        await _play_moment(house, chapter.live_id, moment)
    house.move_to(chapter.ends)
    likes = house.rooms.talk.likes
    for fan in chapter.likers:
        await likes.like(chapter.live_id, fan.id, MOST_AT_ONCE, now=house.now)
    await likes.flush()
    await lives.end_live(house.rooms, chapter.live_id, by=creator.person_id, now=house.now)


async def _play_moment(house: House, live_id: UUID, moment: Moment) -> None:
    await combos.close_due(house.db, house.rooms.log, now=house.now)
    await _together(buy(house, purchase) for purchase in moment.purchases)
    await _together(_say(house, live_id, line) for line in moment.lines)
    for beat in _beats(moment.series):
        await _together(_give(house, live_id, tap) for tap in beat)
        house.clock.move(timedelta(seconds=_TAP_SECONDS))
    await house.rooms.log.until_idle()


def _beats(series: Sequence[Sequence[Tap]]) -> Iterable[list[Tap]]:
    """The first tap of each, then the second of each that has one, and on."""
    for number in range(max(map(len, series), default=0)):
        yield [taps[number] for taps in series if number < len(taps)]


async def buy(house: House, purchase: Purchase) -> None:
    """From the wish to coins in the wallet, paid at the sandbox."""
    wish = Wish(
        id=purchase.id,
        provider=NAME,
        pack=purchase.pack,
        coins=None if purchase.pack else purchase.coins,
    )
    top_up = await top_ups.start_top_up(house.till, wish, buyer_of(purchase.fan), now=house.now)
    if top_up.status is Status.SETTLED:
        return
    assert top_up.checkout_id is not None, "it was just opened"
    payment = await house.sandbox.find_payment(top_up.checkout_id, now=house.now)
    if payment is None or payment.state is not PaymentState.PAID:
        await house.sandbox.pay(UUID(top_up.checkout_id), Card.SUCCESS, now=house.now)
        payment = await house.sandbox.find_payment(top_up.checkout_id, now=house.now)
    assert payment is not None, "it was just paid"
    await settling.apply_payment(house.till, NAME, payment, now=house.now)


async def _give(house: House, live_id: UUID, tap: Tap) -> None:
    await give(house, tap, live_id=live_id)


async def give(house: House, tap: Tap, *, live_id: UUID | None = None, to: Member | None = None) -> None:
    """A gift in a live, or in a message."""
    wish = GiftWish(id=tap.id, gift=tap.gift, combo_id=tap.combo_id, message=tap.message, is_anonymous=tap.is_anonymous)
    receiver = to.handle if to else None
    await sending.send_gift(house.rooms, wish, sender_of(tap.fan), live_id=live_id, to=receiver, now=house.now)


async def _say(house: House, live_id: UUID, line: Line) -> None:
    wish = ChatWish(id=line.id, text=line.text)
    await chat.post_chat(house.rooms.talk, live_id, wish, visitor_of(line.fan, house.now), now=house.now)


async def _together(works: Iterable[Awaitable[None]]) -> None:
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(work: Awaitable[None]) -> None:
        async with room:
            await work

    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(one(work))
