"""Estimates against a walk over every single coin, and what they remember."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plaudit.coins import Buyer, Lot, Offer, Pack, order
from plaudit.coins.chains import fan_account
from plaudit.coins.model import NO_TAX
from plaudit.earnings import Estimate, Estimates, estimate_before, estimate_each_before, estimate_share, known_lots
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.errors import Unavailable
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN, Money
from plaudit.ledger import MemoryLedger, Posted, Transfer
from plaudit.ledger.chart import AccountCode, make_account
from tests.coins.conftest import a_buyer
from tests.earnings.conftest import NOW, a_lot, a_rate, open_lots, set_rate

USD, EUR, JPY = get_currency("USD"), get_currency("EUR"), get_currency("JPY")
OFFER = Offer(currency="USD", packs=(Pack(id="small", coins=100, price_minor=199),), exact=None, tax=NO_TAX)

Bought = list[tuple[int, int, int, str]]
BOUGHT = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(1, 40),
        st.integers(0, 3_000_000),
        st.sampled_from(["USD", "USD", "USD", "EUR"]),
    ),
    max_size=8,
)
"""Promotional coins before the lot, its coins, its value, its currency."""
GIFTS = st.lists(st.integers(1, 60), min_size=1, max_size=8)


def lots_of(buyer: Buyer, bought: Bought) -> list[Lot]:
    found: list[Lot] = []
    received = 0
    for promotional, coins, micros, currency in bought:
        found.append(a_lot(buyer, received + promotional, coins, micros, currency))
        received += promotional + coins
    return found


def walk(lots: Sequence[Lot], spent_before: int, coins: int) -> dict[str, Money]:
    """Half of what each single coin cost, summed by currency."""
    micros: Counter[str] = Counter()
    for coin in range(spent_before, spent_before + coins):
        for lot in lots:
            place = coin - lot.first_coin
            if 0 <= place < lot.coins:
                value = lot.value_micros * (place + 1) // lot.coins - lot.value_micros * place // lot.coins
                micros[lot.currency] += value
    return {code: Money(total // 2 // 10_000, get_currency(code)) for code, total in micros.items()}


def by_currency(estimate: Estimate) -> dict[str, Money]:
    return {money.currency.code: money for money in (estimate.share, *estimate.others)}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bought=BOUGHT, gifts=GIFTS, later=st.integers(0, 8))
def test_an_estimate_is_what_a_walk_over_every_coin_finds(
    database_url: str, bought: Bought, gifts: list[int], later: int
):
    asyncio.run(any_story(database_url, bought, gifts, later))


async def any_story(database_url: str, bought: Bought, gifts: list[int], later: int) -> None:
    async with Database.open(database_url) as db:
        buyer = await a_buyer(db)
        all_lots = lots_of(buyer, bought)
        estimates = Estimates(db, MemoryLedger(MovableClock(NOW)), MovableClock(NOW))
        # Some lots are opened only after some gifts were seen; those gifts see only what is there.
        there = all_lots[:later]
        await open_lots(db, buyer, *there)
        spent, now = 0, NOW
        for number, coins in enumerate(gifts):
            if number == len(gifts) // 2:
                await open_lots(db, buyer, *all_lots[later:])
                there, now = all_lots, NOW + known_lots.ASK_AGAIN
            found = await share_of(estimates, buyer.person_id, spent, coins, at=now)
            assert by_currency(found) == (walk(there, spent, coins) or {"USD": Money(0, USD)})
            spent += coins


async def share_of(
    estimates: Estimates, fan_id: UUID, spent_before: int, coins: int, *, at: datetime = NOW
) -> Estimate:
    assert isinstance(estimates.clock, MovableClock)
    estimates.clock.move(at - estimates.clock.now())
    return await estimate_share(
        estimates, fan_id=fan_id, creator_region="US", spent_before=spent_before, coins=coins, now=at
    )


@pytest.fixture
async def buyer(db: Database) -> Buyer:
    return await a_buyer(db)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger(MovableClock(NOW))


@pytest.fixture
def estimates(db: Database, ledger: MemoryLedger) -> Estimates:
    return Estimates(db, ledger, MovableClock(NOW))


async def test_a_share_is_half_of_what_exactly_these_coins_cost(db: Database, buyer: Buyer, estimates: Estimates):
    await open_lots(db, buyer, a_lot(buyer, 0, 100, 1_990_000), a_lot(buyer, 100, 12_500, 99_990_000))

    dear = await share_of(estimates, buyer.person_id, 0, 100)
    both = await share_of(estimates, buyer.person_id, 50, 100)
    cheap = await share_of(estimates, buyer.person_id, 100, 100)

    assert (dear.share, both.share, cheap.share) == (Money(99, USD), Money(69, USD), Money(39, USD))


async def test_an_old_gift_gets_the_share_of_its_time(db: Database, buyer: Buyer, estimates: Estimates):
    await open_lots(db, buyer, a_lot(buyer, 0, 100, 2_000_000))
    await set_rate(db, a_rate(7_000, valid_from=NOW))

    async def at(instant: datetime) -> Money:
        found = await estimate_share(
            estimates, fan_id=buyer.person_id, creator_region="US", spent_before=0, coins=100, now=instant
        )
        return found.share

    assert (await at(NOW), await at(NOW - timedelta(days=30))) == (Money(140, USD), Money(100, USD))


async def test_a_lot_that_was_bought_meanwhile_is_found_at_once(db: Database, buyer: Buyer, estimates: Estimates):
    await open_lots(db, buyer, a_lot(buyer, 0, 100, 2_000_000))
    await share_of(estimates, buyer.person_id, 0, 100)

    await open_lots(db, buyer, a_lot(buyer, 100, 100, 4_000_000))

    assert (await share_of(estimates, buyer.person_id, 100, 100)).share == Money(200, USD)


async def test_coins_without_a_lot_are_asked_after_only_now_and_then(db: Database, buyer: Buyer, estimates: Estimates):
    nothing = await share_of(estimates, buyer.person_id, 0, 10)
    await open_lots(db, buyer, a_lot(buyer, 0, 100, 2_000_000))

    soon = await share_of(estimates, buyer.person_id, 0, 10, at=NOW + known_lots.ASK_AGAIN / 2)
    later = await share_of(estimates, buyer.person_id, 0, 10, at=NOW + known_lots.ASK_AGAIN)

    assert (nothing.share, soon.share, later.share) == (Money(0, USD), Money(0, USD), Money(10, USD))


async def test_what_is_known_needs_no_database_and_is_forgotten_after_a_minute(database_url: str):
    async with Database.open(database_url) as db:
        buyer = await a_buyer(db)
        await open_lots(db, buyer, a_lot(buyer, 0, 100, 2_000_000))
        estimates = Estimates(db, MemoryLedger(MovableClock(NOW)), MovableClock(NOW))
        await share_of(estimates, buyer.person_id, 40, 10)

    assert (await share_of(estimates, buyer.person_id, 50, 50)).share == Money(50, USD)
    with pytest.raises(Unavailable):
        await share_of(estimates, buyer.person_id, 40, 10, at=NOW + known_lots.REMEMBERED)
    with pytest.raises(Unavailable):
        await share_of(estimates, buyer.person_id, 30, 10)


async def test_a_look_at_an_old_gift_doesnt_make_the_next_one_ask(database_url: str):
    async with Database.open(database_url) as db:
        buyer = await a_buyer(db)
        await open_lots(db, buyer, *(a_lot(buyer, number, 1, 20_000) for number in range(200)))
        estimates = Estimates(db, MemoryLedger(MovableClock(NOW)), MovableClock(NOW))
        await share_of(estimates, buyer.person_id, 150, 10)
        assert (await share_of(estimates, buyer.person_id, 0, 10)).share == Money(10, USD)

    assert (await share_of(estimates, buyer.person_id, 160, 10)).share == Money(10, USD)


async def test_a_gift_may_be_paid_from_more_lots_than_are_read_at_once(db: Database, buyer: Buyer):
    await open_lots(db, buyer, *(a_lot(buyer, number, 1, 20_000) for number in range(120)))

    assert len(await order.list_next(db, buyer.person_id, first=5, end=115)) == 115
    assert len(await order.list_next(db, buyer.person_id, first=5, end=6)) == 50


async def test_only_so_many_fans_are_remembered(db: Database, buyer: Buyer, estimates: Estimates):
    nobody = known_lots.KnownLots(db, most_remembered=4)
    for _ in range(20):
        await nobody.of(new_id(), 0, 1, now=NOW)

    assert nobody.count <= 4


async def give_coins(ledger: MemoryLedger, fan_id: UUID, coins: int, *, spent: int = 0) -> None:
    issued, wallet = make_account(AccountCode.COINS_ISSUED, COIN), make_account(AccountCode.FAN_COINS, COIN, fan_id)
    received = make_account(AccountCode.CREATOR_COINS, COIN, new_id())
    assert await ledger.open_accounts([issued, wallet, received]) == [None] * 3
    assert isinstance(await ledger.post([Transfer(new_id(), issued.id, wallet.id, coins, 1)]), Posted)
    if spent:
        assert isinstance(await ledger.post([Transfer(new_id(), fan_account(fan_id), received.id, spent, 2)]), Posted)


async def test_before_a_gift_the_next_coins_of_the_wallet_count(
    db: Database, buyer: Buyer, ledger: MemoryLedger, estimates: Estimates
):
    await open_lots(db, buyer, a_lot(buyer, 0, 100, 2_000_000), a_lot(buyer, 100, 100, 8_000_000, "EUR"))
    await give_coins(ledger, buyer.person_id, 200, spent=60)

    found = await estimate_each_before(
        estimates, fan_id=buyer.person_id, creator_region="US", prices=[10, 40, 100, 10], offer=OFFER, now=NOW
    )

    assert found == {
        10: Estimate(share=Money(10, USD)),
        40: Estimate(share=Money(40, USD)),
        100: Estimate(share=Money(240, EUR), others=(Money(40, USD),)),
    }


async def test_coins_still_to_be_bought_count_at_what_they_would_cost(
    db: Database, buyer: Buyer, ledger: MemoryLedger, estimates: Estimates
):
    async def before(coins: int, offer: Offer | None) -> Money:
        found = await estimate_before(
            estimates, fan_id=buyer.person_id, creator_region="JP", coins=coins, offer=offer, now=NOW
        )
        return found.share

    nothing_yet = await before(100, OFFER), await before(100, None)
    await open_lots(db, buyer, a_lot(buyer, 0, 50, 2_000_000))
    await give_coins(ledger, buyer.person_id, 50)

    assert nothing_yet == (Money(99, USD), Money(0, JPY))
    assert (await before(100, OFFER), await before(100, None)) == (Money(149, USD), Money(100, USD))


async def test_a_catalogue_seen_before_the_first_purchase_doesnt_spoil_the_first_gift(
    db: Database, buyer: Buyer, estimates: Estimates
):
    await estimate_before(estimates, fan_id=buyer.person_id, creator_region="", coins=10, offer=OFFER, now=NOW)

    await open_lots(db, buyer, a_lot(buyer, 0, 50, 2_000_000))

    moment = NOW + timedelta(milliseconds=1)
    assert (await share_of(estimates, buyer.person_id, 0, 10, at=moment)).share == Money(20, USD)
