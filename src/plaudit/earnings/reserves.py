"""Reserves: available money that an operator keeps back for a while. Every step is written down with who and why."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.earnings import reserve_queries as queries
from plaudit.earnings.errors import NoSuchReserve, NotSoMuchAvailable
from plaudit.earnings.leg_queries import Move
from plaudit.earnings.reserve_queries import Reserve
from plaudit.earnings.settling import Chain, Settling, move_chain, post
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import derive_id
from plaudit.ledger import Posted, spendable
from plaudit.ledger.chart import AccountCode, TransferCode, account_id
from plaudit.people.operators import note_act

REASON_LIMIT = 200
_AT_ONCE = 100
_RESERVES = UUID("1f0f4a4e-5b8c-5c6b-8f63-54d5f4b6b2aa")


class ReserveWish(Struct, frozen=True):
    """How much of a creator's available money is kept back, why, and until when; in internal units."""

    id: UUID
    creator_id: UUID
    currency: str
    micros: int
    reason: str
    until: datetime


async def hold_back(books: Settling, operator_id: UUID, wish: ReserveWish, *, now: datetime) -> Reserve:
    """Keep money back. The same id again is the same reserve.

    Raises Invalid naming the field, NotSoMuchAvailable, IdReused, and what the ledger raises.
    """
    wished = _take(wish, operator_id, now)
    async with books.db.transaction() as tx:
        if await queries.add_reserve(tx, wished):
            detail = {"currency": wish.currency, "micros": wish.micros, "reason": wished.reason, "until": wish.until}
            await note_act(tx, operator_id, "reserve_made", str(wish.creator_id), detail, now=now)
        reserve = await queries.get_reserve(tx, wish.id)
    asked = (reserve.creator_id, reserve.currency, reserve.micros)
    if asked != (wish.creator_id, wish.currency, wish.micros):
        raise IdReused
    return await _post(books, reserve, now=now)


async def free(books: Settling, operator_id: UUID | None, reserve_id: UUID, *, now: datetime) -> Reserve:
    """Give back what is left of a reserve, before its end or (without an operator) at it. Again changes nothing.

    Raises NoSuchReserve, and what the ledger raises.
    """
    async with books.db.transaction() as tx:
        reserve = await queries.lock_reserve(tx, reserve_id)
        if reserve is None or reserve.posted_at is None:
            raise NoSuchReserve
        if reserve.freed_micros is None:
            await queries.plan_freeing(tx, reserve_id, operator_id)
            if operator_id:
                await note_act(tx, operator_id, "reserve_freed", str(reserve.creator_id), {"id": reserve_id}, now=now)
        reserve = await queries.get_reserve(tx, reserve_id)
    return await _give_back(books, reserve, now=now)


async def free_due(books: Settling, *, now: datetime) -> int:
    """Free the reserves whose end has come, and finish what was left half-done; how many there were."""
    async with books.db.transaction() as tx:
        open_ones = await queries.list_open(tx, now=now, limit=_AT_ONCE)
    for found in open_ones:
        reserve = await settle(books, found, now=now) if found.posted_at is None else found
        if reserve.posted_at is not None and (reserve.until <= now or reserve.freed_micros is not None):
            await free(books, None, reserve.id, now=now)
    return len(open_ones)


async def list_reserves(books: Settling, creator_id: UUID) -> list[Reserve]:
    """Everything that was ever kept back of a creator's money, the newest first."""
    async with books.db.transaction() as tx:
        return await queries.list_reserves(tx, creator_id)


def _take(wish: ReserveWish, operator_id: UUID, now: datetime) -> Reserve:
    reason = wish.reason.strip()
    if not 1 <= len(reason) <= REASON_LIMIT:
        raise Invalid(f"Say why, in at most {REASON_LIMIT} characters.", field="reason")
    if wish.micros <= 0:
        raise Invalid("A reserve is of some money.", field="amount")
    if wish.until <= now:
        raise Invalid("A reserve ends in the future.", field="until")
    get_currency(wish.currency)
    return Reserve(
        id=wish.id,
        creator_id=wish.creator_id,
        currency=wish.currency,
        micros=wish.micros,
        left_micros=wish.micros,
        reason=reason,
        made_by=operator_id,
        made_at=now,
        until=wish.until,
    )


async def _post(books: Settling, reserve: Reserve, *, now: datetime) -> Reserve:
    reserve = await settle(books, reserve, now=now) if reserve.posted_at is None else reserve
    if reserve.posted_at is None:
        raise NotSoMuchAvailable
    return reserve


async def settle(books: Settling, reserve: Reserve, *, now: datetime) -> Reserve:
    """Post the reserve, or note that there wasn't so much; nothing where another worker did either meanwhile."""
    async with books.db.transaction() as tx:
        reserve = await queries.get_reserve(tx, reserve.id)
    if reserve.posted_at is not None or reserve.refused_at is not None:
        return reserve
    is_posted = await post_reserve(books, reserve)
    async with books.db.transaction() as tx:
        await queries.mark_reserved(tx, reserve.id, refused=not is_posted, now=now)
        return await queries.get_reserve(tx, reserve.id)


async def post_reserve(books: Settling, reserve: Reserve) -> bool:
    """Whether the ledger has it; False when there wasn't so much."""
    chain = _chain(reserve, "reserve", AccountCode.CREATOR_AVAILABLE, AccountCode.CREATOR_RESERVE)
    return isinstance(await post(books, chain), Posted)


async def _give_back(books: Settling, reserve: Reserve, *, now: datetime) -> Reserve:
    """Post what is to be freed; where a lost dispute took some of it meanwhile, what is there."""
    while reserve.freed_at is None:
        amount = reserve.freed_micros or 0
        chain = _chain(
            replace(reserve, micros=amount), "free", AccountCode.CREATOR_RESERVE, AccountCode.CREATOR_AVAILABLE
        )
        is_done = amount == 0 or isinstance(await post(books, chain), Posted)
        there = 0 if is_done else await spendable(books.ledger, _reserve_account(reserve))
        async with books.db.transaction() as tx:
            if is_done:
                await queries.mark_freed(tx, reserve.id, now=now)
            else:
                await queries.reduce_freeing(tx, reserve.id, there)
            reserve = await queries.get_reserve(tx, reserve.id)
    return reserve


def _reserve_account(reserve: Reserve) -> UUID:
    return account_id(AccountCode.CREATOR_RESERVE, get_currency(reserve.currency).asset, reserve.creator_id)


def _chain(reserve: Reserve, name: str, debit: AccountCode, credit: AccountCode) -> Chain:
    move = Move(id=reserve.id, creator_id=reserve.creator_id, currency=reserve.currency, micros=reserve.micros)
    return move_chain(derive_id(_RESERVES, name, str(reserve.id)), TransferCode.RESERVE, move, debit, credit)
