"""The chart of accounts: which kinds there are, what each may not do, and the id that each account always has."""

from enum import IntEnum
from uuid import UUID

from plaudit.foundation.ids import derive_id
from plaudit.ledger.model import Account, Limit

_NAME_SPACE = UUID("6f0d5f6e-52c1-5c0a-9a53-1f7d3c0a2b11")


class AccountCode(IntEnum):
    """What kind of account it is. Three digits count coins, four digits count money."""

    COINS_ISSUED = 100
    """Contra to every coin there is."""
    FAN_COINS = 200
    FAN_COIN_DEBT = 210
    """Coins that a fan spent and whose payment was charged back."""
    CREATOR_COINS = 300
    """Received as gifts and not yet settled."""

    PROVIDER_CLEARING = 1000
    BANK = 1010
    DISPUTES_OPEN = 1100
    OWED_BY_FAN = 1110
    OWED_BY_CREATOR = 1120
    COIN_FLOAT = 2000
    """Paid for and not yet spent: deferred revenue."""
    TAX_PAYABLE = 2100
    CREATOR_PENDING = 2200
    CREATOR_AVAILABLE = 2210
    CREATOR_RESERVE = 2220
    TAX_WITHHELD = 2300
    PAYOUTS_UNDER_WAY = 2400
    REFUNDS_UNDER_WAY = 2500
    CURRENCY_EXCHANGE = 3900
    PLATFORM_REVENUE = 4000
    BREAKAGE = 4010
    PAYOUT_FEES = 4020
    PROVIDER_FEES = 5000
    STORE_COMMISSION = 5010
    CHARGEBACK_LOSS = 5020
    DISPUTE_FEES = 5030
    PROMOTIONS = 5040
    PAYOUT_COST = 5050
    BAD_DEBT = 5060


_WALLETS = {
    AccountCode.FAN_COINS,
    AccountCode.CREATOR_COINS,
    AccountCode.COIN_FLOAT,
    AccountCode.CREATOR_PENDING,
    AccountCode.CREATOR_AVAILABLE,
    AccountCode.CREATOR_RESERVE,
    AccountCode.PAYOUTS_UNDER_WAY,
    AccountCode.REFUNDS_UNDER_WAY,
}
_OWED = {
    AccountCode.COINS_ISSUED,
    AccountCode.FAN_COIN_DEBT,
    AccountCode.DISPUTES_OPEN,
    AccountCode.OWED_BY_FAN,
    AccountCode.OWED_BY_CREATOR,
}


def limit_of(code: AccountCode) -> Limit:
    """What an account of this kind may never do."""
    if code in _WALLETS:
        return Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
    return Limit.CREDITS_MUST_NOT_EXCEED_DEBITS if code in _OWED else Limit.NONE


def account_id(code: AccountCode, asset: int, of: UUID | str = "") -> UUID:
    """The id of the account of this kind and asset: the house's only one, a person's, or for example a provider's.

    `asset` is 1 for coins, else an ISO 4217 number; `of` is the person's id, or the name of the provider.
    """
    return derive_id(_NAME_SPACE, str(code.value), str(asset), str(of))


def make_account(code: AccountCode, asset: int, of: UUID | str = "") -> Account:
    """The account as it is to be opened; `ref_128` is the person whose it is."""
    return Account(account_id(code, asset, of), asset, code, limit_of(code), of if isinstance(of, UUID) else None)


class TransferCode(IntEnum):
    """Why a transfer was made."""

    TOP_UP = 1
    GIFT = 2
    PROMOTION = 3
    SETTLEMENT = 4
    RELEASE = 5
    """A creator's pending money becomes available."""
    RESERVE = 6
    """Between a creator's available money and the reserve."""
    REPAYMENT = 7
    """A creator's available money pays what they owe."""
    PAYOUT = 8
    PAYOUT_RETURN = 9
    REFUND = 10
    DISPUTE = 11
    UNWINDING = 12
    """A lost dispute takes back what gifts had brought."""
    BREAKAGE = 13
    ADJUSTMENT = 14
