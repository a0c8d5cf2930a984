from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.coins import Buyer, Offer, Status, operating, packs
from plaudit.coins.chains import accounts_of, fan_account
from plaudit.coins.errors import NoSuchAccount, NoSuchTopUp
from plaudit.coins.model import ExactAmounts, PackPrice, TaxRate
from plaudit.coins.operating_rules import MOST_COINS, MOST_MINOR
from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.ledger import Posted, Transfer
from plaudit.ledger.chart import AccountCode
from plaudit.people import operators
from plaudit.people.model import Place
from tests.coins.conftest import NOW, Shop, a_buyer

TOMORROW = NOW + timedelta(days=1)
EVE = TOMORROW - timedelta(microseconds=1)
PACK = PackPrice(
    region="",
    currency="USD",
    channel="web",
    id="pack_100",
    coins=100,
    price_minor=249,
    is_offered=True,
    valid_from=TOMORROW,
)
TAX = TaxRate(region="US", name="Sales tax", rate_bps=1_000, valid_from=TOMORROW)
EXACT = ExactAmounts(
    currency="USD", channel="web", minimum_minor=90, least_coins=5, most_coins=500, valid_from=TOMORROW
)


@pytest.fixture
async def operator_id(shop: Shop) -> UUID:
    return (await a_buyer(shop.till.db)).person_id


async def offer_at(shop: Shop, when: datetime) -> Offer:
    return await packs.get_offer(shop.till.db, shop.buyer, now=when)


async def acts_of(shop: Shop) -> list[str]:
    return [act.act for act in await operators.list_acts(shop.till.db, after=None, limit=100)]


async def test_a_price_for_tomorrow_holds_tomorrow_and_not_before(shop: Shop, operator_id: UUID):
    await operating.set_pack(shop.till.db, operator_id, PACK, now=NOW)

    assert (await offer_at(shop, EVE)).smallest.price_minor == 199
    assert (await offer_at(shop, TOMORROW)).smallest.price_minor == 249
    (act,) = await operators.list_acts(shop.till.db, after=None, limit=10)
    assert (act.act, act.subject, act.detail["price_minor"]) == ("pack_set", "pack_100", 249)


async def test_a_tax_and_an_exact_amount_for_tomorrow_hold_tomorrow_and_not_before(shop: Shop, operator_id: UUID):
    await operating.set_tax(shop.till.db, operator_id, TAX, now=NOW)
    await operating.set_exact(shop.till.db, operator_id, EXACT, now=NOW)

    today, tomorrow = await offer_at(shop, EVE), await offer_at(shop, TOMORROW)

    assert today.exact is not None
    assert tomorrow.exact is not None
    assert (today.tax.rate_bps, today.exact.least_coins) == (825, 1)
    assert (tomorrow.tax.rate_bps, tomorrow.exact.least_coins) == (1_000, 5)
    assert await acts_of(shop) == ["exact_amounts_set", "tax_set"]


async def test_a_pack_can_be_made_up_for_one_region_and_withdrawn(shop: Shop, operator_id: UUID):
    british = replace(PACK, id="welcome", region="GB", coins=10, price_minor=1, valid_from=NOW)
    await operating.set_pack(shop.till.db, operator_id, british, now=NOW)
    await operating.set_pack(shop.till.db, operator_id, replace(PACK, is_offered=False), now=NOW)

    async def ids(region: str) -> set[str]:
        buyer = Buyer(person_id=new_id(), region=region, currency="USD")
        return {pack.id for pack in (await packs.get_offer(shop.till.db, buyer, now=TOMORROW)).packs}

    assert "welcome" in await ids("GB")
    assert "welcome" not in await ids("US")
    assert "pack_100" not in await ids("US")


async def test_a_plan_can_be_corrected_until_it_holds(shop: Shop, operator_id: UUID):
    for minor in (249, 259):
        await operating.set_pack(shop.till.db, operator_id, replace(PACK, price_minor=minor), now=NOW)
        await operating.set_tax(shop.till.db, operator_id, replace(TAX, rate_bps=minor), now=NOW)
        await operating.set_exact(shop.till.db, operator_id, replace(EXACT, minimum_minor=minor), now=NOW)

    later = await offer_at(shop, TOMORROW)

    assert later.exact is not None
    assert (later.smallest.price_minor, later.tax.rate_bps, later.exact.minimum_minor) == (259, 259, 259)
    assert len(await acts_of(shop)) == 6


async def test_lists_hold_what_is_in_force_and_what_is_to_come(shop: Shop, operator_id: UUID):
    db = shop.till.db
    for start in (NOW, TOMORROW):
        await operating.set_pack(db, operator_id, replace(PACK, valid_from=start), now=NOW)
        await operating.set_tax(db, operator_id, replace(TAX, valid_from=start), now=NOW)
        await operating.set_exact(db, operator_id, replace(EXACT, valid_from=start), now=NOW)

    prices = [price for price in await operating.list_packs(db, now=NOW) if price.id == "pack_100"]
    taxes = [tax for tax in await operating.list_taxes(db, now=NOW) if tax.region == "US"]
    exact = await operating.list_exact(db, now=NOW)

    in_dollars = [price.valid_from for price in prices if (price.currency, price.channel) == ("USD", "web")]
    assert in_dollars == [NOW, TOMORROW]
    assert taxes == [replace(TAX, valid_from=NOW), TAX]
    assert [each for each in exact if (each.currency, each.channel) == ("USD", "web")] == [
        replace(EXACT, valid_from=NOW),
        EXACT,
    ]
    assert len([tax for tax in await operating.list_taxes(db, now=TOMORROW) if tax.region == "US"]) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(PACK, id=""), "id"),
        (replace(PACK, id="Pack 1"), "id"),
        (replace(PACK, region="XX"), "region"),
        (replace(PACK, currency="XXX"), "currency"),
        (replace(PACK, channel="mail"), "channel"),
        (replace(PACK, coins=0), "coins"),
        (replace(PACK, coins=MOST_COINS + 1), "coins"),
        (replace(PACK, price_minor=0), "price_minor"),
        (replace(PACK, price_minor=MOST_MINOR + 1), "price_minor"),
        (replace(TAX, region=""), "region"),
        (replace(TAX, name=""), "name"),
        (replace(TAX, name=" "), "name"),
        (replace(TAX, name="\0"), "name"),
        (replace(TAX, name="\ud800"), "name"),
        (replace(TAX, name="x" * 41), "name"),
        (replace(TAX, rate_bps=-1), "rate_bps"),
        (replace(TAX, rate_bps=10_001), "rate_bps"),
        (replace(EXACT, currency="Dollar"), "currency"),
        (replace(EXACT, minimum_minor=0), "minimum_minor"),
        (replace(EXACT, least_coins=0), "least_coins"),
        (replace(EXACT, least_coins=501), "least_coins"),
        (replace(EXACT, most_coins=MOST_COINS + 1), "most_coins"),
    ],
)
async def test_what_cannot_be_sold_is_refused_by_its_field_and_leaves_no_act(
    shop: Shop, operator_id: UUID, wrong: PackPrice | TaxRate | ExactAmounts, field: str
):
    with pytest.raises(Invalid) as refused:
        match wrong:
            case PackPrice():
                await operating.set_pack(shop.till.db, operator_id, wrong, now=NOW)
            case TaxRate():
                await operating.set_tax(shop.till.db, operator_id, wrong, now=NOW)
            case ExactAmounts():
                await operating.set_exact(shop.till.db, operator_id, wrong, now=NOW)

    assert refused.value.field == field
    assert await acts_of(shop) == []


async def test_what_is_set_is_kept_in_its_one_form(shop: Shop, operator_id: UUID):
    db = shop.till.db

    assert await operating.set_pack(db, operator_id, replace(PACK, region="us", currency="usd"), now=NOW) == replace(
        PACK, region="US"
    )
    assert await operating.set_tax(db, operator_id, replace(TAX, region="us", name=" Sales tax "), now=NOW) == TAX
    assert await operating.set_exact(db, operator_id, replace(EXACT, currency="usd"), now=NOW) == EXACT


async def test_the_dearest_pack_with_all_tax_still_fits_the_ledger(shop: Shop, operator_id: UUID):
    dearest = replace(PACK, coins=MOST_COINS, price_minor=MOST_MINOR, valid_from=NOW)
    await operating.set_pack(shop.till.db, operator_id, dearest, now=NOW)
    await operating.set_tax(shop.till.db, operator_id, replace(TAX, rate_bps=10_000, valid_from=NOW), now=NOW)

    top_up = await shop.ask(pack="pack_100")

    assert top_up.total.minor * 10_000 < 2**63


async def test_everyones_top_ups_are_listed_by_how_they_stand(shop: Shop, operator_id: UUID):
    db = shop.till.db
    asked = [await shop.ask() for _ in range(3)]
    handle = (await operating.see_top_up(db, operator_id, asked[0].id, now=NOW)).handle
    someone = await operators.see_person(db, operator_id, handle, act="seen", now=NOW)

    first = await operating.list_top_ups(db, operator_id, Status.PENDING, after=None, limit=2, now=NOW)
    place = Place(since=first[-1].asked_at, id=first[-1].id)
    rest = await operating.list_top_ups(db, operator_id, None, after=place, limit=2, now=NOW)

    assert {top_up.id for top_up in (*first, *rest)} == {top_up.id for top_up in asked}
    assert someone.id == shop.buyer.person_id
    assert await operating.list_top_ups(db, operator_id, Status.SETTLED, after=None, limit=2, now=NOW) == []
    with pytest.raises(NoSuchTopUp):
        await operating.see_top_up(db, operator_id, new_id(), now=NOW)
    assert set(await acts_of(shop)) == {"seen", "top_up_seen", "top_ups_seen"}


async def test_an_account_is_seen_with_its_owner_and_its_transfers(shop: Shop, operator_id: UUID):
    accounts = accounts_of(await shop.ask())
    await shop.till.ledger.open_accounts(accounts)
    *_, issued, wallet = accounts
    for coins in (10, 20, 30):
        assert isinstance(await shop.till.ledger.post([Transfer(new_id(), issued.id, wallet.id, coins, 1)]), Posted)

    seen = await operating.see_account(shop.till, operator_id, wallet.id, now=NOW)
    first = await operating.see_transfers(shop.till, operator_id, wallet.id, after=None, limit=2, now=NOW)
    rest = await operating.see_transfers(shop.till, operator_id, wallet.id, after=first[-1].timestamp, limit=2, now=NOW)
    purse = await operating.get_purse(shop.till, shop.buyer.person_id)

    assert (seen.account.code, seen.balances.spendable) == (AccountCode.FAN_COINS, 60)
    assert seen.owner is not None
    assert (await operating.see_account(shop.till, operator_id, issued.id, now=NOW)).owner is None
    assert [record.transfer.amount for record in (*first, *rest)] == [30, 20, 10]
    assert (purse.spendable_coins, purse.received_coins, purse.wallet_account) == (60, 0, wallet.id)
    assert set(await acts_of(shop)) == {"account_seen", "transfers_seen"}


async def test_an_account_that_was_never_opened_is_not_there(shop: Shop, operator_id: UUID):
    nowhere = fan_account(new_id())

    with pytest.raises(NoSuchAccount):
        await operating.see_account(shop.till, operator_id, nowhere, now=NOW)
    with pytest.raises(NoSuchAccount):
        await operating.see_transfers(shop.till, operator_id, nowhere, after=None, limit=2, now=NOW)
    assert (await operating.get_purse(shop.till, new_id())).spendable_coins == 0
