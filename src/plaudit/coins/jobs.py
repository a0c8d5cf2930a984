"""What happens later: what waits is applied, what was left half-done is finished, and lost webhooks are asked after."""

from datetime import datetime, timedelta

from plaudit.coins import inbox, promotions, settling
from plaudit.coins import top_up_queries as queries
from plaudit.coins.errors import PaidTwice, SettlingRefused, WrongAmountPaid
from plaudit.coins.model import Till
from plaudit.foundation.logs import get_logger

POLL_AFTER = timedelta(seconds=30)
_AT_ONCE = 20

log = get_logger(__name__)


async def run_round(till: Till, *, now: datetime) -> None:
    """One round of all of it. Raises Unavailable and its like; the next round goes on."""
    await inbox.apply_waiting(till, now=now)
    await settling.finish_pending(till, now=now)
    await promotions.finish_pending(till, now=now)
    await poll_pending(till, now=now, silent_for=POLL_AFTER)


async def poll_pending(till: Till, *, now: datetime, silent_for: timedelta) -> int:
    """Ask the providers about top-ups of which nothing was heard for so long; how many were asked about."""
    async with till.db.transaction() as tx:
        ids = await queries.take_to_poll(tx, now=now, before=now - silent_for, limit=_AT_ONCE)
        top_ups = [await queries.find_top_up(tx, id) for id in ids]
    for top_up in top_ups:
        assert top_up is not None, "top-ups are never deleted"
        assert top_up.checkout_id is not None, "only those with a checkout are asked about"
        payment = await till.providers[top_up.provider].find_payment(top_up.checkout_id, now=now)
        if payment is None:
            continue
        try:
            await settling.apply_payment(till, top_up.provider, payment, now=now)
        except (PaidTwice, SettlingRefused, WrongAmountPaid) as odd:
            log.warning("payment needs a look", provider=top_up.provider, top_up=str(top_up.id), code=odd.code)
    return len(ids)
