"""PostgreSQL: `db` begins and commits transactions, `tx` is inside one and carries literal SQL with its parameters."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import AsyncRowFactory, RowMaker, scalar_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from plaudit.foundation.database_errors import named_errors
from plaudit.foundation.database_line import Line, LineSettings, commit, connect, make_conninfo_of, patience_of
from plaudit.foundation.errors import NotFound, Overloaded, Unavailable

Row = TypeVar("Row")
Params = Mapping[str, object]

_NO_PARAMS: Params = {}
# What psycopg has already made of a column; everything else (an enum, a nested struct) is msgspec's to convert.
_READY_TYPES = (bytes, date, datetime, time, timedelta, Decimal, UUID)
# A caller that waits for a connection asks the pool again this often: the pool tries to connect once per request and
# then sleeps ever longer, which would keep it down after the database came back.
_ASK_AGAIN_SECONDS = 1.0


class Transaction:
    """Inside one database transaction of the caller's. It never commits.

    `sql` is a literal with parameters by name, `%(name)s`; `kind` is a msgspec Struct or dataclass whose fields are
    named like the columns. Values are checked against the fields' types, so a null in an `int` raises
    msgspec.ValidationError. A failed statement ends the whole transaction: catch its error around `db.transaction()`.
    """

    def __init__(self, connection: Line) -> None:
        self.connection = connection
        """psycopg's own, for what this class leaves out: COPY, or a library that joins the transaction."""

    async def execute(self, sql: LiteralString, params: Params = _NO_PARAMS) -> int:
        """Run it and tell how many rows it touched."""
        return (await self.connection.execute(sql, params or None)).rowcount

    async def all(self, kind: type[Row], sql: LiteralString, params: Params = _NO_PARAMS) -> list[Row]:
        """Every row of the result, in its order."""
        return await self._fetch(_rows_of(kind), sql, params)

    async def find(self, kind: type[Row], sql: LiteralString, params: Params = _NO_PARAMS) -> Row | None:
        """The only row, or None. Raises LookupError when there are several."""
        return _only(await self.all(kind, sql, params))

    async def one(self, kind: type[Row], sql: LiteralString, params: Params = _NO_PARAMS) -> Row:
        """The only row. Raises NotFound when there is none and LookupError when there are several."""
        row = await self.find(kind, sql, params)
        if row is None:
            raise NotFound
        return row

    async def value(self, kind: type[Row], sql: LiteralString, params: Params = _NO_PARAMS) -> Row:
        """The only column of the only row, as a `kind`: `tx.value(int, "select count(*) from …")`. Raises as `one`."""
        values = await self._fetch(scalar_row, sql, params)
        if not values:
            raise NotFound
        return _as(kind, _only(values))

    async def _fetch(self, rows: AsyncRowFactory[Row], sql: LiteralString, params: Params) -> list[Row]:
        async with self.connection.cursor(row_factory=rows) as cursor:
            await cursor.execute(sql, params or None)
            return await cursor.fetchall()


class Database:
    """A pool of connections to one PostgreSQL. It outlives restarts of the server: the next call simply works."""

    def __init__(self, url: str, settings: LineSettings, *, pool_size: int, wait_seconds: float) -> None:
        """Use `Database.open`; this alone opens nothing."""
        self._url = url
        self._settings = settings
        self._wait_seconds = wait_seconds
        self._pool_size = pool_size
        self._lent = 0
        self._pool = AsyncConnectionPool(
            make_conninfo_of(url, settings),
            connection_class=Line,
            kwargs={"autocommit": True},
            configure=self._configure,
            min_size=1,
            max_size=pool_size,
            open=False,
            name=settings.application_name,
            reconnect_timeout=_ASK_AGAIN_SECONDS,
        )

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        application_name: str = "plaudit",
        pool_size: int = 8,
        statement_timeout_ms: int = 10_000,
        lock_timeout_ms: int = 3_000,
        wait_seconds: float = 5.0,
    ) -> AsyncGenerator["Database"]:
        """A database for as long as the block runs. It connects when first asked, so the server may still be down.

        `wait_seconds` is how long a transaction waits for a connection before it is Unavailable (or Overloaded, when
        all `pool_size` of them are in use). Raises BadSetting when the URL can't be read.
        """
        settings = LineSettings(
            application_name=application_name,
            statement_timeout_ms=statement_timeout_ms,
            lock_timeout_ms=lock_timeout_ms,
        )
        db = cls(url, settings, pool_size=pool_size, wait_seconds=wait_seconds)
        async with db._pool:
            yield db

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """Begin, run the block, commit; an exception of the block undoes it.

        Raises Unavailable or one of its kind (Busy, DiskFull, Overloaded) when surely nothing was changed,
        OutcomeUnknown when COMMIT was sent and its answer lost, and what `name_constraint` says of a violated
        constraint. Who is cancelled while COMMIT is under way must ask again, too.
        """
        line = await self._begin()
        try:
            with named_errors(line):
                yield Transaction(line)
            await commit(line)
        finally:
            await self._give_back(line)

    async def connect_alone(self) -> Line:
        """One connection outside the pool, with the same settings, in autocommit mode. The caller closes it.

        Raises Unavailable when it can't be had.
        """
        return await connect(self._url, self._settings)

    async def _configure(self, line: Line) -> None:
        line.patience_seconds = patience_of(self._settings)

    async def _begin(self) -> Line:
        deadline = monotonic() + self._wait_seconds
        while True:
            line = await self._borrow(deadline)
            try:
                await line.execute("begin", prepare=False)
                return line
            except BaseException as error:
                # One that died in the pool shows it here, for nothing: nothing was sent on it yet. Take another.
                await line.close()
                await self._give_back(line)
                if not isinstance(error, psycopg.Error):
                    raise

    async def _borrow(self, deadline: float) -> Line:
        while True:
            patience = min(_ASK_AGAIN_SECONDS, deadline - monotonic())
            cancellations = _cancellations()
            try:
                line = await self._pool.getconn(timeout=patience)
            except PoolTimeout as error:
                if monotonic() >= deadline:
                    raise self._none_left() from error
            except PoolClosed as error:
                raise Unavailable("This database was closed; nothing was changed.") from error
            else:
                self._lent += 1
                if _cancellations() == cancellations:
                    return line
                # Before Python 3.12, asyncio.wait_for in the pool forgets that its caller was cancelled meanwhile.
                await self._give_back(line)
                raise asyncio.CancelledError

    def _none_left(self) -> Unavailable:
        if self._lent >= self._pool_size:
            return Overloaded()
        return Unavailable(f"PostgreSQL gave no connection within {self._wait_seconds:g} seconds; nothing was changed.")

    async def _give_back(self, line: Line) -> None:
        self._lent -= 1
        try:
            if not line.closed and line.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                await line.execute("rollback", prepare=False)
        except psycopg.Error:
            # It broke, and what is on its way out of the block already says so.
            await line.close()
        except BaseException:
            await line.close()
            raise
        finally:
            await self._pool.putconn(line)


def _cancellations() -> int:
    """How often this task was asked to end."""
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _rows_of(kind: type[Row]) -> AsyncRowFactory[Row]:
    def rows(cursor: psycopg.AsyncCursor[Any]) -> RowMaker[Row]:
        names = [column.name for column in cursor.description or ()]
        return lambda values: _as(kind, dict(zip(names, values, strict=True)))

    return rows


def _as(kind: type[Row], found: object) -> Row:
    return msgspec.convert(found, kind, builtin_types=_READY_TYPES)


def _only(rows: Sequence[Row]) -> Row | None:
    if len(rows) > 1:
        raise LookupError(f"one row was expected and {len(rows)} came")
    return rows[0] if rows else None
