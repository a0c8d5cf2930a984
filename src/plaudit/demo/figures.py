"""What the terminal tells while the world goes on, and what is written down for whoever wants to come in."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

from msgspec import Struct

from plaudit.demo.cast import LOGINS
from plaudit.demo.stage import Stage
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.money import COIN
from plaudit.ledger import AccountFilter, Balances, Ledger
from plaudit.ledger.model import sum_balances
from plaudit.web.demo_world import DemoWorld, store_world

_ACCOUNTS_A_PAGE = 500

_TOUR = """
A short tour
  Open the link: the first page leads through it, with one click for each of these logins.
  1. Sign in as the fan, and buy coins (the checkout is a sandbox, no money moves).
  2. Step into one of the three lives, send a Rose, tap again, quickly, and send a Lion.
  3. In another browser sign in as the creator, and see the same live from the other side.
  4. Sign in as the operator: people, top-ups, the books of any account, and how lively the crowd is.

Ctrl-C stops it, and the next time it goes on from here; `make demo FRESH=1` starts over.
"""


class Figures(Struct, frozen=True, kw_only=True):
    """How the world is doing. `gifts_a_second` is of the last few seconds; coins are those of all accounts."""

    gifts_a_second: float
    viewers: int
    coins_moved: int
    is_even: bool
    last: str
    trouble: str | None

    def in_a_line(self) -> str:
        """For the terminal."""
        even = "debits = credits" if self.is_even else "DEBITS AND CREDITS DIFFER: run `plaudit check`"
        line = f"{self.gifts_a_second:.1f} gifts/s, {self.viewers} viewers, {self.coins_moved:,} coins moved, {even}"
        if self.trouble:
            return f"{line}. Waiting: {self.trouble}"
        return f"{line}. {self.last}" if self.last else line


def welcome(url: str) -> str:
    """Link, logins and tour."""
    logins = "\n".join(f"  {word:<9} {login.email:<26} {login.password}" for word, login in LOGINS.items())
    return f"Plaudit's demo runs at {url}\n\n{logins}\n{_TOUR}"


def write_demo_file(data_dir: Path, url: str) -> None:
    """Address and logins, for programs and for the tour on the first page."""
    store_world(data_dir, DemoWorld(url=url, **LOGINS))


async def follow_figures(stage: Stage, ledger: Ledger, *, every_seconds: float) -> AsyncGenerator[Figures]:
    """The figures again and again, for ever; while the database is away there are none."""
    while True:
        before = stage.gifts
        await asyncio.sleep(every_seconds)
        try:
            sums = await _sum_coins(ledger)
        except PlauditError:
            continue
        yield Figures(
            gifts_a_second=(stage.gifts - before) / every_seconds,
            viewers=stage.viewers,
            coins_moved=sums.debits_posted,
            is_even=sums.debits_posted == sums.credits_posted,
            last=_tell_last(stage),
            trouble=stage.api.trouble,
        )


async def _sum_coins(ledger: Ledger) -> Balances:
    """The four counters of all accounts of coins together: debits and credits must be equal."""
    sums: list[Balances] = []
    last = None
    while page := await ledger.list_accounts(AccountFilter(ledger=COIN), after=last, limit=_ACCOUNTS_A_PAGE):
        sums.extend(balances for _, balances in page)
        last = page[-1][0].id
    return sum_balances(sums)


def _tell_last(stage: Stage) -> str:
    """The dearest of the newest gifts."""
    if not stage.latest:
        return ""
    seen = max(stage.latest, key=lambda each: each.coins)
    return f"{seen.sender or 'Somebody'} gave {seen.room} {stage.names.get(seen.gift, seen.gift)}"
