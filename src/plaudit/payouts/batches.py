"""Batches: what is approved is written once, with all that it holds, before anything leaves the house.

The batch, its items, the step of each payout and the very bytes that leave are one commit. Whoever fetches or sends the
batch, however often and whatever crashed before, has the same bytes with the same ids, which no bank pays twice.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.foundation.errors import CannotUnseal
from plaudit.payouts import batch_queries as queries
from plaudit.payouts import batch_rules as rules
from plaudit.payouts import steps
from plaudit.payouts.batch_errors import BatchHasLeft, BatchIsOver, NothingToPay, NotSentByHand
from plaudit.payouts.batch_model import (
    Batch,
    BatchState,
    BatchWish,
    Dispatch,
    Draft,
    Item,
    LeftOut,
    MadeBatch,
)
from plaudit.payouts.contents import open_content, seal
from plaudit.payouts.model import Approved, Rail
from plaudit.payouts.rules import start_of_day
from plaudit.people.model import Place
from plaudit.people.operators import note_act
from plaudit.providers.payouts import (
    BatchFile,
    BatchOrder,
    CannotInstruct,
    HouseAccount,
    HouseAccountMissing,
    Instruction,
)


class _Sorted(Struct, frozen=True):
    """What a batch can carry, with its instructions, and what it can't."""

    drafts: Sequence[Draft]
    instructions: Sequence[Instruction]
    left_out: Sequence[LeftOut]


async def make_batch(
    dispatch: Dispatch, wish: BatchWish, *, house_name: str, by: UUID | None, now: datetime
) -> MadeBatch:
    """Write a batch of what waits for this rail and currency, the oldest first; the same id again gives the same.

    Raises NothingToPay, HouseAccountMissing, TooManyFiles, IdReused or Invalid.
    """
    rail = dispatch.rail(wish.rail)
    async with dispatch.pay.db.transaction() as tx:
        await queries.lock_making(tx)
        found = await queries.find_batch(tx, wish.id)
        if found is not None:
            rules.require_same(found, wish)
            return MadeBatch(batch=found)
        house = await _find_house(tx, wish, house_name)
        waiting = await steps.list_approved(tx, wish.rail, rail.most_items)
        approved = [each for each in waiting if each.payout.paid_currency == wish.currency]
        picked = await _sort(dispatch, tx, wish, house, approved)
        if not picked.drafts:
            raise NothingToPay(rules.note_for(picked.left_out))
        order = await _make_order(tx, wish, house, picked.instructions, now=now)
        # Thousands of payments take seconds to write and to validate: meanwhile the program answers others.
        file = await asyncio.to_thread(rail.write, order)
        batch = _make(wish, order, file, picked, by=by)
        await queries.add_batch(tx, batch, await seal(dispatch.pay, file.content, of=batch.id.bytes))
        await queries.add_items(tx, batch.id, picked.drafts, now=now)
        if by is not None:
            await note_act(tx, by, "batch_made", str(batch.id), {"items": batch.items}, now=now)
    return MadeBatch(batch=batch, left_out=picked.left_out)


async def _find_house(tx: Transaction, wish: BatchWish, house_name: str) -> HouseAccount:
    if wish.rail is Rail.WALLET:
        return HouseAccount(name=house_name)
    house = await queries.find_house_account(tx, wish.rail, wish.currency)
    if house is None:
        raise HouseAccountMissing(f"Set the account that pays {wish.currency} by {wish.rail.upper()} first.")
    return house


async def _sort(
    dispatch: Dispatch, tx: Transaction, wish: BatchWish, house: HouseAccount, approved: Sequence[Approved]
) -> _Sorted:
    rail = dispatch.rail(wish.rail)
    drafts: list[Draft] = []
    instructions: list[Instruction] = []
    left_out: list[LeftOut] = []
    for each, number in zip(approved, await queries.reserve_numbers(tx, len(approved)), strict=True):
        names = rail.refer(each.payout.id, number, house)
        try:
            instruction = await _instruct(dispatch, each, house, number, names.end_to_end_id)
            rail.check(instruction)
        except (CannotInstruct, CannotUnseal) as problem:
            left_out.append(LeftOut(payout_id=each.payout.id, why=problem.detail))
            continue
        instructions.append(instruction)
        drafts.append(
            Draft(
                payout_id=each.payout.id,
                number=number,
                end_to_end_id=names.end_to_end_id,
                trace=names.trace,
                amount_minor=instruction.amount.minor,
            )
        )
    return _Sorted(drafts, instructions, left_out)


async def _instruct(
    dispatch: Dispatch, approved: Approved, house: HouseAccount, number: int, end_to_end_id: str
) -> Instruction:
    """What is to be paid, and where to. Raises CannotUnseal."""
    details = await steps.open_details(dispatch.pay, approved.method)
    return Instruction(
        end_to_end_id=end_to_end_id,
        number=number,
        amount=approved.payout.paid,
        creditor=details.holder_name,
        account=rules.account_for(details),
        remittance=f"Payout {end_to_end_id[-12:]} from {house.name}",
    )


async def _make_order(
    tx: Transaction, wish: BatchWish, house: HouseAccount, instructions: Sequence[Instruction], *, now: datetime
) -> BatchOrder:
    modifier = "A"
    if wish.rail is Rail.ACH:
        modifier = rules.modifier_of(await queries.count_files(tx, wish.rail, since=start_of_day(now)))
    return BatchOrder(
        id=wish.id,
        house=house,
        instructions=instructions,
        made_at=now,
        pay_on=rules.take_day(wish, today=now.date()),
        modifier=modifier,
    )


def _make(wish: BatchWish, order: BatchOrder, file: BatchFile, picked: _Sorted, *, by: UUID | None) -> Batch:
    return Batch(
        id=wish.id,
        rail=wish.rail,
        currency=wish.currency,
        state=BatchState.WRITTEN,
        made_at=order.made_at,
        made_by=by,
        pay_on=order.pay_on,
        items=len(picked.drafts),
        total_minor=sum(draft.amount_minor for draft in picked.drafts),
        file_name=file.name,
        sha256=sha256(file.content).digest(),
        # A wallet's provider is told by the worker; files are for an operator.
        ask_at=order.made_at if wish.rail is Rail.WALLET else None,
        note=rules.note_for(picked.left_out),
    )


async def list_batches(dispatch: Dispatch, state: BatchState | None, *, after: Place | None, limit: int) -> list[Batch]:
    """The newest first: all of them, or those that stand like this."""
    async with dispatch.pay.db.transaction() as tx:
        return await queries.list_batches(tx, state, after=after, limit=limit)


async def get_batch(dispatch: Dispatch, batch_id: UUID) -> Batch:
    """One batch. Raises NoSuchBatch."""
    async with dispatch.pay.db.transaction() as tx:
        return await queries.get_batch(tx, batch_id)


async def list_items(
    dispatch: Dispatch, batch_id: UUID, operator_id: UUID, *, after: int | None, limit: int, now: datetime
) -> list[Item]:
    """What a batch holds, and how each of it stands; `after` is the number of the last before. Raises NoSuchBatch."""
    async with dispatch.pay.db.transaction() as tx:
        await queries.get_batch(tx, batch_id)
        await note_act(tx, operator_id, "batch_seen", str(batch_id), {"after": after}, now=now)
        return await queries.list_items(tx, batch_id, after=after, limit=limit)


async def fetch_file(dispatch: Dispatch, batch_id: UUID, operator_id: UUID, *, now: datetime) -> BatchFile:
    """The very bytes that were stored when the batch was made, each time the same. Raises NoSuchBatch.

    Raises BatchIsOver for one that was discarded: its payouts were given back.
    """
    async with dispatch.pay.db.transaction() as tx:
        batch = await queries.lock_batch(tx, batch_id)
        if batch.state is BatchState.DISCARDED:
            raise BatchIsOver("This batch was discarded: its file would pay what was given back.")
        content = await open_content(dispatch.pay, tx, batch)
        await queries.store_batch(tx, msgspec.structs.replace(batch, fetched_at=batch.fetched_at or now))
        await note_act(tx, operator_id, "batch_fetched", str(batch_id), {"sha256": batch.sha256.hex()}, now=now)
    return BatchFile(name=batch.file_name, content=content)


async def mark_sent(dispatch: Dispatch, batch_id: UUID, operator_id: UUID, *, now: datetime) -> Batch:
    """The bank has the file. Again it changes nothing. Raises NoSuchBatch, NotSentByHand or BatchIsOver."""
    async with dispatch.pay.db.transaction() as tx:
        batch = await queries.lock_batch(tx, batch_id)
        if batch.rail is Rail.WALLET:
            raise NotSentByHand
        if batch.state is BatchState.DISCARDED:
            raise BatchIsOver
        if batch.sent_at is None:
            batch = msgspec.structs.replace(batch, state=BatchState.SENT, sent_at=now, sent_by=operator_id)
            await queries.store_batch(tx, batch)
            await note_act(tx, operator_id, "batch_sent", str(batch_id), {}, now=now)
    return batch


async def send_again(dispatch: Dispatch, batch_id: UUID, operator_id: UUID, *, now: datetime) -> Batch:
    """Ask a wallet's provider again that refused the batch, with the same bytes. Raises NoSuchBatch or BatchIsOver."""
    async with dispatch.pay.db.transaction() as tx:
        batch = await queries.lock_batch(tx, batch_id)
        if batch.state is not BatchState.WRITTEN or batch.refused_at is None:
            raise BatchIsOver("Only a batch that was refused is sent again.")
        batch = msgspec.structs.replace(batch, refused_at=None, note=None, ask_at=now)
        await queries.store_batch(tx, batch)
        await note_act(tx, operator_id, "batch_sent_again", str(batch_id), {}, now=now)
    return batch


async def discard_batch(dispatch: Dispatch, batch_id: UUID, operator_id: UUID, *, now: datetime) -> Batch:
    """Give back all that is in a batch that surely never left. Raises NoSuchBatch, BatchHasLeft or BatchIsOver.

    Its payouts fail, so that their creators can ask anew.
    """
    async with dispatch.pay.db.transaction() as tx:
        batch = await queries.lock_batch(tx, batch_id)
        if batch.state is not BatchState.DISCARDED:
            if batch.done_at is not None:
                raise BatchIsOver
            if not batch.may_be_discarded:
                raise BatchHasLeft
            batch = msgspec.structs.replace(batch, state=BatchState.DISCARDED, done_at=now, ask_at=None)
            await queries.store_batch(tx, batch)
            await note_act(tx, operator_id, "batch_discarded", str(batch_id), {}, now=now)
    return batch
