import asyncio
from collections.abc import Collection, Mapping

import pytest

from plaudit.foundation.errors import Unavailable
from plaudit.foundation.ids import new_id
from plaudit.rooms.known import Forgotten, Memory
from tests.waiting import until


class Asked:
    """Something that is asked, and says how often."""

    def __init__(self) -> None:
        self.times = 0
        self.answer: int | None = 1
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fails = False

    async def ask(self, key: int) -> int | None:
        del key
        self.times += 1
        answer = self.answer
        await self.may_answer.wait()
        if self.fails:
            raise Unavailable
        return answer


async def test_many_who_ask_at_once_share_one_answer_and_it_is_remembered():
    asked, forgotten = Asked(), Forgotten()
    memory = Memory(asked.ask, lambda _: ())

    answers = await asyncio.gather(*(memory.get(1, forgotten) for _ in range(10)))
    answers.append(await memory.get(1, forgotten))

    assert (answers, asked.times) == ([1] * 11, 1)


async def test_what_was_forgotten_is_asked_again_also_while_it_is_being_asked():
    asked, forgotten, id = Asked(), Forgotten(), new_id()
    memory = Memory(asked.ask, lambda _: (id,))
    asked.may_answer.clear()
    before = asyncio.create_task(memory.get(1, forgotten))
    await until(lambda: asked.times == 1)

    asked.answer = 2
    forgotten.note(id)
    after = asyncio.create_task(memory.get(1, forgotten))
    await until(lambda: asked.times == 2)
    asked.may_answer.set()

    assert (await before, await after, await memory.get(1, forgotten)) == (1, 2, 2)
    assert asked.times == 2


async def test_a_failure_and_nothing_found_are_not_remembered():
    asked, forgotten = Asked(), Forgotten()
    memory = Memory(asked.ask, lambda _: ())
    asked.fails = True
    with pytest.raises(Unavailable):
        await memory.get(1, forgotten)

    asked.fails, asked.answer = False, None
    nothing = await memory.get(1, forgotten)
    asked.answer = 3
    found = await memory.get(1, forgotten)

    assert (nothing, found) == (None, 3)


async def test_whoever_asks_first_may_go_away():
    asked, forgotten = Asked(), Forgotten()
    memory = Memory(asked.ask, lambda _: ())
    asked.may_answer.clear()
    first = asyncio.create_task(memory.get(1, forgotten))
    second = asyncio.create_task(memory.get(1, forgotten))
    await asyncio.sleep(0)

    first.cancel()
    await asyncio.sleep(0)
    asked.may_answer.set()

    assert (await second, asked.times) == (1, 1)


async def test_what_is_asked_for_again_and_again_is_renewed_together_and_nobody_waits_for_it():
    asked, forgotten, renewed = Asked(), Forgotten(), list[set[int]]()

    async def load_many(keys: Collection[int]) -> Mapping[int, int | None]:
        renewed.append(set(keys))
        return dict.fromkeys(keys, 2)

    memory = Memory(asked.ask, lambda _: (), load_many)

    async def are_renewed() -> bool:
        return [await memory.get(key, forgotten) for key in (1, 2)] == [2, 2]

    first = [await memory.get(key, forgotten) for key in (1, 2)]
    await until(are_renewed)

    assert (first, asked.times) == ([1, 1], 2)
    assert renewed[0] == {1, 2}
