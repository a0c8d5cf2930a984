"""One random story, told to the ledger in memory and to the one in PostgreSQL: every answer must be the same.

PostgreSQL has two writers that take turns. The story is told twice: to accounts that have nothing, so that most is
refused, and to accounts that have money, so that most happens.
"""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import WHOLE, Account, Filter, Kind, Ledger, Limit, MemoryLedger, PostgresLedger, Transfer
from plaudit.ledger.model import NIL, AccountFilter
from tests.ledger import told
from tests.ledger.closing import assert_books_close
from tests.ledger.conftest import NOON
from tests.ledger.told import ACCOUNTS, REFERENCES, Slip

T = TypeVar("T")

SOAK = bool(os.environ.get("PLAUDIT_SOAK"))


class SameStory(RuleBasedStateMachine):
    """Tells each step to both ledgers and compares what they say."""

    url = ""
    has_money = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.clock = MovableClock(NOON)
        self.memory = MemoryLedger(self.clock)
        self.told: list[Sequence[Transfer]] = []
        self.numbers = count(0x5000)
        self.holds: list[UUID] = []
        self.loop.run(self._open())

    async def _open(self) -> None:
        self.db_block = Database.open(self.url)
        self.db = await self.db_block.__aenter__()
        await _wipe(self.db)
        self.ledger_block = PostgresLedger.open(self.db, clock=self.clock)
        self.postgres = await self.ledger_block.__aenter__()
        self.other_block = PostgresLedger.open(self.db, clock=self.clock)
        self.other = await self.other_block.__aenter__()

    def teardown(self) -> None:
        self.loop.run(self._close())
        self.loop.close()

    async def _close(self) -> None:
        await assert_books_close(self.memory)
        await assert_books_close(self.postgres)
        await self.other_block.__aexit__(None, None, None)
        await self.ledger_block.__aexit__(None, None, None)
        await self.db_block.__aexit__(None, None, None)

    def both(self, in_memory: Coroutine[Any, Any, T], in_postgres: Coroutine[Any, Any, T]) -> T:
        expected = self.loop.run(in_memory)
        assert self.loop.run(in_postgres) == expected
        return expected

    @initialize(limits=st.lists(st.sampled_from(Limit), min_size=8, max_size=8))
    def open_accounts(self, limits: list[Limit]) -> None:
        if self.has_money:
            limits = [Limit.NONE, Limit.NONE, *limits[2:]]
        accounts = [
            Account(id, ledger=1 if number < 6 else 840, code=100 + number, limit=limit, ref_128=REFERENCES[number % 3])
            for number, (id, limit) in enumerate(zip(ACCOUNTS, limits, strict=True))
        ]
        self.both(self.memory.open_accounts(accounts), self.postgres.open_accounts(accounts))
        if self.has_money:
            self.fund(limits)

    def fund(self, limits: list[Limit]) -> None:
        for account, limit in zip(ACCOUNTS[1:5], limits[1:5], strict=True):
            lent = limit is Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
            sides = (account, ACCOUNTS[0]) if lent else (ACCOUNTS[0], account)
            self.post([Transfer(self.fresh(), *sides, 1_000, 1)])

    @rule(chain=st.lists(told.transfers, max_size=4))
    def post(self, chain: list[Transfer]) -> None:
        self.told.append(chain)
        self.both(self.memory.post(chain), self.postgres.post(chain))

    @rule(chain=st.lists(told.sound_transfers, min_size=1, max_size=3))
    def post_what_is_sound(self, chain: list[Transfer]) -> None:
        self.post(chain)

    @rule(data=st.data())
    def post_again(self, data: st.DataObject) -> None:
        if self.told:
            chain = data.draw(st.sampled_from(self.told))
            self.both(self.memory.post(chain), self.postgres.post(chain))

    @rule(chains=st.lists(st.lists(told.transfers, min_size=1, max_size=3), min_size=2, max_size=12))
    def post_at_once(self, chains: list[list[Transfer]]) -> None:
        """PostgreSQL gathers these into batches; they must come out as if posted one after the other."""
        self.told.extend(chains)
        self.both(_one_by_one(self.memory, chains), _at_once(self.postgres, chains))

    def fresh(self) -> UUID:
        return UUID(int=next(self.numbers))

    def as_asked(self, wish: Transfer, place: int) -> Transfer:
        """With an id, and with one of the last holds if it is to end one."""
        wish = replace(wish, id=self.fresh())
        if wish.kind is Kind.HOLD:
            self.holds.append(wish.id)
        if wish.kind in (Kind.POST, Kind.VOID):
            hold = self.holds[-1 - place % len(self.holds)] if self.holds else ACCOUNTS[0]
            wish = replace(wish, hold_id=hold)
        return wish

    @rule(chain=st.lists(told.wishes, min_size=1, max_size=3), place=told.places)
    def ask(self, chain: list[Transfer], place: int) -> None:
        self.post([self.as_asked(wish, place) for wish in chain])

    @rule(ending=told.endings, place=told.places)
    def end(self, ending: Transfer, place: int) -> None:
        self.post([self.as_asked(ending, place)])

    @rule(chains=st.lists(st.lists(told.wishes, min_size=1, max_size=2), min_size=2, max_size=20), place=told.places)
    def ask_at_once(self, chains: list[list[Transfer]], place: int) -> None:
        self.post_at_once([[self.as_asked(wish, place) for wish in chain] for chain in chains])

    @rule(slip=st.sampled_from(told.SLIPS), place=told.places)
    def say_it_otherwise(self, slip: Slip, place: int) -> None:
        chain = self.lately(place)
        if chain:
            self.post([replace(chain[0], **slip), *chain[1:]])

    @rule(wish=told.movements, place=told.places)
    def add_to_what_was_told(self, wish: Transfer, place: int) -> None:
        self.post([*self.lately(place), self.as_asked(wish, place)])

    @rule(wish=told.movements, late_seconds=st.sampled_from([-1, 0, 1]))
    def let_a_hold_run_out(self, wish: Transfer, late_seconds: int) -> None:
        hold = self.as_asked(replace(wish, kind=Kind.HOLD, hold_seconds=30), 0)
        self.post([hold])
        self.clock.move(timedelta(seconds=30 + late_seconds))
        self.post([self.as_asked(Transfer(told.NOBODY, NIL, NIL, WHOLE, 0, Kind.POST), 0)])

    @rule()
    def another_writer_takes_over(self) -> None:
        self.postgres, self.other = self.other, self.postgres

    def lately(self, place: int) -> Sequence[Transfer]:
        return self.told[-1 - place % len(self.told)] if self.told else []

    @rule(seconds=st.sampled_from([0, 1, 29, 30, 31, 100, -5]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule()
    def expire(self) -> None:
        self.both(self.memory.expire_holds(), self.postgres.expire_holds())

    @rule(account=st.sampled_from(ACCOUNTS))
    def close(self, account: UUID) -> None:
        self.both(self.memory.close_account(account), self.postgres.close_account(account))

    @rule(account=told.account_ids)
    def reopen(self, account: UUID) -> None:
        self.both(self.memory.reopen_account(account), self.postgres.reopen_account(account))

    @rule(account=st.builds(Account, st.sampled_from([*ACCOUNTS, NIL]), st.sampled_from([0, 1, 840]), told.codes))
    def open_again(self, account: Account) -> None:
        self.both(self.memory.open_accounts([account]), self.postgres.open_accounts([account]))

    @rule(
        which=st.builds(
            Filter,
            account=st.sampled_from([None, *ACCOUNTS]),
            code=st.sampled_from([None, None, 1, 2]),
            ref_128=st.sampled_from(REFERENCES),
            ref_64=st.sampled_from([None, None, 7]),
            since=st.sampled_from([None, NOON, NOON + timedelta(seconds=30)]),
            before=st.sampled_from([None, NOON + timedelta(seconds=31), NOON + timedelta(minutes=9)]),
        ),
        after=st.sampled_from([None, 1, 5, 20]),
        newest_first=st.booleans(),
    )
    def look(self, which: Filter, after: int | None, *, newest_first: bool) -> None:
        self.both(
            self.memory.list_transfers(which, after=after, limit=7, newest_first=newest_first),
            self.postgres.list_transfers(which, after=after, limit=7, newest_first=newest_first),
        )

    @rule(account=told.account_ids, seconds=st.integers(-10, 300), transfer=st.sampled_from(told.IDS))
    def look_closer(self, account: UUID, seconds: int, transfer: UUID) -> None:
        at = NOON + timedelta(seconds=seconds)
        self.both(self.memory.balances_at(account, at), self.postgres.balances_at(account, at))
        self.both(self.memory.find_account(account), self.postgres.find_account(account))
        self.both(self.memory.find_transfer(transfer), self.postgres.find_transfer(transfer))

    @rule(ledger=st.sampled_from([None, 1, 840]), code=st.sampled_from([None, 101]), ref=st.sampled_from(REFERENCES))
    def look_at_accounts(self, ledger: int | None, code: int | None, ref: UUID | None) -> None:
        which = AccountFilter(ledger=ledger, code=code, ref_128=ref)
        self.both(self.memory.list_accounts(which, limit=5), self.postgres.list_accounts(which, limit=5))

    @invariant()
    def balances_are_the_same(self) -> None:
        self.both(self.memory.balances(ACCOUNTS), self.postgres.balances(ACCOUNTS))
        self.both(self.memory.last_timestamp(), self.postgres.last_timestamp())


async def _one_by_one(ledger: Ledger, chains: Sequence[Sequence[Transfer]]) -> list[Any]:
    return [await ledger.post(chain) for chain in chains]


async def _at_once(ledger: Ledger, chains: Sequence[Sequence[Transfer]]) -> list[Any]:
    return await asyncio.gather(*(ledger.post(chain) for chain in chains))


async def _wipe(db: Database) -> None:
    async with db.transaction() as tx:
        # Only a test may do this, and only with the triggers off that forbid it.
        await tx.execute("set local session_replication_role = replica")
        await tx.execute("truncate ledger.transfers, ledger.accounts, ledger.open_holds")
        await tx.execute("update ledger.clock set timestamp = 0, at = 'epoch', version = 0")


@pytest.mark.parametrize("has_money", [False, True], ids=["accounts that have nothing", "accounts that have money"])
def test_memory_and_postgres_tell_the_same_story(database_url: str, *, has_money: bool) -> None:
    class InThisDatabase(SameStory):
        url = database_url

    InThisDatabase.has_money = has_money
    run_state_machine_as_test(
        InThisDatabase,
        settings=settings(
            max_examples=1_500 if SOAK else 60,
            stateful_step_count=100 if SOAK else 50,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            phases=(Phase.reuse, Phase.generate),
        ),
    )
