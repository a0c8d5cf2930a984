"""What a record of the ledger means for whoever has the coins: how many came or went, which, and why."""

from uuid import UUID

from plaudit.coins.model import MovementKind
from plaudit.coins.rules import count_coins
from plaudit.ledger import Kind, Record
from plaudit.ledger.chart import TransferCode

_KINDS: dict[int, MovementKind] = {
    TransferCode.TOP_UP: MovementKind.TOP_UP,
    TransferCode.GIFT: MovementKind.GIFT,
    TransferCode.PROMOTION: MovementKind.PROMOTION,
}
_CUTS: dict[int, dict[Kind, MovementKind]] = {
    TransferCode.REFUND: {
        Kind.HOLD: MovementKind.REFUND,
        Kind.POST: MovementKind.REFUNDED,
        Kind.VOID: MovementKind.REFUND_ENDED,
        Kind.EXPIRE: MovementKind.REFUND_ENDED,
    },
    TransferCode.DISPUTE: {
        Kind.HOLD: MovementKind.DISPUTE,
        Kind.POST: MovementKind.DISPUTE_LOST,
        Kind.VOID: MovementKind.DISPUTE_ENDED,
        Kind.EXPIRE: MovementKind.DISPUTE_ENDED,
    },
}
_REASONS: dict[tuple[MovementKind, bool], str] = {
    (MovementKind.TOP_UP, True): "You bought {coins}.",
    (MovementKind.PROMOTION, True): "You were given {coins}.",
    (MovementKind.GIFT, True): "You received a gift of {coins}.",
    (MovementKind.GIFT, False): "You sent a gift of {coins}.",
    (MovementKind.HOLD, True): "On hold for you: {coins}.",
    (MovementKind.HOLD, False): "On hold: {coins}.",
    (MovementKind.HOLD_POSTED, True): "You received what was on hold for you: {coins}.",
    (MovementKind.HOLD_POSTED, False): "Spent, of what was on hold: {coins}.",
    (MovementKind.HOLD_ENDED, True): "No longer on hold for you: {coins}.",
    (MovementKind.HOLD_ENDED, False): "No longer on hold: {coins}.",
    (MovementKind.REFUND, False): "On their way back for a refund: {coins}.",
    (MovementKind.REFUNDED, False): "Refunded: {coins}.",
    (MovementKind.REFUND_ENDED, False): "Back from a refund that didn't go through: {coins}.",
    (MovementKind.DISPUTE, False): "On hold, because the payment is disputed: {coins}.",
    (MovementKind.DISPUTE_LOST, False): "Gone with a payment that the bank gave back: {coins}.",
    (MovementKind.DISPUTE_ENDED, False): "Back, because the disputed payment stands: {coins}.",
    (MovementKind.OTHER, True): "You received {coins}.",
    (MovementKind.OTHER, False): "You spent {coins}.",
}


def kind_of(record: Record) -> MovementKind:
    """What happened. A hold is told as such, but for those of refunds and disputes, which say so."""
    cuts = _CUTS.get(record.transfer.code)
    if cuts:
        return cuts.get(record.transfer.kind, MovementKind.OTHER)
    match record.transfer.kind:
        case Kind.TRANSFER:
            # An IntEnum is equal to its number, and hashes like it.
            return _KINDS.get(record.transfer.code, MovementKind.OTHER)
        case Kind.HOLD:
            return MovementKind.HOLD
        case Kind.POST:
            return MovementKind.HOLD_POSTED
        case _:
            return MovementKind.HOLD_ENDED


def came(record: Record, account: UUID) -> bool:
    """Whether it is about coins for this account, not from it."""
    return record.transfer.credit_account == account


def spendable_change(record: Record, account: UUID, held_coins: int | None) -> int:
    """By how much it changed what can be spent. `held_coins` is how many the hold had that it ends, where it ends one.

    Coins on hold can't be spent, so they go when they are held, and only the rest comes back in the end. Coins that are
    held for somebody aren't theirs before.
    """
    amount = record.transfer.amount
    if came(record, account):
        return amount if record.transfer.kind in (Kind.TRANSFER, Kind.POST) else 0
    match record.transfer.kind:
        case Kind.POST:
            return (held_coins or amount) - amount
        case Kind.VOID | Kind.EXPIRE:
            return held_coins or amount
        case _:
            return -amount


def coins_of(record: Record, account: UUID) -> range:
    """Which of the coins ever received it is about: the last that came, or those whose turn to be spent it is."""
    after, amount = record.balances_of(account), record.transfer.amount
    if came(record, account):
        return range(after.credits_posted - amount, after.credits_posted)
    match record.transfer.kind:
        case Kind.HOLD:
            end = after.debits_posted + after.debits_pending
        case Kind.VOID | Kind.EXPIRE:
            end = after.debits_posted + after.debits_pending + amount
        case _:
            end = after.debits_posted
    return range(end - amount, end)


def reason_of(record: Record, account: UUID) -> str:
    """Why, in a sentence. Who gave a gift, which and to whom is for those to tell who know gifts."""
    sentence = _REASONS.get((kind_of(record), came(record, account)), "{coins}.")
    return sentence.format(coins=count_coins(record.transfer.amount))
