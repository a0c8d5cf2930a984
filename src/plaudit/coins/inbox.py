"""What providers tell by webhook: kept as it came and answered at once; what is about payments is applied from here.

What is about refunds and disputes waits in the same inbox for `reversals`.
"""

from collections.abc import Mapping
from datetime import datetime

from plaudit.coins import top_up_queries as queries
from plaudit.coins.errors import NoSuchProvider, NoSuchTopUp, PaidTwice, SettlingRefused, WrongAmountPaid
from plaudit.coins.model import Till
from plaudit.coins.settling import apply_payment
from plaudit.coins.top_up_queries import Waiting
from plaudit.foundation.logs import get_logger
from plaudit.providers import Kind, Payment, PaymentProvider

_AT_ONCE = 100

log = get_logger(__name__)


async def take_webhook(till: Till, provider: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> None:
    """Keep a genuine webhook; one that came before changes nothing. Raises NoSuchProvider or WebhookNotGenuine."""
    event = await _provider(till, provider).verify_webhook(headers, body)
    async with till.db.transaction() as tx:
        await queries.add_event(tx, Waiting(provider=provider, event_id=event.id, body=body), event.kind, now=now)


async def apply_waiting(till: Till, *, now: datetime) -> int:
    """Apply what waits of payments; how many events there were. Raises what the ledger raises: they wait on."""
    async with till.db.transaction() as tx:
        waiting = await queries.list_waiting(tx, (Kind.PAYMENT,), limit=_AT_ONCE)
    for event in waiting:
        note = await _apply(till, event, now=now)
        async with till.db.transaction() as tx:
            await queries.note_applied(tx, event, note, now=now)
    return len(waiting)


async def _apply(till: Till, event: Waiting, *, now: datetime) -> str | None:
    told = _provider(till, event.provider).read_event(event.body).about
    assert isinstance(told, Payment), "the others are left to reversals"
    try:
        await apply_payment(till, event.provider, told, now=now)
    except (NoSuchTopUp, PaidTwice, WrongAmountPaid) as odd:
        # Trying again won't make it right: somebody has to look.
        log.warning("payment needs a look", provider=event.provider, event_id=event.event_id, code=odd.code)
        return odd.code
    except SettlingRefused as refused:
        # The payment is noted by now, so `finish_pending` tries on; the events behind this one mustn't wait for it.
        log.exception("settling refused", event_id=event.event_id)
        return refused.code
    return None


def _provider(till: Till, name: str) -> PaymentProvider:
    try:
        return till.providers[name]
    except KeyError:
        raise NoSuchProvider from None
