"""Where the money of each gift went, and what a creator has."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.earnings.balances import Earnings, get_earnings
from plaudit.earnings.errors import NoSuchEarning
from plaudit.earnings.waterfall import Bought, Flow, Part, Spent, add_up, make_part
from plaudit.earnings.waterfalls import Earned, get_earned, list_earned
from plaudit.foundation.ids import new_id
from tests.earnings.told import Studio, open_studio

MINOR = 10_000


@pytest.fixture
async def studio(database_url: str) -> AsyncIterator[Studio]:
    async with open_studio(database_url) as studio:
        yield studio


async def earned(studio: Studio, gift_id: UUID) -> Earned:
    return await get_earned(studio.gifting, studio.estimates, studio.creator, "US", gift_id)


async def has(studio: Studio) -> Earnings:
    return await get_earnings(studio.gifting, studio.estimates, studio.creator, "US")


def a_part(offset: int, coins: int, *, of: int, value: int, tax: int, fee: int) -> Spent:
    """Half of it is the creator's."""
    worth = value * MINOR * (offset + coins) // of - value * MINOR * offset // of
    return Spent(
        timestamp=1,
        lot_id=UUID(int=1),
        lot_offset=offset,
        coins=coins,
        value_micros=worth,
        share_micros=worth // 2,
        currency="USD",
        tier="standard",
        share_bps=5_000,
        micros_per_coin=None,
        lot_coins=of,
        lot_kind="paid",
        lot_region="US",
        pack=None,
        provider="sandbox",
        tax_minor=tax,
        fee_minor=fee,
    )


@given(
    cuts=st.lists(st.integers(1, 50), min_size=1, max_size=12),
    value=st.integers(0, 100_000),
    tax=st.integers(0, 20_000),
    fee=st.integers(0, 5_000),
)
def test_however_a_lot_is_spent_its_parts_sum_to_what_was_charged(cuts: list[int], value: int, tax: int, fee: int):
    coins, offset = sum(cuts), 0
    parts: list[Part] = []
    for cut in cuts:
        parts.append(make_part(a_part(offset, cut, of=coins, value=value, tax=tax, fee=fee)))
        offset += cut

    whole = add_up(parts)["USD"]

    assert (whole.paid, whole.tax, whole.fee) == ((value + tax) * MINOR, tax * MINOR, fee * MINOR)
    for flow in (whole, *(part.flow for part in parts)):
        assert flow.paid == flow.tax + flow.fee + flow.platform + flow.share


async def test_a_settled_gift_shows_what_was_paid_and_who_got_what(studio: Studio):
    ada = await studio.person()
    await studio.buy(ada, 100, 199, tax=16, fee=36, pack=None)
    sent = await studio.give(ada, "rose", quantity=50)
    await studio.settle()

    found = await earned(studio, sent.sending.id)

    assert found.is_settled
    assert found.flows == {
        "USD": Flow(paid=1_075_000, tax=80_000, fee=180_000, platform=317_500, share=497_500),
    }
    (part,) = found.parts
    assert (part.kind, part.region, part.share_bps, part.coins) == (Bought.EXACT, "US", 5_000, 50)
    assert part.available_at is not None


async def test_before_it_is_settled_a_gift_is_an_estimate_of_the_same(studio: Studio):
    ada = await studio.person()
    await studio.buy(ada, 100, 199, tax=16, fee=36)
    await studio.buy(ada, 50, 777, tax=16, fee=36)
    sents = [await studio.give(ada, "rose", quantity=quantity) for quantity in (70, 50, 30)]

    before = [await earned(studio, sent.sending.id) for sent in sents]
    unsettled = (await has(studio)).unsettled
    await studio.settle()
    after = [await earned(studio, sent.sending.id) for sent in sents]

    assert [each.is_settled for each in (*before, *after)] == [False] * 3 + [True] * 3
    for one, other in zip(before, after, strict=True):
        assert [part.coins for part in one.parts] == [part.coins for part in other.parts]
        # What a division leaves over is carried on by the settlement, and by nothing else.
        assert abs(one.flows["USD"].share - other.flows["USD"].share) <= 2
    assert (unsettled.gifts, unsettled.coins, unsettled.is_whole) == (3, 150, True)
    assert (await has(studio)).unsettled.coins == 0


async def test_a_page_of_gifts_goes_on_where_the_last_one_ended(studio: Studio):
    ada = await studio.person()
    await studio.buy(ada, 100, 199)
    for _ in range(2):
        await studio.give(ada)
    await studio.settle()
    last = await studio.give(ada, is_anonymous=True)

    first = await list_earned(studio.gifting, studio.estimates, studio.creator, "US", after=None, limit=2)
    second = await list_earned(
        studio.gifting, studio.estimates, studio.creator, "US", after=first[-1].sent.timestamp, limit=2
    )

    assert [each.is_settled for each in (*first, *second)] == [False, True, True]
    assert first[0].sent.sending.id == last.sending.id
    assert [each.fan_id for each in (*first, *second)] == [None, ada.person_id, ada.person_id]


async def test_only_who_received_a_gift_can_ask_for_its_money(studio: Studio):
    ada = await studio.person()
    await studio.buy(ada, 100, 199)
    sent = await studio.give(ada)

    for person, gift in ((ada.person_id, sent.sending.id), (studio.creator, new_id())):
        with pytest.raises(NoSuchEarning):
            await get_earned(studio.gifting, studio.estimates, person, "US", gift)


async def test_pending_money_says_on_which_day_it_comes_and_then_it_is_there(studio: Studio):
    ada, berta = await studio.person(), await studio.person("Berta", region="DE")
    await studio.buy(ada, 100, 200)
    await studio.buy(berta, 100, 300)
    await studio.give(ada, "rose", quantity=100)
    await studio.settle()
    studio.move(days=1)
    await studio.give(berta, "rose", quantity=100)
    await studio.settle()

    euros, dollars = sorted((await has(studio)).balances, key=lambda each: each.currency)
    studio.move(days=6)
    await studio.settle()
    later = {each.currency: each for each in (await has(studio)).balances}

    assert (dollars.pending, dollars.available, [each.micros for each in dollars.coming]) == (1_000_000, 0, [1_000_000])
    assert (euros.pending, [each.micros for each in euros.coming]) == (1_500_000, [1_500_000])
    assert (euros.coming[0].at - dollars.coming[0].at).days == 1
    assert (later["USD"].pending, later["USD"].available, later["USD"].coming) == (0, 1_000_000, ())
    assert later["EUR"].pending == 1_500_000


async def test_who_never_received_anything_has_nothing(studio: Studio):
    found = await has(studio)

    assert (found.coins_received, found.coins_settled, found.balances) == (0, 0, ())
    assert (found.unsettled.gifts, found.unsettled.micros) == (0, {})
