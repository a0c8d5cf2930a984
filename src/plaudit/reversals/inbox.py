"""What providers told by webhook about refunds and disputes: it waits in the inbox of `coins`, and is applied here."""

from datetime import datetime

from plaudit.coins import top_up_queries
from plaudit.coins.errors import NoSuchProvider
from plaudit.coins.top_up_queries import Waiting
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.logs import get_logger
from plaudit.providers import Dispute, Kind, Refund
from plaudit.reversals import disputing, refund_queries, refunding
from plaudit.reversals.errors import NoSuchRefund, ReversalRefused
from plaudit.reversals.model import Reversing

_AT_ONCE = 100
ACCIDENT = "accident"
_KINDS = (Kind.REFUND, Kind.DISPUTE)

log = get_logger(__name__)


async def apply_waiting(desk: Reversing, *, now: datetime) -> int:
    """Apply what waits; how many events there were. Raises what the ledger raises: they wait on.

    An event that can't be applied is put aside with a note, and holds up none behind it: the jobs ask its provider.
    """
    async with desk.db.transaction() as tx:
        waiting = await top_up_queries.list_waiting(tx, _KINDS, limit=_AT_ONCE)
    for event in waiting:
        note = await _apply(desk, event, now=now)
        if note is not None:
            log.warning("an event needs a look", provider=event.provider, event_id=event.event_id, code=note)
        async with desk.db.transaction() as tx:
            await top_up_queries.note_applied(tx, event, note, now=now)
    return len(waiting)


async def _apply(desk: Reversing, event: Waiting, *, now: datetime) -> str | None:
    """Why somebody has to look at it, if so."""
    provider = desk.till.providers.get(event.provider)
    if provider is None:
        return NoSuchProvider.code
    try:
        match provider.read_event(event.body).about:
            case Refund() as told:
                return await _apply_refund(desk, told, now=now)
            case Dispute() as told:
                return await _apply_dispute(desk, event.provider, told, now=now)
            case _:
                return None
    except ReversalRefused as refused:
        # What was told is stored by now, so the rounds try on; the events behind this one mustn't wait for it.
        log.exception("reversal refused", event_id=event.event_id)
        return refused.code
    except (Unavailable, OutcomeUnknown):
        raise
    except Exception:
        log.exception("accident", event_id=event.event_id)
        return ACCIDENT


async def _apply_refund(desk: Reversing, told: Refund, *, now: datetime) -> str | None:
    async with desk.db.transaction() as tx:
        if await refund_queries.find_refund(tx, told.reference) is None:
            return NoSuchRefund.code
    refund = await refunding.take_answer(desk, told)
    await refunding.advance(desk, refund.id, now=now)
    return "other_amount" if refund.note else None


async def _apply_dispute(desk: Reversing, provider: str, told: Dispute, *, now: datetime) -> str | None:
    dispute = await disputing.take(desk, provider, told, now=now)
    await disputing.advance(desk, dispute.id, now=now)
    return dispute.note
