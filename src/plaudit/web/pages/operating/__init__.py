"""The operator's console: people, business, catalogue and books, each page rendered here for operators only."""

from litestar.types import ControllerRouterHandler

from plaudit.web.pages.operating import (
    acts,
    bank,
    batches,
    books,
    catalogue,
    creators,
    gifts,
    ledger,
    lives,
    overview,
    payouts,
    people,
    prices,
    rates,
    requirements,
    reversals,
    top_ups,
)

__all__ = ["ROUTES"]

ROUTES: list[ControllerRouterHandler] = [
    *overview.ROUTES,
    *people.ROUTES,
    *creators.ROUTES,
    *requirements.ROUTES,
    *top_ups.ROUTES,
    *reversals.ROUTES,
    *payouts.ROUTES,
    *batches.ROUTES,
    *bank.ROUTES,
    *gifts.ROUTES,
    *lives.ROUTES,
    *catalogue.ROUTES,
    *prices.ROUTES,
    *rates.ROUTES,
    *ledger.ROUTES,
    *books.ROUTES,
    *acts.ROUTES,
]
"""All of them, for the pages' router."""
