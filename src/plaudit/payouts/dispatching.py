"""What the worker does for batches: wallets' are sent and asked after, and what banks told is applied."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import msgspec

from plaudit.foundation.errors import OutcomeUnknown, PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.payouts import bank_files, steps
from plaudit.payouts import batch_queries as queries
from plaudit.payouts import batch_rules as rules
from plaudit.payouts.batch_model import Batch, BatchState, Dispatch
from plaudit.payouts.contents import open_content
from plaudit.payouts.errors import IllegalStep, PayoutRefused
from plaudit.payouts.telling import apply_outcome, close_finished, known_by_house, side_by_side
from plaudit.providers.payouts import BankReport, ItemOutcome, ItemState, WalletRefused

_AT_ONCE = 20
_ITEMS_AT_ONCE = 500
# Whoever took a batch to ask about it and didn't come back within this time has died on the way.
_LEASE = timedelta(minutes=2)
_NOT_SENT = "it couldn't be sent"
_SILENT = "For a week the provider hasn't said what became of this batch: ask it. We go on asking once a day."

log = get_logger(__name__)


async def run_round(dispatch: Dispatch, *, now: datetime) -> None:
    """One round of all of it. What one part can't do keeps no other waiting; then its error is raised at the end."""
    first: PlauditError | None = None
    for part in (ask_wallet, settle_ach, end_discarded, bank_files.apply_waiting):
        try:
            await part(dispatch, now=now)
        except PlauditError as problem:
            log.warning("a part of the round ended early", part=part.__name__, code=problem.code)
            first = first or problem
    if first is not None:
        raise first


async def ask_wallet(dispatch: Dispatch, *, now: datetime) -> int:
    """Send the batches that wait for it, and ask how those stand that were sent; how many were due."""
    async with dispatch.pay.db.transaction() as tx:
        due = await queries.take_to_ask(tx, now=now, until=now + _LEASE, limit=_AT_ONCE)
    for batch in due:
        try:
            await (_send(dispatch, batch, now=now) if batch.provider_id is None else _poll(dispatch, batch, now=now))
        except PlauditError as problem:
            # Asked again with the same bytes: the provider pays a batch of this name once.
            log.warning("a wallet's batch waits", batch=str(batch.id), code=problem.code, detail=problem.detail)
            note = _note(batch, is_silent=rules.is_silent(batch, now=now))
            await _change(dispatch, batch.id, ask_at=rules.ask_anew(batch, now=now), note=note)
    return len(due)


def _note(batch: Batch, *, is_silent: bool) -> str | None:
    """What it said before, with or without that its provider is silent."""
    before = (batch.note or "").removeprefix(_SILENT).strip()
    return f"{_SILENT} {before}".strip() if is_silent else before or None


async def _send(dispatch: Dispatch, batch: Batch, *, now: datetime) -> None:
    async with dispatch.pay.db.transaction() as tx:
        content = await open_content(dispatch.pay, tx, batch)
    try:
        provider_id = await dispatch.wallet.submit(content)
    except OutcomeUnknown:
        await _change(dispatch, batch.id, unknown_at=now)
        raise
    except WalletRefused as refused:
        log.warning("a wallet's batch was refused", batch=str(batch.id), detail=refused.detail)
        await _change(dispatch, batch.id, ask_at=None, refused_at=now, note=refused.detail)
        return
    await _change(
        dispatch,
        batch.id,
        state=BatchState.SENT,
        sent_at=now,
        provider_id=provider_id,
        note=_note(batch, is_silent=False),
        ask_at=rules.next_ask(now, is_over=False, now=now),
    )


async def _poll(dispatch: Dispatch, batch: Batch, *, now: datetime) -> None:
    assert batch.provider_id is not None, "what was sent has the provider's id"
    report = await dispatch.wallet.poll(batch.provider_id)
    async with dispatch.pay.db.transaction() as tx:
        known = await queries.list_states(tx, batch.id)
    news = [told for told in _told_of_items(report, known) if known.get(told.end_to_end_id or "") is not told.state]
    await side_by_side(_apply(dispatch, told) for told in news)
    async with dispatch.pay.db.transaction() as tx:
        await queries.close_finished(tx, [batch.id], now=now)
        stands = await queries.get_batch(tx, batch.id)
    is_over = stands.state is BatchState.DONE
    await _change(dispatch, batch.id, ask_at=rules.next_ask(batch.sent_at or now, is_over=is_over, now=now))


def _told_of_items(report: BankReport, known: dict[str, ItemState]) -> list[ItemOutcome]:
    """A batch that was denied as a whole says the same of all its items."""
    denied = [
        ItemOutcome(end_to_end_id=name, state=whole.state, at=whole.at, reason=whole.reason)
        for whole in report.batches
        for name in known
    ]
    return [*report.outcomes, *denied]


async def _apply(dispatch: Dispatch, told: ItemOutcome) -> None:
    await apply_outcome(dispatch, told)


async def _change(dispatch: Dispatch, batch_id: UUID, **changes: object) -> None:
    async with dispatch.pay.db.transaction() as tx:
        batch = await queries.lock_batch(tx, batch_id)
        await queries.store_batch(tx, msgspec.structs.replace(batch, **changes))


async def settle_ach(dispatch: Dispatch, *, now: datetime) -> int:
    """ACH batches whose day is over are paid; how many there were. What doesn't arrive comes back as a return."""
    async with dispatch.pay.db.transaction() as tx:
        batches = await queries.list_settled(tx, today=now.date(), limit=_AT_ONCE)
    for batch in batches:
        async with dispatch.pay.db.transaction() as tx:
            waiting = await queries.list_open_items(tx, batch.id, limit=_ITEMS_AT_ONCE)
        at = datetime.combine(batch.pay_on, time(), UTC)
        await side_by_side(_settle(dispatch, payout_id, at) for payout_id in waiting)
        await close_finished(dispatch, waiting, now=now)
    return len(batches)


async def _settle(dispatch: Dispatch, payout_id: UUID, at: datetime) -> None:
    await apply_outcome(dispatch, known_by_house(payout_id, ItemState.PAID, at=at), payout_id)


async def end_discarded(dispatch: Dispatch, *, now: datetime) -> int:
    """Give back what is in batches that were discarded; how many batches there were."""
    async with dispatch.pay.db.transaction() as tx:
        batches = await queries.list_discarded_open(tx, limit=_AT_ONCE)
    for batch_id in batches:
        async with dispatch.pay.db.transaction() as tx:
            waiting = await queries.list_open_items(tx, batch_id, limit=_ITEMS_AT_ONCE)
        await side_by_side(_give_back(dispatch, payout_id, now) for payout_id in waiting)
    return len(batches)


async def _give_back(dispatch: Dispatch, payout_id: UUID, now: datetime) -> None:
    try:
        await steps.mark_failed(dispatch.pay, payout_id, reason=_NOT_SENT, at=now, by=steps.by_house(_NOT_SENT))
    except (IllegalStep, PayoutRefused) as problem:
        # It ended in another way before, or the ledger won't have it: the item says how it stands, and isn't met again.
        log.warning("what was discarded needs a look", payout=str(payout_id), code=problem.code)
    async with dispatch.pay.db.transaction() as tx:
        stands = await queries.find_standing(tx, payout_id)
        assert stands is not None, "it is an item of this batch"
        after = rules.item_state(stands.state, ItemState.FAILED)
        await queries.store_told(tx, payout_id, after, known_by_house(payout_id, after, at=now, reason=_NOT_SENT))
