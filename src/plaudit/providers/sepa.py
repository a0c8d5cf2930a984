"""SEPA: credit transfers as ISO 20022 files. An operator takes pain.001.001.09 to the bank, and brings its answers.

The bank's answers are pain.002 (what it rejects) and camt.053 (what it booked, and what came back).
"""

import re
from typing import Any, cast
from uuid import UUID
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring
from sepaxml import SepaTransfer, validation

from plaudit.providers.bank_xml import read_document
from plaudit.providers.camt053 import read_statement
from plaudit.providers.pain002 import read_status_report
from plaudit.providers.payouts import (
    BankAccount,
    BankReport,
    BatchFile,
    BatchOrder,
    CannotInstruct,
    HouseAccount,
    HouseAccountMissing,
    Instruction,
    References,
    StatusFileUnreadable,
    batch_reference,
    item_reference,
)
from plaudit.providers.plain_text import sepa_text

SCHEMA = "pain.001.001.09"
_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"
_MOST_MINOR = 99_999_999_999
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_READERS = {"CstmrPmtStsRpt": read_status_report, "BkToCstmrStmt": read_statement}


class Sepa:
    """The rail for euros to any account with an IBAN. See `FileRail` for what it does."""

    most_items = 10_000

    def refer(self, payout_id: UUID, number: int, house: HouseAccount) -> References:
        """See `Rail.refer`."""
        del number, house
        return References(end_to_end_id=item_reference(payout_id))

    def check(self, instruction: Instruction) -> None:
        """See `Rail.check`. SEPA carries euros only, up to 999,999,999.99."""
        _fields_of(instruction)

    def write(self, order: BatchOrder) -> BatchFile:
        """See `Rail.write`. The file is validated against its XSD before anybody gets it."""
        batch = batch_reference(order.id)
        root: Any = fromstring(_make_document(order))
        # The library makes ids of its own from chance and the clock; ours are found again in the bank's answers.
        _set(root, "GrpHdr/MsgId", batch)
        _set(root, "GrpHdr/CreDtTm", order.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        _set(root, "PmtInf/PmtInfId", batch)
        ET.register_namespace("", _NAMESPACE)
        content = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "utf-8")
        cast("Any", validation).try_valid_xml(content, SCHEMA)
        return BatchFile(name=f"sepa-{order.made_at:%Y%m%d-%H%M}-{batch[-6:]}.xml", content=content)

    def read(self, content: bytes) -> BankReport:
        """See `FileRail.read`: pain.002 or camt.053, of any version."""
        root = read_document(content)
        for body in root:
            if reader := _READERS.get(body.tag):
                return reader(body)
        raise StatusFileUnreadable("This is neither a status report (pain.002) nor a statement (camt.053).")


def _make_document(order: BatchOrder) -> bytes:
    document: Any = SepaTransfer(_debtor(order.house), schema=SCHEMA, clean=False)
    for instruction in order.instructions:
        document.add_payment({**_fields_of(instruction), "execution_date": order.pay_on})
    return document.export(validate=False)


def _debtor(house: HouseAccount) -> dict[str, object]:
    if house.iban is None or house.bic is None:
        raise HouseAccountMissing("The IBAN and the BIC of the account that pays by SEPA aren't set.")
    return {
        "name": sepa_text(house.name, most=70),
        "IBAN": house.iban,
        "BIC": house.bic,
        "batch": True,
        "currency": "EUR",
    }


def _fields_of(instruction: Instruction) -> dict[str, object]:
    account, amount = instruction.account, instruction.amount
    if not isinstance(account, BankAccount):
        raise CannotInstruct("SEPA pays to an account with an IBAN.")
    if amount.currency.code != "EUR":
        raise CannotInstruct(f"SEPA carries euros, not {amount.currency.code}.")
    if not 0 < amount.minor <= _MOST_MINOR:
        raise CannotInstruct("SEPA carries from 0.01 to 999,999,999.99 euros at once.")
    if not is_iban(account.iban):
        raise CannotInstruct("The IBAN isn't one: its check digits don't fit.")
    if account.bic is not None and not _BIC.fullmatch(account.bic):
        raise CannotInstruct("The BIC isn't one.")
    fields: dict[str, object] = {
        "name": sepa_text(instruction.creditor, most=70),
        "IBAN": account.iban,
        "amount": amount.minor,
        "description": sepa_text(instruction.remittance, most=140, what="remittance text"),
        "endtoend_id": instruction.end_to_end_id,
    }
    return fields if account.bic is None else {**fields, "BIC": account.bic}


def is_iban(text: str) -> bool:
    """Whether this has the form of an IBAN without spaces, and its check digits (ISO 7064, mod 97-10) fit."""
    if not _IBAN.fullmatch(text):
        return False
    digits = "".join(str(int(letter, 36)) for letter in text[4:] + text[:4])
    return int(digits) % 97 == 1


def is_bic(text: str) -> bool:
    """Whether this has the form of a BIC."""
    return _BIC.fullmatch(text) is not None


def _set(root: Any, path: str, text: str) -> None:
    place = "/".join(f"{{{_NAMESPACE}}}{name}" for name in ("CstmrCdtTrfInitn", *path.split("/")))
    found = root.find(place)
    assert found is not None, f"the library writes {path}"
    found.text = text
