"""SQL of what operators see beside refunds and disputes themselves."""

from datetime import datetime

from plaudit.coins.model import Told
from plaudit.foundation.database import Transaction


async def list_told(tx: Transaction, reference: str, *, since: datetime) -> list[Told]:
    """What providers told, in the order in which it came: an event names our reference, or its own, in its body.

    `since` is an instant before which nothing was told of it; looked for in the half-year after it.
    """
    return await tx.all(
        Told,
        """
        select event_id, body, received_at, applied_at, note from coins.inbox
        where kind <> 'payment' and position(%(reference)s in body) > 0
            and received_at >= %(since)s::timestamptz - interval '1 day'
            and received_at <= %(since)s::timestamptz + interval '180 days'
        order by received_at, event_id limit 100
        """,
        {"reference": reference.encode(), "since": since},
    )
