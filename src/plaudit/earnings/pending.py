"""Taking back what is still pending of a creator's money: for whoever unwinds what gifts had brought."""

from uuid import UUID

from plaudit.earnings import leg_queries as queries
from plaudit.foundation.database import Transaction


async def take_back(tx: Transaction, creator_id: UUID, currency: str, micros: int, *, run: int | None = None) -> int:
    """Take up to so many micros from what is pending, and say how much there was: from the run's leg first.

    Then from the newest legs on. Only what is posted to the ledger is taken: `settlement.catch_up` first. The caller
    posts the same amount from the creator's pending account, with an intent that it writes in this same transaction.
    """
    left = micros
    for leg in await queries.lock_pending(tx, creator_id, currency, first=run):
        if left == 0:
            break
        take = min(left, leg.left_micros)
        await queries.reduce_leg(tx, leg.run, creator_id, currency, take)
        left -= take
    return micros - left


async def take_reserved(tx: Transaction, creator_id: UUID, currency: str, micros: int) -> int:
    """The same from the money that operators keep back, from the newest reserve on."""
    left = micros
    for reserve in await queries.lock_reserves(tx, creator_id, currency):
        take = min(left, reserve.left_micros)
        await queries.reduce_reserve(tx, reserve.id, take)
        left -= take
    return micros - left
