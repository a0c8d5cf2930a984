"""Which tiers a creator has, from when on, and what becomes of the gifts before and after."""

from uuid import UUID

import pytest
from msgspec import Struct
from msgspec.structs import replace

from plaudit.earnings import dated
from plaudit.earnings.model import DatedTerms, PromotionalRate, RiskTier
from plaudit.earnings.refolding import find_differences
from plaudit.earnings.terms import list_terms, set_terms
from plaudit.foundation.errors import Invalid
from plaudit.ledger.chart import AccountCode
from plaudit.people.errors import NoSuchPerson
from tests.earnings.conftest import NOW, a_rate, an_operator, set_rate
from tests.earnings.settled import World, open_world


class Settled(Struct, frozen=True):
    region: str
    tier: str
    share_bps: int | None


async def slices(world: World) -> list[Settled]:
    return await world.rows(Settled, "select region, tier, share_bps from earnings.slices order by timestamp, place")


async def operator_of(world: World) -> UUID:
    async with world.db.transaction() as tx:
        return await an_operator(tx)


async def move_to(world: World, creator: UUID, region: str) -> None:
    async with world.db.transaction() as tx:
        await tx.execute(
            "update people.people set region = %(region)s where id = %(id)s", {"id": creator, "region": region}
        )


def name_of(person: UUID) -> str:
    return f"p{person.hex[-20:]}"


async def make_gold(world: World, creator: UUID) -> DatedTerms:
    by = await operator_of(world)
    return await set_terms(world.db, by, name_of(creator), "gold", "trusted", now=world.clock.now())


async def a_fan(world: World) -> UUID:
    fan = await world.person()
    await world.buy(fan, 1_000, 2_000)
    return fan


async def assert_refolds(world: World) -> None:
    assert (await find_differences(world.db, now=world.clock.now(), most=50_000))[1] == []
    await world.assert_settled()


async def test_a_creator_who_moves_to_another_region_keeps_both_tiers(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await a_fan(world), await world.person()
        await world.give(fan, creator, 100)
        await world.round()
        world.move(hours=1)
        await make_gold(world, creator)
        await world.give(fan, creator, 100)
        await world.round()

        await move_to(world, creator, "DE")
        world.move(hours=1)
        await world.give(fan, creator, 100)
        await world.round()

        newest, *_ = await list_terms(world.db, await operator_of(world), name_of(creator), now=NOW)
        assert (newest.region, newest.tier, newest.risk_tier) == ("DE", "gold", "trusted")
        assert [(each.region, each.tier) for each in await slices(world)] == [
            ("US", "standard"),
            ("US", "gold"),
            ("DE", "gold"),
        ]
        await assert_refolds(world)


async def test_tiers_that_are_ahead_of_the_fold_dont_hold_early_when_the_region_changes(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await a_fan(world), await world.person()
        await world.give(fan, creator, 100)
        await world.round()
        world.move(hours=1)
        await world.give(fan, creator, 100)
        world.move(hours=1)
        await make_gold(world, creator)
        await world.give(fan, creator, 100)

        await move_to(world, creator, "DE")
        await world.round()

        assert [(each.region, each.tier) for each in await slices(world)] == [
            ("US", "standard"),
            ("DE", "standard"),
            ("DE", "gold"),
        ]
        await assert_refolds(world)


async def test_a_gift_after_the_new_terms_is_settled_and_released_by_them(database_url: str):
    async with open_world(database_url) as world:
        await set_rate(world.db, replace(a_rate(8_000), tier="gold"))
        fan, creator = await a_fan(world), await world.person()
        await world.give(fan, creator, 100)
        await world.round()
        world.move(hours=1)

        await make_gold(world, creator)
        await world.give(fan, creator, 100)
        await world.round()
        world.move(days=2)
        await world.round()

        assert [(each.tier, each.share_bps) for each in await slices(world)] == [("standard", 5_000), ("gold", 8_000)]
        assert await world.money(AccountCode.CREATOR_AVAILABLE, creator) == 1_600_000
        assert await world.money(AccountCode.CREATOR_PENDING, creator) == 1_000_000
        await assert_refolds(world)


async def test_gifts_to_a_newcomer_from_before_the_new_terms_are_settled_as_before(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await a_fan(world), await world.person("DE")
        await world.give(fan, creator, 100)
        world.move(hours=1)

        terms = await make_gold(world, creator)
        await world.round()

        assert (terms.region, terms.valid_from) == ("DE", world.clock.now())
        assert [(each.region, each.tier) for each in await slices(world)] == [("DE", "standard")]
        await assert_refolds(world)


async def test_what_is_set_begins_after_all_that_is_folded_and_the_last_word_counts(database_url: str):
    async with open_world(database_url) as world:
        fan, creator = await a_fan(world), await world.person()
        await world.give(fan, creator, 100)
        await world.round()
        by, now = await operator_of(world), world.clock.now()

        first = await make_gold(world, creator)
        second = await set_terms(world.db, by, name_of(creator), "silver", "new", now=now)
        tier = await dated.set_risk_tier(
            world.db, by, RiskTier(risk_tier="new", hold_seconds=60, valid_from=now), now=now
        )
        rate = await dated.set_promotional_rate(
            world.db, by, PromotionalRate(region="de", currency="eur", micros_per_coin=7, valid_from=now), now=now
        )

        assert first.valid_from > now
        assert second.valid_from == tier.valid_from == rate.valid_from == first.valid_from
        newest, *older = await list_terms(world.db, by, name_of(creator), now=now)
        assert (newest, [each.tier for each in older]) == (second, ["standard"])
        assert (rate.region, rate.currency) == ("DE", "EUR")
        assert await dated.list_promotional_rates(world.db, now=now) == [rate]
        await assert_refolds(world)


async def test_a_promotional_rate_holds_for_gifts_from_its_instant_on(database_url: str):
    async with open_world(database_url) as world:
        fan, creator, by = await world.person(), await world.person(), await operator_of(world)
        await world.present(fan, 300)
        await world.give(fan, creator, 100)
        await world.round()
        currency = (await world.rows(CurrencyOfSlice, "select currency from earnings.slices"))[0].currency

        wish = PromotionalRate(region="", currency=currency, micros_per_coin=50, valid_from=world.clock.now())
        rate = await dated.set_promotional_rate(world.db, by, wish, now=world.clock.now())
        await world.give(fan, creator, 100)
        world.move(hours=1)
        await world.give(fan, creator, 100)
        await world.round()

        assert rate.valid_from > wish.valid_from
        assert await world.count("select sum(share_micros)::bigint from earnings.slices") == 5_000
        await assert_refolds(world)


class CurrencyOfSlice(Struct, frozen=True):
    currency: str


@pytest.mark.parametrize(
    ("tier", "risk_tier", "field"),
    [("Gold", "new", "tier"), ("g", "new", "tier"), ("gold", "new1", "risk_tier"), ("gold", "unheard_of", "risk_tier")],
)
async def test_tiers_are_plain_words_and_a_risk_tier_is_one_that_there_is(
    database_url: str, tier: str, risk_tier: str, field: str
):
    async with open_world(database_url) as world:
        creator, by = await world.person(), await operator_of(world)

        with pytest.raises(Invalid) as refusal:
            await set_terms(world.db, by, name_of(creator), tier, risk_tier, now=NOW)

        assert refusal.value.field == field
        assert await list_terms(world.db, by, name_of(creator), now=NOW) == []
        with pytest.raises(NoSuchPerson):
            await set_terms(world.db, by, "nobody", "gold", "new", now=NOW)
