from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.foundation.errors import Invalid
from plaudit.gifts import Tier, operating
from plaudit.gifts.errors import GiftExists, GiftUnknown, PriceExists
from plaudit.gifts.operating import NewGift
from plaudit.people.operators import list_acts
from tests.gifts.conftest import NOW, Stage, a_wish, open_stage

LILY = NewGift(id="lily", name="Lily", tier=Tier.SMALL, price_coins=10)
A_DAY = timedelta(days=1)


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[Stage]:
    async with open_stage(database_url) as stage:
        yield stage


@pytest.fixture
async def boss(stage: Stage) -> UUID:
    return await stage.operator()


async def test_a_gift_is_added_at_the_end_with_its_own_art_and_from_now_on(stage: Stage, boss: UUID):
    entry = await operating.add_gift(stage.gifting, boss, replace(LILY, regions=("de", "US")), now=NOW)

    entries = await operating.list_entries(stage.gifting)
    assert entries[-1] == entry
    gift = entry.newest
    assert (gift.art, gift.offered_from, gift.offered_until, gift.price_coins) == ("lily", NOW, None, 10)
    assert gift.regions == {"DE", "US"}


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"id": "Lily"}, "id"),
        ({"id": "1lily"}, "id"),
        ({"id": "l" * 41}, "id"),
        ({"id": "lily\n"}, "id"),
        ({"art": "../lily"}, "art"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"price_coins": 0}, "price_coins"),
        ({"price_coins": 10_000_001}, "price_coins"),
        ({"least_level": 0}, "least_level"),
        ({"regions": ()}, "regions"),
        ({"regions": ("XX",)}, "regions"),
        ({"offered_until": NOW - A_DAY}, "offered_until"),
    ],
)
def test_what_is_wrong_with_a_gift_is_said_by_its_field(different: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refused:
        operating.take_gift(replace(LILY, **different), now=NOW)

    assert refused.value.field == field


async def test_an_id_is_never_used_twice(stage: Stage, boss: UUID):
    await operating.add_gift(stage.gifting, boss, LILY, now=NOW)

    with pytest.raises(GiftExists):
        await operating.add_gift(stage.gifting, boss, replace(LILY, name="Another"), now=NOW)


async def test_prices_are_kept_the_newest_first_and_one_for_an_instant(stage: Stage, boss: UUID):
    await operating.add_gift(stage.gifting, boss, LILY, now=NOW)

    await operating.set_price(stage.gifting, boss, "lily", 20, valid_from=NOW + A_DAY, now=NOW)
    entry = await operating.set_price(stage.gifting, boss, "lily", 15, valid_from=None, now=NOW + timedelta(hours=1))
    with pytest.raises(PriceExists):
        await operating.set_price(stage.gifting, boss, "lily", 21, valid_from=NOW + A_DAY, now=NOW)

    assert [gift.price_coins for _, gift in entry.versions] == [20, 15, 10]


@pytest.mark.parametrize(("coins", "days", "field"), [(0, 0, "price_coins"), (5, -1, "valid_from")])
async def test_a_price_is_something_and_for_times_to_come(stage: Stage, boss: UUID, coins: int, days: int, field: str):
    with pytest.raises(Invalid) as refused:
        await operating.set_price(stage.gifting, boss, "rose", coins, valid_from=NOW + days * A_DAY, now=NOW)

    assert refused.value.field == field


async def test_a_gift_that_is_not_there_has_no_price_and_is_not_retired(stage: Stage, boss: UUID):
    with pytest.raises(GiftUnknown):
        await operating.set_price(stage.gifting, boss, "lily", 5, valid_from=None, now=NOW)
    with pytest.raises(GiftUnknown):
        await operating.retire_gift(stage.gifting, boss, "lily", now=NOW)


async def test_retiring_again_changes_nothing_and_a_gift_to_come_never_comes(stage: Stage, boss: UUID):
    await operating.add_gift(stage.gifting, boss, replace(LILY, offered_from=NOW + A_DAY), now=NOW)

    first = await operating.retire_gift(stage.gifting, boss, "rose", now=NOW)
    again = await operating.retire_gift(stage.gifting, boss, "rose", now=NOW + A_DAY)
    never = await operating.retire_gift(stage.gifting, boss, "lily", now=NOW)

    assert first.newest.offered_until == again.newest.offered_until == NOW
    assert never.newest.offered_until == never.newest.offered_from == NOW + A_DAY


async def test_every_change_and_every_look_at_a_gift_between_others_leaves_an_act(stage: Stage, boss: UUID):
    sent = await stage.send(await stage.fan(coins=5), a_wish())
    await operating.add_gift(stage.gifting, boss, replace(LILY, regions=("US",)), now=NOW)
    await operating.set_price(stage.gifting, boss, "lily", 20, valid_from=NOW + A_DAY, now=NOW)
    await operating.retire_gift(stage.gifting, boss, "lily", now=NOW)

    seen = await operating.see_sent(stage.gifting, boss, sent.sending.id, now=NOW)

    acts = await list_acts(stage.gifting.db, after=None, limit=10)
    assert seen == sent
    assert [act.act for act in acts] == ["gift_seen", "gift_retired", "gift_priced", "gift_added"]
    assert len({act.operator for act in acts}) == 1
