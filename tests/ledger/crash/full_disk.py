"""The disk runs full under load, and then there is space again. Run where `DIRECTORY` is a small disk of its own.

`python -m tests.ledger.crash.full_disk DIRECTORY CLUSTER`: CLUSTER is a prepared one, to be copied there. Ends with 0
when everybody heard the truth and everything works again.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psycopg

from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.ledger import Posted, PostgresLedger, Transfer
from tests.ledger.closing import assert_books_close
from tests.ledger.crash.posting import Heard, gift, hear, hear_all, is_stored, ledger_on, settle_in
from tests.waiting import until

_CALLERS = 64
_ROUNDS_AT_MOST = 2_000


async def main(directory: Path, cluster: Path) -> None:
    own = directory / "own"
    own.mkdir(mode=0o700)
    shutil.copytree(cluster, own / "postgres")
    async with EmbeddedPostgres(own, memory_mb=32) as server, ledger_on(server.url) as ledger:
        await settle_in(ledger)
        heard: list[tuple[Sequence[Transfer], Heard]] = []

        fill(directory / "filling")
        await post_until_refused(ledger, heard)
        print_kinds("no space for tables", heard)
        exhaust_log(server.url)
        heard += await ask(ledger)
        print_kinds("no space for the log either", heard)
        (directory / "filling").unlink()
        await until(lambda: works(ledger), seconds=90)

        assert_all_true(server.url, heard)
        again = await hear_all(ledger, [chain for chain, _ in heard[-_CALLERS:]])
        assert all(isinstance(each, Posted) for each in again)
        await assert_books_close(ledger)
        print(f"works again after {server.health.restarts} restarts of PostgreSQL")


def fill(file: Path) -> None:
    """Take all the space that there is."""
    with file.open("wb", buffering=0) as filling, suppress(OSError):
        while True:
            filling.write(bytes(65536))
    assert os.statvfs(file).f_bavail == 0, "the disk isn't full"


async def post_until_refused(ledger: PostgresLedger, heard: list[tuple[Sequence[Transfer], Heard]]) -> None:
    for _ in range(_ROUNDS_AT_MOST):
        answers = await ask(ledger)
        heard += answers
        if not all(isinstance(each, Posted) for _, each in answers):
            return
    raise AssertionError("the disk is full, and nobody noticed")


async def ask(ledger: PostgresLedger) -> list[tuple[Sequence[Transfer], Heard]]:
    chains = [[gift()] for _ in range(_CALLERS)]
    return list(zip(chains, await hear_all(ledger, chains), strict=True))


def exhaust_log(url: str) -> None:
    """Let PostgreSQL's log need a new file now; for want of one the server goes down, and doesn't come up either."""
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True, connect_timeout=5) as admin:
        for _ in range(8):
            admin.execute("select pg_logical_emit_message(false, 'full', 'disk')")
            admin.execute("select pg_switch_wal()")


async def works(ledger: PostgresLedger) -> bool:
    return isinstance(await hear(ledger, [gift()]), Posted)


def assert_all_true(url: str, heard: Sequence[tuple[Sequence[Transfer], Heard]]) -> None:
    for chain, each in heard:
        assert isinstance(each, Posted | Unavailable | OutcomeUnknown), each
        assert isinstance(each, OutcomeUnknown) or is_stored(url, chain) == isinstance(each, Posted), each


def print_kinds(when: str, heard: Sequence[tuple[Sequence[Transfer], Heard]]) -> None:
    kinds = [type(each).__name__ for _, each in heard]
    print(f"{when}: " + ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
