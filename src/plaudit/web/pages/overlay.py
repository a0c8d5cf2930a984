"""Overlays: the creator's page where they are made, and the page that a streaming program shows."""

from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from plaudit.rooms import overlays
from plaudit.rooms.overlays import MOST_OVERLAYS, OverlayNotValid
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.overlays import show_overlay
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only


@get("/studio/overlays", guards=[fans_only], include_in_schema=False)
async def show_overlays(request: Visit, state: State) -> Response[Any]:
    """One's overlays: make, test and revoke them."""
    desk, visitor = desk_of(state), visitor_of(request)
    if not visitor.is_creator:
        return Redirect("/studio", status_code=303)
    found = await overlays.list_overlays(desk.db, visitor.person_id)
    shown = [show_overlay(desk, each) for each in found]
    return show_page(request, "studio_overlays.html", overlays=shown, is_full=len(found) >= MOST_OVERLAYS)


@get("/overlay/{secret:str}", include_in_schema=False)
async def open_overlay(secret: FromPath[str], request: Visit, state: State) -> Response[str]:
    """What lies over the picture. Nobody signs in here: the address is the key.

    Of one that isn't valid nothing is to be seen, because it may still lie over somebody's picture.
    """
    try:
        overlay = await overlays.find_overlay(desk_of(state).db, secret)
    except OverlayNotValid:
        return show_page(request, "overlay_gone.html", status=404)
    return show_page(request, "overlay.html", overlay_id=overlay.id)


ROUTES: list[ControllerRouterHandler] = [show_overlays, open_overlay]
"""All of them, for the pages' router."""
