"""What happens later: what waits is applied, what was left half-done goes on, and lost webhooks are asked after."""

from collections.abc import Awaitable
from datetime import datetime, timedelta

from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.reversals import dispute_queries, disputing, holds, inbox, refund_queries, refunding
from plaudit.reversals.model import Reversing

POLL_AFTER = timedelta(minutes=1)
SWEEP_EVERY = timedelta(minutes=5)
# A sweep looks at this long before the last one, for clocks that differ; the first one at a provider's last half-year.
_OVERLAP = timedelta(minutes=10)
_FIRST_SWEEP = timedelta(days=180)
_AT_ONCE = 50

log = get_logger(__name__)


async def run_round(desk: Reversing, *, now: datetime) -> None:
    """One round of all of it. Raises Unavailable and its like; the next round goes on."""
    await inbox.apply_waiting(desk, now=now)
    await finish_refunds(desk, now=now)
    await finish_disputes(desk, now=now)
    await poll_disputes(desk, now=now)
    await sweep_disputes(desk, now=now)
    await holds.void_dropped(desk)


async def finish_refunds(desk: Reversing, *, now: datetime) -> int:
    """Go on with every refund that didn't end; how many there were. One that can't go on stops no other."""
    async with desk.db.transaction() as tx:
        ids = await refund_queries.list_under_way(tx, limit=_AT_ONCE)
    for refund_id in ids:
        await _try(refunding.advance(desk, refund_id, now=now), refund=str(refund_id))
    return len(ids)


async def finish_disputes(desk: Reversing, *, now: datetime) -> int:
    """Go on with every dispute that doesn't just wait for its end; how many there were."""
    async with desk.db.transaction() as tx:
        ids = await dispute_queries.take_to_go_on(tx, now=now, limit=_AT_ONCE)
    for dispute_id in ids:
        await _try(disputing.advance(desk, dispute_id, now=now), dispute=str(dispute_id))
    return len(ids)


async def poll_disputes(desk: Reversing, *, now: datetime, silent_for: timedelta = POLL_AFTER) -> int:
    """Ask the providers about open disputes of which nothing was heard for so long; how many were asked about."""
    async with desk.db.transaction() as tx:
        silent = await dispute_queries.take_to_poll(tx, now=now, before=now - silent_for, limit=_AT_ONCE)
    for dispute in silent:
        provider = desk.till.providers[dispute.provider]
        told = await provider.find_dispute(dispute.dispute_id, now=now)
        if told is not None:
            await disputing.take(desk, dispute.provider, told, now=now)
            await _try(disputing.advance(desk, dispute.id, now=now), dispute=str(dispute.id))
    return len(silent)


async def sweep_disputes(desk: Reversing, *, now: datetime) -> int:
    """Ask each provider for the disputes of which no webhook came, every few minutes; how many it told of."""
    heard = 0
    for name, provider in desk.till.providers.items():
        async with desk.db.transaction() as tx:
            last = await dispute_queries.find_sweep(tx, name)
        if last is not None and now < last.swept_until + SWEEP_EVERY:
            continue
        since = last.swept_until - _OVERLAP if last else now - _FIRST_SWEEP
        for told in await provider.list_disputes(since=since):
            dispute = await disputing.take(desk, name, told, now=now)
            await _try(disputing.advance(desk, dispute.id, now=now), dispute=str(dispute.id))
            heard += 1
        async with desk.db.transaction() as tx:
            await dispute_queries.store_sweep(tx, name, now)
    return heard


async def _try(going_on: Awaitable[object], **about: str) -> None:
    try:
        await going_on
    except PlauditError as problem:
        # What is out of reach comes again with the next round; what was refused needs somebody to look.
        log.warning("a reversal waits", code=problem.code, detail=problem.detail, **about)
