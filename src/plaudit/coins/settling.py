"""From a payment to coins in the wallet: the intent first, the ledger second, marked done third.

Each step may be the last before a crash: `finish_pending` goes on from there.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.coins import rules
from plaudit.coins import top_up_queries as queries
from plaudit.coins.chains import accounts_of, fan_account, make_chain
from plaudit.coins.errors import NoSuchTopUp, SettlingRefused
from plaudit.coins.model import Lot, Status, Till, TopUp
from plaudit.foundation.logs import get_logger
from plaudit.ledger import Posted
from plaudit.providers import Payment

_AT_ONCE = 100

log = get_logger(__name__)


async def apply_payment(till: Till, provider: str, payment: Payment, *, now: datetime) -> TopUp:
    """Take what a provider told of a payment, and settle the top-up if that is due. Once is once, however often told.

    Raises NoSuchTopUp, WrongAmountPaid, PaidTwice, and what the ledger raises: then ask again.
    """
    top_up = await note_payment(till, provider, payment)
    return await finish(till, top_up, now=now) if top_up.status is Status.PAID else top_up


async def note_payment(till: Till, provider: str, payment: Payment) -> TopUp:
    """Step one: what was told is stored with the top-up, and with it the ids of its transfers."""
    async with till.db.transaction() as tx:
        top_up = await queries.lock_top_up(tx, payment.reference)
        if top_up is None or top_up.provider != provider:
            raise NoSuchTopUp
        after = rules.take_payment(top_up, payment)
        if after is not top_up:
            await queries.store_top_up(tx, after)
    return after


async def post_top_up(till: Till, top_up: TopUp) -> Lot:
    """Step two: the chain is in the ledger, since now or since before; gives the lot that it opens."""
    refusals = [reason for reason in await till.ledger.open_accounts(accounts_of(top_up)) if reason]
    if refusals:
        raise SettlingRefused(f"The accounts of the top-up {top_up.id} can't be opened: {refusals[0]}.")
    outcome = await till.ledger.post(make_chain(top_up))
    if not isinstance(outcome, Posted):
        raise SettlingRefused(f"The top-up {top_up.id} was refused: {outcome.reason}.")
    record = outcome.records[-1]
    received = record.balances_of(fan_account(top_up.person_id)).credits_posted
    return rules.make_lot(top_up, received_before=received - top_up.coins, at=record.at)


async def mark_settled(till: Till, lot: Lot, *, now: datetime) -> TopUp:
    """Step three: the lot is open and the top-up says settled, both or neither."""
    async with till.db.transaction() as tx:
        top_up = await queries.lock_top_up(tx, lot.id)
        assert top_up is not None, "top-ups are never deleted"
        if top_up.status is not Status.PAID:
            return top_up
        await queries.add_lot(tx, lot)
        top_up = msgspec.structs.replace(top_up, status=Status.SETTLED, settled_at=now)
        await queries.store_top_up(tx, top_up)
    return top_up


async def finish(till: Till, top_up: TopUp, *, now: datetime) -> TopUp:
    """Steps two and three, for what is paid."""
    return await mark_settled(till, await post_top_up(till, top_up), now=now)


async def finish_pending(till: Till, *, now: datetime) -> int:
    """Finish what was left half-done; how many there were. What the ledger refuses stays, and stops no other."""
    async with till.db.transaction() as tx:
        paid = await queries.list_paid(tx, limit=_AT_ONCE)
    for top_up_id in paid:
        await _finish_one(till, top_up_id, now=now)
    return len(paid)


async def _finish_one(till: Till, top_up_id: UUID, *, now: datetime) -> None:
    async with till.db.transaction() as tx:
        top_up = await queries.find_top_up(tx, top_up_id)
    if top_up is None or top_up.status is not Status.PAID:
        return
    try:
        await finish(till, top_up, now=now)
    except SettlingRefused:
        log.exception("settling refused", top_up=str(top_up_id))
