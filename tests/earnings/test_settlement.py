"""The settlement's fold against one that goes coin by coin, over random stories, in pages of every size."""

from random import Random

import pytest

from plaudit.earnings.queries import list_all_rates
from plaudit.earnings.rates import RateTable
from plaudit.earnings.refolding import find_differences
from tests.earnings.oracle import Oracle, Verdict
from tests.earnings.settled import World, open_world
from tests.earnings.story import Slice, Story
from tests.ledger.closing import every_record

STORIES = 6
STEPS = 120


async def settled_slices(world: World) -> list[Slice]:
    return await world.rows(
        Slice,
        """
        select timestamp, place, creator_id, lot_id, lot_offset, coins, value_micros, share_micros, currency
        from earnings.slices order by timestamp, place
        """,
    )


async def ask_the_oracle(world: World, story: Story) -> Oracle:
    async with world.db.transaction() as tx:
        table = RateTable(await list_all_rates(tx))
    oracle = Oracle(story.lots, story.regions, table)
    oracle.fold([record async for record in every_record(world.ledger)], story.fans)
    return oracle


@pytest.mark.parametrize("number", range(STORIES))
async def test_the_fold_cuts_gifts_as_one_does_that_goes_coin_by_coin(database_url: str, seed: int, number: int):
    async with open_world(database_url) as world:
        story = Story(world, seed + number)
        await story.begin()

        await story.tell(STEPS, folds_between=number % 2 == 0)
        await world.round()

        oracle = await ask_the_oracle(world, story)
        verdicts = await world.rows(Verdict, "select hold_id, fits from coins.cuts")
        assert await settled_slices(world) == oracle.slices
        assert {verdict.hold_id: verdict.fits for verdict in verdicts} == oracle.fits
        for most in (1, Random(seed + number).randint(2, 40), 50_000):
            assert (await find_differences(world.db, now=world.clock.now(), most=most))[1] == []
        await world.assert_settled()
