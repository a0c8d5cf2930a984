"""What a rail tells of payments becomes steps of their payouts. Telling the same twice changes nothing."""

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from plaudit.foundation.logs import get_logger
from plaudit.payouts import batch_queries as queries
from plaudit.payouts import batch_rules as rules
from plaudit.payouts import steps
from plaudit.payouts.batch_model import Dispatch, Verdict
from plaudit.payouts.batch_queries import Standing
from plaudit.payouts.batch_rules import Act
from plaudit.payouts.errors import IllegalStep, PayoutRefused
from plaudit.payouts.model import State
from plaudit.providers.payouts import ItemOutcome, ItemState

# So many payouts are told of at once, so that they share the ledger's commits.
_TOGETHER = 6

log = get_logger(__name__)


async def apply_outcome(dispatch: Dispatch, told: ItemOutcome, payout_id: UUID | None = None) -> Verdict:
    """Do what follows from what a rail told, of this payout or of the one that `told` names.

    Raises what the ledger raises: then tell it again.
    """
    async with dispatch.pay.db.transaction() as tx:
        found = (
            await queries.find_by_name(tx, told.end_to_end_id, told.trace)
            if payout_id is None
            else await queries.find_standing(tx, payout_id)
        )
    if found is None:
        return Verdict.UNMATCHED
    if told.amount is not None and told.amount != found.amount:
        return Verdict.AMOUNT_DIFFERS
    match rules.decide(found.state, told.state, found.rail):
        case Act() as act:
            return await _act(dispatch, found, act, told)
        case Verdict.SAME:
            return await _repeat(dispatch, found, told)
        case verdict:
            return verdict


async def _act(dispatch: Dispatch, found: Standing, act: Act, told: ItemOutcome) -> Verdict:
    try:
        after = await _step(dispatch, found, act, told)
    except (IllegalStep, PayoutRefused) as problem:
        # Something else was told at the same moment, or the ledger won't have it: somebody has to look.
        log.warning("a rail's word needs a look", payout=str(found.payout_id), told=told.state, code=problem.code)
        return Verdict.CONTRADICTS
    async with dispatch.pay.db.transaction() as tx:
        await queries.store_told(tx, found.payout_id, rules.item_state(after, told.state), told)
    return Verdict.APPLIED


async def _step(dispatch: Dispatch, found: Standing, act: Act, told: ItemOutcome) -> State:
    desk, id, reason = dispatch.pay, found.payout_id, rules.word_for(told.reason)
    match act:
        case Act.PAY:
            reference = told.reference or told.end_to_end_id or str(found.batch_id)
            return (await steps.mark_paid(desk, id, reference=reference, at=told.at)).state
        case Act.RETURN:
            return (await steps.mark_returned(desk, id, reason=reason, at=told.at)).state
        case Act.FAIL:
            return (await steps.mark_failed(desk, id, reason=reason, at=told.at)).state
        case Act.NOTE:
            return found.state


async def _repeat(dispatch: Dispatch, found: Standing, told: ItemOutcome) -> Verdict:
    """What ended between the step and its note: the ledger hears of it, and the item says how its payout stands."""
    stands = rules.item_state(found.state, told.state)
    if found.item_state is stands or found.state is State.SUBMITTED:
        return Verdict.SAME
    try:
        await steps.finish(dispatch.pay, found.payout_id, now=told.at)
    except PayoutRefused as problem:
        log.warning("a rail's word needs a look", payout=str(found.payout_id), told=told.state, code=problem.code)
        return Verdict.CONTRADICTS
    async with dispatch.pay.db.transaction() as tx:
        await queries.store_told(tx, found.payout_id, stands, told)
    return Verdict.SAME


async def side_by_side(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """A few at a time; the first error is raised once all have ended, because what went well is stored anyway."""
    gate = asyncio.Semaphore(_TOGETHER)

    async def run(work: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await work

    for outcome in await asyncio.gather(*(run(work) for work in works), return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def close_finished(dispatch: Dispatch, payout_ids: Collection[UUID], *, now: datetime) -> None:
    """Batches of these payouts are done, when all that is in them ended."""
    async with dispatch.pay.db.transaction() as tx:
        await queries.close_finished(tx, await queries.list_batches_of(tx, list(payout_ids)), now=now)


def known_by_house(payout_id: UUID, state: ItemState, *, at: datetime, reason: str | None = None) -> ItemOutcome:
    """What nobody told, and what is so all the same."""
    return ItemOutcome(end_to_end_id=payout_id.hex, state=state, at=at, reason=reason)
