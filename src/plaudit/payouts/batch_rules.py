"""What a bank's word means for a payout, and how batches are named and timed: pure functions."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from string import ascii_uppercase, digits

from achkit import is_valid_routing

from plaudit.foundation.errors import IdReused, Invalid
from plaudit.payouts.batch_errors import TooManyFiles
from plaudit.payouts.batch_model import Batch, BatchWish, LeftOut, Verdict
from plaudit.payouts.model import AchDetails, Details, Rail, SepaDetails, State
from plaudit.payouts.rules import add_working_days
from plaudit.providers.pain002 import DUPLICATES
from plaudit.providers.payouts import BankAccount, HouseAccount, ItemState, UsAccount, WalletAddress
from plaudit.providers.sepa import is_bic, is_iban

_MODIFIERS = ascii_uppercase + digits
_FARTHEST = timedelta(days=30)
_NEVER_CAME = frozenset({State.FAILED, State.CANCELLED})
_SOON, _LATER = timedelta(seconds=5), timedelta(minutes=1)
_ASKED_FOR = timedelta(days=35)
_SILENCE = timedelta(days=7)

# Codes of ISO 20022, NACHA and PayPal under the stable words that people are told (`letters.words_for`).
_WORDS = {
    "account_closed": "AC04 AC07 R02",
    "no_such_account": "AC01 AC02 AC03 AC13 AC14 BE06 RC01 R03 R04 R20 RECEIVER_UNREGISTERED",
    "name_mismatch": "BE01 BE04 BE05 BE07 R17",
    "blocked": "AC06 AG01 R16 R23 BLOCKED RECEIVER_BLOCKED RECEIVER_ACCOUNT_LOCKED",
    "unclaimed": "RETURNED UNCLAIMED RECEIVER_UNCLAIMED",
}
_WORD_OF = {code: word for word, codes in _WORDS.items() for code in codes.split()}


class Act(StrEnum):
    """What is to be done about a payout."""

    PAY = "pay"
    RETURN = "return"
    FAIL = "fail"
    NOTE = "note"
    """Only the item is told how it stands."""


def decide(state: State, told: ItemState, rail: Rail) -> Act | Verdict:
    """What follows for a payout in this state when a rail tells this of it; a verdict where nothing is to be done."""
    match told:
        case ItemState.PAID:
            return _paid(state)
        case ItemState.RETURNED:
            return _returned(state, rail)
        case ItemState.FAILED:
            if state is State.SUBMITTED:
                return Act.FAIL
            return Verdict.SAME if state in (State.FAILED, State.RETURNED) else Verdict.CONTRADICTS
        case ItemState.PENDING | ItemState.UNCLAIMED | ItemState.UNKNOWN:
            return Act.NOTE if state is State.SUBMITTED else Verdict.SAME


def _paid(state: State) -> Act | Verdict:
    if state is State.SUBMITTED:
        return Act.PAY
    # Paid, and returned since: statements come in any order.
    return Verdict.SAME if state in (State.PAID, State.RETURNED) else Verdict.CONTRADICTS


def _returned(state: State, rail: Rail) -> Act | Verdict:
    if state is State.PAID:
        return Act.RETURN
    if state is State.SUBMITTED:
        # A wallet gives back what nobody claimed: it was never paid. A bank's return is of a payment that it booked.
        return Act.FAIL if rail is Rail.WALLET else Act.RETURN
    if state is State.RETURNED or (state is State.FAILED and rail is Rail.WALLET):
        return Verdict.SAME
    return Verdict.CONTRADICTS


def is_duplicate(told: ItemState, reason: str | None) -> bool:
    """Whether a bank won't take it because it has it already: the first one may be paid, so nothing is given back."""
    return told is ItemState.FAILED and (reason or "").upper() in DUPLICATES


def item_state(after: State, told: ItemState) -> ItemState:
    """How the item stands once its payout is where it now is."""
    ended = {State.PAID: ItemState.PAID, State.RETURNED: ItemState.RETURNED}
    if after in _NEVER_CAME:
        return ItemState.FAILED
    return ended.get(after, ItemState.PENDING if told is ItemState.UNKNOWN else told)


def word_for(code: str | None) -> str:
    """The stable word for a rail's code of why."""
    return _WORD_OF.get((code or "").upper(), "bank_refused")


def account_for(details: Details) -> BankAccount | UsAccount | WalletAddress:
    """Where the money goes, as rails take it."""
    if isinstance(details, SepaDetails):
        return BankAccount(iban=details.iban, bic=details.bic)
    if isinstance(details, AchDetails):
        return UsAccount(routing=details.routing, account=details.account, is_savings=details.is_savings)
    return WalletAddress(email=details.email)


def take_day(wish: BatchWish, *, today: date) -> date:
    """The day on which the bank pays: a working day, today or up to 30 days from now. Raises Invalid."""
    if wish.rail is Rail.WALLET:
        return today
    wished = wish.pay_on or add_working_days(today, 1)
    if not today <= wished <= today + _FARTHEST:
        raise Invalid("A bank is told to pay from today on, and within 30 days.", field="pay_on")
    if wished.weekday() >= 5:
        raise Invalid("Banks don't pay on Saturdays and Sundays.", field="pay_on")
    return wished


def modifier_of(files_before: int) -> str:
    """The letter or digit that tells a day's files apart. Raises TooManyFiles."""
    if files_before >= len(_MODIFIERS):
        raise TooManyFiles
    return _MODIFIERS[files_before]


def require_same(batch: Batch, wish: BatchWish) -> None:
    """Raises IdReused when the batch of this id is another wish's."""
    if (batch.rail, batch.currency) != (wish.rail, wish.currency):
        raise IdReused
    if wish.pay_on is not None and wish.pay_on != batch.pay_on:
        raise IdReused(field="pay_on")


def note_for(left_out: Collection[LeftOut]) -> str | None:
    """What an operator reads with a batch that not all payouts are in."""
    if not left_out:
        return None
    some = "; ".join(f"{each.payout_id}: {each.why}" for each in list(left_out)[:3])
    return f"{len(left_out)} left out: {some}"[:1_000]


def next_ask(sent_at: datetime, *, is_over: bool, now: datetime) -> datetime | None:
    """When a wallet's provider is asked again; None when that has gone on for so long that nothing comes any more.

    What is paid may still come back for weeks, so a batch is asked after once a day when all of it ended.
    """
    age = now - sent_at
    if age > _ASKED_FOR:
        return None
    if is_over:
        return now + timedelta(days=1)
    if age < timedelta(minutes=2):
        return now + _SOON
    return now + (_LATER if age < timedelta(hours=1) else timedelta(hours=1))


def is_silent(batch: Batch, *, now: datetime) -> bool:
    """Whether a wallet's provider hasn't said for so long what became of a batch that somebody must ask it."""
    return batch.provider_id is None and now - batch.made_at > _SILENCE


def ask_anew(batch: Batch, *, now: datetime) -> datetime:
    """When a batch is posted again whose answer was lost: soon, and then ever more rarely."""
    if is_silent(batch, now=now):
        return now + timedelta(days=1)
    return now + min(timedelta(hours=1), timedelta(seconds=5 * 2 ** min(batch.asks, 12)))


def take_house(rail: Rail, account: HouseAccount) -> HouseAccount:
    """The house's account as it is stored, without spaces. Raises Invalid naming the field."""
    plain = HouseAccount(
        name=" ".join(account.name.split()),
        iban=_plain(account.iban),
        bic=_plain(account.bic),
        company_id=_plain(account.company_id),
        odfi=_plain(account.odfi),
        origin=_plain(account.origin),
        destination=_plain(account.destination),
        destination_name=" ".join((account.destination_name or "").split()) or None,
    )
    if not 1 <= len(plain.name) <= 70 or not any(letter.isalnum() for letter in plain.name):
        raise Invalid("The account's holder has 1 to 70 characters.", field="name")
    for field, is_right, sentence in _checks(rail, plain):
        if not is_right:
            raise Invalid(sentence, field=field)
    return plain


def _checks(rail: Rail, account: HouseAccount) -> Sequence[tuple[str, bool, str]]:
    if rail is Rail.SEPA:
        return (
            ("iban", is_iban(account.iban or ""), "This isn't an IBAN: a digit or a letter of it must be wrong."),
            ("bic", is_bic(account.bic or ""), "A BIC has 8 or 11 letters and digits."),
        )
    routing = "A routing number has nine digits, the last of which is computed from the others."
    return (
        ("company_id", _matches(r"[A-Z0-9]{1,10}", account.company_id), "A company id has up to 10 characters."),
        ("odfi", _is_routing(account.odfi), routing),
        ("destination", _is_routing(account.destination), routing),
        (
            "origin",
            account.origin is None or _matches(r"[A-Z0-9]{1,10}", account.origin),
            "An origin has up to 10 characters.",
        ),
        ("destination_name", _is_ascii(account.destination_name), "The bank's name is written in ASCII."),
    )


def _plain(text: str | None) -> str | None:
    return "".join((text or "").split()).upper() or None


def _matches(pattern: str, text: str | None) -> bool:
    return re.fullmatch(pattern, text or "") is not None


def _is_routing(text: str | None) -> bool:
    return _matches("[0-9]{9}", text) and is_valid_routing(text or "")


def _is_ascii(text: str | None) -> bool:
    return text is None or (text.isascii() and len(text) <= 23)
