"""What somebody has: coins, what they cost, and every movement with its reason."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from plaudit.coins import movements, rules
from plaudit.coins.chains import fan_account
from plaudit.coins.model import Buyer, Movement, Spender, Till, Wallet
from plaudit.coins.order import list_stretches, position
from plaudit.coins.order_queries import find_spender
from plaudit.coins.packs import find_offer
from plaudit.coins.worths import list_worths, parts_in_line
from plaudit.foundation.money import COIN, Money
from plaudit.ledger import Filter, Ledger, Record
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.ledger.model import ZERO


async def get_wallet(till: Till, buyer: Buyer, *, now: datetime) -> Wallet:
    """Coins that can be spent, and what was paid for them; nothing for whoever never had any."""
    account = fan_account(buyer.person_id)
    balances = (await till.ledger.balances([account])).get(account, ZERO)
    async with till.db.transaction() as tx:
        offer = await find_offer(tx, buyer, now=now)
        spender = await find_spender(tx, buyer.person_id) or Spender()
        first = max(spender.spent, position(balances, spender.taken))
        end = first + balances.spendable
        stretches = await list_stretches(tx, buyer.person_id, first=first, end=end)
    parts = parts_in_line(stretches, first, end)
    return Wallet(coins=balances.spendable, worth=rules.worth_of(parts, offer))


async def list_movements(
    till: Till, buyer: Buyer, *, after: int | None, limit: int, now: datetime
) -> Sequence[Movement]:
    """What came and went, the newest first; `after` is the number of the last one on the page before."""
    account = fan_account(buyer.person_id)
    records = await _list_records(till.ledger, account, after, limit)
    async with till.db.transaction() as tx:
        offer = await find_offer(tx, buyer, now=now)
        worths = await list_worths(tx, buyer.person_id, account, records, offer)
    pairs = zip(records, worths, strict=True)
    return [await _movement(till.ledger, record, account, worth) for record, worth in pairs]


async def list_received(till: Till, person_id: UUID, *, after: int | None, limit: int) -> Sequence[Movement]:
    """The same of the coins that somebody received as gifts: theirs in another way, and paid for by others."""
    account = account_id(AccountCode.CREATOR_COINS, COIN, person_id)
    records = await _list_records(till.ledger, account, after, limit)
    return [await _movement(till.ledger, record, account, None) for record in records]


async def _list_records(ledger: Ledger, account: UUID, after: int | None, limit: int) -> Sequence[Record]:
    return await ledger.list_transfers(Filter(account=account), after=after, limit=limit, newest_first=True)


async def _movement(ledger: Ledger, record: Record, account: UUID, worth: Money | None) -> Movement:
    hold_id = record.transfer.hold_id
    hold = await ledger.find_transfer(hold_id) if hold_id else None
    return Movement(
        number=record.timestamp,
        at=record.at,
        kind=movements.kind_of(record),
        coins=movements.spendable_change(record, account, hold.transfer.amount if hold else None),
        coins_after=record.balances_of(account).spendable,
        worth=worth,
        reason=movements.reason_of(record, account),
        reference=record.transfer.ref_128,
    )
