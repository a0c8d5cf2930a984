"""The operator's console: people, business, catalogue and books, each page rendered here for operators only."""

from litestar.types import ControllerRouterHandler

from plaudit.web.pages.operating import (
    acts,
    catalogue,
    creators,
    gifts,
    ledger,
    lives,
    overview,
    people,
    prices,
    requirements,
    top_ups,
)

__all__ = ["ROUTES"]

ROUTES: list[ControllerRouterHandler] = [
    *overview.ROUTES,
    *people.ROUTES,
    *creators.ROUTES,
    *requirements.ROUTES,
    *top_ups.ROUTES,
    *gifts.ROUTES,
    *lives.ROUTES,
    *catalogue.ROUTES,
    *prices.ROUTES,
    *ledger.ROUTES,
    *acts.ROUTES,
]
"""All of them, for the pages' router."""
