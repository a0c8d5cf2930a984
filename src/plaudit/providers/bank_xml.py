"""XML from outside: nothing in it is fetched, expanded or believed before it was looked at."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import UnknownCurrency
from plaudit.foundation.money import Money
from plaudit.providers.payouts import StatusFileUnreadable

MOST_BYTES = 32 * 1024 * 1024
# As ISO 20022 writes amounts: up to 18 digits, of which five may stand behind the point.
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,5})?")


def read_document(content: bytes) -> Element:
    """The root, with the names of all elements freed from their name spaces: banks send many versions of the same.

    Raises StatusFileUnreadable for what isn't XML, is too large, or has a document type, which could hold entities.
    """
    if len(content) > MOST_BYTES:
        raise StatusFileUnreadable(f"This file is larger than {MOST_BYTES // 1024 // 1024} MiB.")
    try:
        root = cast("Element", cast("Any", fromstring)(content, forbid_dtd=True))
    except DefusedXmlException:
        raise StatusFileUnreadable("This file has a document type or entities, which no bank's file has.") from None
    except (ParseError, ValueError, LookupError) as problem:
        raise StatusFileUnreadable(f"This isn't XML that can be read ({problem}).") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def text_of(element: Element | None, path: str) -> str | None:
    """The text at a path below, without space around it; None where there is none."""
    text = element.findtext(path) if element is not None else None
    return (text or "").strip() or None


def first_text(element: Element | None, *paths: str) -> str | None:
    """The text at the first of the paths that has one."""
    return next((text for path in paths if (text := text_of(element, path))), None)


def money_of(element: Element) -> Money:
    """An amount as ISO 20022 writes it: 12.50 with its currency. Raises StatusFileUnreadable."""
    text, code = (element.text or "").strip(), element.get("Ccy", "")
    try:
        currency = get_currency(code)
    except UnknownCurrency:
        raise StatusFileUnreadable(f"{text[:40]!r} {code[:10]!r} isn't an amount of money.") from None
    minor = Decimal(text).scaleb(currency.exponent) if _AMOUNT.fullmatch(text) else None
    if minor is None or minor != minor.to_integral_value():
        raise StatusFileUnreadable(f"{text[:40]!r} isn't an amount in {code}.")
    return Money(int(minor), currency)


def find_money(element: Element | None, *paths: str) -> Money | None:
    """The amount at the first of the paths that has one."""
    if element is None:
        return None
    return next((money_of(found) for path in paths if (found := element.find(path)) is not None), None)


def instant_of(element: Element | None, path: str) -> datetime | None:
    """A date (its midnight) or an instant, in UTC where no zone is told. Raises StatusFileUnreadable."""
    text = first_text(element, f"{path}/DtTm", f"{path}/Dt", path)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise StatusFileUnreadable(f"{text[:40]!r} isn't a date.") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def day_of(element: Element | None, path: str) -> date | None:
    """The day as it is written, whatever its time zone. Raises StatusFileUnreadable."""
    text = first_text(element, f"{path}/DtTm", f"{path}/Dt", path) or ""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise StatusFileUnreadable(f"{text[:40]!r} isn't a date.") from None


def reasons_of(element: Element) -> Iterator[str]:
    """The codes of why, in any of the places where versions put them."""
    for path in ("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry", "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"):
        yield from (found.text.strip()[:35] for found in element.findall(path) if found.text and found.text.strip())
