"""Tax ids: whether one can be right where somebody lives. python-stdnum knows the checksums."""

import re
from typing import Protocol

from stdnum.util import get_cc_module

from plaudit.foundation.errors import Invalid

# Which of a country's numbers its tax office calls a person by. Where none is listed, only the form is looked at.
_KINDS = {
    "AT": "tin", "BE": "nn", "BG": "egn", "CY": "vat", "CZ": "rc", "DE": "idnr", "DK": "cpr", "EE": "ik", "ES": "nif",
    "FI": "hetu", "FR": "nif", "GB": "utr", "GR": "vat", "HR": "oib", "IE": "pps", "IT": "codicefiscale",
    "LT": "asmens", "NL": "bsn", "PL": "pesel", "PT": "nif", "RO": "cnp", "SE": "personnummer", "SI": "emso",
    "SK": "rc", "US": "tin",
}  # fmt: skip
_FORM = re.compile(r"[A-Z0-9]{4,20}")


class _Kind(Protocol):
    def is_valid(self, number: str, /) -> bool: ...


def take_tax_id(tax_id: str | None, residence: str) -> str | None:
    """The id in its one form; None for who has none. Raises Invalid."""
    if tax_id is None or not tax_id.strip():
        return None
    module = _module_of(residence)
    plain = re.sub(r"[\s./-]", "", tax_id).upper()
    # Letters and digits of other alphabets look right and aren't.
    if (
        len(tax_id) > 40
        or not _FORM.fullmatch(plain)
        or len(set(plain)) == 1
        or (module is not None and not module.is_valid(tax_id.strip()))
    ):
        raise Invalid("This isn't a tax number of the country that you live in.", field="tax_id")
    return plain


def _module_of(residence: str) -> _Kind | None:
    kind = _KINDS.get(residence)
    return get_cc_module(residence.lower(), kind) if kind else None


def mask_tax_id(tax_id: str | None) -> str:
    """What may be seen of it: the last four, of a short one the last two."""
    if tax_id is None:
        return ""
    return f"•••• {tax_id[-4:] if len(tax_id) > 7 else tax_id[-2:]}"
