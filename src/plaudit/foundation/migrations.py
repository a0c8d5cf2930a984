"""The database's schema, brought forward file by file: `migrations/0001_ledger.sql`, `0002_….sql` and so on.

Files are plain SQL, applied once, in order, each in a transaction of its own, and never changed afterwards. Function
bodies are written in dollar quotes; a file doesn't begin or commit anything itself.
"""

from pathlib import Path

import psycopg

from plaudit.foundation.database_errors import named_errors
from plaudit.foundation.database_line import Line, LineSettings, commit, connect
from plaudit.foundation.errors import LockedByAnother, MigrationFailed
from plaudit.foundation.migration_files import Migration, Statement, migrations_folder, read_migrations

__all__ = ["Migration", "migrate", "migrations_folder", "pending_migrations", "read_migrations"]

# One runner at a time: the number is ours alone ("plaudit" as bytes) and locks nothing but this.
_RUNNER_LOCK = int.from_bytes(b"plaudit", "big")

_CREATE_RECORD = """
create table if not exists migrations (
    number     integer     not null constraint "a migration is applied once" primary key,
    name       text        not null,
    checksum   text        not null,
    applied_at timestamptz not null default now()
)
"""


async def migrate(
    url: str, *, folder: Path | None = None, lock_timeout_ms: int = 5_000, runner_wait_ms: int = 60_000
) -> list[Migration]:
    """Apply what is missing and return it, in order. Safe to call from many programs at once.

    A statement waits at most `lock_timeout_ms` for a table that a long transaction holds, and this runner at most
    `runner_wait_ms` for another one. Raises MigrationFailed, naming the file and the line, Unavailable, or
    OutcomeUnknown when the answer to a commit was lost: run it again then.
    """
    migrations = read_migrations(folder or migrations_folder())
    line = await connect(url, _settings(lock_timeout_ms))
    async with line:
        await _become_the_only_runner(line, runner_wait_ms, lock_timeout_ms)
        with named_errors(line):
            await line.execute(_CREATE_RECORD)
        missing = await _missing(line, migrations)
        for migration in missing:
            await _apply(line, migration)
    return missing


async def pending_migrations(url: str, *, folder: Path | None = None) -> list[Migration]:
    """What `migrate` would apply. It changes nothing. Raises MigrationFailed when the database and the files differ."""
    migrations = read_migrations(folder or migrations_folder())
    line = await connect(url, _settings(lock_timeout_ms=5_000))
    async with line:
        return await _missing(line, migrations)


def _settings(lock_timeout_ms: int) -> LineSettings:
    # Building an index on a large table takes as long as it takes.
    return LineSettings(application_name="plaudit migrate", statement_timeout_ms=0, lock_timeout_ms=lock_timeout_ms)


async def _become_the_only_runner(line: Line, runner_wait_ms: int, lock_timeout_ms: int) -> None:
    set_timeout = "select set_config('lock_timeout', %(timeout)s, false)"
    try:
        with named_errors(line):
            await line.execute(set_timeout, {"timeout": str(runner_wait_ms)})
            # Held by the session, so it ends with the connection, however that ends.
            await line.execute("select pg_advisory_lock(%(lock)s)", {"lock": _RUNNER_LOCK})
            await line.execute(set_timeout, {"timeout": str(lock_timeout_ms)})
    except LockedByAnother as error:
        raise MigrationFailed(
            f"Another program has been migrating this database for {runner_wait_ms / 1000:g} seconds or more. "
            "Wait until it is done, then run this again."
        ) from error


async def _missing(line: Line, migrations: list[Migration]) -> list[Migration]:
    applied = await _applied(line)
    known = {migration.number: migration for migration in migrations}
    for number, (name, checksum) in sorted(applied.items()):
        _compare(known.get(number), name, checksum)
    last = max(applied, default=0)
    for migration in migrations:
        if migration.number not in applied and migration.number < last:
            raise MigrationFailed(
                f"{migration.name} was never applied, but a later migration was: a gap in the record."
            )
    return [migration for migration in migrations if migration.number > last]


async def _applied(line: Line) -> dict[int, tuple[str, str]]:
    with named_errors(line):
        cursor = await line.execute("select to_regclass('migrations') is not null")
        if await cursor.fetchone() != (True,):
            return {}
        cursor = await line.execute("select number, name, checksum from migrations")
        return {number: (name, checksum) for number, name, checksum in await cursor.fetchall()}


def _compare(known: Migration | None, name: str, checksum: str) -> None:
    if known is None:
        raise MigrationFailed(
            f"The database has {name}, which this version of Plaudit doesn't know: it is newer. Install the version "
            "that migrated it, or a later one."
        )
    if (known.name, known.checksum) != (name, checksum):
        raise MigrationFailed(
            f"{known.name} is not what was applied as {name}. An applied migration is never changed: put the file "
            "back as it was and write the change as a new one."
        )


async def _apply(line: Line, migration: Migration) -> None:
    with named_errors(line):
        await line.execute("begin")
    for statement in migration.statements:
        await _run(line, migration, statement)
    try:
        # What was deferred to the end is checked here, where its error can still be told from a lost commit.
        await line.execute("set constraints all immediate")
    except psycopg.Error as error:
        raise MigrationFailed(f"{migration.name}, at its end: {_sentence(error)}") from error
    with named_errors(line):
        await line.execute(
            "insert into migrations (number, name, checksum) values (%(number)s, %(name)s, %(checksum)s)",
            {"number": migration.number, "name": migration.name, "checksum": migration.checksum},
        )
    await commit(line)


async def _run(line: Line, migration: Migration, statement: Statement) -> None:
    try:
        # Bytes: the one place where SQL isn't a literal in the code, because a file of ours is the literal.
        await line.execute(statement.sql.encode(), prepare=False)
    except psycopg.errors.LockNotAvailable as error:
        raise MigrationFailed(
            f"{migration.name}, line {statement.line}: a long transaction holds a table that it needs. Nothing of this "
            "file was applied; run it again when that has ended."
        ) from error
    except psycopg.Error as error:
        where = statement.line_at(int(error.diag.statement_position or 1))
        raise MigrationFailed(f"{migration.name}, line {where}: {_sentence(error)}") from error


def _sentence(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error).strip()
