"""What viewers have seen: whatever is lost, doubled or late must be found."""

import json
from typing import Any

import pytest

from plaudit.bench.frames import Gift, read_frame
from plaudit.bench.sequence import Sequence
from plaudit.bench.viewers import Reached, list_reached
from plaudit.bench.watching import merge


def seen(*ranges: tuple[int, int], after: int = 0) -> Sequence:
    sequence = Sequence(after)
    for first, last in ranges:
        sequence.take(first, last)
    return sequence


def faults(sequence: Sequence, last: int) -> tuple[int, int, int]:
    return sequence.lost(last), sequence.doubled, sequence.late


@pytest.mark.parametrize(
    ("ranges", "lost_doubled_late"),
    [
        (((1, 1), (2, 5), (6, 6)), (0, 0, 0)),
        (((1, 1), (3, 6)), (1, 0, 0)),
        (((1, 3), (3, 6)), (0, 1, 0)),
        (((1, 6), (1, 6)), (0, 6, 0)),
        (((1, 2), (4, 6), (3, 3)), (0, 0, 1)),
        (((1, 2), (4, 5), (2, 6)), (0, 3, 1)),
        (((1, 2), (4, 6), (3, 3), (3, 3)), (0, 1, 1)),
        (((1, 4),), (2, 0, 0)),
        ((), (6, 0, 0)),
    ],
)
def test_lost_doubled_and_late_events_are_found(
    ranges: tuple[tuple[int, int], ...], lost_doubled_late: tuple[int, int, int]
):
    assert faults(seen(*ranges), 6) == lost_doubled_late


def test_a_viewer_begins_after_the_state():
    assert faults(seen((8, 9), after=7), 9) == (0, 0, 0)
    assert faults(seen((9, 9), after=7), 9) == (1, 0, 0)


def test_what_a_second_state_skips_is_lost():
    sequence = seen((1, 3))

    sequence.skip_to(5)
    sequence.take(6, 7)

    assert faults(sequence, 7) == (2, 0, 0)
    assert not sequence.has_all(7)


def a_frame(*events: dict[str, Any]) -> bytes:
    return json.dumps(list(events)).encode()


def gift(seq: int, at: str = "2026-01-02T03:04:05.000250Z") -> dict[str, Any]:
    return {"seq": seq, "type": "gift_sent", "at": at, "id": f"gift-{seq}", "quantity": 1, "coins": 5}


def test_a_frame_gives_the_ranges_of_its_numbers_and_its_gifts():
    ended = {"seq": 4, "type": "combo_ended", "at": "2026-01-02T03:04:05Z"}
    frame = read_frame(a_frame(gift(3), ended, {"type": "likes", "total": 9}, gift(6)))

    assert frame.begins is None
    assert frame.ranges == [(3, 4), (6, 6)]
    assert [each.id for each in frame.gifts] == ["gift-3", "gift-6"]
    assert frame.gifts[0].at_ns == 1767323045000250000


def test_a_state_says_where_a_viewer_begins_even_when_events_follow():
    frame = read_frame(a_frame({"type": "reset", "seq": 9}, {"type": "state", "seq": 9, "chat": []}, gift(10)))

    assert frame.begins == 9
    assert frame.ranges == [(10, 10)]


def test_a_gift_has_reached_everyone_when_the_last_frame_with_it_arrived():
    together, alone = read_frame(a_frame(gift(1), gift(2))), read_frame(a_frame(gift(2)))
    together.viewers, together.last_ns = 3, 100
    alone.viewers, alone.last_ns = 1, 250

    first, second = list_reached([together, alone], unix_ns=1000)

    assert (first.viewers, first.last_ns) == (3, 1100)
    assert (second.viewers, second.last_ns) == (4, 1250)


def test_two_programs_of_viewers_count_as_one():
    rose = Gift(seq=1, id="rose", at_ns=0)

    merged = merge([[Reached(gift=rose, viewers=2, last_ns=30)], [Reached(gift=rose, viewers=3, last_ns=20)]])

    assert merged == [Reached(gift=rose, viewers=5, last_ns=30)]
