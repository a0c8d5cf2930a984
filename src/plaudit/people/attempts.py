"""How often somebody may try to prove who they are: counted in the database, so that a restart forgives nothing.

An attempt is counted before it is judged, so that a hundred at the same moment are a hundred, and is given back when it
was right. Counted are the account, whether it exists or not, and the address that it comes from.
"""

import math
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.people.errors import TooManyAttempts

# Ten guesses in a quarter of an hour: plenty for whoever mistypes, a thousand a day for whoever guesses.
WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
# Many people may share an address; this is against one password tried on many accounts.
ADDRESS_LIMIT = 200
RESET_LIMIT = 5


class Counted(Struct, frozen=True):
    """What is counted, under which name it is kept, and how much of it a window has."""

    subject: bytes
    limit: int


class _Window(Struct, frozen=True):
    count: int
    until: datetime


def by_account(email: str) -> Counted:
    """Signing in to the account of an e-mail address."""
    return Counted(_name("account", email), ACCOUNT_LIMIT)


def by_address(address: str) -> Counted:
    """Signing in from a network address."""
    return Counted(_name("address", address), ADDRESS_LIMIT)


def by_proof(person_id: UUID) -> Counted:
    """Proving with password or code, while signed in, that one is more than the holder of a token."""
    return Counted(_name("proof", str(person_id)), ACCOUNT_LIMIT)


def by_reset(email: str) -> Counted:
    """Letters to one address: nobody's mailbox is flooded through us."""
    return Counted(_name("reset", email), RESET_LIMIT)


async def count_attempt(db: Database, *counted: Counted, now: datetime) -> None:
    """Count one attempt for each. Raises TooManyAttempts with the longest wait when one has no more."""
    async with db.transaction() as tx:
        windows = [(each, await _count(tx, each.subject, now=now)) for each in counted]
        await _sweep(tx, now=now)
    # After the commit: an attempt that is refused was counted all the same.
    waits = [window.until - now for each, window in windows if window.count > each.limit]
    if waits:
        raise TooManyAttempts(math.ceil(max(waits).total_seconds()))


async def forgive(tx: Transaction, *counted: Counted) -> None:
    """The attempt was right: give it back."""
    for each in counted:
        await tx.execute(
            "update people.attempts set count = greatest(count - 1, 0) where subject = %(subject)s",
            {"subject": each.subject},
        )


async def forget_all(tx: Transaction, counted: Counted) -> None:
    """Whoever it is has proved themselves: their wrong attempts don't count any more."""
    await tx.execute("delete from people.attempts where subject = %(subject)s", {"subject": counted.subject})


async def _count(tx: Transaction, subject: bytes, *, now: datetime) -> _Window:
    return await tx.one(
        _Window,
        """
        insert into people.attempts as a (subject, count, until) values (%(subject)s, 1, %(until)s)
        on conflict (subject) do update set
            count = case when a.until <= %(now)s then 1 else a.count + 1 end,
            until = case when a.until <= %(now)s then excluded.until else a.until end
        returning count, until
        """,
        {"subject": subject, "now": now, "until": now + WINDOW},
    )


async def _sweep(tx: Transaction, *, now: datetime) -> None:
    """Two windows at most are added by an attempt and ten go, so the table stays as small as its last hour."""
    await tx.execute(
        """
        delete from people.attempts where subject in (
            select subject from people.attempts where until <= %(before)s order by until limit 10
            for update skip locked)
        """,
        {"before": now - WINDOW},
    )


def _name(kind: str, whose: str) -> bytes:
    return sha256(f"{kind}:{whose}".encode(errors="surrogatepass")).digest()
