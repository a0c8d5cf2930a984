"""A small story with something of everything in it, and hands that change what is never to be changed."""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import Account, Limit, Posted, PostgresLedger, Transfer, make_hold, make_post, make_void

ISSUER, ADA, BOB, CREATOR, EVE, CLEARING, FLOAT = (UUID(int=number) for number in range(0xA1, 0xA8))
NAMES = {
    ISSUER: "issuer", ADA: "ada", BOB: "bob", CREATOR: "creator", EVE: "eve", CLEARING: "clearing", FLOAT: "float",
}  # fmt: skip
WALLET, MIRROR = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
ACCOUNTS = [
    Account(ISSUER, ledger=1, code=100, limit=MIRROR),
    Account(ADA, ledger=1, code=200, limit=WALLET),
    Account(BOB, ledger=1, code=200, limit=WALLET),
    Account(CREATOR, ledger=1, code=300, limit=WALLET),
    Account(EVE, ledger=1, code=200, limit=WALLET),
    Account(CLEARING, ledger=840, code=1000),
    Account(FLOAT, ledger=840, code=2000, limit=WALLET),
]
LAST = 15
"""The timestamp of the story's last transfer."""


def id_of(number: int) -> UUID:
    """The id of the story's transfer with this timestamp. Only of number 12, which the ledger made, it is another."""
    return UUID(int=0xF000 + number)


def moved(number: int, debit: UUID, credit: UUID, amount: int) -> Transfer:
    """A transfer of the story."""
    return Transfer(id_of(number), debit, credit, amount, code=7)


def held(number: int, amount: int, *, seconds: int = 0) -> Transfer:
    """A hold of Ada's for the creator."""
    return make_hold(moved(number, ADA, CREATOR, amount), seconds=seconds)


async def tell_the_beginning(ledger: PostgresLedger) -> None:
    """Numbers 1 to 3: accounts are opened and funded."""
    await ledger.open_accounts(ACCOUNTS)
    await _post(ledger, moved(1, ISSUER, ADA, 1000))
    await _post(ledger, moved(2, ISSUER, BOB, 500))
    await _post(ledger, moved(3, ISSUER, EVE, 10))


async def tell_the_rest(ledger: PostgresLedger, clock: MovableClock) -> None:
    """Numbers 4 to 15: a chain, holds that end in each way or stay open, another asset, an account that is closed."""
    await _post(ledger, moved(4, ADA, CREATOR, 100), moved(5, BOB, CREATOR, 50))
    clock.move(timedelta(seconds=1))
    await _post(ledger, held(6, 200), held(7, 20), held(8, 30, seconds=30))
    await _post(ledger, held(9, 40), held(10, 50, seconds=3600))
    await _post(ledger, make_post(id_of(11), id_of(6), 150))
    clock.move(timedelta(seconds=60))
    await ledger.expire_holds()
    await _post(ledger, make_void(id_of(13), id_of(7)))
    await _post(ledger, moved(14, CLEARING, FLOAT, 5000))
    await ledger.close_account(EVE)
    clock.move(timedelta(seconds=1))
    await _post(ledger, moved(LAST, BOB, CREATOR, 5))


async def _post(ledger: PostgresLedger, *chain: Transfer) -> None:
    assert isinstance(await ledger.post(chain), Posted)


async def tamper(db: Database, *statements: LiteralString) -> None:
    """Run these with the triggers and foreign keys off, as only an administrator could."""
    async with db.transaction() as tx:
        await tx.execute("set local session_replication_role = replica")
        for statement in statements:
            await tx.execute(statement)


async def drop_checks(db: Database) -> None:
    """Take the named sentences away that PostgreSQL itself would refuse a change by."""
    async with db.transaction() as tx:
        await tx.execute(
            """
            do $$
            declare guard record;
            begin
                for guard in select conrelid::regclass as place, conname from pg_constraint
                             where contype = 'c' and connamespace = 'ledger'::regnamespace
                loop
                    execute format('alter table %s drop constraint %I', guard.place, guard.conname);
                end loop;
            end $$
            """
        )
