"""Every route of the API, behind the one guard that all of them have."""

from collections.abc import Sequence
from copy import copy
from typing import cast

from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from plaudit.web.api import (
    coins,
    documents,
    earnings,
    eligibility,
    gifts,
    lives,
    me,
    messages,
    operator,
    operator_batches,
    operator_books,
    operator_gifts,
    operator_money,
    operator_payouts,
    operator_rates,
    operator_reversals,
    operator_rules,
    overlays,
    payouts,
    people,
    received,
    reversals,
    security,
    signing,
    stream,
    talk,
)
from plaudit.web.api.documents import make_openapi
from plaudit.web.api.guards import Guard, admit

__all__ = ["api_router", "make_openapi"]


_HANDLERS: tuple[ControllerRouterHandler, ...] = (
    signing.sign_up,
    signing.sign_in,
    signing.sign_out,
    signing.list_sessions,
    signing.end_session,
    me.get_me,
    me.change_me,
    me.apply_as_creator,
    security.change_password,
    security.ask_for_reset,
    security.finish_reset,
    security.begin_second_factor,
    security.confirm_second_factor,
    security.remove_second_factor,
    *people.ROUTES,
    coins.list_packs,
    coins.start_top_up,
    coins.get_top_up,
    coins.get_receipt,
    coins.get_wallet,
    coins.list_movements,
    *lives.ROUTES,
    *received.ROUTES,
    *gifts.ROUTES,
    *talk.ROUTES,
    *messages.ROUTES,
    *eligibility.ROUTES,
    *overlays.ROUTES,
    *operator.ROUTES,
    *operator_gifts.ROUTES,
    *operator_books.ROUTES,
    *operator_money.ROUTES,
    *operator_rates.ROUTES,
    *earnings.ROUTES,
    *payouts.ROUTES,
    *operator_payouts.ROUTES,
    *operator_batches.ROUTES,
    *reversals.ROUTES,
    *operator_reversals.ROUTES,
    *operator_rules.ROUTES,
    stream.stream_live,
    documents.openapi,
)


def api_router(more: Sequence[ControllerRouterHandler] = ()) -> Router:
    """All of /v1, but for the page that describes it; with `more` routes that only some installations have."""
    return Router(
        "/v1",
        guards=[admit],
        route_handlers=[_behind_one_guard(handler) for handler in (*_HANDLERS, *more)],
    )


def _behind_one_guard(handler: ControllerRouterHandler) -> ControllerRouterHandler:
    """The handler with its own guards among its options, where `admit` finds them.

    The framework copies the whole handler for each guard that it calls itself, which is a tenth of a gift's time.
    """
    assert isinstance(handler, HTTPRouteHandler), "everything below /v1 is a plain route"
    moved = copy(handler)
    guards = cast("Sequence[Guard]", handler.guards or ())  # pyright: ignore[reportUnknownMemberType] - generic ASGI types
    moved.opt, moved.guards = {**handler.opt, "needs": tuple(guards)}, None
    return moved
