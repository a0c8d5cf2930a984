"""Posting a chain that must not be refused."""

from collections.abc import Sequence
from uuid import UUID

from plaudit.coins import top_up_queries
from plaudit.coins.model import TopUp
from plaudit.foundation.database import Transaction
from plaudit.ledger import Account, Transfer
from plaudit.ledger.model import Posted
from plaudit.reversals.errors import ReversalRefused
from plaudit.reversals.model import Reversing


async def open_all(desk: Reversing, accounts: Sequence[Account]) -> None:
    """Every account is open afterwards. Raises ReversalRefused."""
    refusals = [reason for reason in await desk.ledger.open_accounts(accounts) if reason]
    if refusals:
        raise ReversalRefused(f"An account can't be opened: {refusals[0]}.")


async def post_all(desk: Reversing, chain: Sequence[Transfer]) -> Posted:
    """The chain is in the ledger, since now or since before. Raises ReversalRefused, and what the ledger raises."""
    outcome = await desk.ledger.post(chain)
    if not isinstance(outcome, Posted):
        raise ReversalRefused(f"The transfer {chain[outcome.index].id} was refused: {outcome.reason}.")
    return outcome


async def find_top_up(tx: Transaction, top_up_id: UUID) -> TopUp | None:
    """The top-up, which stays as it is until `tx` ends: refunds and disputes of one payment wait for each other."""
    return await top_up_queries.lock_top_up(tx, top_up_id)


async def get_top_up(tx: Transaction, top_up_id: UUID | None) -> TopUp:
    """The same of one that is known to be there."""
    top_up = await find_top_up(tx, top_up_id) if top_up_id else None
    assert top_up is not None, "top-ups are never deleted"
    return top_up
