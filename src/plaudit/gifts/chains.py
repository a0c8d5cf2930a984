"""The chain of a gift: one transfer and nothing else; and the accounts that it needs."""

from functools import lru_cache
from uuid import UUID

from plaudit.coins.chains import fan_account as make_fan_account
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import COIN
from plaudit.gifts.model import Sending
from plaudit.ledger import Account, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account

_NAME_SPACE = UUID("0b6f1f3c-9f5e-5d0c-8a43-27a1f0c4d9e6")
# Deriving an id costs as much as all the rest that a gift does here, and the same people give and receive again.
_REMEMBERED = 100_000


@lru_cache(_REMEMBERED)
def fan_account(person_id: UUID) -> UUID:
    """The account of a fan's coins."""
    return make_fan_account(person_id)


@lru_cache(_REMEMBERED)
def creator_account(person_id: UUID) -> UUID:
    """The account of the coins that a creator received."""
    return account_id(AccountCode.CREATOR_COINS, COIN, person_id)


def accounts_of(sending: Sending) -> tuple[Account, Account]:
    """Both accounts, as they are opened for whoever never had coins."""
    return (
        make_account(AccountCode.FAN_COINS, COIN, sending.sender_id),
        make_account(AccountCode.CREATOR_COINS, COIN, sending.creator_id),
    )


def transfer_id(sending_id: UUID) -> UUID:
    """The id of the transfer that says that this gift was sent."""
    return derive_id(_NAME_SPACE, str(sending_id), "coins")


def make_transfer(sending: Sending) -> Transfer:
    """The coins from the fan to the creator; `ref_128` is the sending's id."""
    return Transfer(
        transfer_id(sending.id),
        fan_account(sending.sender_id),
        creator_account(sending.creator_id),
        sending.coins,
        TransferCode.GIFT,
        ref_128=sending.id,
    )
