"""What operators set (prices and taxes, from an instant on) and see (everyone's top-ups, every account).

What is set takes the place of what was set for the very same instant, so a plan can be corrected until it holds.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.coins import operating_queries as queries
from plaudit.coins import operating_rules as rules
from plaudit.coins.chains import fan_account
from plaudit.coins.errors import NoSuchAccount, NoSuchTopUp
from plaudit.coins.model import (
    AccountFile,
    Bought,
    ExactAmounts,
    PackPrice,
    Purse,
    Status,
    TaxRate,
    Till,
    Told,
    TopUp,
    TopUpFile,
)
from plaudit.foundation.database import Database
from plaudit.foundation.money import COIN
from plaudit.ledger import Account, Balances, Filter, Record
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.ledger.model import ZERO
from plaudit.people.model import Place
from plaudit.people.operators import note_act
from plaudit.people.queries import find_person


async def set_pack(db: Database, operator_id: UUID, price: PackPrice, *, now: datetime) -> PackPrice:
    """Sell a pack like this from `valid_from` on, or no longer offer it. Raises Invalid naming the field."""
    price = rules.take_pack(price)
    async with db.transaction() as tx:
        await queries.store_pack(tx, price)
        await note_act(tx, operator_id, "pack_set", price.id, msgspec.structs.asdict(price), now=now)
    return price


async def set_tax(db: Database, operator_id: UUID, tax: TaxRate, *, now: datetime) -> TaxRate:
    """Add this tax to prices in a region from `valid_from` on. Raises Invalid naming the field."""
    tax = rules.take_tax(tax)
    async with db.transaction() as tx:
        await queries.store_tax(tx, tax)
        await note_act(tx, operator_id, "tax_set", tax.region, msgspec.structs.asdict(tax), now=now)
    return tax


async def set_exact(db: Database, operator_id: UUID, exact: ExactAmounts, *, now: datetime) -> ExactAmounts:
    """Sell exact amounts like this from `valid_from` on. Raises Invalid naming the field."""
    exact = rules.take_exact(exact)
    async with db.transaction() as tx:
        await queries.store_exact(tx, exact)
        subject = f"{exact.currency} {exact.channel}"
        await note_act(tx, operator_id, "exact_amounts_set", subject, msgspec.structs.asdict(exact), now=now)
    return exact


async def list_packs(db: Database, *, now: datetime) -> list[PackPrice]:
    """What every pack costs now, and what it will from an instant on."""
    async with db.transaction() as tx:
        return await queries.list_packs(tx, now=now)


async def list_taxes(db: Database, *, now: datetime) -> list[TaxRate]:
    """Every region's tax now, and what it will be from an instant on."""
    async with db.transaction() as tx:
        return await queries.list_taxes(tx, now=now)


async def list_exact(db: Database, *, now: datetime) -> list[ExactAmounts]:
    """How exact amounts are sold now, and how they will be from an instant on."""
    async with db.transaction() as tx:
        return await queries.list_exact(tx, now=now)


async def list_top_ups(
    db: Database, operator_id: UUID, status: Status | None, *, after: Place | None, limit: int, now: datetime
) -> list[TopUpFile]:
    """Everyone's top-ups, the newest first; `after` is where the page before ended."""
    async with db.transaction() as tx:
        detail = {"after": after.id if after else None}
        await note_act(tx, operator_id, "top_ups_seen", status or "all", detail, now=now)
        return await queries.list_top_ups(tx, status, after=after, limit=limit)


async def see_top_up(db: Database, operator_id: UUID, top_up_id: UUID, *, now: datetime) -> TopUpFile:
    """Anybody's top-up. Raises NoSuchTopUp."""
    async with db.transaction() as tx:
        top_up = await queries.find_top_up(tx, top_up_id)
        if top_up is None:
            raise NoSuchTopUp("There is no such top-up.")
        await note_act(tx, operator_id, "top_up_seen", str(top_up_id), {"person": top_up.person_id}, now=now)
    return top_up


async def list_told(db: Database, top_up: TopUp) -> list[Told]:
    """What its provider told about a top-up, in the order in which it came."""
    async with db.transaction() as tx:
        return await queries.list_told(tx, top_up)


async def sum_bought(db: Database, *, since: datetime) -> list[Bought]:
    """What came into wallets since an instant, for each currency."""
    async with db.transaction() as tx:
        return await queries.sum_bought(tx, since=since)


async def get_purse(till: Till, person_id: UUID) -> Purse:
    """Somebody's coins; zero where they never had any."""
    wallet, received = fan_account(person_id), account_id(AccountCode.CREATOR_COINS, COIN, person_id)
    balances = await till.ledger.balances([wallet, received])
    return Purse(
        spendable_coins=balances.get(wallet, ZERO).spendable,
        received_coins=balances.get(received, ZERO).credits_posted,
        wallet_account=wallet,
        received_account=received,
    )


async def see_account(till: Till, operator_id: UUID, account: UUID, *, now: datetime) -> AccountFile:
    """Any account of the ledger. Raises NoSuchAccount."""
    found, balances = await _find_account(till, account)
    async with till.db.transaction() as tx:
        await note_act(tx, operator_id, "account_seen", str(account), {"person": found.ref_128}, now=now)
        owner = None if found.ref_128 is None else await find_person(tx, found.ref_128)
    return AccountFile(account=found, balances=balances, owner=owner.handle if owner else None)


async def see_transfers(
    till: Till, operator_id: UUID, account: UUID, *, after: int | None, limit: int, now: datetime
) -> Sequence[Record]:
    """An account's transfers, the newest first; `after` is the timestamp of the last one on the page before.

    Raises NoSuchAccount.
    """
    await _find_account(till, account)
    async with till.db.transaction() as tx:
        await note_act(tx, operator_id, "transfers_seen", str(account), {"after": after}, now=now)
    return await till.ledger.list_transfers(Filter(account=account), after=after, limit=limit, newest_first=True)


async def _find_account(till: Till, account: UUID) -> tuple[Account, Balances]:
    found = await till.ledger.find_account(account)
    if found is None:
        raise NoSuchAccount
    return found
