"""pain.002, the bank's word on a file that it was given: what it takes, and what it rejects.

That the bank takes a payment doesn't mean that it was paid: only its statement (camt.053) says that. That it rejects
one as a duplicate doesn't mean that it wasn't: the first of them may be.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from plaudit.providers.bank_xml import find_money, first_text, instant_of, reasons_of, text_of
from plaudit.providers.payouts import BankReport, BatchOutcome, ItemOutcome, ItemState, StatusFileUnreadable

# ExternalPaymentTransactionStatus1Code; whatever isn't a rejection is on its way.
_REJECTED = frozenset({"RJCT", "CANC"})
DUPLICATES = frozenset({"AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"})
"""Reasons (ExternalStatusReason1Code) that say: we have this already."""

# A group of which a part was rejected says no more of itself: its payments do.
_SPEAKS_OF_NO_ITEM = frozenset({"PART"})


def read_status_report(body: Element) -> BankReport:
    """What a customer payment status report says. Raises StatusFileUnreadable."""
    at = instant_of(body, "GrpHdr/CreDtTm")
    if at is None:
        raise StatusFileUnreadable("This status report doesn't say when it was made.")
    # A file that the bank has already: whatever is rejected of it is, whichever of its parts says why.
    above = [body.find("OrgnlGrpInfAndSts"), *body.findall("OrgnlPmtInfAndSts")]
    whole = _reason([code for each in above if each is not None for code in reasons_of(each)])
    shared = whole if whole in DUPLICATES else None
    return BankReport(
        id=text_of(body, "GrpHdr/MsgId") or "",
        outcomes=[outcome for item in body.iter("TxInfAndSts") for outcome in _item(item, at, shared)],
        batches=list(_batches(body, at, shared)),
    )


def _reason(codes: Iterable[str]) -> str | None:
    """The one that counts: that it is a duplicate, or else the first."""
    codes = list(codes)
    return next((code for code in codes if code in DUPLICATES), codes[0] if codes else None)


def _item(item: Element, at: datetime, shared: str | None) -> Iterator[ItemOutcome]:
    status = text_of(item, "TxSts")
    if status is None:
        return
    yield ItemOutcome(
        end_to_end_id=text_of(item, "OrgnlEndToEndId"),
        state=_state(status),
        at=at,
        reason=shared or _reason(reasons_of(item)),
        reference=first_text(item, "AcctSvcrRef", "StsId"),
        amount=find_money(item, "OrgnlTxRef/Amt/InstdAmt"),
    )


def _batches(body: Element, at: datetime, shared: str | None) -> Iterator[BatchOutcome]:
    """The status of the whole file, or of its only block of payments: both have the batch's name."""
    places = [(body.find("OrgnlGrpInfAndSts"), "OrgnlMsgId", "GrpSts")]
    places += [(found, "OrgnlPmtInfId", "PmtInfSts") for found in body.findall("OrgnlPmtInfAndSts")]
    for element, name, status_name in places:
        status, batch = text_of(element, status_name), text_of(element, name)
        if element is None or status is None or batch is None or status in _SPEAKS_OF_NO_ITEM:
            continue
        yield BatchOutcome(batch=batch, state=_state(status), at=at, reason=shared or _reason(reasons_of(element)))


def _state(status: str) -> ItemState:
    return ItemState.FAILED if status in _REJECTED else ItemState.PENDING
