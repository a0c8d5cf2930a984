from datetime import UTC, datetime, timedelta

import pytest

from plaudit.foundation.ids import new_id
from plaudit.rooms import pace
from plaudit.rooms.pace import Pace
from plaudit.rooms.talk_errors import ChatTooFast

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADA, BOB, HERE, THERE = (new_id() for _ in range(4))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_as_many_as_are_allowed_in_any_span_and_then_one_waits():
    paced = Pace(3, 5, ChatTooFast)
    for seconds in (0, 1, 2):
        paced.take(ADA, HERE, after(seconds))

    with pytest.raises(ChatTooFast) as refused:
        paced.take(ADA, HERE, after(2.5))

    assert (refused.value.retry_after_seconds, refused.value.status) == (3, 429)
    with pytest.raises(ChatTooFast):
        paced.take(ADA, HERE, after(4.9))
    paced.take(ADA, HERE, after(5))
    with pytest.raises(ChatTooFast):
        paced.take(ADA, HERE, after(5.5))
    paced.take(ADA, HERE, after(6))


def test_everybody_has_a_pace_of_their_own_in_each_place():
    paced = Pace(1, 5, ChatTooFast)

    for person, place in ((ADA, HERE), (ADA, THERE), (BOB, HERE)):
        paced.take(person, place, NOW)

    with pytest.raises(ChatTooFast):
        paced.take(BOB, HERE, NOW)


def test_who_was_quiet_is_forgotten_and_who_was_not_is_held_to_their_pace():
    paced = Pace(1, 5, ChatTooFast)
    for _ in range(pace.MOST_REMEMBERED - 1):
        paced.take(new_id(), HERE, NOW)
    paced.take(ADA, HERE, after(4))

    paced.take(new_id(), HERE, after(6))

    assert len(paced) == 2
    with pytest.raises(ChatTooFast):
        paced.take(ADA, HERE, after(6))


def test_a_crowd_at_one_instant_takes_no_more_memory_than_it_may():
    paced = Pace(1, 5, ChatTooFast)

    for _ in range(pace.MOST_REMEMBERED + 10):
        paced.take(new_id(), HERE, NOW)

    assert len(paced) == 10
