"""What happens later: what waits is applied, what was left half-done goes on, and lost webhooks are asked after."""

from collections.abc import Awaitable
from datetime import datetime, timedelta

from plaudit.coins.errors import NoSuchProvider
from plaudit.foundation.errors import OutcomeUnknown, PlauditError, Unavailable
from plaudit.foundation.logs import get_logger
from plaudit.providers import PaymentProvider
from plaudit.reversals import dispute_queries, disputing, holds, inbox, refund_queries, refunding
from plaudit.reversals.model import Dispute, Reversing

POLL_AFTER = timedelta(minutes=1)
SWEEP_EVERY = timedelta(minutes=5)
# A sweep looks at this long before the last one, for clocks that differ; the first one at a provider's last half-year.
_OVERLAP = timedelta(minutes=10)
_FIRST_SWEEP = timedelta(days=180)
_AT_ONCE = 50

log = get_logger(__name__)


async def run_round(desk: Reversing, *, now: datetime) -> None:
    """One round of all of it. Raises Unavailable and its like; the next round goes on."""
    # First, so that whatever holds up the others never keeps a fan's coins from them.
    await void_dropped(desk)
    await inbox.apply_waiting(desk, now=now)
    await finish_refunds(desk, now=now)
    await finish_disputes(desk, now=now)
    await poll_disputes(desk, now=now)
    await sweep_disputes(desk, now=now)


async def void_dropped(desk: Reversing) -> int:
    """Void what was dropped and is still held: a crash, or somebody slow, left it behind. How many there were."""
    left = await holds.list_dropped(desk)
    for hold in left:
        await _try(holds.void(desk, hold), hold=str(hold.id))
    return len(left)


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
    away: set[str] = set()
    for dispute in silent:
        if dispute.provider not in away:
            await _try(_ask(desk, dispute, away, now=now), dispute=str(dispute.id))
    return len(silent)


async def _ask(desk: Reversing, dispute: Dispute, away: set[str], *, now: datetime) -> None:
    provider = desk.till.providers.get(dispute.provider)
    if provider is None:
        raise NoSuchProvider
    try:
        told = await provider.find_dispute(dispute.dispute_id, now=now)
    except Unavailable:
        # Each question may take as long as a time-out, and the others wait for it: one is enough for a round.
        away.add(dispute.provider)
        raise
    if told is not None:
        await disputing.take(desk, dispute.provider, told, now=now)
        await disputing.advance(desk, dispute.id, now=now)


async def sweep_disputes(desk: Reversing, *, now: datetime) -> None:
    """Ask each provider for the disputes of which no webhook came, every few minutes; one that is away stops none."""
    for name, provider in desk.till.providers.items():
        async with desk.db.transaction() as tx:
            last = await dispute_queries.find_sweep(tx, name)
        if last is None or now >= last.swept_until + SWEEP_EVERY:
            since = last.swept_until - _OVERLAP if last else now - _FIRST_SWEEP
            await _try(_sweep(desk, name, provider, since=since, now=now), provider=name)


async def _sweep(desk: Reversing, name: str, provider: PaymentProvider, *, since: datetime, now: datetime) -> None:
    for told in await provider.list_disputes(since=since):
        try:
            dispute = await disputing.take(desk, name, told, now=now)
        except (Unavailable, OutcomeUnknown):
            # It isn't stored, so the next sweep must ask for it again.
            raise
        except Exception:
            log.exception("accident", provider=name, dispute=told.id)
            continue
        await _try(disputing.advance(desk, dispute.id, now=now), dispute=str(dispute.id))
    async with desk.db.transaction() as tx:
        await dispute_queries.store_sweep(tx, name, now)


async def _try(going_on: Awaitable[object], **about: str) -> None:
    """One that can't go on stops no other."""
    try:
        await going_on
    except PlauditError as problem:
        # What is out of reach comes again with the next round; what was refused needs somebody to look.
        log.warning("a reversal waits", code=problem.code, detail=problem.detail, **about)
    except Exception:
        log.exception("accident", **about)
