"""What settlement works with, and the chains that it posts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from msgspec import Struct, field

from plaudit.earnings.leg_queries import Leg, Move
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.ids import derive_id
from plaudit.foundation.logs import get_logger
from plaudit.foundation.money import COIN
from plaudit.ledger import Account, Ledger, Outcome, Posted, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, make_account

_LEGS = UUID("a2c3b7f4-0a8e-5d25-8f0e-6a4f1a8d2b90")
_TOGETHER = 500
_MOST_REMEMBERED = 200_000

Intent = TypeVar("Intent")

log = get_logger(__name__)


class Settling(Struct, frozen=True):
    """The database and the ledger, and which accounts are open for sure. One for a process."""

    db: Database
    ledger: Ledger
    opened: set[UUID] = field(default_factory=set[UUID])


class Chain(Struct, frozen=True):
    """Transfers that happen together, and the accounts that they need."""

    transfers: tuple[Transfer, ...]
    accounts: tuple[Account, ...]


def leg_chain(leg: Leg) -> Chain:
    """From the coin float to the creator's pending money and our revenue; what no fan paid comes from promotions.

    Last, the coins that the creator received are retired. The ids come from run, creator and currency.
    """
    asset = get_currency(leg.currency).asset
    base = derive_id(_LEGS, str(leg.run), str(leg.creator_id), leg.currency)
    paid = leg.share_micros - leg.promoted_micros
    pending = make_account(AccountCode.CREATOR_PENDING, asset, leg.creator_id)
    revenue = make_account(AccountCode.PLATFORM_REVENUE, asset)
    promotions = make_account(AccountCode.PROMOTIONS, asset)
    coin_float = make_account(AccountCode.COIN_FLOAT, asset)
    received = make_account(AccountCode.CREATOR_COINS, COIN, leg.creator_id)
    issued = make_account(AccountCode.COINS_ISSUED, COIN)

    def make(name: str, debit: Account, credit: Account, amount: int) -> tuple[Transfer, Account, Account]:
        code = TransferCode.SETTLEMENT
        transfer = Transfer(
            derive_id(base, name), debit.id, credit.id, amount, code, ref_128=leg.creator_id, ref_64=leg.run
        )
        return transfer, debit, credit

    made = (
        make("share", coin_float, pending, paid),
        make("revenue", coin_float, revenue, leg.value_micros - paid),
        make("promoted", promotions, pending, leg.promoted_micros),
        make("coins", received, issued, leg.coins),
    )
    return _chain(each for each in made if each[0].amount)


def move_chain(id: UUID, code: TransferCode, move: Move, debit: AccountCode, credit: AccountCode) -> Chain:
    """One transfer between two of a creator's accounts; `ref_128` is the intent's id."""
    asset = get_currency(move.currency).asset
    one, other = make_account(debit, asset, move.creator_id), make_account(credit, asset, move.creator_id)
    return _chain([(Transfer(id, one.id, other.id, move.micros, code, ref_128=move.id), one, other)])


def _chain(made: Iterable[tuple[Transfer, Account, Account]]) -> Chain:
    kept = list(made)
    accounts = {account.id: account for _, *both in kept for account in both}
    return Chain(tuple(transfer for transfer, *_ in kept), tuple(accounts.values()))


async def post(books: Settling, chain: Chain) -> Outcome:
    """Post it, with its accounts open. Raises what the ledger raises."""
    await _open(books, chain.accounts)
    return await books.ledger.post(chain.transfers)


async def post_all(
    books: Settling,
    intents: Sequence[Intent],
    make: Callable[[Intent], Chain],
    mark: Callable[[list[Intent]], Awaitable[None]],
) -> list[Intent]:
    """Post the chain of each intent, some hundreds at a time, mark those that the ledger has, and give the others."""
    refused: list[Intent] = []
    for start in range(0, len(intents), _TOGETHER):
        page = intents[start : start + _TOGETHER]
        chains = [make(intent) for intent in page]
        await _open(books, [account for chain in chains for account in chain.accounts])
        outcomes = await asyncio.gather(*(books.ledger.post(chain.transfers) for chain in chains))
        pairs = list(zip(page, outcomes, strict=True))
        await mark([intent for intent, outcome in pairs if isinstance(outcome, Posted)])
        for intent, outcome in pairs:
            if not isinstance(outcome, Posted):
                log.error("the ledger refused a chain", intent=str(intent), reason=str(outcome.reason))
                refused.append(intent)
    return refused


async def _open(books: Settling, accounts: Iterable[Account]) -> None:
    wanted = {account.id: account for account in accounts if account.id not in books.opened}
    if not wanted:
        return
    refusals = await books.ledger.open_accounts(list(wanted.values()))
    if len(books.opened) > _MOST_REMEMBERED:
        books.opened.clear()
    books.opened.update(id for id, refusal in zip(wanted, refusals, strict=True) if refusal is None)
