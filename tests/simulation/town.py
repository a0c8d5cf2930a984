"""All that the half-year runs with: the packages' own desks over a fragile database and a fragile ledger."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import httpx

from plaudit.coins import Till
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.gifts import Gifting
from plaudit.payouts import Rail
from plaudit.payouts.batch_model import Dispatch
from plaudit.providers import Mailbox, Sandbox
from plaudit.providers.ach import Ach
from plaudit.providers.sandbox_wallet import SandboxTransport, WalletSandbox
from plaudit.providers.sepa import Sepa
from plaudit.providers.wallet import Wallet
from plaudit.reversals import Reversing
from tests.payouts.conftest import a_desk
from tests.simulation.faults import Fate, FragileDatabase, FragileLedger
from tests.simulation.populace import Populace


class Town:
    """What one program holds in memory, made anew after each crash, and what outlives it."""

    def __init__(
        self, populace: Populace, *, plain: Database, db: FragileDatabase, ledger: FragileLedger, gifting: Gifting,
        wallet: Wallet, clock: MovableClock, fate: Fate,
    ) -> None:  # fmt: skip
        self.populace = populace
        self.plain = plain
        self.db = db
        self.ledger = ledger
        self.gifting = gifting
        self.clock = clock
        self.fate = fate
        # The outside world crashes on its own terms.
        self.sandbox = Sandbox(plain)
        self.disputes: list[UUID] = []
        self._wallet = wallet
        self.restart()

    def restart(self) -> None:
        """The program starts again, and knows nothing but what is stored."""
        self.till = Till(db=self.db, ledger=self.ledger, providers={"sandbox": self.sandbox})
        self.books = Settling(db=self.db, ledger=self.ledger)
        self.reversing = Reversing(till=self.till, mail=Mailbox())
        self.pay = a_desk(self.db, self.ledger)
        self.dispatch = Dispatch(pay=self.pay, files={Rail.SEPA: Sepa(), Rail.ACH: Ach()}, wallet=self._wallet)

    @property
    def now(self) -> datetime:
        """Where the clock stands."""
        return self.clock.now()


@asynccontextmanager
async def open_town(url: str, populace: Populace) -> AsyncGenerator[Town]:
    """A town of its own, at the beginning of the half-year."""
    clock = MovableClock(populace.begins_at)
    fate = Fate(one_in=150)
    async with (
        Database.open(url) as plain,
        FragileDatabase.open(url) as db,
        FragileLedger.open(plain, clock=clock) as ledger,
        Gifting.open(plain, ledger) as gifting,
    ):
        assert isinstance(db, FragileDatabase)
        assert isinstance(ledger, FragileLedger)
        db.fate = ledger.fate = fate
        wallet_sandbox = WalletSandbox(plain)
        transport = SandboxTransport(wallet_sandbox, clock)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            wallet = Wallet(client, wallet_sandbox.keys, house_name="Plaudit")
            for payee in populace.payees:
                payee.creator.keep_time(clock)
            yield Town(
                populace, plain=plain, db=db, ledger=ledger, gifting=gifting, wallet=wallet, clock=clock, fate=fate
            )
