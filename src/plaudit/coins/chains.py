"""The chain of a settled top-up, and the accounts that it needs."""

from collections.abc import Sequence
from uuid import UUID

from plaudit.coins.model import TopUp
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import COIN, Money, to_internal
from plaudit.ledger import Account, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account

_NAME_SPACE = UUID("5f2f5a0e-8f0f-5d2b-9d53-6b0c7a1de4c2")


def fan_account(person_id: UUID) -> UUID:
    """The account of a fan's coins."""
    return account_id(AccountCode.FAN_COINS, COIN, person_id)


def accounts_of(top_up: TopUp) -> Sequence[Account]:
    """Every account that the chain touches."""
    asset = get_currency(top_up.currency).asset
    return (
        make_account(AccountCode.PROVIDER_CLEARING, asset, top_up.provider),
        make_account(AccountCode.COIN_FLOAT, asset),
        make_account(AccountCode.TAX_PAYABLE, asset, top_up.region),
        make_account(AccountCode.PROVIDER_FEES, asset),
        make_account(AccountCode.COINS_ISSUED, COIN),
        make_account(AccountCode.FAN_COINS, COIN, top_up.person_id),
    )


def make_chain(top_up: TopUp) -> Sequence[Transfer]:
    """The price into the coin float, the tax, the provider's fee, and last the coins; `ref_128` is the top-up.

    The ids come from provider and payment: that this payment was made is credited once, whoever tells it how often.
    """
    assert top_up.payment_id is not None, "only what is paid is settled"
    clearing, coin_float, tax, fees, issued, fan = (account.id for account in accounts_of(top_up))
    currency = get_currency(top_up.currency)
    base = derive_id(_NAME_SPACE, top_up.provider, top_up.payment_id)

    def leg(name: str, debit: UUID, credit: UUID, amount: int) -> Transfer:
        return Transfer(derive_id(base, name), debit, credit, amount, TransferCode.TOP_UP, ref_128=top_up.id)

    legs = (
        leg("price", clearing, coin_float, to_internal(top_up.net)),
        leg("tax", clearing, tax, to_internal(top_up.tax)),
        leg("fee", fees, clearing, to_internal(Money(top_up.fee_minor or 0, currency))),
        leg("coins", issued, fan, top_up.coins),
    )
    # A region without tax has no such leg: the ledger takes no transfer of nothing.
    return tuple(leg for leg in legs if leg.amount)
