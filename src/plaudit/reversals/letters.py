"""What people are told by letter, in plain words: what happened, and what it means for them.

A creator isn't told who paid: only that a payment was taken back, and what it had brought.
"""

from collections.abc import Sequence
from datetime import datetime

from plaudit.coins.model import TopUp
from plaudit.coins.rules import count_coins
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import Micros, floor_to_minor, format_minor
from plaudit.providers import Letter
from plaudit.reversals.errors import NothingLeftToRefund, TopUpDisputed
from plaudit.reversals.model import Dispute, Refund, RefundState, Unwinding

_WHY_NOT = {
    NothingLeftToRefund.code: "Nothing of it was left to give back.",
    TopUpDisputed.code: "The payment is disputed at your bank, which decides about it.",
}
_IN_WALLET = "Your coins are in your wallet."
_WHERE_COINS_ARE = {TopUpDisputed.code: "Until the bank decides, these coins are on hold."}


def refund_ended(refund: Refund, top_up: TopUp, email: str, *, now: datetime) -> Letter:
    """To the fan: the money is on its way back, or it isn't; and where the coins are then."""
    bought = f"On {top_up.asked_at:%d %B %Y} you bought {count_coins(top_up.coins)} for {format_minor(top_up.total)}."
    if refund.state is RefundState.REFUNDED and refund.amount is not None:
        subject = f"Refunded: {format_minor(refund.amount)}"
        body = (
            f"{bought}\n\n{count_coins(refund.coins or 0)} of it weren't spent. You gave them back, and "
            f"{format_minor(refund.amount)} are on their way to where the payment came from. Banks take some days to "
            "show it.\n"
        )
    else:
        subject = "Your refund didn't go through"
        why = _WHY_NOT.get(refund.reason or "", "The payment provider didn't take it.")
        where = _WHERE_COINS_ARE.get(refund.reason or "", _IN_WALLET)
        body = f"{bought}\n\nYou asked to give back what was left of it. {why} {where}\n"
    return Letter(id=derive_id(refund.id, "letter"), recipient=email, subject=subject, body=body, written_at=now)


def dispute_opened(dispute: Dispute, top_up: TopUp, email: str, *, now: datetime) -> Letter:
    """To the fan: what is left of the purchase waits until the bank has decided."""
    body = (
        f"Your bank told us that the payment of {format_minor(top_up.total)} for {count_coins(top_up.coins)}, on "
        f"{top_up.asked_at:%d %B %Y}, is disputed. {format_minor(dispute.amount)} were taken back for now.\n\n"
        "What is left of these coins is on hold until the bank decides. You can spend all your other coins, and your "
        "account stays open.\n"
    )
    subject = "A payment of yours is disputed"
    return Letter(id=derive_id(dispute.id, "opened"), recipient=email, subject=subject, body=body, written_at=now)


def dispute_won(dispute: Dispute, email: str, *, now: datetime) -> Letter:
    """To the fan: the payment stands, and the coins are there again."""
    subject = "The dispute is over: your coins are back"
    body = (
        f"The bank decided that the payment of {format_minor(dispute.amount)} stands. What was on hold is in your "
        "wallet again, and is what you spend next.\n"
    )
    return Letter(id=derive_id(dispute.id, "closed"), recipient=email, subject=subject, body=body, written_at=now)


def dispute_lost(dispute: Dispute, parts: Sequence[Unwinding], email: str, *, now: datetime) -> Letter:
    """To the fan: the money is back and what was left of the coins is gone; and whether creators paid back."""
    subject = "The dispute is over: you have your money back"
    body = (
        f"The bank gave you {format_minor(dispute.amount)} back. {count_coins(dispute.coins)} that were left of this "
        "purchase are gone from your wallet."
    )
    if any(part.borne_micros for part in parts):
        body += " What you had given of it before was taken back from those who received it."
    body += "\n"
    return Letter(id=derive_id(dispute.id, "closed"), recipient=email, subject=subject, body=body, written_at=now)


def taken_back(dispute: Dispute, unwinding: Unwinding, email: str, *, now: datetime) -> Letter:
    """To a creator: what was taken back, from where, and why."""
    whole = _money(unwinding.borne_micros, unwinding.currency)
    gifts = "one gift" if unwinding.gifts == 1 else f"{unwinding.gifts:,} gifts"
    opening = (
        f"A fan's bank took back a payment whose coins had become {gifts} to you. {whole} of what those had brought "
        "you was taken back with it:"
    )
    lines = [
        opening,
        "",
        *(
            f"- {_money(micros, unwinding.currency)} {where}"
            for micros, where in (
                (unwinding.pending_micros, "from what is pending"),
                (unwinding.available_micros, "from what was available"),
                (unwinding.reserve_micros, "from what was kept in reserve"),
                (unwinding.owed_micros, "is owed, and will be taken from what you earn next"),
            )
            if micros
        ),
    ]
    if unwinding.absorbed_micros:
        lines += ["", f"We bear {_money(unwinding.absorbed_micros, unwinding.currency)} of it for you."]
    lines += ["", "Your other gifts aren't touched, and you needn't do anything."]
    return Letter(
        id=derive_id(dispute.id, "taken back", str(unwinding.creator_id)),
        recipient=email,
        subject=f"{whole} was taken back",
        body="\n".join(lines) + "\n",
        written_at=now,
    )


def _money(micros: int, currency: str) -> str:
    """Rounded up to the minor unit: nobody is told that less is taken than is."""
    return format_minor(-floor_to_minor(Micros(-micros), get_currency(currency), rest_to="house").whole)
