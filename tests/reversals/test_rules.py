from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.coins.model import Status, TopUp
from plaudit.reversals import rules
from plaudit.reversals.errors import NotBoughtYet
from plaudit.reversals.model import Part, Policy, Slice, Taken

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CREATORS = [UUID(int=number) for number in (1, 2, 3)]
AMOUNTS = st.integers(1, 10**9)


def a_top_up(coins: int = 100, net_minor: int = 199, tax_minor: int = 16, status: Status = Status.SETTLED) -> TopUp:
    return TopUp(
        id=UUID(int=7),
        person_id=UUID(int=8),
        pack=None,
        coins=coins,
        provider="sandbox",
        region="US",
        currency="USD",
        net_minor=net_minor,
        tax_minor=tax_minor,
        tax_name="Tax",
        tax_bps=825,
        status=status,
        asked_at=NOW,
        settled_at=NOW if status is Status.SETTLED else None,
    )


def a_slice(number: int, value: int, share: int) -> Slice:
    return Slice(
        timestamp=number,
        place=0,
        gift_id=UUID(int=100 + number),
        creator_id=CREATORS[number % 3],
        value_micros=value,
        share_micros=share,
    )


SLICES = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), max_size=12).map(
    lambda pairs: [a_slice(number, *pair) for number, pair in enumerate(pairs)]
)


def test_what_was_never_paid_is_not_refunded():
    with pytest.raises(NotBoughtYet):
        rules.require_in_time(a_top_up(status=Status.PENDING), 14, now=NOW)


@given(AMOUNTS, AMOUNTS, st.integers(0, 10**6), st.data())
def test_a_refund_never_comes_to_more_than_was_paid(coins: int, net: int, tax: int, data: st.DataObject):
    top_up = a_top_up(coins, net, tax)
    left = data.draw(st.integers(1, coins))
    value = rules.value_of(top_up) - rules.value_of(top_up) * (coins - left) // coins

    sums = rules.sum_up(top_up, coins=left, value_micros=value)

    assert 0 <= sums.net_minor <= net
    assert 0 <= sums.tax_minor <= tax
    assert left < coins or (sums.net_minor, sums.tax_minor) == (net, tax)


@given(AMOUNTS, AMOUNTS, st.integers(0, 10**6), AMOUNTS, st.data())
def test_a_claim_takes_what_is_asked_and_never_more_than_is_left(
    coins: int, net: int, tax: int, asked: int, data: st.DataObject
):
    top_up = a_top_up(coins, net, tax)
    taken = Taken(
        value_micros=data.draw(st.integers(0, rules.value_of(top_up))), tax_minor=data.draw(st.integers(0, tax))
    )

    claim = rules.claim_of(top_up, asked, taken)

    value_left, tax_left = rules.value_of(top_up) - taken.value_micros, tax - taken.tax_minor
    assert 0 <= claim.tax_minor <= tax_left
    assert claim.value_micros >= 0
    assert claim.value_micros + claim.tax_minor * 10_000 == min(asked * 10_000, value_left + tax_left * 10_000)


@given(SLICES, st.integers(0, 10**8))
def test_slices_give_what_is_claimed_of_them_and_no_share_twice(slices: list[Slice], wanted: int):
    claimed = rules.claim_slices(slices, wanted)

    assert sum(each.value_micros for each in claimed) == min(wanted, sum(each.value_micros for each in slices))
    whole = {each.timestamp: each for each in slices}
    for each in claimed:
        assert each.value_micros <= whole[each.timestamp].value_micros
        assert each.share_micros <= whole[each.timestamp].share_micros
    assert all(each.value_micros == whole[each.timestamp].value_micros for each in claimed[:-1])


@given(SLICES, st.integers(0, 10_000), st.none() | st.integers(0, 3_000))
def test_creators_bear_what_the_policy_says_and_together_no_more_than_the_cap(
    slices: list[Slice], bps: int, cap: int | None
):
    parts = rules.sum_by_creator(slices)

    borne = rules.share_burden(parts, Policy(creator_bears_bps=bps, cap_minor=cap))

    assert all(0 <= borne[part.creator_id] <= part.share_micros for part in parts)
    assert cap is None or sum(borne.values()) <= cap * 10_000
    if bps == 10_000 and cap is None:
        assert borne == {part.creator_id: part.share_micros for part in parts}


def test_under_a_cap_nobody_bears_more_than_their_own_share_for_what_rounding_leaves():
    shares = [3_334, 3_334, 3_333]
    parts = rules.sum_by_creator(a_slice(number, share, share) for number, share in enumerate(shares))

    borne = rules.share_burden(parts, Policy(creator_bears_bps=10_000, cap_minor=1))

    assert [borne[creator] for creator in CREATORS] == [3_333, 3_333, 3_332]


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.data())
def test_sources_add_up_and_what_there_isnt_is_owed(wanted: int, available: int, reserve: int, data: st.DataObject):
    pending = data.draw(st.integers(0, wanted))

    found = rules.find_sources(wanted, pending=pending, available=available, reserve=reserve)

    taken = (found.pending_micros, found.available_micros, found.reserve_micros, found.owed_micros)
    assert sum(taken) == wanted
    assert min(taken) >= 0
    assert found.owed_micros == 0 or (found.available_micros, found.reserve_micros) == (available, reserve)


def test_the_parts_of_a_share_that_was_above_its_value_are_told_apart():
    (part,) = rules.sum_by_creator([a_slice(0, 100, 250), a_slice(3, 100, 40)])

    assert part == Part(creator_id=CREATORS[0], gifts=2, value_micros=200, share_micros=290, promotion_micros=150)
    assert part.paid_share_micros == 140
