"""What a payout does in the ledger: the chains of each state, with ids derived from the payout's.

Every state's chains include those that led there: posting one again gives the same answer, so whatever a crash left is
finished by posting them all.
"""

from collections.abc import Sequence
from uuid import UUID

from plaudit.foundation.currencies import Currency
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import MICROS_PER_MINOR, to_internal
from plaudit.ledger import Account, Transfer, make_hold, make_post, make_void
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account
from plaudit.payouts.model import Payout, Rail, State

Chain = tuple[Transfer, ...]


def available_account(person_id: UUID, currency: Currency) -> UUID:
    """The account of what a creator can withdraw."""
    return account_id(AccountCode.CREATOR_AVAILABLE, currency.asset, person_id)


def bank_account(rail: Rail, currency: Currency) -> Account:
    """The house's account at the bank or wallet provider that a rail pays from."""
    return make_account(AccountCode.BANK, currency.asset, rail.value)


def accounts_of(payout: Payout) -> Sequence[Account]:
    """Every account that any of a payout's chains touches."""
    earned, paid = payout.earned_in.asset, payout.paid_in.asset
    return (
        make_account(AccountCode.CREATOR_AVAILABLE, earned, payout.person_id),
        make_account(AccountCode.PAYOUTS_UNDER_WAY, earned),
        make_account(AccountCode.PAYOUT_FEES, earned),
        make_account(AccountCode.TAX_WITHHELD, earned),
        bank_account(payout.rail, payout.paid_in),
        make_account(AccountCode.CURRENCY_EXCHANGE, earned),
        make_account(AccountCode.CURRENCY_EXCHANGE, paid),
    )


def chains_of(payout: Payout) -> Sequence[Chain]:
    """What the ledger must hold of a payout in its state, in this order."""
    match payout.state:
        case State.REQUESTED | State.APPROVED | State.SUBMITTED:
            return (_holding(payout),)
        case State.FAILED | State.CANCELLED:
            return (releasing(payout),)
        case State.PAID:
            return (_holding(payout), _paying(payout))
        case State.RETURNED:
            return (_holding(payout), _paying(payout), _returning(payout))


def releasing(payout: Payout) -> Chain:
    """Gives back what is held."""
    return (make_void(derive_id(payout.id, "void"), _hold_id(payout)),)


def _hold_id(payout: Payout) -> UUID:
    return derive_id(payout.id, "hold")


def _holding(payout: Payout) -> Chain:
    """The whole amount, from the first moment and without an end: parallel requests can't spend it twice."""
    available, under_way, *_ = (account.id for account in accounts_of(payout))
    amount = to_internal(payout.amount)
    hold = Transfer(_hold_id(payout), available, under_way, amount, TransferCode.PAYOUT, ref_128=payout.id)
    return (make_hold(hold),)


def _paying(payout: Payout) -> Chain:
    """Posts the hold and divides it: fee, tax, spread, and what the bank pays, exchanged where it has to be."""
    _, under_way, fees, withheld, bank, earned, paid = (account.id for account in accounts_of(payout))

    def leg(name: str, debit: UUID, credit: UUID, amount: int) -> Transfer:
        return Transfer(derive_id(payout.id, name), debit, credit, amount, TransferCode.PAYOUT, ref_128=payout.id)

    legs = [
        leg("fee", under_way, fees, payout.fee_minor * MICROS_PER_MINOR),
        leg("withheld", under_way, withheld, payout.withheld_minor * MICROS_PER_MINOR),
        leg("spread", under_way, fees, payout.spread_micros),
    ]
    if payout.rate_id is None:
        legs.append(leg("paid", under_way, bank, to_internal(payout.paid)))
    else:
        legs.append(leg("sold", under_way, earned, payout.passed_on_micros))
        legs.append(leg("paid", paid, bank, to_internal(payout.paid)))
    return (make_post(derive_id(payout.id, "post"), _hold_id(payout)), *(each for each in legs if each.amount))


def _returning(payout: Payout) -> Chain:
    """Undoes what was paid, exchange and spread and tax included; the fee stays where the rules said so."""
    available, under_way, fees, withheld, bank, earned, paid = (account.id for account in accounts_of(payout))

    def leg(name: str, debit: UUID, credit: UUID, amount: int) -> Transfer:
        own = derive_id(payout.id, "return", name)
        return Transfer(own, debit, credit, amount, TransferCode.PAYOUT_RETURN, ref_128=payout.id)

    if payout.rate_id is None:
        legs = [leg("paid", bank, under_way, to_internal(payout.paid))]
    else:
        legs = [
            leg("paid", bank, paid, to_internal(payout.paid)),
            leg("sold", earned, under_way, payout.passed_on_micros),
        ]
    fee = 0 if payout.keeps_fee else payout.fee_minor * MICROS_PER_MINOR
    tax = payout.withheld_minor * MICROS_PER_MINOR
    legs += [
        leg("spread", fees, under_way, payout.spread_micros),
        leg("withheld", withheld, under_way, tax),
        leg("fee", fees, under_way, fee),
        leg("back", under_way, available, payout.passed_on_micros + payout.spread_micros + tax + fee),
    ]
    return tuple(each for each in legs if each.amount)
