"""Many at the same moment: whoever asks, and however often, no wallet goes below zero and no coin is lost."""

import asyncio
from collections import Counter
from random import Random
from uuid import uuid4

import httpx
import psycopg

from tests.story.house import House, Json, a_gift
from tests.web.api.conftest import Someone

RACERS = 200
TWINS = 50
PRICES = {"rose": 1, "finger_heart": 5, "applause": 9, "rosa": 10, "perfume": 20}


async def at_once(house: House, givers: list[Someone], wishes: list[Json]) -> list[httpx.Response]:
    """Every wish by its giver, each over a connection of its own that is open before the race begins."""
    await asyncio.gather(*(giver.ask("GET /v1/me") for giver in givers))
    return await asyncio.gather(
        *(giver.ask("POST /v1/gifts", wish) for giver, wish in zip(givers, wishes, strict=True))
    )


def lowest_balance(house: House) -> int:
    """The least that any wallet ever held after a gift, as the ledger has it."""
    with psycopg.connect(house.product.database_url) as connection:
        row = connection.execute(
            "select min(debit_credits_posted - debit_debits_posted - debit_debits_pending) from ledger.transfers"
            " where code = 2"
        ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


async def test_200_connections_that_race_for_the_same_last_coins_spend_each_of_them_once(house: House, seed: int):
    chance = Random(seed)
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    wishes = [a_gift(live, chance.choice(list(PRICES))) for _ in range(RACERS)]

    answers = await at_once(house, [fan] * RACERS, wishes)

    sent = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [PRICES[wish["gift"]] for wish, answer in zip(wishes, answers, strict=True) if answer.status_code == 402]
    left = await house.coins_of(fan)
    assert len(sent) + len(refused) == RACERS
    assert sum(gift["coins"] for gift in sent) + left == 100
    # What was refused couldn't be afforded then, and nobody has put coins in since.
    assert 0 <= left < min(refused)
    # Each answer tells the wallet just after its own gift: together they are the way down, without a double.
    assert len({gift["wallet"]["coins"] for gift in sent}) == len(sent)
    assert {gift["id"] for gift in await house.until_told(live, len(sent))} == {gift["id"] for gift in sent}
    assert await house.leaders_of(live) == {fan.handle: 100 - left}
    assert lowest_balance(house) >= 0


async def test_200_fans_who_each_give_thrice_what_they_have_give_it_once(house: House):
    creator, live = await house.open_live("nova")
    fans = await house.fans(RACERS)
    givers = [fan for fan in fans for _ in range(3)]

    answers = await at_once(house, givers, [a_gift(live, "butterfly") for _ in givers])

    sent = Counter(giver.handle for giver, answer in zip(givers, answers, strict=True) if answer.status_code == 201)
    codes = Counter(answer.json().get("code") for answer in answers)
    told = await house.until_told(live, RACERS)
    assert sent == dict.fromkeys((fan.handle for fan in fans), 1)
    assert codes == {None: RACERS, "cannot_afford": 2 * RACERS}
    assert {await house.coins_of(fan) for fan in fans} == {100 - 88}
    assert Counter(gift["from"]["handle"] for gift in told) == sent
    assert [event["seq"] for event in await house.events_of(live)] == list(range(1, RACERS + 2))
    assert sum((await house.leaders_of(live)).values()) == 100 * 88
    assert (await house.ask(creator, "GET /v1/earnings"))["coins_received"] == RACERS * 88
    assert lowest_balance(house) >= 0


async def test_the_same_gift_asked_for_on_50_connections_at_once_is_one_gift(house: House):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    wish = a_gift(live, "rosa", quantity=3, combo_id=str(uuid4()))

    answers = await at_once(house, [fan] * TWINS, [wish] * TWINS)

    assert [answer.status_code for answer in answers] == [201] * TWINS
    assert {answer.text for answer in answers} == {answers[0].text}
    assert await house.coins_of(fan) == 100 - 30
    (told,) = await house.until_told(live, 1)
    assert (told["id"], told["combo"]["count"], told["combo"]["coins"]) == (wish["id"], 3, 30)


async def test_of_two_gifts_with_one_id_on_50_connections_one_is_sent_and_the_other_refused(house: House):
    _, live = await house.open_live("nova")
    (fan,) = await house.fans(1)
    one, other = a_gift(live, "rose"), a_gift(live, "perfume")
    wishes = [{**(one, other)[number % 2], "id": one["id"]} for number in range(TWINS)]

    answers = await at_once(house, [fan] * TWINS, wishes)

    codes = [{answer.json().get("code") for answer in answers[half::2]} for half in (0, 1)]
    assert codes in ([{None}, {"id_reused"}], [{"id_reused"}, {None}])
    (told,) = await house.until_told(live, 1)
    assert await house.coins_of(fan) == 100 - told["coins"]
