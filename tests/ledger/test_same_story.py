"""One random story, told to the ledger in memory and to the one in PostgreSQL: every answer must be the same."""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.ledger import (
    MAX_AMOUNT,
    WHOLE,
    Account,
    Filter,
    Kind,
    Ledger,
    Limit,
    MemoryLedger,
    PostgresLedger,
    Transfer,
)
from plaudit.ledger.model import NIL, AccountFilter
from plaudit.ledger.rules import expiry_id
from tests.ledger.closing import assert_books_close
from tests.ledger.conftest import NOON

T = TypeVar("T")

SOAK = bool(os.environ.get("PLAUDIT_SOAK"))

# Few ids, few accounts and round amounts, so that the story keeps meeting itself.
ACCOUNTS = [UUID(int=0xA000 + number) for number in range(8)]
CALLERS_IDS = [UUID(int=0x1000 + number) for number in range(60)]
# What the ledger itself would call the end of the first holds: somebody may be there first.
IDS = [*CALLERS_IDS, *(expiry_id(hold) for hold in CALLERS_IDS[:4])]
REFERENCES = [None, UUID(int=0xF1), UUID(int=0xF2)]
AMOUNTS = st.sampled_from([1, 5, 10, 100, 1000, 0, -1, MAX_AMOUNT - 50, MAX_AMOUNT, MAX_AMOUNT + 1])

account_ids = st.sampled_from([*ACCOUNTS, *ACCOUNTS, *ACCOUNTS, NIL, UUID(int=0xDEAD)])
small_amounts = st.sampled_from([1, 5, 10, 100])
codes = st.sampled_from([1, 2, 2, 2, 0, 65536])
sound_transfers = st.builds(
    Transfer,
    id=st.sampled_from(IDS),
    debit_account=st.sampled_from(ACCOUNTS),
    credit_account=st.sampled_from(ACCOUNTS),
    amount=small_amounts,
    code=st.sampled_from([1, 2]),
    kind=st.sampled_from([Kind.TRANSFER, Kind.TRANSFER, Kind.HOLD]),
    ref_128=st.sampled_from(REFERENCES),
)
wild_transfers = st.builds(
    Transfer,
    id=st.sampled_from([*IDS, NIL, UUID(int=2**128 - 1)]),
    debit_account=account_ids,
    credit_account=account_ids,
    amount=AMOUNTS,
    code=codes,
    kind=st.sampled_from(Kind),
    hold_id=st.sampled_from([None, None, *IDS[:10]]),
    hold_seconds=st.sampled_from([0, 0, 30, -1, 2**32]),
    ref_128=st.sampled_from(REFERENCES),
    ref_64=st.sampled_from([0, 0, 7, 2**63, -1]),
    ref_32=st.sampled_from([0, 0, 7, 2**31]),
)
endings = st.builds(
    Transfer,
    id=st.sampled_from(IDS),
    debit_account=st.sampled_from([NIL, NIL, NIL, *ACCOUNTS]),
    credit_account=st.sampled_from([NIL, NIL, NIL, *ACCOUNTS]),
    amount=st.sampled_from([WHOLE, WHOLE, 1, 5, 10, 100]),
    code=st.sampled_from([0, 0, 1, 2]),
    kind=st.sampled_from([Kind.POST, Kind.VOID]),
    hold_id=st.sampled_from(IDS),
)
expiring_holds = sound_transfers.map(lambda transfer: replace(transfer, kind=Kind.HOLD, hold_seconds=30))
transfers = st.one_of(sound_transfers, sound_transfers, expiring_holds, endings, wild_transfers)


class SameStory(RuleBasedStateMachine):
    """Tells each step to both ledgers and compares what they say."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.clock = MovableClock(NOON)
        self.memory = MemoryLedger(self.clock)
        self.told: list[Sequence[Transfer]] = []
        self.loop.run(self._open())

    async def _open(self) -> None:
        self.db_block = Database.open(self.url)
        self.db = await self.db_block.__aenter__()
        await _wipe(self.db)
        self.ledger_block = PostgresLedger.open(self.db, clock=self.clock)
        self.postgres = await self.ledger_block.__aenter__()

    def teardown(self) -> None:
        self.loop.run(self._close())
        self.loop.close()

    async def _close(self) -> None:
        await assert_books_close(self.memory)
        await assert_books_close(self.postgres)
        await self.ledger_block.__aexit__(None, None, None)
        await self.db_block.__aexit__(None, None, None)

    def both(self, in_memory: Coroutine[Any, Any, T], in_postgres: Coroutine[Any, Any, T]) -> T:
        expected = self.loop.run(in_memory)
        assert self.loop.run(in_postgres) == expected
        return expected

    @initialize(limits=st.lists(st.sampled_from(Limit), min_size=8, max_size=8))
    def open_accounts(self, limits: list[Limit]) -> None:
        accounts = [
            Account(id, ledger=1 if number < 6 else 840, code=100 + number, limit=limit, ref_128=REFERENCES[number % 3])
            for number, (id, limit) in enumerate(zip(ACCOUNTS, limits, strict=True))
        ]
        self.both(self.memory.open_accounts(accounts), self.postgres.open_accounts(accounts))

    @rule(chain=st.lists(transfers, max_size=4))
    def post(self, chain: list[Transfer]) -> None:
        self.told.append(chain)
        self.both(self.memory.post(chain), self.postgres.post(chain))

    @rule(chain=st.lists(sound_transfers, min_size=1, max_size=3))
    def post_what_is_sound(self, chain: list[Transfer]) -> None:
        self.post(chain)

    @rule(data=st.data())
    def post_again(self, data: st.DataObject) -> None:
        if self.told:
            chain = data.draw(st.sampled_from(self.told))
            self.both(self.memory.post(chain), self.postgres.post(chain))

    @rule(chains=st.lists(st.lists(transfers, min_size=1, max_size=3), min_size=2, max_size=12))
    def post_at_once(self, chains: list[list[Transfer]]) -> None:
        """PostgreSQL gathers these into batches; they must come out as if posted one after the other."""
        self.told.extend(chains)
        self.both(_one_by_one(self.memory, chains), _at_once(self.postgres, chains))

    @rule(seconds=st.sampled_from([0, 1, 29, 30, 31, 100, -5]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule()
    def expire(self) -> None:
        self.both(self.memory.expire_holds(), self.postgres.expire_holds())

    @rule(account=st.sampled_from(ACCOUNTS))
    def close(self, account: UUID) -> None:
        self.both(self.memory.close_account(account), self.postgres.close_account(account))

    @rule(account=account_ids)
    def reopen(self, account: UUID) -> None:
        self.both(self.memory.reopen_account(account), self.postgres.reopen_account(account))

    @rule(account=st.builds(Account, st.sampled_from([*ACCOUNTS, NIL]), st.sampled_from([0, 1, 840]), codes))
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

    @rule(account=account_ids, seconds=st.integers(-10, 300), transfer=st.sampled_from(IDS))
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


def test_memory_and_postgres_tell_the_same_story(database_url: str) -> None:
    class InThisDatabase(SameStory):
        url = database_url

    run_state_machine_as_test(
        InThisDatabase,
        settings=settings(
            max_examples=1500 if SOAK else 60,
            stateful_step_count=100 if SOAK else 50,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
            phases=(Phase.reuse, Phase.generate),
        ),
    )
