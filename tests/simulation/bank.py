"""What banks say of payments that were sent by file."""

import random

from plaudit.payouts import Rail
from plaudit.payouts.batch_model import Item
from tests.providers.bank_answers import Entry, Return, ach_returns, camt053, pain002


def word_of_bank(rng: random.Random, item: Item, *, kindly: bool) -> bytes | None:
    """The bank's file about one payment; None when it says nothing."""
    euros = f"{item.amount_minor // 100}.{item.amount_minor % 100:02d}"
    if item.rail is Rail.SEPA:
        paid = camt053(Entry(euros, ids=[item.end_to_end_id], reference=f"B{item.number}"), id=f"P{item.number}")
        back = camt053(
            Entry(euros, ids=[item.end_to_end_id], reference=f"R{item.number}", is_debit=False, reason="AC04"),
            id=f"R{item.number}",
        )
        refused = pain002(item.batch_id.hex, items=[(item.end_to_end_id, "RJCT", "AC01")])
        return paid if kindly else rng.choice((paid, paid, back, back, refused))
    if kindly or item.trace is None or rng.random() < 0.7:
        return None
    return ach_returns(Return(item.end_to_end_id[:15], item.trace, item.amount_minor, "R03"))
