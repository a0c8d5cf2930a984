"""What happens later: what nobody can use any more is removed."""

from datetime import datetime

from plaudit.foundation.database import Database, Transaction
from plaudit.people.attempts import WINDOW

# So few that nobody waits for the locks, so many that a round each second keeps up with any storm of sign-ins.
_AT_ONCE = 1_000


async def run_round(db: Database, *, now: datetime, at_once: int = _AT_ONCE) -> int:
    """Remove sessions that are over, reset codes that expired, and attempts that don't count any more.

    At most `at_once` of each, the oldest first; how many there were. Several programs may do it at the same time.
    """
    removed = 0
    for remove in (_remove_sessions, _remove_resets, _remove_attempts):
        async with db.transaction() as tx:
            removed += await remove(tx, now=now, limit=at_once)
    return removed


async def _remove_sessions(tx: Transaction, *, now: datetime, limit: int) -> int:
    return await tx.execute(
        """
        delete from people.sessions where id in (
            select id from people.sessions where least(idle_until, expires_at) <= %(now)s
            order by least(idle_until, expires_at) limit %(limit)s for update skip locked)
        """,
        {"now": now, "limit": limit},
    )


async def _remove_resets(tx: Transaction, *, now: datetime, limit: int) -> int:
    return await tx.execute(
        """
        delete from people.password_resets where token_hash in (
            select token_hash from people.password_resets where expires_at <= %(now)s
            order by expires_at limit %(limit)s for update skip locked)
        """,
        {"now": now, "limit": limit},
    )


async def _remove_attempts(tx: Transaction, *, now: datetime, limit: int) -> int:
    # A window that has just ended is begun anew by the next attempt: only what was left alone for long goes.
    return await tx.execute(
        """
        delete from people.attempts where subject in (
            select subject from people.attempts where until <= %(before)s
            order by until limit %(limit)s for update skip locked)
        """,
        {"before": now - WINDOW, "limit": limit},
    )
