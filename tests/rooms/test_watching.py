"""What a viewer gets of a live, through any disorder: everything once, in order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import Any

import msgspec
import pytest

from plaudit.foundation.ids import new_id
from plaudit.providers import MemoryLine
from plaudit.rooms import Live, wire
from plaudit.rooms.errors import LiveNotFound
from plaudit.rooms.feed import MOST_REPLAYED, RING, RoomFeed
from plaudit.rooms.watching import Watching, watching
from tests.rooms.conftest import House
from tests.waiting import until


class Screen:
    """What one viewer sees."""

    def __init__(self, feed: RoomFeed) -> None:
        self.feed = feed
        self.objects: list[dict[str, Any]] = []
        self.began_after = 0

    async def join(self, after: int | None = None) -> "Screen":
        replay = await self.feed.catch_up(after)
        self.take(replay.objects)
        self.began_after = self.of("state")[0]["seq"] if after is None else after
        self.leave = self.feed.follow(self.take)
        return self

    def take(self, objects: Sequence[bytes]) -> None:
        self.objects += [msgspec.json.decode(body) for body in objects]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.objects if each["type"] == kind]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the events, states left out."""
        return [each["seq"] for each in self.objects if "seq" in each and each["type"] not in ("state", "reset")]

    async def until_it_has(self, seq: int) -> None:
        await until(lambda: seq in self.numbers)


@pytest.fixture
async def watched(house: House, line: MemoryLine) -> AsyncIterator[Watching]:
    async with watching(house.db, line) as rooms:
        yield rooms


@pytest.fixture
async def live(house: House) -> Live:
    """A live in which one thing has happened: it began."""
    return await house.live("ada")


async def happen(house: House, live: Live, count: int = 1) -> None:
    """So many things, in one message."""
    await house.rooms.log.record(live.id, *(wire.ChatRemoved(at=house.now, id=new_id()) for _ in range(count)))


async def screen_of(watched: Watching, live: Live, after: int | None = None) -> Screen:
    return await Screen(await watched.open_feed(live.id)).join(after)


def say(line: MemoryLine, live: Live, text: str) -> bytes:
    id = str(new_id())
    line.publish(wire.subject_of(live.id), msgspec.json.encode([{"type": "chat", "id": id, "text": text}]))
    return id.encode()


async def test_who_joins_gets_the_state_and_then_what_happens(house: House, live: Live, watched: Watching):
    screen = await screen_of(watched, live)

    await happen(house, live, 3)
    await screen.until_it_has(4)

    assert [each["type"] for each in screen.objects[:1]] == ["state"]
    assert screen.objects[0]["seq"] == 1
    assert screen.objects[0]["live"]["id"] == str(live.id)
    assert screen.numbers == [2, 3, 4]


async def test_a_live_that_is_not_there_can_not_be_watched(watched: Watching):
    with pytest.raises(LiveNotFound):
        await watched.open_feed(new_id())

    assert watched.feeds == []


async def test_who_comes_back_gets_what_was_missed_and_no_state(house: House, live: Live, watched: Watching):
    await happen(house, live, 10)

    screen = await screen_of(watched, live, after=4)

    assert screen.numbers == list(range(5, 12))
    assert screen.of("state") == []


async def test_who_missed_nothing_gets_nothing_twice(house: House, live: Live, watched: Watching):
    await happen(house, live, 10)

    screen = await screen_of(watched, live, after=11)
    await happen(house, live)
    await screen.until_it_has(12)

    assert screen.numbers == [12]


async def test_what_comes_twice_and_out_of_order_is_shown_once_and_in_order(
    house: House, live: Live, watched: Watching, line: MemoryLine
):
    screen = await screen_of(watched, live)
    heard: list[bytes] = []
    line.is_connected = False
    await house.rooms.log.record(live.id, *(wire.ChatRemoved(at=house.now, id=new_id()) for _ in range(20)))
    stored = await wire_of(house, live)
    line.is_connected = True
    heard = [body for body in stored if msgspec.json.decode(body)["seq"] > 1]

    for body in [*reversed(heard), *heard, heard[7]]:
        line.publish(wire.subject_of(live.id), wire.frame([body]))
    await screen.until_it_has(21)

    assert screen.numbers == list(range(2, 22))


async def wire_of(house: House, live: Live) -> list[bytes]:
    return [msgspec.json.encode(each) for each in await house.told(live)]


async def test_a_gap_is_filled_from_the_database(house: House, live: Live, watched: Watching, line: MemoryLine):
    screen = await screen_of(watched, live)

    line.is_connected = False
    await happen(house, live, 5)
    line.is_connected = True
    await happen(house, live)
    await screen.until_it_has(7)

    assert screen.numbers == [2, 3, 4, 5, 6, 7]


async def test_what_was_lost_in_a_quiet_room_is_found_within_a_second_or_two(
    house: House, live: Live, watched: Watching, line: MemoryLine
):
    screen = await screen_of(watched, live)

    line.is_connected = False
    await happen(house, live, 700)
    await screen.until_it_has(701)

    assert screen.numbers == list(range(2, 702))


async def test_who_missed_more_than_memory_holds_gets_it_from_the_database(house: House, live: Live, watched: Watching):
    await happen(house, live, RING + 1_000)

    screen = await screen_of(watched, live, after=3)

    assert screen.numbers == list(range(4, RING + 1_002))


async def test_who_missed_more_than_can_be_replayed_begins_anew(house: House, live: Live, watched: Watching):
    await happen(house, live, MOST_REPLAYED + 1)

    just_not = await screen_of(watched, live, after=2)
    too_much = await screen_of(watched, live, after=1)

    assert len(just_not.numbers) == MOST_REPLAYED
    assert [each["type"] for each in too_much.objects] == ["reset", "state"]
    assert {each["seq"] for each in too_much.objects} == {MOST_REPLAYED + 2}


async def test_who_knows_more_than_ever_happened_begins_anew(house: House, live: Live, watched: Watching):
    screen = await screen_of(watched, live, after=1_000_000)
    await happen(house, live)
    await screen.until_it_has(2)

    assert [each["type"] for each in screen.objects] == ["reset", "state", "chat_removed"]


async def test_chat_goes_straight_through_and_is_not_in_a_replay(live: Live, watched: Watching, line: MemoryLine):
    screen = await screen_of(watched, live)

    say(line, live, "hello")
    await until(lambda: bool(screen.of("chat")))
    back = await screen_of(watched, live, after=1)

    assert [each["text"] for each in screen.of("chat")] == ["hello"]
    assert back.of("chat") == []


async def test_chat_that_is_newer_than_the_state_comes_after_it(live: Live, watched: Watching, line: MemoryLine):
    first = await screen_of(watched, live)
    say(line, live, "hello")
    await until(lambda: bool(first.of("chat")))

    # The state that the first one read is still fresh enough for the second.
    second = await screen_of(watched, live)

    assert [each["type"] for each in second.objects] == ["state", "chat"]


async def test_what_can_not_be_read_is_passed_over(live: Live, watched: Watching, line: MemoryLine, house: House):
    screen = await screen_of(watched, live)

    for payload in (b"", b"{}", b"[1]", b'[{"seq":"x","type":"y"}]', b"\xff"):
        line.publish(wire.subject_of(live.id), payload)
    await happen(house, live)
    await screen.until_it_has(2)

    assert screen.numbers == [2]


async def test_a_viewer_that_fails_keeps_nobody_from_seeing(house: House, live: Live, watched: Watching):
    def fail(_: Sequence[bytes]) -> None:
        raise RuntimeError("an accident")

    feed = await watched.open_feed(live.id)
    feed.follow(fail)
    screen = await Screen(feed).join()

    await happen(house, live)
    await screen.until_it_has(2)


async def test_how_many_watch_is_told_when_it_changes(live: Live, watched: Watching, house: House, line: MemoryLine):
    screen = await screen_of(watched, live)
    await until(lambda: bool(screen.of("viewers")))

    async with watching(house.db, line) as elsewhere:
        other = await screen_of(elsewhere, live)
        await until(lambda: [each["count"] for each in screen.of("viewers")] == [1, 2])
        other.leave()
        await until(lambda: [each["count"] for each in screen.of("viewers")] == [1, 2, 1])

    later = await screen_of(watched, live, after=1)
    assert later.of("viewers") == [{"type": "viewers", "count": 1}]


async def test_a_live_that_nobody_watches_is_forgotten_after_a_while(live: Live, watched: Watching, house: House):
    screen = await screen_of(watched, live)
    feed = screen.feed

    screen.leave()
    assert await watched.open_feed(live.id) is feed
    feed.idle_since -= 60
    await until(lambda: watched.feeds == [])
    await happen(house, live, 3)
    again = await screen_of(watched, live, after=2)

    assert again.feed is not feed
    assert again.numbers == [3, 4]


async def test_many_who_come_at_once_read_the_state_once(live: Live, watched: Watching, house: House):
    before = await statements(house)

    screens = await asyncio.gather(*(screen_of(watched, live) for _ in range(100)))

    assert all(len(screen.objects) == 1 for screen in screens)
    assert await statements(house) - before < 40


async def statements(house: House) -> int:
    """How many transactions this database has seen, at least."""
    async with house.db.transaction() as tx:
        await tx.execute("select pg_stat_force_next_flush()")
    async with house.db.transaction() as tx:
        return await tx.value(int, "select xact_commit from pg_stat_database where datname = current_database()")


async def test_through_any_disorder_everybody_gets_everything_once_and_in_order(
    house: House, live: Live, watched: Watching, line: MemoryLine, seed: int
):
    random = Random(seed)
    screens: list[Screen] = []
    done = asyncio.Event()

    async def go_on() -> None:
        for _ in range(60):
            await happen(house, live, random.choice((1, 1, 1, 2, 40)))
            await asyncio.sleep(random.choice((0, 0, 0.01)))
        done.set()

    async def break_the_line() -> None:
        while not done.is_set():
            line.is_connected = random.random() < 0.6
            await asyncio.sleep(random.random() * 0.03)
        line.is_connected = True

    async def come_and_go() -> None:
        after: int | None = None
        while not done.is_set():
            screen = await screen_of(watched, live, after)
            screens.append(screen)
            await asyncio.sleep(random.random() * 0.1)
            screen.leave()
            after = random.choice((None, max(screen.numbers, default=after)))

    await asyncio.gather(go_on(), break_the_line(), *(come_and_go() for _ in range(8)))
    last = len(await house.told(live))
    stays = await screen_of(watched, live, after=1)
    await until(lambda: stays.numbers[-1:] == [last])

    assert stays.numbers == list(range(2, last + 1))
    for screen in screens:
        assert screen.numbers == [screen.began_after + 1 + place for place in range(len(screen.numbers))]
