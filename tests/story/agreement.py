"""After the storm: wallets, feeds, leaderboards, messages, screens and the ledger tell the same story."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg

from tests.story.house import Json
from tests.story.storm import Asked, Storm
from tests.story.watchers import Watcher
from tests.waiting import until

_GIFTS = "select ref_128::text, amount from ledger.transfers where code = 2 and ref_128 = any(%s::uuid[])"
_IN_MESSAGES = "select sending_id::text from rooms.messages where sending_id = any(%s::uuid[])"
_UNTOLD = """
    select ref_128 from ledger.transfers where code = 2 and ref_128 = any(%s::uuid[])
        and not exists (select from rooms.events where gift_id = ref_128)
        and not exists (select from rooms.messages where sending_id = ref_128)
"""


async def assert_everything_agrees(storm: Storm) -> None:
    """Wait for what comes later, end the lives, and compare."""
    # Whatever doesn't come is found missing below, where it has a name.
    with suppress(TimeoutError):
        await until(lambda: not _ask(storm, _UNTOLD, list(storm.asked)), seconds=60)
    for creator, live in zip(storm.creators, storm.lives, strict=True):
        await storm.house.ask(creator, f"POST /v1/lives/{live}/end")
    with suppress(TimeoutError):
        everyone = [*storm.watchers, *storm.latecomers]
        await until(lambda: all(watcher.of_type("live_ended") for watcher in everyone))
    gifts = assert_ledger_has_what_was_answered(storm)
    events = {live: await storm.house.events_of(live) for live in storm.lives}
    assert_feeds_tell_each_gift_once(storm, gifts, events)
    for told in events.values():
        assert_combos_count_each_tap_once(told)
    assert_screens_saw_it_all(storm, events)
    await assert_leaderboards_add_up(storm, gifts)
    await assert_wallets_add_up(storm, gifts)
    assert "The books are right" in storm.house.product.run("check", "--all")


def assert_ledger_has_what_was_answered(storm: Storm) -> list[Asked]:
    """Each gift that was answered is there once, at its price, and nothing that was said not to have happened.

    What nobody knows may be there or not. Gives what is there.
    """
    found = Counter[str]()
    for id, coins in _ask(storm, _GIFTS, list(storm.asked)):
        found[id] += 1
        assert coins == storm.asked[id].coins
    by_knowledge: defaultdict[str, set[str]] = defaultdict(set)
    for id, asked in storm.asked.items():
        by_knowledge[asked.known].add(id)
    print({known: (len(ids), len(ids & found.keys())) for known, ids in by_knowledge.items()})
    assert set(found.values()) == {1}
    assert by_knowledge["sent"] - found.keys() == set()
    assert by_knowledge["nothing happened"] & found.keys() == set()
    return [storm.asked[id] for id in found]


def assert_feeds_tell_each_gift_once(
    storm: Storm, gifts: Sequence[Asked], events: Mapping[str, Sequence[Json]]
) -> None:
    """Numbers without a gap, each gift of a live in that live and no other, and each of a message in one message."""
    for live, told in events.items():
        assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
        ids = [event["id"] for event in told if event["type"] == "gift_sent"]
        assert Counter(ids) == Counter(each.wish["id"] for each in gifts if each.wish.get("live_id") == live)
        assert [event["type"] for event in told].count("live_ended") == 1
        for event in told:
            if event["type"] == "gift_sent":
                assert_is_told_as_it_was_asked(event, storm.asked[event["id"]])
    written = [id for (id,) in _ask(storm, _IN_MESSAGES, list(storm.asked))]
    assert Counter(written) == Counter(each.wish["id"] for each in gifts if "to" in each.wish)


def assert_is_told_as_it_was_asked(event: Json, asked: Asked) -> None:
    assert (event["gift"]["id"], event["quantity"], event["coins"]) == (
        asked.wish["gift"],
        asked.wish["quantity"],
        asked.coins,
    )
    assert (event["from"] and event["from"]["handle"]) == asked.giver


def assert_combos_count_each_tap_once(told: Sequence[Json]) -> None:
    """Every combo grows by its taps and nothing else, and ends once, with all of them."""
    counts, coins = Counter[str](), Counter[str]()
    ended: list[str] = []
    for event in told:
        if (combo := event.get("combo")) is None:
            continue
        if event["type"] == "gift_sent":
            counts[combo["id"]] += event["quantity"]
            coins[combo["id"]] += event["coins"]
            assert combo["id"] not in ended
        else:
            ended.append(combo["id"])
        assert (combo["count"], combo["coins"]) == (counts[combo["id"]], coins[combo["id"]])
    assert Counter(ended) == dict.fromkeys(counts, 1)


def assert_screens_saw_it_all(storm: Storm, events: Mapping[str, Sequence[Json]]) -> None:
    """Every watcher saw every event of its live once, in order, word for word."""
    for watcher in storm.watchers:
        assert watcher.of_type("reset") == []
        assert watcher.seqs == list(range(1, len(events[watcher.live]) + 1))
        assert watcher.events == events[watcher.live]
    for latecomer in storm.latecomers:
        assert_state_was_whole(latecomer, events[latecomer.live])
    print("visits of each watcher:", [watcher.visits for watcher in storm.watchers])


def assert_state_was_whole(latecomer: Watcher, told: Sequence[Json]) -> None:
    """Who came in the middle of it got what everybody knew then, and all that happened since, once and in order."""
    state = latecomer.of_type("state")[0]
    before, since = told[: state["seq"]], told[state["seq"] :]
    sums, growing = Counter[str | None](), dict[str, Json]()
    for event in before:
        if event["type"] == "gift_sent":
            sums[event["from"] and event["from"]["handle"]] += event["coins"]
        if combo := event.get("combo"):
            growing[combo["id"]] = combo
        if event["type"] == "combo_ended":
            del growing[event["combo"]["id"]]
    assert [leader["coins"] for leader in state["leaders"]] == sorted(sums.values(), reverse=True)[:10]
    assert {open_one["combo"]["id"]: open_one["combo"] for open_one in state["combos"]} == growing
    assert latecomer.events == since


async def assert_leaderboards_add_up(storm: Storm, gifts: Sequence[Asked]) -> None:
    """In the live, and of all time, in which these creators had one live."""
    for live in storm.lives:
        sums = Counter[str | None]()
        for each in gifts:
            if each.wish.get("live_id") == live:
                sums[each.giver] += each.coins
        assert await storm.house.leaders_of(live) == sums
        assert await storm.house.leaders_of(live, "all") == sums


async def assert_wallets_add_up(storm: Storm, gifts: Sequence[Asked]) -> None:
    """What was bought is what was given and what is left; what was given is what was received."""
    given, received = Counter[str](), Counter[str]()
    for each in gifts:
        given[each.fan.handle] += each.coins
        number = storm.lives.index(each.wish["live_id"]) if "live_id" in each.wish else None
        received[each.wish["to"] if number is None else storm.creators[number].handle] += each.coins
    for fan in storm.fans:
        assert await storm.house.coins_of(fan) == storm.bought[fan.handle] - given[fan.handle]
    for creator in storm.creators:
        earnings = await storm.house.ask(creator, "GET /v1/earnings")
        assert earnings["coins_received"] == received[creator.handle]


def _ask(storm: Storm, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Straight from the database of the product."""
    with psycopg.connect(storm.house.product.database_url) as connection:
        return connection.execute(query.encode(), values or None).fetchall()
