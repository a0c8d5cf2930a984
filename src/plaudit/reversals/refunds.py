"""What fans ask for: what could be given back, giving it back, and where that stands."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from plaudit.coins import order
from plaudit.coins.errors import NoSuchTopUp
from plaudit.coins.model import TopUp
from plaudit.earnings import settlement
from plaudit.foundation.database import Transaction
from plaudit.foundation.errors import IdReused, PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.people.model import Place
from plaudit.reversals import dispute_queries, hold_queries, holds, refunding, rules
from plaudit.reversals import refund_queries as queries
from plaudit.reversals.errors import NoSuchRefund, NothingLeftToRefund, RefundUnderWay, StillSettling, TopUpDisputed
from plaudit.reversals.model import Refund, Refundable, RefundState, Reversing
from plaudit.reversals.posting import find_top_up

_MOST_SHOWN = 50

log = get_logger(__name__)


async def start_refund(desk: Reversing, refund_id: UUID, top_up_id: UUID, *, of: UUID, now: datetime) -> Refund:
    """Give back what is left of one's own top-up, to where the money came from. The same id again is the same refund.

    Raises NoSuchTopUp, NotBoughtYet, RefundTooLate, TopUpDisputed, RefundUnderWay, NothingLeftToRefund or IdReused.
    """
    async with desk.db.transaction() as tx:
        refund = await queries.find_refund(tx, refund_id)
        if refund is None:
            await _require_refundable(tx, top_up_id, of, now)
            await add_intent(tx, refund_id, top_up_id, of=of, now=now)
            refund = await queries.find_refund(tx, refund_id)
    assert refund is not None, "it was there or is now"
    if (refund.person_id, refund.top_up_id) != (of, top_up_id):
        raise IdReused
    return await _advance(desk, refund, now=now)


async def add_intent(tx: Transaction, refund_id: UUID, top_up_id: UUID, *, of: UUID, now: datetime) -> None:
    """Step one: the refund, and the first hold that it asks for. Raises RefundUnderWay."""
    state = RefundState.ASKED
    asked = Refund(id=refund_id, person_id=of, top_up_id=top_up_id, currency="", state=state, asked_at=now)
    await queries.add_refund(tx, asked)
    await hold_queries.add_hold(tx, holds.first_hold(top_up_id, refund_id=refund_id, now=now))


async def _advance(desk: Reversing, refund: Refund, *, now: datetime) -> Refund:
    """As far as it goes at once; the worker goes on with what is left."""
    try:
        if await settlement.is_far_behind(desk.db):
            raise StillSettling
        return await refunding.advance(desk, refund.id, now=now)
    except PlauditError as problem:
        log.warning("a refund waits", refund=str(refund.id), code=problem.code)
    return await get_refund(desk, refund.id, of=refund.person_id)


async def _require_refundable(tx: Transaction, top_up_id: UUID, of: UUID, now: datetime) -> None:
    top_up = await find_top_up(tx, top_up_id)
    if top_up is None or top_up.person_id != of:
        raise NoSuchTopUp
    rules.require_in_time(top_up, await queries.find_days(tx, now=now), now=now)
    if await dispute_queries.is_disputed(tx, top_up_id):
        raise TopUpDisputed
    live = await queries.find_live_refund(tx, top_up_id)
    if live is not None:
        raise NothingLeftToRefund if live.state is RefundState.REFUNDED else RefundUnderWay
    rest = await _rest(tx, top_up)
    if not _is_something(top_up, rest):
        raise NothingLeftToRefund


async def _rest(tx: Transaction, top_up: TopUp) -> order.Rest:
    """What is left of a lot as of the fold; all of one that it hasn't met yet."""
    if await queries.is_folded(tx, top_up.id):
        return await order.get_rest(tx, top_up.id)
    return order.Rest(coins=top_up.coins, lot_offset=0, value_micros=rules.value_of(top_up))


def _is_something(top_up: TopUp, rest: order.Rest) -> bool:
    sums = rules.sum_up(top_up, coins=rest.coins, value_micros=rest.value_micros)
    return sums.total_minor > 0 and sums.value_micros > 0


async def get_refund(desk: Reversing, refund_id: UUID, *, of: UUID) -> Refund:
    """One's own refund. Raises NoSuchRefund."""
    async with desk.db.transaction() as tx:
        refund = await queries.find_refund(tx, refund_id)
    if refund is None or refund.person_id != of:
        raise NoSuchRefund
    return refund


async def list_refunds(desk: Reversing, person_id: UUID, *, after: Place | None, limit: int) -> list[Refund]:
    """One's own refunds, the newest first; `after` is where the page before ended."""
    async with desk.db.transaction() as tx:
        return await queries.list_refunds(tx, person_id, after=after, limit=limit)


async def list_refunds_of(desk: Reversing, top_ups: Sequence[UUID]) -> list[Refund]:
    """All refunds of some top-ups, the oldest first; for whoever may see those top-ups."""
    async with desk.db.transaction() as tx:
        return await queries.list_refunds_of(tx, top_ups)


async def list_refundable(
    desk: Reversing, person_id: UUID, *, limit: int = _MOST_SHOWN, now: datetime
) -> list[Refundable]:
    """What could be given back now of the last so many purchases of somebody, the newest first."""
    found: list[Refundable] = []
    async with desk.db.transaction() as tx:
        days = await queries.find_days(tx, now=now)
        since = now - timedelta(days=days)
        for top_up in await queries.list_bought(tx, person_id, since=since, limit=limit):
            rest = await _rest(tx, top_up)
            if _is_something(top_up, rest) and not await _is_taken(tx, top_up.id):
                until = rules.require_in_time(top_up, days, now=now)
                sums = rules.sum_up(top_up, coins=rest.coins, value_micros=rest.value_micros)
                found.append(Refundable(top_up=top_up, sums=sums, until=until))
    return found


async def _is_taken(tx: Transaction, top_up_id: UUID) -> bool:
    """Whether a refund or a dispute has it already."""
    live = await queries.find_live_refund(tx, top_up_id)
    return live is not None or await dispute_queries.is_disputed(tx, top_up_id)


async def find_refundable(desk: Reversing, top_up_id: UUID, *, of: UUID, now: datetime) -> Refundable:
    """What could be given back now of one's own top-up. Raises as `start_refund`."""
    async with desk.db.transaction() as tx:
        await _require_refundable(tx, top_up_id, of, now)
        top_up = await find_top_up(tx, top_up_id)
        assert top_up is not None, "it was just there"
        rest = await _rest(tx, top_up)
        until = rules.require_in_time(top_up, await queries.find_days(tx, now=now), now=now)
    sums = rules.sum_up(top_up, coins=rest.coins, value_micros=rest.value_micros)
    return Refundable(top_up=top_up, sums=sums, until=until)
