from collections.abc import AsyncIterator

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.ledger import Account, Limit, Posted, PostgresLedger, Refused, Transfer
from plaudit.ledger.packing import register
from plaudit.ledger.reasons import Reason
from plaudit.ledger.scribe import Scribe

ISSUED, RICH, POOR, OTHER = (new_id() for _ in range(4))


@pytest.fixture
async def scribe(db: Database, postgres_ledger: PostgresLedger, clock: MovableClock) -> AsyncIterator[Scribe]:
    """One that remembers a single account, on books in which one fan has 100 coins."""
    wallets = [Account(id, 1, 200, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS) for id in (RICH, POOR, OTHER)]
    await postgres_ledger.open_accounts([Account(ISSUED, 1, 100), *wallets])
    await postgres_ledger.post([Transfer(new_id(), ISSUED, RICH, 100, 1)])
    reader, writer = await db.connect_alone(), await db.connect_alone()
    register(reader)
    register(writer)
    scribe = Scribe(reader, writer, remember=1)
    while not scribe.is_alone:
        await scribe.write([()], clock.now())
    yield scribe
    await scribe.close()


async def test_what_is_forgotten_is_never_what_is_still_being_stored(scribe: Scribe, clock: MovableClock):
    now = clock.now()
    spend_most = await scribe.decide([[Transfer(new_id(), RICH, POOR, 90, 2)]], now)

    # The database shows nothing of it yet, and the scribe has too much to remember.
    spend_again = await scribe.decide([[Transfer(new_id(), RICH, OTHER, 90, 2)]], now)
    await scribe.store(spend_most)
    pass_on = await scribe.decide([[Transfer(new_id(), POOR, OTHER, 90, 2)]], now)
    await scribe.store(spend_again)
    await scribe.store(pass_on)

    assert isinstance(spend_most.outcomes[0], Posted)
    assert spend_again.outcomes == [Refused(Reason.EXCEEDS_CREDITS)]
    assert isinstance(pass_on.outcomes[0], Posted)
