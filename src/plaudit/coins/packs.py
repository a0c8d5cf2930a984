"""What a buyer can have now."""

from datetime import datetime

from plaudit.coins import queries
from plaudit.coins.model import NO_TAX, Buyer, Offer
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import NotFound

# Where nothing is priced in the buyer's own currency.
_FALLBACK_CURRENCY = "USD"


async def get_offer(db: Database, buyer: Buyer, *, now: datetime) -> Offer:
    """Packs, exact amounts and tax as they hold now, in the buyer's currency or else in dollars."""
    async with db.transaction() as tx:
        return await find_offer(tx, buyer, now=now)


async def find_offer(tx: Transaction, buyer: Buyer, *, now: datetime) -> Offer:
    """The same inside the caller's transaction."""
    tax = await queries.find_tax(tx, buyer.region, now=now)
    for currency in (buyer.currency, _FALLBACK_CURRENCY):
        packs = await queries.list_packs(tx, buyer.region, currency, buyer.channel, now=now)
        if packs:
            exact = await queries.find_exact_rule(tx, currency, buyer.channel, now=now)
            return Offer(currency=currency, packs=tuple(packs), exact=exact, tax=tax or NO_TAX)
    raise NotFound("Nothing is offered here.")
