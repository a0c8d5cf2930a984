"""How many coins somebody ever gave away: all that left their wallet, but for what refunds and disputes took back."""

from uuid import UUID

from plaudit.coins import order_queries
from plaudit.coins.order import Cut
from plaudit.foundation.database import Database
from plaudit.ledger import Balances


async def count_given(db: Database, person_id: UUID, balances: Balances) -> int:
    """`balances` are those of the wallet. Raises Unavailable."""
    if not balances.debits_posted:
        return 0
    async with db.transaction() as tx:
        cuts = await order_queries.list_cuts(tx, Cut, person_id)
    return given(balances, cuts)


def given(balances: Balances, cuts: list[Cut]) -> int:
    """The least of two counts that are each too high for a moment, while the fold hasn't met a hold or its end yet.

    What was posted less the cuts that were, and what was posted or held less the cuts that weren't given back.
    """
    posted = sum(cut.coins for cut in cuts if cut.ended == "posted")
    out = sum(cut.coins for cut in cuts if cut.ended != "voided")
    return min(balances.debits_posted - posted, balances.debits_posted + balances.debits_pending - out)
