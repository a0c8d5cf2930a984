"""Bank accounts and wallets as they are typed: checked, brought into one form, and shown in part."""

import re

from msgspec import Struct
from msgspec.structs import replace
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import Invalid
from plaudit.payouts.errors import NameDiffers
from plaudit.payouts.model import AchDetails, Details, Rail, SepaDetails, WalletDetails
from plaudit.payouts.names import is_same_name
from plaudit.people.rules import take_email

_LONGEST_NAME = 70
_WEIGHTS = (3, 7, 1) * 3


class Checked(Struct, frozen=True, kw_only=True):
    """Details that can be right: in one form, the currency that they receive, and what may be seen of them."""

    rail: Rail
    currency: str
    details: Details
    shown: str
    bank: str | None = None


def take_details(details: Details, *, currency: str, legal_name: str) -> Checked:
    """Judge what was typed. Raises Invalid naming the field, or NameDiffers."""
    checked = check_details(details, currency=currency)
    if not is_same_name(checked.details.holder_name, legal_name):
        raise NameDiffers
    return checked


def check_details(details: Details, *, currency: str) -> Checked:
    """Judge everything but whose it is. Raises Invalid naming the field."""
    details = replace(details, holder_name=_take_name(details.holder_name))
    match details:
        case SepaDetails():
            return _check_sepa(details)
        case AchDetails():
            return _check_ach(details)
        case WalletDetails():
            return _check_wallet(details, currency)


def is_routing_number(digits: str) -> bool:
    """Whether these are a routing number of the American Bankers Association: by checksum and first two digits."""
    if not re.fullmatch(r"[0-9]{9}", digits):
        return False
    district = int(digits[:2])
    in_use = district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    return (
        in_use
        and digits != "0" * 9
        and sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 10 == 0
    )


def _take_name(name: str) -> str:
    name = " ".join(name.split())
    if not 2 <= len(name) <= _LONGEST_NAME or not name.isprintable() or not any(letter.isalpha() for letter in name):
        raise Invalid(f"A holder's name has 2 to {_LONGEST_NAME} characters.", field="holder_name")
    return name


def _check_sepa(details: SepaDetails) -> Checked:
    try:
        # schwifty takes letters of other alphabets for digits: only what banks write is looked at.
        if not re.fullmatch(r"[A-Za-z0-9 ]{5,42}", details.iban):
            raise Invalid("This isn't an IBAN: a digit or a letter of it must be wrong.", field="iban")
        iban = IBAN(details.iban, validate_bban=True)
        bic = iban.bic
    except (SchwiftyException, ValueError):
        raise Invalid("This isn't an IBAN: a digit or a letter of it must be wrong.", field="iban") from None
    if not iban.in_sepa_zone:
        raise Invalid("This country's banks can't be reached by SEPA.", field="iban")
    plain = str(iban.compact)
    shown = f"{plain[:2]}•• {plain[-4:]}"
    known = SepaDetails(holder_name=details.holder_name, iban=plain, bic=_take_bic(details.bic) or (bic and str(bic)))
    return Checked(rail=Rail.SEPA, currency="EUR", details=known, shown=shown, bank=iban.bank_name)


def _take_bic(bic: str | None) -> str | None:
    if bic is None or not bic.strip():
        return None
    plain = bic.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", plain):
        raise Invalid("A BIC has 8 or 11 letters and digits.", field="bic")
    return plain


def _check_ach(details: AchDetails) -> Checked:
    routing, account = _digits(details.routing), _digits(details.account)
    if not is_routing_number(routing):
        raise Invalid("This isn't a routing number: one of its nine digits must be wrong.", field="routing")
    if not re.fullmatch(r"[0-9]{4,17}", account):
        raise Invalid("An account number has 4 to 17 digits.", field="account")
    known = replace(details, routing=routing, account=account)
    # Of a short number four digits would be all of it.
    shown = f"•••• {account[-4:] if len(account) > 7 else account[-2:]}"
    return Checked(rail=Rail.ACH, currency="USD", details=known, shown=shown)


def _digits(typed: str) -> str:
    return typed.replace(" ", "").replace("-", "")


def _check_wallet(details: WalletDetails, currency: str) -> Checked:
    email = take_email(details.email)
    name, _, house = email.partition("@")
    known = WalletDetails(holder_name=details.holder_name, email=email)
    return Checked(
        rail=Rail.WALLET, currency=get_currency(currency).code, details=known, shown=f"{name[:1]}•••@{house}"
    )
