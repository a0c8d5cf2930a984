"""Who lives in the half-year: 500 fans and 40 creators of four currencies, a dozen of whom can be paid."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger.chart import AccountCode, make_account
from plaudit.payouts import AchDetails, Details, Method, Rail, SepaDetails, WalletDetails
from plaudit.payouts import house as house_accounts
from plaudit.people.regions import CURRENCY_BY_REGION
from tests.payouts.batching import ACH_ACCOUNT, SEPA_ACCOUNT
from tests.payouts.conftest import NAME, Creator, House

__all__ = ["FANS", "REGIONS", "Populace", "populate"]

FANS = 500
CREATORS = 40
REGIONS = ("US", "DE", "GB", "JP")
_TAX_IDS = {"US": "123-45-6789", "DE": "36574261809", "GB": "1955839661", "JP": "123456789018"}
# A sandbox wallet answers by how its address begins.
_WALLETS = ("ada", "returned", "unclaimed", "blocked", "timeout", "failed")
_RATES = {("EUR", "USD"): (108, 100), ("GBP", "USD"): (127, 100), ("JPY", "USD"): (67, 10_000),
          ("USD", "EUR"): (92, 100), ("GBP", "EUR"): (117, 100), ("JPY", "EUR"): (61, 10_000)}  # fmt: skip


class Fan(Struct, frozen=True):
    """Somebody who buys and gives."""

    id: UUID
    region: str
    currency: str


class Payee(Struct, frozen=True):
    """A creator with a second factor and a method that can be used."""

    creator: Creator
    method: Method


class Populace(Struct, frozen=True):
    """Everybody, and the instant at which the half-year can begin."""

    fans: Sequence[Fan]
    creators: Sequence[UUID]
    payees: Sequence[Payee]
    operators: tuple[UUID, UUID, UUID]
    begins_at: datetime


async def populate(house: House) -> Populace:
    """Let them all join. It takes a few seconds, so every half-year begins with a copy."""
    await _sell_in_yen(house)
    operators = (await house.operator(), await house.operator(), await house.operator())
    for (base, quote), (numerator, denominator) in _RATES.items():
        await house.set_rate(base, quote, numerator, denominator)
    for rail, account in ((Rail.SEPA, SEPA_ACCOUNT), (Rail.ACH, ACH_ACCOUNT)):
        await house_accounts.set_house_account(house.desk.db, operators[0], rail, account, now=house.now)
    payees = [await _payee(house, number) for number in range(12)]
    fans = [Fan(new_id(), region, CURRENCY_BY_REGION[region]) for region in REGIONS * (FANS // len(REGIONS))]
    others = [Fan(new_id(), region, CURRENCY_BY_REGION[region]) for region in REGIONS * (CREATORS // len(REGIONS))]
    others = others[len(payees) :]
    await _join(house, [*fans, *others])
    creators = [payee.creator.id for payee in payees] + [other.id for other in others]
    await house.desk.ledger.open_accounts(
        [make_account(AccountCode.COINS_ISSUED, COIN)]
        + [make_account(AccountCode.CREATOR_COINS, COIN, creator) for creator in creators]
    )
    house.clock.move(timedelta(hours=49))
    return Populace(fans, creators, payees, operators, house.now)


async def _payee(house: House, number: int) -> Payee:
    region = REGIONS[number % len(REGIONS)]
    creator = await house.creator(region=region)
    await house.sign_tax_form(creator, residence=region, tax_id=_TAX_IDS[region])
    details: Details
    if number < len(_WALLETS):
        creator.email = f"{_WALLETS[number]}-{creator.handle}@example.org"
        details = WalletDetails(holder_name=NAME, email=creator.email)
        currency = "USD"
    elif number % 2:
        details = SepaDetails(holder_name=NAME, iban="FR1420041010050500013M02606")
        currency = "EUR"
    else:
        details = AchDetails(holder_name=NAME, routing="011401533", account=f"0072{number:04d}")
        currency = "USD"
    return Payee(creator, await house.add_method(creator, details, currency=currency))


async def _join(house: House, people: Sequence[Fan]) -> None:
    async with house.desk.db.transaction() as tx:
        await tx.execute(
            """
            insert into people.people (id, email, handle, display_name, region, currency, joined_at)
            select id, 'p_' || n || '@example.org', 'p_' || n, 'P ' || n, region, currency, 'epoch'
            from unnest(%(ids)s::uuid[], %(regions)s::text[], %(currencies)s::text[])
                with ordinality as p (id, region, currency, n)
            """,
            {
                "ids": [each.id for each in people],
                "regions": [each.region for each in people],
                "currencies": [each.currency for each in people],
            },
        )


async def _sell_in_yen(house: House) -> None:
    """Packs come in dollars, euros and pounds; a currency without cents is the fourth."""
    async with house.desk.db.transaction() as tx:
        await tx.execute(
            """
            insert into coins.packs (currency, channel, id, coins, price_minor, valid_from)
            select 'JPY', 'web', 'pack_' || coins, coins, yen, '2020-01-01T00:00:00Z'
            from (values (100, 299), (270, 749), (600, 1499), (1350, 2999), (3900, 7499), (12500, 14999))
                as packs (coins, yen)
            """
        )
