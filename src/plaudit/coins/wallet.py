"""What somebody has: coins, what they cost, and every movement with its reason."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from plaudit.coins import rules
from plaudit.coins import top_up_queries as queries
from plaudit.coins.chains import fan_account
from plaudit.coins.model import Buyer, Lot, Movement, Offer, Till, Wallet
from plaudit.coins.packs import find_offer
from plaudit.ledger import Balances, Filter, Record
from plaudit.ledger.chart import TransferCode
from plaudit.ledger.model import ZERO

_REASONS: dict[tuple[int, bool], str] = {
    (TransferCode.TOP_UP, True): "You bought {coins}.",
    (TransferCode.GIFT, False): "You sent a gift of {coins}.",
}


async def get_wallet(till: Till, buyer: Buyer, *, now: datetime) -> Wallet:
    """Coins that can be spent, and what was paid for them; nothing for whoever never had any."""
    account = fan_account(buyer.person_id)
    balances = (await till.ledger.balances([account])).get(account, ZERO)
    used = balances.debits_posted + balances.debits_pending
    async with till.db.transaction() as tx:
        offer = await find_offer(tx, buyer, now=now)
        lots = await queries.list_lots(tx, buyer.person_id, first=used, end=balances.credits_posted)
    parts = rules.parts_of(lots, used, balances.credits_posted)
    return Wallet(coins=balances.spendable, worth=rules.worth_of(parts, offer))


async def list_movements(
    till: Till, buyer: Buyer, *, after: int | None, limit: int, now: datetime
) -> Sequence[Movement]:
    """What came and went, the newest first; `after` is the number of the last one on the page before."""
    account = fan_account(buyer.person_id)
    records = await till.ledger.list_transfers(Filter(account=account), after=after, limit=limit, newest_first=True)
    ranges = [_coins_of(record, account) for record in records]
    async with till.db.transaction() as tx:
        offer = await find_offer(tx, buyer, now=now)
        first, end = min((each.start for each in ranges), default=0), max((each.stop for each in ranges), default=0)
        lots = await queries.list_lots(tx, buyer.person_id, first=first, end=end)
    return [_movement(record, account, lots, offer) for record in records]


def _coins_of(record: Record, account: UUID) -> range:
    """Which of the coins ever received it moved: the last that came, or the first that were not spent yet."""
    after: Balances = record.balances_of(account)
    end = after.credits_posted if record.transfer.credit_account == account else after.debits_posted
    return range(end - record.transfer.amount, end)


def _movement(record: Record, account: UUID, lots: Sequence[Lot], offer: Offer) -> Movement:
    transfer, moved = record.transfer, _coins_of(record, account)
    came = transfer.credit_account == account
    parts = rules.parts_of(lots, moved.start, moved.stop)
    coins = "1 coin" if transfer.amount == 1 else f"{transfer.amount:,} coins"
    fallback = "You received {coins}." if came else "You spent {coins}."
    # An IntEnum is equal to its number, and hashes like it.
    reason = _REASONS.get((transfer.code, came), fallback)
    return Movement(
        number=record.timestamp,
        at=record.at,
        coins=transfer.amount if came else -transfer.amount,
        coins_after=record.balances_of(account).spendable,
        worth=rules.worth_of(parts, offer),
        reason=reason.format(coins=coins),
        reference=transfer.ref_128,
    )
