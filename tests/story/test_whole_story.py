"""The whole story, from outside: people arrive, buy coins, give in a live, and everybody who watches sees the same."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from tests.story.house import House, Json, a_gift
from tests.story.watchers import SocketWatcher, StreamWatcher, Watcher, following
from tests.waiting import until
from tests.web.api.conftest import PASSWORD, Someone, ask

SCRIPT = "<script>alert('1')</script> & bravo"


async def test_an_evening_from_signing_up_to_the_end_of_the_live(house: House):
    nova, fan = await house.arrive("nova"), await house.arrive("fan")
    await become_ready(house, nova)
    live = await house.go_live(nova)
    await house.buy(fan, "pack_600")
    watchers = watchers_of(house, live)

    async with following(watchers):
        for watcher in watchers:
            await watcher.until_seen("live_started")
        gifts = await give_all_kinds(house, fan, live)
        line = await house.ask(fan, f"POST /v1/lives/{live}/chat", {"text": SCRIPT})
        for watcher in watchers:
            await watcher.until_seen("combo_ended")
            await watcher.until_seen("chat")
        late = SocketWatcher(house.client, live, after=None)
        async with following([late]):
            await late.until_seen("state")
        ended = await house.ask(nova, f"POST /v1/lives/{live}/end")
        for watcher in watchers:
            await watcher.until_seen("live_ended")

    assert ended["ended_at"] is not None
    events = await house.events_of(live)
    for watcher in watchers:
        assert watcher.events == events
        assert [chat["text"] for chat in watcher.of_type("chat")] == [line["text"]] == [SCRIPT]
    assert_room_was_told(events, gifts, fan)
    assert_state_tells_the_same(late.of_type("state")[0], events, fan)
    await assert_books_tell_the_same(house, nova, fan, live, gifts)
    assert await house.refusal(fan, "POST /v1/gifts", a_gift(live)) == "live_has_ended"
    assert await house.ask(fan, "POST /v1/gifts", wish_of(gifts[0])) == gifts[0]


async def become_ready(house: House, creator: Someone) -> None:
    """From nobody to a creator who may receive, looking at what is asked on the way."""
    before = await house.ask(creator, "GET /v1/eligibility")
    await house.become_creator(creator)
    await house.ask(house.operator, "POST /v1/operator/requirements", {"kind": "least_followers", "value": 0})
    after = await house.ask(creator, "GET /v1/eligibility")
    assert (before["may_receive"], after["may_receive"]) == (False, True)
    assert all(each["what_to_do"] for each in before["requirements"] if not each["is_met"])


def watchers_of(house: House, live: str) -> list[Watcher]:
    return [SocketWatcher(house.client, live), SocketWatcher(house.client, live), StreamWatcher(house.client, live)]


async def give_all_kinds(house: House, fan: Someone, live: str) -> list[Json]:
    """With a message, in a combo of three taps, anonymously; each answer."""
    combo = str(uuid4())
    wishes = [
        a_gift(live, "confetti", message=SCRIPT),
        *(a_gift(live, "rose", combo_id=combo) for _ in range(3)),
        a_gift(live, "perfume", quantity=2, visibility="anonymous"),
    ]
    return [await house.ask(fan, "POST /v1/gifts", wish) for wish in wishes]


def wish_of(answer: Json) -> Json:
    """What was asked for, from what was answered."""
    return {name: answer[name] for name in ("id", "live_id", "gift", "quantity", "combo_id", "message", "visibility")}


def assert_room_was_told(events: Sequence[Json], gifts: Sequence[Json], fan: Someone) -> None:
    """In order, with numbers, and nobody's name on what was given anonymously."""
    by_type = [event["type"] for event in events]
    told = [event for event in events if event["type"] == "gift_sent"]
    (combo_ended,) = [event for event in events if event["type"] == "combo_ended"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert by_type == ["live_started", *["gift_sent"] * 5, "combo_ended", "live_ended"]
    assert [event["id"] for event in told] == [gift["id"] for gift in gifts]
    assert [event["coins"] for event in told] == [100, 1, 1, 1, 40]
    assert [event["message"] for event in told] == [SCRIPT, None, None, None, None]
    assert [event["from"] and event["from"]["handle"] for event in told] == [*[fan.handle] * 4, None]
    assert [event["combo"] and event["combo"]["count"] for event in told] == [None, 1, 2, 3, None]
    assert (combo_ended["combo"]["count"], combo_ended["combo"]["coins"]) == (3, 3)
    assert "fan_" not in str(told[-1])


def assert_state_tells_the_same(state: Json, events: Sequence[Json], fan: Someone) -> None:
    """Who joined late, before the end, got what everybody knew."""
    assert state["seq"] == events[-2]["seq"]
    assert [chat["text"] for chat in state["chat"]] == [SCRIPT]
    assert state["combos"] == []
    assert [(leader["from"] and leader["from"]["handle"], leader["coins"]) for leader in state["leaders"]] == [
        (fan.handle, 103),
        (None, 40),
    ]


async def assert_books_tell_the_same(
    house: House, nova: Someone, fan: Someone, live: str, gifts: Sequence[Json]
) -> None:
    """Wallet, movements, what the creator received, leaderboards, and each gift by its id, for both of them."""
    assert await house.coins_of(fan) == 600 - 143
    assert [gift["wallet"]["coins"] for gift in gifts] == [500, 499, 498, 497, 457]
    movements = (await house.ask(fan, "GET /v1/wallet/movements"))["items"]
    assert [each["coins"] for each in movements] == [-40, -1, -1, -1, -100, 600]
    assert [each["reference"] for each in movements[:5]] == [gift["id"] for gift in reversed(gifts)]
    movements = (await house.ask(nova, "GET /v1/wallet/movements?of=received"))["items"]
    # What is settled is retired: that is a movement, too, whenever the worker comes to it.
    received = [each for each in movements if each["coins"] > 0]
    assert [each["coins"] for each in received] == [40, 1, 1, 1, 100]
    assert fan.handle not in str(received[0])
    assert "fan" not in received[0]["reason"].lower()
    assert await house.leaders_of(live) == await house.leaders_of(live, "all") == {fan.handle: 103, None: 40}
    for gift in gifts:
        assert await house.ask(fan, f"GET /v1/gifts/{gift['id']}") == gift
        seen = await house.ask(nova, f"GET /v1/gifts/{gift['id']}")
        assert (seen["wallet"], seen["coins"], seen["message"]) == (None, gift["coins"], gift["message"])
        assert (seen["from"] is None) == (gift["visibility"] == "anonymous")
        share = gift["creator_share"]
        assert share["estimate"] is True
        assert 0 <= share["amount_minor"] <= gift["coins"] * 2
        assert share["currency"] == "USD"


@pytest.mark.parametrize(
    ("card", "status"), [("success", "settled"), ("declined", "failed"), ("pending", "settled"), ("timeout", "expired")]
)
async def test_a_purchase_ends_as_its_card_does_and_only_what_was_paid_is_in_the_wallet(
    house: House, card: str, status: str
):
    fan = await house.arrive("fan")

    top_up = await house.start_top_up(fan, "pack_270")
    await house.pay(top_up, card)
    await house.until_status(fan, top_up, status)

    was_paid = status == "settled"
    assert {"id", "status", "checkout_url", "coins", "price", "tax"} <= top_up.keys()
    assert (top_up["status"], top_up["coins"], top_up["price"]["amount_minor"]) == ("pending", 270, 499)
    assert await house.coins_of(fan) == (270 if was_paid else 0)
    movements = (await house.ask(fan, "GET /v1/wallet/movements"))["items"]
    assert [(each["coins"], each["reference"]) for each in movements] == ([(270, top_up["id"])] if was_paid else [])
    again = await house.client.post(f"{top_up['checkout_url']}/pay", json={"card": "success"})
    assert (again.status_code, again.json()["code"]) == (409, "checkout_closed")


@pytest.mark.parametrize(("approved", "status", "coins"), [(True, "settled", 100), (False, "failed", 0)])
async def test_a_bank_that_asks_first_is_answered_before_there_are_coins(
    house: House, approved: bool, status: str, coins: int
):
    fan = await house.arrive("fan")
    top_up = await house.start_top_up(fan, "pack_100")

    await house.pay(top_up, "confirm")
    before = await house.coins_of(fan)
    answer = await house.client.post(f"{top_up['checkout_url']}/confirm", json={"approved": approved})
    await house.until_status(fan, top_up, status)

    assert answer.status_code == 200
    assert (before, await house.coins_of(fan)) == (0, coins)


async def test_a_gift_that_is_too_dear_tells_what_is_missing_and_can_be_sent_with_the_same_id_after_a_top_up(
    house: House,
):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    wish = a_gift(live, "corgi")

    refused = (await fan.ask("POST /v1/gifts", wish)).json()
    unsent = await house.refusal(fan, f"GET /v1/gifts/{wish['id']}")
    await house.buy(fan, refused["top_up"]["pack"] or "pack_270")
    sent = await house.ask(fan, "POST /v1/gifts", wish)

    assert (refused["code"], refused["missing_coins"]) == ("cannot_afford", 199)
    assert refused["top_up"]["coins"] >= 199
    assert unsent == "no_such_gift"
    assert (sent["id"], sent["coins"]) == (wish["id"], 299)
    assert [gift["id"] for gift in await house.until_told(live, 1)] == [wish["id"]]


async def test_every_refusal_has_its_code_and_moves_nothing(house: House):
    nova, live = await house.open_live("nova")
    _, over = await house.open_live("mira")
    unready, blocked = await house.arrive("ida"), await house.arrive("tom")
    fan, nobody = (await house.fans(1))[0], await house.arrive("nobody")
    await house.ask(nova, f"PUT /v1/people/{blocked.handle}/block")
    sent = await house.ask(fan, "POST /v1/gifts", a_gift(live, "rose"))
    await house.ask(house.operator, f"POST /v1/operator/lives/{over}/end", {"reason": "Closing time."})
    abroad = f"gift_{uuid4().hex[:8]}"
    entry = {"id": abroad, "name": "Pretzel", "tier": "small", "price_coins": 1, "regions": ["DE"]}
    await house.ask(house.operator, "POST /v1/operator/gifts", entry)

    cases: list[tuple[Someone, Json, str]] = [
        (nobody, a_gift(live, "rose"), "cannot_afford"),
        (fan, a_gift(live, "no_such_gift"), "gift_not_available"),
        (fan, a_gift(live, abroad), "gift_not_available"),
        (fan, a_gift(over, "rose"), "live_has_ended"),
        (fan, to_person(unready, "rose"), "creator_may_not_receive"),
        (blocked, a_gift(live, "rose"), "sender_blocked"),
        (nova, a_gift(live, "rose"), "cannot_gift_yourself"),
        (fan, a_gift(live, "rose", quantity=0), "quantity_out_of_range"),
        (fan, a_gift(live, "rose", quantity=1_000), "quantity_out_of_range"),
        (fan, a_gift(live, "galaxy", quantity=11), "quantity_out_of_range"),
        (fan, {**a_gift(live, "heart"), "id": sent["id"]}, "id_reused"),
        (fan, {**a_gift(live, "rose"), "id": sent["id"], "message": "Another one"}, "id_reused"),
        (nobody, {**a_gift(live, "rose"), "id": sent["id"]}, "id_reused"),
        (fan, a_gift(str(uuid4()), "rose"), "live_not_found"),
        (fan, {"id": str(uuid4()), "to": "nobody_at_all", "gift": "rose"}, "no_such_person"),
    ]
    codes = [await house.refusal(giver, "POST /v1/gifts", wish) for giver, wish, _ in cases]

    assert codes == [code for _, _, code in cases]
    assert await house.coins_of(fan) == 99
    assert [gift["id"] for gift in await house.until_told(live, 1)] == [sent["id"]]
    assert await house.gifts_of(over) == []


async def test_who_is_blocked_gives_and_writes_no_more_but_what_was_sent_stays_sent(house: House):
    nova, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    wish = a_gift(live, "rose")
    first = await house.ask(fan, "POST /v1/gifts", wish)

    await house.ask(nova, f"PUT /v1/people/{fan.handle}/block")
    codes = [
        await house.refusal(fan, "POST /v1/gifts", a_gift(live, "rose")),
        await house.refusal(fan, "POST /v1/gifts", to_person(nova, "rose")),
        await house.refusal(fan, "POST /v1/messages", {"id": str(uuid4()), "to": nova.handle, "text": "Why?"}),
    ]

    assert codes == ["sender_blocked"] * 3
    assert await house.ask(fan, "POST /v1/gifts", wish) == first


def to_person(someone: Someone, gift: str, /, **different: object) -> Json:
    return {"id": str(uuid4()), "to": someone.handle, "gift": gift, **different}


async def test_a_gift_in_a_message_is_there_for_both_and_in_no_live(house: House):
    nova, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    text = {"id": str(uuid4()), "to": nova.handle, "text": "Your song helped me."}

    await house.ask(fan, "POST /v1/messages", text)
    sent = await house.ask(fan, "POST /v1/gifts", to_person(nova, "perfume", message=SCRIPT))

    async def has_arrived() -> bool:
        return len((await house.ask(nova, f"GET /v1/threads/{fan.handle}"))["items"]) == 2

    await until(has_arrived)
    seen = [await house.ask(one, f"GET /v1/threads/{other.handle}") for one, other in ((nova, fan), (fan, nova))]
    assert seen[0]["items"] == seen[1]["items"]
    newest, oldest = seen[0]["items"]
    assert (oldest["text"], oldest["gift"]) == (text["text"], None)
    assert (newest["gift"]["id"], newest["gift"]["coins"], newest["gift"]["message"]) == (sent["id"], 20, SCRIPT)
    (thread,) = (await house.ask(nova, "GET /v1/threads"))["items"]
    assert thread["unread"] == 2
    assert await house.coins_of(fan) == 80
    assert await house.gifts_of(live) == []
    assert await house.leaders_of(live) == {}


async def test_a_stranger_may_watch_but_neither_give_nor_speak(house: House):
    _, live = await house.open_live("nova")
    found = await ask(house.client, f"GET /v1/lives/{live}")
    refused: list[Any] = [
        (await ask(house.client, line, body)).json()["code"]
        for line, body in (("POST /v1/gifts", a_gift(live)), (f"POST /v1/lives/{live}/chat", {"text": "Hello"}))
    ]
    stranger = SocketWatcher(house.client, live)

    async with following([stranger]):
        await stranger.until_seen("live_started")

    assert found.json()["watch"].keys() == {"url", "token", "expires_at"}
    assert refused == ["not_signed_in", "not_signed_in"]


async def test_whoever_signs_in_again_finds_everything_as_it_was(house: House):
    (fan,) = await house.fans(1)

    answer = await ask(house.client, "POST /v1/sign-in", {"email": fan.email, "password": PASSWORD})

    again = Someone(house.client, answer.json())
    assert (again.handle, await house.coins_of(again)) == (fan.handle, 100)
    assert (await house.ask(again, "GET /v1/me"))["id"] == (await house.ask(fan, "GET /v1/me"))["id"]
