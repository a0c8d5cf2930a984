"""Pending money becomes available when its time is over, and available money pays what a creator owes."""

from datetime import datetime
from uuid import UUID

from plaudit.earnings import leg_queries as queries
from plaudit.earnings.leg_queries import Move
from plaudit.earnings.settling import Chain, Settling, move_chain, post, post_all
from plaudit.foundation.currencies import get_currency_by_number
from plaudit.foundation.ids import derive_id, new_id
from plaudit.ledger import Posted
from plaudit.ledger.chart import AccountCode, TransferCode

_MOVES = UUID("c0a8b1de-7d0d-5b0e-9a1e-2f6d94d3a771")
_AT_ONCE = 2_000


async def release_due(books: Settling, *, now: datetime) -> int:
    """Make available what was pending for long enough; how many releases. Raises what the ledger raises."""
    while await plan_releases(books, now=now) == _AT_ONCE:
        pass
    return await finish_releases(books, now=now)


async def plan_releases(books: Settling, *, now: datetime) -> int:
    """Step one: the intents, from some of the legs that are due; from how many legs."""
    async with books.db.transaction() as tx:
        due = await queries.take_due(tx, now=now, limit=_AT_ONCE)
        for each in due:
            move = Move(id=new_id(), creator_id=each.creator_id, currency=each.currency, micros=each.micros)
            await queries.add_release(tx, move, now=now)
    return sum(each.legs for each in due)


async def finish_releases(books: Settling, *, now: datetime) -> int:
    """Steps two and three: the ledger has them and they say so; how many."""
    async with books.db.transaction() as tx:
        moves = await queries.list_releases(tx, limit=_AT_ONCE)

    async def mark(done: list[Move]) -> None:
        async with books.db.transaction() as tx:
            await queries.mark_released(tx, [move.id for move in done], now=now)

    refused = await post_all(books, moves, _release_chain, mark)
    return len(moves) - len(refused)


async def repay_debts(books: Settling, *, now: datetime) -> int:
    """Pay what creators owe from what they have available, as far as it goes; how many repayments."""
    await plan_repayments(books, now=now)
    moves = await list_repayments(books)
    for move in moves:
        await settle_repayment(books, move, now=now)
    return len(moves)


async def settle_repayment(books: Settling, move: Move, *, now: datetime) -> None:
    """Post a repayment and note it, or that there wasn't so much; nothing where another worker ended it meanwhile."""
    async with books.db.transaction() as tx:
        if not await queries.is_repayment_open(tx, move.id):
            return
    # Refused: it was paid out or taken back meanwhile. The next round looks anew.
    is_posted = await post_repayment(books, move)
    async with books.db.transaction() as tx:
        await queries.end_repayment(tx, move.id, refused=not is_posted, now=now)


async def plan_repayments(books: Settling, *, now: datetime) -> None:
    """Step one: the intents."""
    async with books.db.transaction() as tx:
        for debt in await queries.list_debts(tx, limit=_AT_ONCE):
            currency = get_currency_by_number(debt.asset).code
            move = Move(id=new_id(), creator_id=debt.creator_id, currency=currency, micros=debt.micros)
            await queries.add_repayment(tx, move, now=now)


async def list_repayments(books: Settling) -> list[Move]:
    """The repayments that the ledger may not have yet."""
    async with books.db.transaction() as tx:
        return await queries.list_repayments(tx, limit=_AT_ONCE)


async def post_repayment(books: Settling, move: Move) -> bool:
    """Step two: whether the ledger has it."""
    return isinstance(await post(books, _repayment_chain(move)), Posted)


def _release_chain(move: Move) -> Chain:
    id = derive_id(_MOVES, "release", str(move.id))
    return move_chain(id, TransferCode.RELEASE, move, AccountCode.CREATOR_PENDING, AccountCode.CREATOR_AVAILABLE)


def _repayment_chain(move: Move) -> Chain:
    id = derive_id(_MOVES, "repayment", str(move.id))
    return move_chain(id, TransferCode.REPAYMENT, move, AccountCode.CREATOR_AVAILABLE, AccountCode.OWED_BY_CREATOR)
