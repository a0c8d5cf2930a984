"""Where the house pays from: what operators set for each rail and currency."""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.foundation.database import Database
from plaudit.foundation.errors import Invalid
from plaudit.payouts import batch_queries as queries
from plaudit.payouts import batch_rules as rules
from plaudit.payouts.batch_model import SetHouseAccount
from plaudit.payouts.model import Rail
from plaudit.people.operators import note_act
from plaudit.providers.payouts import HouseAccount

_PAYS_IN = {Rail.SEPA: "EUR", Rail.ACH: "USD"}


async def set_house_account(
    db: Database, operator_id: UUID, rail: Rail, account: HouseAccount, *, now: datetime
) -> SetHouseAccount:
    """From the next batch on, pay this rail from there. Raises Invalid naming the field."""
    if rail not in _PAYS_IN:
        raise Invalid("A wallet's account is known by its provider: its credentials are settings.", field="rail")
    currency, taken = _PAYS_IN[rail], rules.take_house(rail, account)
    async with db.transaction() as tx:
        await queries.store_house_account(tx, rail, currency, taken, by=operator_id, now=now)
        await note_act(tx, operator_id, "house_account_set", rail, msgspec.structs.asdict(taken), now=now)
    return SetHouseAccount(rail=rail, currency=currency, account=taken, set_at=now)


async def list_house_accounts(db: Database) -> list[SetHouseAccount]:
    """Where each rail is paid from."""
    async with db.transaction() as tx:
        return await queries.list_house_accounts(tx)
