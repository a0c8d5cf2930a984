import asyncio

import msgspec

from plaudit.foundation.ids import new_id
from plaudit.providers import MemoryLine
from plaudit.rooms.presence import Presence
from plaudit.rooms.wire import PRESENCE

LIVE, ELSEWHERE = new_id(), new_id()


async def a_presence(line: MemoryLine, viewers: int) -> Presence:
    presence = Presence(line, lambda: {LIVE: viewers})
    await line.subscribe(PRESENCE, presence.hear)
    return presence


async def test_viewers_are_those_of_all_programs_together():
    line = MemoryLine()
    one, other, listener = await a_presence(line, 3), await a_presence(line, 4), Presence(line)
    await line.subscribe(PRESENCE, listener.hear)

    for each in (one, other, one):
        each.tell()
    await asyncio.sleep(0)

    assert [each.viewers_of(LIVE) for each in (one, other, listener)] == [7, 7, 7]
    assert listener.viewers_of(ELSEWHERE) == 0


async def test_whoever_takes_their_leave_is_counted_no_more():
    line = MemoryLine()
    one, other = await a_presence(line, 3), await a_presence(line, 4)
    one.tell()
    other.tell()

    one.take_leave()
    await asyncio.sleep(0)

    assert other.viewers_of(LIVE) == 4


async def test_what_can_not_be_read_changes_nothing():
    presence = Presence(MemoryLine())
    presence.hear(PRESENCE, msgspec.json.encode({"from": "one", "viewers": {str(LIVE): 2}}))

    for payload in (b"", b"[]", b'{"from": 1}', b'{"from": "one", "viewers": {"no live": 1}}'):
        presence.hear(PRESENCE, payload)

    assert presence.viewers_of(LIVE) == 2
