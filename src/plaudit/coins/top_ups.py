"""Asking for coins: the intent, and where to pay."""

from datetime import datetime
from uuid import UUID

from plaudit.coins import rules
from plaudit.coins import top_up_queries as queries
from plaudit.coins.errors import NoSuchTopUp
from plaudit.coins.model import Buyer, Till, TopUp, Wish
from plaudit.coins.packs import find_offer
from plaudit.foundation.errors import Invalid
from plaudit.providers import CheckoutWish


async def start_top_up(till: Till, wish: Wish, buyer: Buyer, *, now: datetime) -> TopUp:
    """Record the intent, and ask the provider for a checkout. The same wish again gives the same top-up.

    Raises Invalid naming the field, PackNotOffered, or IdReused.
    """
    rules.take_wish(wish)
    if wish.provider not in till.providers:
        raise Invalid("There is no payment provider by that name.", field="provider")
    async with till.db.transaction() as tx:
        top_up = await queries.find_top_up(tx, wish.id)
        if top_up is None:
            quote = rules.quote(await find_offer(tx, buyer, now=now), wish)
            await queries.add_top_up(tx, rules.make_top_up(wish, quote, buyer, now=now))
            # Somebody may have been quicker with the same id.
            top_up = await queries.find_top_up(tx, wish.id)
    assert top_up is not None, "it was there or is now"
    rules.require_same(top_up, wish, buyer.person_id)
    return top_up if top_up.checkout_id else await _open_checkout(till, top_up, wish.return_url, now=now)


async def get_top_up(till: Till, top_up_id: UUID, *, of: UUID) -> TopUp:
    """One's own top-up. Raises NoSuchTopUp."""
    async with till.db.transaction() as tx:
        top_up = await queries.find_top_up(tx, top_up_id)
    if top_up is None or top_up.person_id != of:
        raise NoSuchTopUp
    return top_up


async def _open_checkout(till: Till, top_up: TopUp, return_url: str | None, *, now: datetime) -> TopUp:
    wish = CheckoutWish(
        reference=top_up.id, total=top_up.total, description=rules.describe(top_up), return_url=return_url
    )
    checkout = await till.providers[top_up.provider].make_checkout(wish, now=now)
    async with till.db.transaction() as tx:
        found = await queries.lock_top_up(tx, top_up.id)
        assert found is not None, "top-ups are never deleted"
        top_up = rules.with_checkout(found, checkout)
        await queries.store_top_up(tx, top_up)
    return top_up
