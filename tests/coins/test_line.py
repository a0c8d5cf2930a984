"""What cuts take out of a fan's line, and what comes back: pure."""

from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from plaudit.coins.line import Piece, first_of, give_back, rest_of, take_out, value_between
from plaudit.foundation.ids import new_id

ONE, OTHER = new_id(), new_id()


def piece(lot_id: UUID, first: int, end: int) -> Piece:
    return Piece(lot_id=lot_id, lot_offset=first, coins=end - first)


def coins_of(line: Sequence[Piece]) -> list[tuple[UUID, int]]:
    return [(each.lot_id, number) for each in line for number in range(each.lot_offset, each.end)]


def test_the_last_coins_of_a_lot_leave_the_line():
    line = [piece(ONE, 30, 100), piece(OTHER, 0, 50)]

    left, taken = take_out(line, ONE, 20)

    assert (left, taken) == ([piece(ONE, 30, 80), piece(OTHER, 0, 50)], [piece(ONE, 80, 100)])


def test_what_comes_back_comes_first_and_what_touches_is_one_again():
    line = [piece(ONE, 30, 80), piece(OTHER, 0, 50)]

    assert give_back(line, [piece(ONE, 80, 100)]) == [piece(ONE, 80, 100), *line]
    assert give_back(line, [piece(ONE, 20, 30)]) == [piece(ONE, 20, 80), piece(OTHER, 0, 50)]


def test_a_lot_that_lies_in_two_places_is_taken_from_the_end_of_the_line():
    line = [piece(ONE, 80, 100), piece(OTHER, 0, 50), piece(ONE, 30, 80)]

    left, taken = take_out(line, ONE, 60)

    assert (left, taken) == ([piece(ONE, 80, 90), piece(OTHER, 0, 50)], [piece(ONE, 30, 80), piece(ONE, 90, 100)])
    assert rest_of(line, ONE) == 70


def test_the_first_coins_of_some_pieces():
    pieces = [piece(ONE, 30, 80), piece(ONE, 90, 100)]

    assert first_of(pieces, 0) == []
    assert first_of(pieces, 55) == [piece(ONE, 30, 80), piece(ONE, 90, 95)]


@given(st.data())
def test_no_coin_is_lost_or_doubled_whatever_leaves_and_comes_back(data: st.DataObject):
    line = [piece(ONE, 0, data.draw(st.integers(1, 30))), piece(OTHER, 0, data.draw(st.integers(1, 30)))]
    before = sorted(coins_of(line))
    cuts: list[list[Piece]] = []
    for _ in range(data.draw(st.integers(1, 8))):
        lot = data.draw(st.sampled_from((ONE, OTHER)))
        if cuts and data.draw(st.booleans()):
            line = give_back(line, cuts.pop(data.draw(st.integers(0, len(cuts) - 1))))
        elif (rest := rest_of(line, lot)) > 0:
            line, taken = take_out(line, lot, data.draw(st.integers(1, rest)))
            cuts.append(taken)
        assert sorted(coins_of(line) + [coin for cut in cuts for coin in coins_of(cut)]) == before


@given(st.integers(0, 10**15), st.integers(1, 10**6), st.data())
def test_however_a_lot_is_divided_its_parts_sum_to_its_value(value: int, coins: int, data: st.DataObject):
    ends = sorted({0, coins, *data.draw(st.lists(st.integers(0, coins), max_size=20))})

    parts = [value_between(value, coins, first=first, end=end) for first, end in pairwise(ends)]

    assert sum(parts) == value
