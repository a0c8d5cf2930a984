"""The chains of refunds and disputes, and the accounts that they need.

Ids are derived from the refund, the dispute or the hold: each chain is posted once, whoever finishes it how often.
Legs in money name the refund or the dispute in `ref_128`, holds on coins the lot.
"""

from collections.abc import Sequence
from uuid import UUID

from plaudit.coins.chains import fan_account
from plaudit.coins.model import TopUp
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import COIN, MICROS_PER_MINOR
from plaudit.ledger import Account, Transfer, make_hold, make_post, make_void
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account
from plaudit.reversals.model import Dispute, Hold, Refund, Unwinding

Chain = Sequence[Transfer]

_HOUSE = (
    AccountCode.DISPUTES_OPEN,
    AccountCode.COIN_FLOAT,
    AccountCode.REFUNDS_UNDER_WAY,
    AccountCode.PLATFORM_REVENUE,
    AccountCode.BREAKAGE,
    AccountCode.CHARGEBACK_LOSS,
    AccountCode.DISPUTE_FEES,
    AccountCode.PROMOTIONS,
)
_CREATORS = (
    AccountCode.CREATOR_PENDING,
    AccountCode.CREATOR_AVAILABLE,
    AccountCode.CREATOR_RESERVE,
    AccountCode.OWED_BY_CREATOR,
)


def accounts_of(top_up: TopUp) -> Sequence[Account]:
    """Every account of the house and of the top-up's provider and region that a chain here may touch."""
    asset = get_currency(top_up.currency).asset
    return (
        *(make_account(code, asset) for code in _HOUSE),
        make_account(AccountCode.PROVIDER_CLEARING, asset, top_up.provider),
        make_account(AccountCode.TAX_PAYABLE, asset, top_up.region),
        make_account(AccountCode.COINS_ISSUED, COIN),
        make_account(AccountCode.FAN_COINS, COIN, top_up.person_id),
    )


def accounts_of_creator(creator_id: UUID, currency: str) -> Sequence[Account]:
    """Every account of a creator that an unwinding may touch."""
    asset = get_currency(currency).asset
    return [make_account(code, asset, creator_id) for code in _CREATORS]


def account_of(code: AccountCode, creator_id: UUID, currency: str) -> UUID:
    """A creator's account of this kind."""
    return account_id(code, get_currency(currency).asset, creator_id)


def hold_coins(hold: Hold, person_id: UUID, coins: int) -> Transfer:
    """Coins of a lot on hold. How many may be another number in another try: the first that is posted holds."""
    code = TransferCode.REFUND if hold.refund_id else TransferCode.DISPUTE
    issued = account_id(AccountCode.COINS_ISSUED, COIN)
    return make_hold(Transfer(hold.id, fan_account(person_id), issued, coins, code, ref_128=hold.lot_id))


def post_coins(hold: Hold) -> Transfer:
    """The coins on hold are gone for good."""
    return make_post(derive_id(hold.id, "post"), hold.id)


def void_coins(hold: Hold) -> Transfer:
    """The coins on hold come back."""
    return make_void(derive_id(hold.id, "void"), hold.id)


def hold_value(refund: Refund, value_micros: int) -> Transfer:
    """The value of a refund's coins on hold, from the coin float."""
    asset = get_currency(refund.currency).asset
    return make_hold(
        Transfer(
            derive_id(refund.id, "value"),
            account_id(AccountCode.COIN_FLOAT, asset),
            account_id(AccountCode.REFUNDS_UNDER_WAY, asset),
            value_micros,
            TransferCode.REFUND,
            ref_128=refund.id,
        )
    )


def void_refund(refund: Refund, hold: Hold) -> Chain:
    """Coins and value come back."""
    return (void_coins(hold), make_void(derive_id(refund.id, "value void"), derive_id(refund.id, "value")))


def post_refund(refund: Refund, hold: Hold, top_up: TopUp) -> Chain:
    """The provider gave it back: coins and value are gone, and with them what was tax.

    The fraction of a minor unit that the coins were worth more than went back stays with the house.
    """
    assert refund.value_micros is not None, "what was sent has amounts"
    net = (refund.net_minor or 0) * MICROS_PER_MINOR
    legs = _Legs(refund.id, refund.currency, TransferCode.REFUND)
    clearing = legs.account(AccountCode.PROVIDER_CLEARING, top_up.provider)
    tax = legs.account(AccountCode.TAX_PAYABLE, top_up.region)
    under_way = legs.account(AccountCode.REFUNDS_UNDER_WAY)
    fraction = refund.value_micros - net
    return (
        post_coins(hold),
        make_post(derive_id(refund.id, "value post"), derive_id(refund.id, "value")),
        *legs.leg("net", under_way, clearing, net),
        *legs.leg("tax", tax, clearing, (refund.tax_minor or 0) * MICROS_PER_MINOR),
        *legs.leg("fraction", under_way, legs.account(AccountCode.BREAKAGE), fraction, code=TransferCode.BREAKAGE),
    )


def book_dispute(dispute: Dispute) -> Chain:
    """The provider took the money, and its fee."""
    legs = _Legs(dispute.id, dispute.currency, TransferCode.DISPUTE)
    clearing = legs.account(AccountCode.PROVIDER_CLEARING, dispute.provider)
    disputed = legs.account(AccountCode.DISPUTES_OPEN)
    fees = legs.account(AccountCode.DISPUTE_FEES)
    return (
        *legs.leg("opened", disputed, clearing, dispute.amount_minor * MICROS_PER_MINOR),
        *legs.leg("fee", fees, clearing, dispute.fee_minor * MICROS_PER_MINOR),
    )


def win_dispute(dispute: Dispute) -> Chain:
    """The provider gave the money back; its fee stays with it."""
    legs = _Legs(dispute.id, dispute.currency, TransferCode.DISPUTE)
    clearing = legs.account(AccountCode.PROVIDER_CLEARING, dispute.provider)
    return legs.leg("won", clearing, legs.account(AccountCode.DISPUTES_OPEN), dispute.amount_minor * MICROS_PER_MINOR)


def lose_dispute(dispute: Dispute, hold: Hold | None, top_up: TopUp) -> Chain:
    """What doesn't come out of gifts: the coins that are left, the tax, and what the payment didn't cover.

    `hold` is the one that took coins, where one did.
    """
    legs = _Legs(dispute.id, dispute.currency, TransferCode.DISPUTE)
    disputed = legs.account(AccountCode.DISPUTES_OPEN)
    coin_float = legs.account(AccountCode.COIN_FLOAT)
    tax = legs.account(AccountCode.TAX_PAYABLE, top_up.region)
    rest = dispute.rest_micros or 0
    fraction, breakage = dispute.value_micros - rest, legs.account(AccountCode.BREAKAGE)
    return (
        *((post_coins(hold),) if hold else ()),
        *legs.leg("rest", coin_float, disputed, rest),
        *legs.leg("fraction", coin_float, breakage, fraction, code=TransferCode.BREAKAGE),
        *legs.leg("tax back", tax, disputed, (dispute.tax_minor or 0) * MICROS_PER_MINOR),
        *legs.leg("loss", legs.account(AccountCode.CHARGEBACK_LOSS), disputed, dispute.loss_micros or 0),
    )


def unwind(unwinding: Unwinding) -> Chain:
    """What one creator's gifts pay back: the house's part, what it bears of the creator's, and the creator's own.

    What was promotion goes back to the house, last. Whatever the attempt is, its first leg has the same id: only one
    attempt can ever be posted. `ref_32` is the attempt.
    """
    root = derive_id(unwinding.dispute_id, str(unwinding.creator_id))
    legs = _Legs(root, unwinding.currency, TransferCode.UNWINDING, unwinding.dispute_id, unwinding.attempt)
    disputed = legs.account(AccountCode.DISPUTES_OPEN)
    promotions = legs.account(AccountCode.PROMOTIONS)
    moves = [
        (legs.account(AccountCode.PLATFORM_REVENUE), disputed, unwinding.platform_micros),
        (legs.account(AccountCode.CHARGEBACK_LOSS), disputed, unwinding.absorbed_micros),
    ]
    promoted = unwinding.promotion_micros
    for code, micros in reversed(_taken_from(unwinding)):
        source, back = legs.account(code, unwinding.creator_id), min(micros, promoted)
        moves += [(source, promotions, back), (source, disputed, micros - back)]
        promoted -= back
    taken = [move for move in moves if move[2]]
    return [
        leg
        for number, (debit, credit, micros) in enumerate(taken)
        for leg in legs.leg("first" if number == 0 else f"{unwinding.attempt} {number}", debit, credit, micros)
    ]


def _taken_from(unwinding: Unwinding) -> Sequence[tuple[AccountCode, int]]:
    return (
        (AccountCode.CREATOR_PENDING, unwinding.pending_micros),
        (AccountCode.CREATOR_AVAILABLE, unwinding.available_micros),
        (AccountCode.CREATOR_RESERVE, unwinding.reserve_micros),
        (AccountCode.OWED_BY_CREATOR, unwinding.owed_micros),
    )


def first_leg_of(unwinding: Unwinding) -> UUID:
    """The id that the first leg of every attempt at this has."""
    return derive_id(derive_id(unwinding.dispute_id, str(unwinding.creator_id)), "first")


class _Legs:
    """Legs of one chain in one currency."""

    def __init__(
        self, root: UUID, currency: str, code: TransferCode, ref_128: UUID | None = None, ref_32: int = 0
    ) -> None:
        self._root = root
        self._asset = get_currency(currency).asset
        self._code = code
        self._ref_128 = ref_128 or root
        self._ref_32 = ref_32

    def account(self, code: AccountCode, of: UUID | str = "") -> UUID:
        """The account of this kind."""
        return account_id(code, self._asset, of)

    def leg(self, name: str, debit: UUID, credit: UUID, micros: int, code: TransferCode | None = None) -> Chain:
        """One transfer, or none of nothing: the ledger takes no such."""
        if not micros:
            return ()
        id = derive_id(self._root, name)
        return (Transfer(id, debit, credit, micros, code or self._code, ref_128=self._ref_128, ref_32=self._ref_32),)
