"""One connection to PostgreSQL with our settings on it, which doesn't wait for ever for a server that hangs."""

import asyncio
import os
import socket
from typing import Any, TypeVar

import msgspec
import psycopg
from psycopg.abc import ConnDict, PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from plaudit.foundation.database_errors import meaning_at_commit
from plaudit.foundation.errors import BadSetting, OutcomeUnknown, Unavailable

T = TypeVar("T")

_CONNECT_SECONDS = 5
# How much longer than its own statement_timeout a server may stay silent before it counts as hung.
_GRACE_SECONDS = 5


class LineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is set on every connection. A time-out of 0 means none."""

    application_name: str
    statement_timeout_ms: int
    lock_timeout_ms: int
    idle_in_transaction_timeout_ms: int = 30_000

    def as_options(self) -> str:
        """The settings as PostgreSQL's start-up options, so that they cost no round trip."""
        values = {
            "statement_timeout": self.statement_timeout_ms,
            "lock_timeout": self.lock_timeout_ms,
            "idle_in_transaction_session_timeout": self.idle_in_transaction_timeout_ms,
            "timezone": "UTC",
            # The warning that tells of a cancelled wait for a standby must reach us, see `commit`.
            "client_min_messages": "warning",
        }
        return " ".join(f"-c {name}={value}" for name, value in values.items())


class Line(psycopg.AsyncConnection[TupleRow]):
    """A psycopg connection that is cut when the server stays silent: statement_timeout is only a server's promise.

    What waits on a line that was cut fails like on one that broke. Waiting for notifications is never cut.
    """

    patience_seconds: float | None = None

    async def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """One round trip to the server; psycopg sends all of them through here."""
        if self.patience_seconds is None:
            return await super().wait(gen, interval=interval, timeout=timeout)
        alarm = asyncio.get_running_loop().call_later(self.patience_seconds, self._cut)
        try:
            return await super().wait(gen, interval=interval, timeout=timeout)
        finally:
            alarm.cancel()

    def _cut(self) -> None:
        if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        # Only the socket is shut: whoever waits on it reads its end, and cleans up in the order it is used to.
        with socket.socket(fileno=os.dup(self.pgconn.socket)) as wire:
            wire.shutdown(socket.SHUT_RDWR)


def make_conninfo_of(url: str, settings: LineSettings) -> str:
    """`url` (or a libpq connection string) with our settings added.

    Raises BadSetting when it can't be read; its text never holds a part of the URL, which may be one of the password.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        raise _unreadable() from None
    if _is_shifted(given):
        raise _unreadable()
    options = f"{given.get('options') or ''} {settings.as_options()}".strip()
    patient = {"connect_timeout": given.get("connect_timeout") or _CONNECT_SECONDS}
    return make_conninfo(url, options=options, application_name=settings.application_name, **patient)


def _is_shifted(given: ConnDict) -> bool:
    """Whether an unescaped `@`, `/` or `:` in the password shifted what follows: some of it passes for a host."""
    ports = str(given.get("port") or "").replace(",", "")
    return bool(ports and not ports.isdecimal()) or any(
        "@" in str(given.get(part) or "") for part in ("host", "dbname", "user")
    )


def _unreadable() -> BadSetting:
    return BadSetting(
        "The database URL can't be read. It should look like postgresql://user:password@host:5432/name, where "
        "@ : / ? # % and spaces inside the user or password are written as %40 %3A %2F %3F %23 %25 %20."
    )


def patience_of(settings: LineSettings) -> float | None:
    """How many seconds a round trip may take in all; None without a statement time-out."""
    longest_ms = settings.statement_timeout_ms
    return longest_ms / 1000 + _GRACE_SECONDS if longest_ms else None


async def connect(url: str, settings: LineSettings) -> Line:
    """One connection in autocommit mode, to be closed by the caller.

    Raises Unavailable with the server's reason when none can be had, and BadSetting for a URL that can't be read.
    """
    conninfo = make_conninfo_of(url, settings)
    try:
        line = await Line.connect(conninfo, autocommit=True)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise Unavailable(f"PostgreSQL can't be reached: {reason}") from error
    line.patience_seconds = patience_of(settings)
    return line


async def commit(connection: psycopg.AsyncConnection[Any]) -> None:
    """Send COMMIT and believe only a clear yes.

    Raises OutcomeUnknown when the answer is lost or doubtful, and otherwise what the server refused it for: then
    nothing was kept. A caller that is cancelled in here doesn't learn the outcome either. Whenever it isn't known, the
    connection is closed.
    """
    warnings: list[str | None] = []

    # What a notice says is gone once its handler has returned.
    def note(notice: psycopg.errors.Diagnostic) -> None:
        warnings.append(notice.sqlstate)

    connection.add_notice_handler(note)
    try:
        answer = (await connection.execute("commit", prepare=False)).statusmessage
    except psycopg.Error as error:
        await _give_up(connection, error)
        raise
    except BaseException:
        await connection.close()
        raise
    finally:
        connection.remove_notice_handler(note)
    if answer != "COMMIT":
        raise RuntimeError("a statement of this transaction failed and its error was swallowed: nothing was kept")
    # 01000: it is durable here, but the wait for a synchronous standby was cancelled, so a failover may lose it.
    if "01000" in warnings:
        raise OutcomeUnknown


async def _give_up(connection: psycopg.AsyncConnection[Any], error: psycopg.Error) -> None:
    meaning = meaning_at_commit(connection, error)
    if isinstance(meaning, OutcomeUnknown):
        await connection.close()
    if meaning:
        raise meaning from error
