"""What a creator has: pending with the days on which it becomes available, available, held with reasons, owed.

Settled figures are the ledger's. What isn't settled yet is told beside them, as an estimate.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.earnings import balance_queries as queries
from plaudit.earnings.balance_queries import FoldedRow, PendingRow, ReserveRow
from plaudit.earnings.estimates import Estimates
from plaudit.earnings.waterfalls import list_unsettled
from plaudit.foundation.currencies import get_currency_by_number
from plaudit.gifts import Gifting
from plaudit.gifts.chains import creator_account
from plaudit.ledger import AccountFilter, Balances
from plaudit.ledger.chart import AccountCode
from plaudit.ledger.model import ZERO

_MOST_ACCOUNTS = 1_000
_MONEY = (
    AccountCode.CREATOR_PENDING,
    AccountCode.CREATOR_AVAILABLE,
    AccountCode.CREATOR_RESERVE,
    AccountCode.OWED_BY_CREATOR,
)


class Coming(Struct, frozen=True, kw_only=True):
    """Pending money that becomes available on the day (UTC) of `at`, the first instant at which some of it does."""

    at: datetime
    micros: int


class Held(Struct, frozen=True, kw_only=True):
    """Money that is the creator's and can't be withdrawn: why, since when and until when."""

    micros: int
    reason: str
    since: datetime
    until: datetime


class Balance(Struct, frozen=True, kw_only=True):
    """A creator's money in one currency, in internal units.

    `available` can be withdrawn now; what payouts hold (`on_its_way`) isn't in it any more.
    """

    currency: str
    pending: int
    available: int
    on_its_way: int
    held: int
    owed: int
    coming: tuple[Coming, ...]
    reserves: tuple[Held, ...]


class Unsettled(Struct, frozen=True, kw_only=True):
    """Gifts that aren't settled yet, and about what they will bring, by currency in internal units.

    `is_whole` is false when there are too many to estimate at once: then it is at least this.
    """

    gifts: int
    coins: int
    micros: Mapping[str, int]
    is_whole: bool


class Earnings(Struct, frozen=True, kw_only=True):
    """All that a creator has. `coins_received` is ever, `coins_settled` the part of it that has become money."""

    coins_received: int
    coins_settled: int
    balances: tuple[Balance, ...]
    unsettled: Unsettled


async def get_earnings(gifting: Gifting, estimates: Estimates, person_id: UUID, region: str) -> Earnings:
    """What somebody has; nothing where they never received a gift. Raises Unavailable."""
    accounts = await gifting.ledger.list_accounts(AccountFilter(ref_128=person_id), limit=_MOST_ACCOUNTS)
    async with gifting.db.transaction() as tx:
        pending = await queries.list_pending(tx, person_id)
        reserves = await queries.list_reserves(tx, person_id)
        folded = await queries.list_folded(tx, person_id)
        terms = await queries.find_terms(tx, person_id, region, now=estimates.clock.now())
    by_currency: dict[str, dict[int, Balances]] = {}
    for account, balances in accounts:
        if account.code in _MONEY:
            code = get_currency_by_number(account.ledger).code
            by_currency.setdefault(code, {})[account.code] = balances
    found = [_balance(code, parts, pending, reserves) for code, parts in by_currency.items()]
    wallet = next((balances for account, balances in accounts if account.id == creator_account(person_id)), ZERO)
    return Earnings(
        coins_received=wallet.credits_posted,
        coins_settled=wallet.debits_posted,
        balances=tuple(sorted(found, key=lambda each: (-_worth(each), each.currency))),
        unsettled=await _estimate(gifting, estimates, person_id, terms, folded),
    )


def _balance(
    code: str, parts: Mapping[int, Balances], pending: Sequence[PendingRow], reserves: Sequence[ReserveRow]
) -> Balance:
    available = parts.get(AccountCode.CREATOR_AVAILABLE, ZERO)
    return Balance(
        currency=code,
        pending=-parts.get(AccountCode.CREATOR_PENDING, ZERO).net_debits,
        available=available.spendable,
        on_its_way=available.debits_pending,
        held=-parts.get(AccountCode.CREATOR_RESERVE, ZERO).net_debits,
        owed=parts.get(AccountCode.OWED_BY_CREATOR, ZERO).net_debits,
        coming=tuple(Coming(at=row.release_at, micros=row.micros) for row in pending if row.currency == code),
        reserves=tuple(
            Held(micros=row.micros, reason=row.reason, since=row.since, until=row.until)
            for row in reserves
            if row.currency == code
        ),
    )


def _worth(balance: Balance) -> int:
    """By which the largest comes first; of two currencies nobody can say which is more, but somebody must lead."""
    return balance.pending + balance.available + balance.on_its_way + balance.held


async def _estimate(
    gifting: Gifting, estimates: Estimates, person_id: UUID, terms: queries.Terms, folded: Sequence[FoldedRow]
) -> Unsettled:
    micros = {row.currency: row.micros for row in folded}
    waiting = await list_unsettled(gifting, estimates, person_id, terms)
    for earned in waiting.items:
        for code, flow in earned.flows.items():
            micros[code] = micros.get(code, 0) + flow.share
    return Unsettled(
        gifts=sum(row.gifts for row in folded) + len(waiting.items),
        coins=sum(row.coins for row in folded) + sum(each.sent.sending.coins for each in waiting.items),
        micros=micros,
        is_whole=waiting.is_whole,
    )
