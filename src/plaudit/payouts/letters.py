"""What creators are told by mail: codes, and how their payouts went. No letter tells more of an account than pages."""

from datetime import datetime

from plaudit.foundation.ids import new_id
from plaudit.foundation.money import format_minor
from plaudit.payouts.model import Method, Payee, Payout, State
from plaudit.providers import Letter

_REASONS = {
    "not_enough_available": "there was less available than that",
    "account_closed": "the account is closed",
    "no_such_account": "the bank knows no such account",
    "name_mismatch": "the name isn't the account's",
    "blocked": "the account may not receive payments",
    "unclaimed": "nobody claimed it in time",
    "bank_refused": "the bank refused it",
}
"""Stable words of rails, as people read them. Any other reason is told as it is."""


def words_for(reason: str) -> str:
    """A stable word as part of a sentence; what isn't one of ours stays as the rail or the operator wrote it."""
    return _REASONS.get(reason, reason)


def write_code(recipient: str, shown: str, code: str, *, minutes: int, now: datetime) -> Letter:
    """The code that shows that whoever added the method reads this address."""
    body = (
        f"You are adding {shown} as a way to be paid. Type this code where you added it, within {minutes} minutes:\n\n"
        f"{code}\n\n"
        "If it wasn't you, somebody else is in your account: change your password at once.\n"
    )
    return Letter(
        id=new_id(), recipient=recipient, subject="Your code for a new payout method", body=body, written_at=now
    )


def write_added(payee: Payee, method: Method) -> Letter:
    """To the person, whatever address the code goes to: whoever took over an account can't hide this."""
    body = (
        f"{method.shown} was added as a way to be paid. It can be used from "
        f"{method.usable_from:%Y-%m-%d %H:%M} UTC on.\n\n"
        "If it wasn't you, change your password and remove the method before then.\n"
    )
    return Letter(
        id=new_id(), recipient=payee.email, subject="A new payout method", body=body, written_at=method.created_at
    )


def write_outcome(payee: Payee, payout: Payout, method: Method, reason: str, *, now: datetime) -> Letter | None:
    """How a payout ended, or came back; None where there is nothing to tell."""
    amount, paid, shown = format_minor(payout.amount), format_minor(payout.paid), method.shown
    match payout.state:
        case State.PAID:
            subject, text = "Your payout was paid", f"{paid} is on your account {shown}."
        case State.RETURNED:
            kept = "" if not (payout.keeps_fee and payout.fee_minor) else ", less the fee of the payout"
            subject = "Your payout came back"
            text = (
                f"{paid} to {shown} was sent back: {words_for(reason)}. It is available again{kept}. "
                "Check the account, and withdraw again."
            )
        case State.FAILED:
            subject = "Your payout failed"
            text = f"{amount} couldn't be paid to {shown}: {words_for(reason)}. All of it is available again."
        case State.CANCELLED:
            subject = "Your payout was cancelled"
            text = (
                f"Your payout of {amount} to {shown} was cancelled: {words_for(reason)}. All of it is available again."
            )
        case _:
            return None
    return Letter(id=new_id(), recipient=payee.email, subject=subject, body=f"{text}\n", written_at=now)
