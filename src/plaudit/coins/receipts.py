"""Receipts: what was bought, from whom it was paid, and under which number the books have it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins import top_ups
from plaudit.coins.chains import make_chain
from plaudit.coins.errors import NoReceiptYet
from plaudit.coins.model import Status, Till, TopUp


class Receipt(Struct, frozen=True, kw_only=True):
    """A settled top-up as a receipt. `number` grows from one to the next, and no two have the same."""

    number: int
    top_up: TopUp
    paid_at: datetime


async def get_receipt(till: Till, top_up_id: UUID, *, of: UUID) -> Receipt:
    """The receipt of one's own top-up. Raises NoSuchTopUp, or NoReceiptYet until the coins are there."""
    top_up = await top_ups.get_top_up(till, top_up_id, of=of)
    if top_up.status is not Status.SETTLED:
        raise NoReceiptYet
    assert top_up.paid_at is not None, "what is settled was paid"
    # The ledger's own number of the transfer that brought the coins.
    coins = await till.ledger.find_transfer(make_chain(top_up)[-1].id)
    assert coins is not None, "what is settled is in the ledger"
    return Receipt(number=coins.timestamp, top_up=top_up, paid_at=top_up.paid_at)
