"""Fans who talk and like, and what a room says to a large gift."""

import asyncio

from plaudit.demo.cast import PLAYED, Member
from plaudit.demo.generosity import LARGE_FROM
from plaudit.demo.giving import make_series
from plaudit.demo.stage import Room, Seen, Stage, unharmed
from plaudit.demo.words import HELLOS, IN_AWE, VOICES, Shuffled

# At the usual pace somebody says something nearly every second, in one of the rooms; more than this nobody reads.
_LINES_A_SECOND_A_GIFT, _MOST_LINES_A_SECOND = 0.27, 3.0
_SMALL_TALK = 0.25
_LIKES_SECONDS = (0.4, 2.0)
_EXCITED_SECONDS = 8.0
_RIVAL = 0.25


async def keep_talking(stage: Stage) -> None:
    """A line now and then, until cancelled."""
    while True:
        seconds = 1 / max(0.1, min(_MOST_LINES_A_SECOND, stage.pace() * _LINES_A_SECOND_A_GIFT))
        await asyncio.sleep(min(10.0, stage.random.expovariate(1 / seconds)))
        room = stage.choose_room()
        if room is not None:
            await unharmed(say(stage, room, stage.choose_fan(), _choose_line(stage, room)))


async def keep_liking(stage: Stage) -> None:
    """Thumbs on the heart, until cancelled."""
    while True:
        await asyncio.sleep(stage.random.uniform(*_LIKES_SECONDS))
        room = stage.choose_room()
        if room is not None:
            await unharmed(_like(stage, room))


async def say(stage: Stage, room: Room, member: Member, text: str) -> None:
    """One line in the room's live. Raises Refused or Away."""
    await stage.ask(member, f"POST /v1/lives/{room.live_id}/chat", {"text": text})


def _choose_line(stage: Stage, room: Room) -> str:
    if stage.random.random() < _SMALL_TALK:
        return stage.small_talk.take().format(creator=room.creator.called)
    return room.idle.take()


async def say_hello(stage: Stage, room: Room, member: Member) -> None:
    """Whoever comes in says so. Raises Refused or Away."""
    await say(stage, room, member, stage.random.choice(HELLOS).format(creator=room.creator.called))


async def react(stage: Stage, room: Room, seen: Seen) -> None:
    """A room after a large gift: some can't believe it, the creator says thanks, and somebody may want to outdo it.

    It doesn't matter who gave it: a visitor's Lion gets the same applause. Not every one does, for a person must be
    able to read.
    """
    now = asyncio.get_running_loop().time()
    if seen.coins < LARGE_FROM or now - room.excited_at < _EXCITED_SECONDS:
        return
    room.excited_at = now
    random, name = stage.random, _first_name(seen.sender) if seen.sender else "Somebody"
    gift = stage.names.get(seen.gift, seen.gift)
    awe = Shuffled(IN_AWE, random)
    async with asyncio.TaskGroup() as reactions:
        for _ in range(random.randint(2, 4)):
            text = awe.take().format(name=name, gift=gift, creator=room.creator.called)
            reactions.create_task(_say_soon(stage, room, stage.choose_fan(), text))
        # Whoever plays a creator speaks for themselves.
        if room.creator.member != PLAYED["creator"]:
            text = random.choice(VOICES[room.creator.member.handle].thanks).format(name=name, gift=gift)
            reactions.create_task(_say_soon(stage, room, room.creator.member, text))
        if random.random() < _RIVAL and (answer := make_series(stage, room=room, gift=_as_dear(stage, seen))):
            reactions.create_task(unharmed(answer.reply_to(name)))


def _as_dear(stage: Stage, seen: Seen) -> str:
    """A gift that is about as dear as the one that was seen."""
    near = [gift for gift, price in stage.prices.items() if seen.coins / 3 <= price <= seen.coins * 1.5]
    return stage.random.choice(near or [seen.gift])


async def _say_soon(stage: Stage, room: Room, member: Member, text: str) -> None:
    await asyncio.sleep(stage.random.uniform(0.8, 5.0))
    await unharmed(say(stage, room, member, text))


async def _like(stage: Stage, room: Room) -> None:
    count = stage.random.randint(1, 15)
    await stage.ask(stage.choose_fan(), f"POST /v1/lives/{room.live_id}/likes", {"count": count})


def _first_name(name: str) -> str:
    return name.partition(" ")[0]
