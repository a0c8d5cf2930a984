"""A PostgreSQL of the bench's own, on the disk of the data directory, and what is opened on it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from plaudit.foundation.database import Database
from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.migrations import migrate
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger


@asynccontextmanager
async def postgres_beside(settings: Settings) -> AsyncGenerator[EmbeddedPostgres]:
    """A fresh embedded PostgreSQL with the product's own settings, until the block ends."""
    # Not in the system's temporary directory: that may be memory, where fsync costs nothing.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as directory:
        async with EmbeddedPostgres(Path(directory), memory_mb=settings.embedded_postgres_memory_mb) as postgres:
            yield postgres


@asynccontextmanager
async def fresh_database(postgres: EmbeddedPostgres, name: str, settings: Settings) -> AsyncGenerator[Database]:
    """A database with our schema and no rows. A statement may take as long as it needs."""
    async with await AsyncConnection.connect(postgres.url, autocommit=True) as admin:
        await admin.execute(SQL("create database {}").format(Identifier(name)))
    url = urlsplit(postgres.url)._replace(path=f"/{name}").geturl()
    await migrate(url)
    async with Database.open(url, statement_timeout_ms=0, lock_timeout_ms=settings.lock_timeout_ms) as db:
        yield db


@asynccontextmanager
async def opened_ledger(db: Database, settings: Settings) -> AsyncGenerator[PostgresLedger]:
    """A ledger as the product has it."""
    deadline_seconds = settings.ledger_deadline_ms / 1000
    async with PostgresLedger.open(
        db, deadline_seconds=deadline_seconds, batch_limit=settings.ledger_batch_limit
    ) as ledger:
        yield ledger
