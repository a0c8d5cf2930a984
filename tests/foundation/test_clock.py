from datetime import UTC, datetime, timedelta, timezone

from plaudit.foundation.clock import MovableClock, SystemClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_machines_clock_tells_the_time_in_utc():
    before = datetime.now(UTC)

    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_a_movable_clock_stands_still_until_it_is_moved():
    clock = MovableClock(NOON)

    assert clock.now() == clock.now() == NOON

    clock.move(timedelta(days=30))
    assert clock.now() == NOON + timedelta(days=30)

    clock.move(timedelta(days=-31))
    assert clock.now() == NOON - timedelta(days=1)


def test_a_movable_clock_set_in_another_zone_tells_the_same_instant_in_utc():
    clock = MovableClock(NOON.astimezone(timezone(timedelta(hours=9))))

    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC
