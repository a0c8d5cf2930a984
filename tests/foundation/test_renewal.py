from collections.abc import Collection

from plaudit.foundation.errors import Unavailable
from plaudit.foundation.renewal import Renewal
from tests.waiting import until


async def test_what_is_asked_for_within_a_moment_is_renewed_together_and_once():
    calls: list[set[int]] = []

    async def renew(keys: Collection[int]) -> None:
        calls.append(set(keys))

    renewal = Renewal(renew, seconds=0.02)
    for key in (1, 2, 1, 3):
        renewal.ask(key)
    await until(lambda: len(calls) == 1)
    renewal.ask(1)
    await until(lambda: len(calls) == 2)

    assert calls == [{1, 2, 3}, {1}]


async def test_a_renewal_that_fails_is_no_harm_to_the_next():
    calls: list[set[int]] = []

    async def renew(keys: Collection[int]) -> None:
        calls.append(set(keys))
        if len(calls) == 1:
            raise Unavailable

    renewal = Renewal(renew, seconds=0.0)
    renewal.ask(1)
    await until(lambda: len(calls) == 1)
    renewal.ask(2)
    await until(lambda: len(calls) == 2)

    assert calls == [{1}, {2}]
