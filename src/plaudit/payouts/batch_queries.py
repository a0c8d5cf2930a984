"""SQL of batches and their items."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Transaction
from plaudit.foundation.money import Money
from plaudit.payouts.batch_errors import NoSuchBatch
from plaudit.payouts.batch_model import Batch, BatchState, Draft, Item, SetHouseAccount
from plaudit.payouts.model import Rail, State
from plaudit.people.model import Place
from plaudit.providers.payouts import HouseAccount, ItemOutcome, ItemState

# Whoever makes batches waits for whoever is making one: they want the same payouts, and ACH counts a day's files.
_MAKING = 7_017_001


class Standing(Struct, frozen=True, kw_only=True):
    """A payout as far as a bank's word on it is concerned."""

    payout_id: UUID
    batch_id: UUID
    rail: Rail
    currency: str
    amount_minor: int
    item_state: ItemState
    state: State

    @property
    def amount(self) -> Money:
        """What is paid."""
        return Money(self.amount_minor, get_currency(self.currency))


async def lock_making(tx: Transaction) -> None:
    """Nobody else makes a batch until `tx` ends."""
    await tx.execute("select pg_advisory_xact_lock(%(key)s)", {"key": _MAKING})


async def find_house_account(tx: Transaction, rail: Rail, currency: str) -> HouseAccount | None:
    """Where the house pays from, or None."""
    return await tx.find(
        HouseAccount,
        """
        select name, iban, bic, company_id, odfi, origin, destination, destination_name
        from payouts.house_accounts where rail = %(rail)s and currency = %(currency)s
        """,
        {"rail": rail, "currency": currency},
    )


async def list_house_accounts(tx: Transaction) -> list[SetHouseAccount]:
    """All of them."""
    rows = await tx.all(
        _HouseRow,
        """
        select rail, currency, name, iban, bic, company_id, odfi, origin, destination, destination_name, set_at
        from payouts.house_accounts order by rail, currency
        """,
    )
    return [
        SetHouseAccount(
            rail=row.rail,
            currency=row.currency,
            account=msgspec.convert(row, HouseAccount, from_attributes=True),
            set_at=row.set_at,
        )
        for row in rows
    ]


class _HouseRow(HouseAccount, frozen=True, kw_only=True):
    rail: Rail
    currency: str
    set_at: datetime


async def store_house_account(
    tx: Transaction, rail: Rail, currency: str, account: HouseAccount, *, by: UUID, now: datetime
) -> None:
    """In the place of the one before; batches that are written keep theirs."""
    await tx.execute(
        """
        insert into payouts.house_accounts
            (rail, currency, name, iban, bic, company_id, odfi, origin, destination, destination_name, set_at, set_by)
        values (%(rail)s, %(currency)s, %(name)s, %(iban)s, %(bic)s, %(company_id)s, %(odfi)s, %(origin)s,
            %(destination)s, %(destination_name)s, %(now)s, %(by)s)
        on conflict (rail, currency) do update set name = excluded.name, iban = excluded.iban, bic = excluded.bic,
            company_id = excluded.company_id, odfi = excluded.odfi, origin = excluded.origin,
            destination = excluded.destination, destination_name = excluded.destination_name,
            set_at = excluded.set_at, set_by = excluded.set_by
        """,
        {**msgspec.structs.asdict(account), "rail": rail, "currency": currency, "by": by, "now": now},
    )


async def reserve_numbers(tx: Transaction, count: int) -> list[int]:
    """Numbers that no payment ever had."""
    rows = await tx.all(
        _Number,
        "select nextval('payouts.item_numbers') as number from generate_series(1, %(count)s)",
        {"count": count},
    )
    return [row.number for row in rows]


class _Number(Struct, frozen=True):
    number: int


async def count_files(tx: Transaction, rail: Rail, *, since: datetime) -> int:
    """How many batches of a rail were made since."""
    return await tx.value(
        int,
        "select count(*) from payouts.batches where rail = %(rail)s and made_at >= %(since)s",
        {"rail": rail, "since": since},
    )


async def add_batch(tx: Transaction, batch: Batch, sealed: bytes) -> None:
    """All of a batch but its items; `sealed` holds the bytes that leave."""
    await tx.execute(
        """
        insert into payouts.batches (id, rail, currency, made_at, made_by, pay_on, items, total_minor, file_name,
            sealed, sha256, ask_at, note)
        values (%(id)s, %(rail)s, %(currency)s, %(made_at)s, %(made_by)s, %(pay_on)s, %(items)s, %(total_minor)s,
            %(file_name)s, %(sealed)s, %(sha256)s, %(ask_at)s, %(note)s)
        """,
        {**msgspec.structs.asdict(batch), "sealed": sealed},
    )


async def add_items(tx: Transaction, batch_id: UUID, drafts: Sequence[Draft], *, now: datetime) -> None:
    """The batch's items; their payouts are submitted, each by a step as `steps.submit_in` takes it.

    They must be locked, approved, held and not paused, as those that `steps.list_approved` gives.
    """
    columns = {
        "payouts": [each.payout_id for each in drafts],
        "numbers": [each.number for each in drafts],
        "names": [each.end_to_end_id for each in drafts],
        "traces": [each.trace for each in drafts],
        "amounts": [each.amount_minor for each in drafts],
    }
    await tx.execute(
        """
        insert into payouts.batch_items (batch_id, payout_id, number, end_to_end_id, trace, amount_minor)
        select %(batch)s::uuid, * from unnest(%(payouts)s::uuid[], %(numbers)s::bigint[], %(names)s::text[],
            %(traces)s::text[], %(amounts)s::bigint[])
        """,
        {"batch": batch_id, **columns},
    )
    await tx.execute(
        """
        insert into payouts.steps (payout_id, number, state, at, actor_kind, actor_id, reason)
        select payout_id, (select count(*) + 1 from payouts.steps s where s.payout_id = i.payout_id), 'submitted',
            %(now)s, 'rail', null, %(reason)s
        from payouts.batch_items i where batch_id = %(batch)s
        """,
        {"batch": batch_id, "now": now, "reason": str(batch_id)},
    )


async def find_batch(tx: Transaction, batch_id: UUID) -> Batch | None:
    """The batch, or None."""
    return await tx.find(
        Batch,
        """
        select id, rail, currency, state, made_at, made_by, pay_on, items, total_minor, file_name, sha256, fetched_at,
            sent_at, sent_by, provider_id, ask_at, asks, refused_at, unknown_at, note, done_at
        from payouts.batches where id = %(id)s
        """,
        {"id": batch_id},
    )


async def get_batch(tx: Transaction, batch_id: UUID) -> Batch:
    """The batch. Raises NoSuchBatch."""
    batch = await find_batch(tx, batch_id)
    if batch is None:
        raise NoSuchBatch
    return batch


async def lock_batch(tx: Transaction, batch_id: UUID) -> Batch:
    """The batch, which stays as it is until `tx` ends. Raises NoSuchBatch."""
    await tx.execute("select 1 from payouts.batches where id = %(id)s for no key update", {"id": batch_id})
    return await get_batch(tx, batch_id)


async def get_sealed(tx: Transaction, batch_id: UUID) -> bytes:
    """The envelope of a batch that is there."""
    return await tx.value(bytes, "select sealed from payouts.batches where id = %(id)s", {"id": batch_id})


async def store_batch(tx: Transaction, batch: Batch) -> None:
    """Store where a batch stands; what it was written with stays."""
    await tx.execute(
        """
        update payouts.batches set state = %(state)s, fetched_at = %(fetched_at)s, sent_at = %(sent_at)s,
            sent_by = %(sent_by)s, provider_id = %(provider_id)s, ask_at = %(ask_at)s, asks = %(asks)s,
            refused_at = %(refused_at)s, unknown_at = %(unknown_at)s, note = %(note)s, done_at = %(done_at)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(batch),
    )


async def list_batches(tx: Transaction, state: BatchState | None, *, after: Place | None, limit: int) -> list[Batch]:
    """The newest first."""
    return await tx.all(
        Batch,
        """
        select id, rail, currency, state, made_at, made_by, pay_on, items, total_minor, file_name, sha256, fetched_at,
            sent_at, sent_by, provider_id, ask_at, asks, refused_at, unknown_at, note, done_at
        from payouts.batches
        where (%(state)s::text is null or state = %(state)s)
            and (%(since)s::timestamptz is null or (made_at, id) < (%(since)s, %(after)s::uuid))
        order by made_at desc, id desc limit %(limit)s
        """,
        {
            "state": state,
            "since": after.since if after else None,
            "after": after.id if after else None,
            "limit": limit,
        },
    )


async def list_items(tx: Transaction, batch_id: UUID, *, after: int | None, limit: int) -> list[Item]:
    """In the order of their numbers, from the one after `after` on."""
    return await tx.all(
        Item,
        """
        select i.batch_id, i.payout_id, p.rail, i.number, i.end_to_end_id, i.trace, p.paid_currency as currency,
            i.amount_minor, i.state, i.reason, i.reference, i.told_at, h.handle, m.shown
        from payouts.batch_items i
        join payouts.payouts p on p.id = i.payout_id
        join payouts.methods m on m.id = p.method_id
        join people.people h on h.id = p.person_id
        where i.batch_id = %(batch)s and i.number > coalesce(%(after)s::bigint, 0)
        order by i.number limit %(limit)s
        """,
        {"batch": batch_id, "after": after, "limit": limit},
    )


async def find_standing(tx: Transaction, payout_id: UUID) -> Standing | None:
    """How a payout stands that is in a batch."""
    return await tx.find(
        Standing,
        """
        select i.payout_id, i.batch_id, p.rail, p.paid_currency as currency, i.amount_minor, i.state as item_state,
            p.state
        from payouts.batch_items i join payouts.payouts p on p.id = i.payout_id
        where i.payout_id = %(id)s
        """,
        {"id": payout_id},
    )


async def find_by_name(tx: Transaction, end_to_end_id: str | None, trace: str | None) -> Standing | None:
    """The payment of that name, or else the newest with that trace."""
    return await tx.find(
        Standing,
        """
        select i.payout_id, i.batch_id, p.rail, p.paid_currency as currency, i.amount_minor, i.state as item_state,
            p.state
        from payouts.batch_items i join payouts.payouts p on p.id = i.payout_id
        where i.end_to_end_id = %(name)s or i.trace = %(trace)s
        order by (i.end_to_end_id = %(name)s) desc nulls last, i.number desc limit 1
        """,
        {"name": end_to_end_id, "trace": trace},
    )


async def store_told(tx: Transaction, payout_id: UUID, state: ItemState, told: ItemOutcome) -> None:
    """What a rail told of an item last, and what follows for it."""
    await tx.execute(
        """
        update payouts.batch_items set state = %(state)s, told_at = %(at)s, reason = %(reason)s,
            reference = coalesce(%(reference)s, reference)
        where payout_id = %(id)s
        """,
        {"id": payout_id, "state": state, "at": told.at, "reason": told.reason, "reference": told.reference},
    )


async def list_open_items(tx: Transaction, batch_id: UUID, *, limit: int) -> list[UUID]:
    """Payouts of a batch of which it isn't known how they end."""
    rows = await tx.all(
        _Payout,
        """
        select payout_id from payouts.batch_items
        where batch_id = %(batch)s and state in ('pending', 'unclaimed') order by number limit %(limit)s
        """,
        {"batch": batch_id, "limit": limit},
    )
    return [row.payout_id for row in rows]


class _Payout(Struct, frozen=True):
    payout_id: UUID


async def list_batches_of(tx: Transaction, payout_ids: Sequence[UUID]) -> list[UUID]:
    """The batches that these payouts are in."""
    rows = await tx.all(
        _Batch,
        "select distinct batch_id as id from payouts.batch_items where payout_id = any(%(ids)s)",
        {"ids": payout_ids},
    )
    return [row.id for row in rows]


async def list_states(tx: Transaction, batch_id: UUID) -> dict[str, ItemState]:
    """How each item of a batch stands, by its name."""
    rows = await tx.all(
        _State,
        "select end_to_end_id, state from payouts.batch_items where batch_id = %(batch)s",
        {"batch": batch_id},
    )
    return {row.end_to_end_id: row.state for row in rows}


class _State(Struct, frozen=True):
    end_to_end_id: str
    state: ItemState


async def close_finished(tx: Transaction, batch_ids: Sequence[UUID], *, now: datetime) -> None:
    """Those of these batches are done of which all items ended.

    What a bank knows of was sent, even where nobody said so.
    """
    await tx.execute(
        """
        update payouts.batches b set state = 'done', done_at = %(now)s, sent_at = coalesce(sent_at, %(now)s)
        where id = any(%(batches)s) and state in ('written', 'sent') and not exists (
                select from payouts.batch_items where batch_id = b.id and state in ('pending', 'unclaimed'))
        """,
        {"batches": batch_ids, "now": now},
    )


async def take_to_ask(tx: Transaction, *, now: datetime, until: datetime, limit: int) -> list[Batch]:
    """Wallets' batches whose provider is to be asked; nobody else gets them before `until`."""
    return await tx.all(
        Batch,
        """
        with due as (
            select id from payouts.batches where ask_at <= %(now)s
            order by ask_at limit %(limit)s for update skip locked
        )
        update payouts.batches b set ask_at = %(until)s, asks = asks + 1
        from due where b.id = due.id
        returning b.id, rail, currency, state, made_at, made_by, pay_on, items, total_minor, file_name, sha256,
            fetched_at, sent_at, sent_by, provider_id, ask_at, asks, refused_at, unknown_at, note, done_at
        """,
        {"now": now, "until": until, "limit": limit},
    )


async def list_settled(tx: Transaction, *, today: date, limit: int) -> list[Batch]:
    """ACH batches that were sent, whose day is over: no bank tells that a credit arrived, only that it didn't."""
    return await tx.all(
        Batch,
        """
        select id, rail, currency, state, made_at, made_by, pay_on, items, total_minor, file_name, sha256, fetched_at,
            sent_at, sent_by, provider_id, ask_at, asks, refused_at, unknown_at, note, done_at
        from payouts.batches
        where rail = 'ach' and state = 'sent' and pay_on < %(today)s order by pay_on limit %(limit)s
        """,
        {"today": today, "limit": limit},
    )


async def list_discarded_open(tx: Transaction, *, limit: int) -> list[UUID]:
    """Discarded batches of which payouts aren't ended yet."""
    rows = await tx.all(
        _Batch,
        """
        select distinct b.id from payouts.batches b join payouts.batch_items i on i.batch_id = b.id
        where b.state = 'discarded' and i.state in ('pending', 'unclaimed') limit %(limit)s
        """,
        {"limit": limit},
    )
    return [row.id for row in rows]


class _Batch(Struct, frozen=True):
    id: UUID
