"""The same random story once more, with money and a second process: most of what is asked for happens."""

import os
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from msgspec.structs import replace

from plaudit.ledger import WHOLE, Kind, Limit, PostgresLedger, Transfer
from plaudit.ledger.model import NIL
from tests.ledger.test_same_story import ACCOUNTS, REFERENCES, SameStory

SOAK = bool(os.environ.get("PLAUDIT_SOAK"))
NOBODY = UUID(int=0)

pairs = [(one, other) for one in ACCOUNTS[:5] for other in ACCOUNTS[:5] if one != other]


def a_movement(accounts: tuple[UUID, UUID], amount: int, hold_seconds: int | None, ref_128: UUID | None) -> Transfer:
    """A transfer, or a hold when `hold_seconds` is given."""
    debit, credit = accounts
    if hold_seconds is None:
        return Transfer(NOBODY, debit, credit, amount, 1, ref_128=ref_128, ref_64=7)
    return Transfer(NOBODY, debit, credit, amount, 1, Kind.HOLD, None, hold_seconds, ref_128)


movements = st.builds(
    a_movement,
    accounts=st.sampled_from(pairs),
    amount=st.sampled_from([1, 5, 10, 100, 400, 1_000]),
    hold_seconds=st.sampled_from([None, None, 0, 1, 30]),
    ref_128=st.sampled_from(REFERENCES),
)
endings = st.builds(
    Transfer,
    st.just(NOBODY),
    st.sampled_from([*[NIL] * 9, ACCOUNTS[0]]),
    st.sampled_from([*[NIL] * 9, ACCOUNTS[1]]),
    st.sampled_from([WHOLE, WHOLE, 1, 1, 5, 10, 101]),
    st.sampled_from([*[0] * 8, 1, 2]),
    st.sampled_from([Kind.POST, Kind.VOID]),
)
wishes = st.one_of(movements, movements, endings)
places = st.integers(0, 4)
Slip = dict[str, Any]
SLIPS: list[Slip] = [
    {},
    {"amount": 7},
    {"code": 9},
    {"debit_account": ACCOUNTS[6]},
    {"credit_account": ACCOUNTS[7]},
    {"ref_128": UUID(int=0xF3)},
    {"ref_64": 8},
    {"ref_32": 9},
    {"kind": Kind.HOLD, "hold_id": None, "hold_seconds": 29},
]


class RicherStory(SameStory):
    """Wishes come with an id of their own, and endings with a hold that somebody asked for lately.

    Two ledgers take turns on the one database.
    """

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(0x5000)
        self.holds: list[UUID] = []

    async def _open(self) -> None:
        await super()._open()
        self.other_block = PostgresLedger.open(self.db, clock=self.clock)
        self.other = await self.other_block.__aenter__()

    async def _close(self) -> None:
        await self.other_block.__aexit__(None, None, None)
        await super()._close()

    @initialize(limits=st.lists(st.sampled_from(Limit), min_size=6, max_size=6))
    def open_accounts(self, limits: list[Limit]) -> None:
        limits = [Limit.NONE, Limit.NONE, *limits]
        super().open_accounts(limits)
        for account, limit in zip(ACCOUNTS[1:5], limits[1:5], strict=True):
            lent = limit is Limit.CREDITS_MUST_NOT_EXCEED_DEBITS
            sides = (account, ACCOUNTS[0]) if lent else (ACCOUNTS[0], account)
            self.post([Transfer(self.fresh(), *sides, 1_000, 1)])

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

    @rule(chain=st.lists(wishes, min_size=1, max_size=3), place=places)
    def ask(self, chain: list[Transfer], place: int) -> None:
        self.post([self.as_asked(wish, place) for wish in chain])

    @rule(ending=endings, place=places)
    def end(self, ending: Transfer, place: int) -> None:
        self.post([self.as_asked(ending, place)])

    @rule(chains=st.lists(st.lists(wishes, min_size=1, max_size=2), min_size=2, max_size=20), place=places)
    def ask_at_once(self, chains: list[list[Transfer]], place: int) -> None:
        self.post_at_once([[self.as_asked(wish, place) for wish in chain] for chain in chains])

    @rule(slip=st.sampled_from(SLIPS), place=places)
    def say_it_otherwise(self, slip: Slip, place: int) -> None:
        chain = self.lately(place)
        if chain:
            self.post([replace(chain[0], **slip), *chain[1:]])

    @rule(wish=movements, place=places)
    def add_to_what_was_told(self, wish: Transfer, place: int) -> None:
        self.post([*self.lately(place), self.as_asked(wish, place)])

    @rule(wish=movements, late_seconds=st.sampled_from([-1, 0, 1]))
    def let_a_hold_run_out(self, wish: Transfer, late_seconds: int) -> None:
        hold = self.as_asked(replace(wish, kind=Kind.HOLD, hold_seconds=30), 0)
        self.post([hold])
        self.clock.move(timedelta(seconds=30 + late_seconds))
        self.post([self.as_asked(Transfer(NOBODY, NIL, NIL, WHOLE, 0, Kind.POST), 0)])

    @rule()
    def another_writer_takes_over(self) -> None:
        self.postgres, self.other = self.other, self.postgres

    def lately(self, place: int) -> Sequence[Transfer]:
        return self.told[-1 - place % len(self.told)]


def test_memory_and_postgres_tell_the_same_story_of_accounts_that_have_money(database_url: str) -> None:
    class InThisDatabase(RicherStory):
        url = database_url

    run_state_machine_as_test(
        InThisDatabase,
        settings=settings(
            max_examples=1_000 if SOAK else 60,
            stateful_step_count=100 if SOAK else 40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
            phases=(Phase.reuse, Phase.generate),
        ),
    )
