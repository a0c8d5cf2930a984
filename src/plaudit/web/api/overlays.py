"""/v1/overlays: addresses for streaming programs, and what such an address asks for."""

from datetime import datetime
from uuid import UUID

from litestar import delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.people import Scope
from plaudit.rooms import overlays
from plaudit.rooms.overlays import Overlay, OverlayNotValid, Scene
from plaudit.rooms.tokens import CHANNEL, OVERLAY, make_token
from plaudit.web.api import fields
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import bearer_of, creators_only, may
from plaudit.web.api.live_shapes import Watch

_OWN = [creators_only, may(Scope.CREATE)]


class OverlayBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish for an overlay; the name is for its creator to tell it from others."""

    name: fields.OverlayName


class TryBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which gift a test shows."""

    gift: fields.Slug = "rose"


class OverlayAnswer(Struct, frozen=True, kw_only=True):
    """An overlay. `connections` is how many screens show it now, `seen_at` when one last did."""

    id: UUID
    name: str
    made_at: datetime
    seen_at: datetime | None
    connections: int


class NewOverlayAnswer(OverlayAnswer, frozen=True, kw_only=True):
    """An overlay that was just made. Its `path` holds a secret, and is told this once."""

    path: str


class OverlayList(Struct, frozen=True, kw_only=True):
    """All that aren't revoked, the newest first; there is never a next page."""

    items: list[OverlayAnswer]
    next: None = None


class OverlayLive(Struct, frozen=True, kw_only=True):
    """The live that an overlay shows; `coins` are those of all its events up to `seq`."""

    id: UUID
    title: str
    started_at: datetime
    seq: int
    coins: int
    watch: Watch


class SceneAnswer(Struct, frozen=True, kw_only=True):
    """What an overlay shows: the live that is on, or null. Its own `channel` tells of tests, and of its end."""

    id: UUID
    channel: Watch
    live: OverlayLive | None


@get("/overlays", guards=_OWN, responses=refusals_to_visitors(), security=BEARER)
async def list_overlays(request: Visit, state: State) -> OverlayList:
    """One's overlays, and whether they are connected now."""
    desk = desk_of(state)
    found = await overlays.list_overlays(desk.db, visitor_of(request).person_id)
    return OverlayList(items=[show_overlay(desk, each) for each in found])


@post("/overlays", guards=_OWN, responses=refusals_to_visitors(409, 422), security=BEARER)
async def make_overlay(data: JSONBody[OverlayBody], request: Visit, state: State) -> NewOverlayAnswer:
    """Make an overlay. Its path is told only now: whoever has it sees what the overlay shows, until it is revoked."""
    desk = desk_of(state)
    overlay, secret = await overlays.make_overlay(desk.db, visitor_of(request).person_id, data.name, now=desk.now)
    return NewOverlayAnswer(
        id=overlay.id, name=overlay.name, made_at=overlay.made_at, seen_at=None, connections=0, path=path_of(secret)
    )


@delete("/overlays/{overlay_id:uuid}", guards=_OWN, responses=refusals_to_visitors(404), security=BEARER)
async def revoke_overlay(overlay_id: FromPath[UUID], request: Visit, state: State) -> None:
    """Revoke an overlay: its screens go blank, and its path is worth nothing any more."""
    desk = desk_of(state)
    await overlays.revoke_overlay(desk.rooms, visitor_of(request).person_id, overlay_id, now=desk.now)


@post(
    "/overlays/{overlay_id:uuid}/test",
    status_code=200,
    guards=_OWN,
    responses=refusals_to_visitors(403, 404, 409, 422),
    security=BEARER,
)
async def try_overlay(
    overlay_id: FromPath[UUID], data: JSONBody[TryBody], request: Visit, state: State
) -> OverlayAnswer:
    """Let an overlay show a gift that nobody sent; `connections` is how many screens it went to."""
    desk, creator_id = desk_of(state), visitor_of(request).person_id
    await overlays.try_overlay(desk.rooms, creator_id, overlay_id, data.gift, now=desk.now)
    found = await overlays.list_overlays(desk.db, creator_id)
    return next(show_overlay(desk, each) for each in found if each.id == overlay_id)


@get("/overlays/watch", responses=refusals(401), security=BEARER)
async def watch(request: Visit, state: State) -> SceneAnswer:
    """What an overlay shows now, with tokens for it; the overlay's secret is sent as a bearer token.

    An overlay asks again every fifteen seconds: so it sees the next live, and its creator that it is there.
    """
    desk, secret = desk_of(state), bearer_of(request)
    if not secret:
        raise OverlayNotValid
    return _show_scene(desk, request, await overlays.open_scene(desk.db, secret, now=desk.now))


def path_of(secret: str) -> str:
    """Where the page of the overlay with this secret is."""
    return f"/overlay/{secret}"


def show_overlay(desk: Desk, overlay: Overlay) -> OverlayAnswer:
    """An overlay for its creator."""
    return OverlayAnswer(
        id=overlay.id,
        name=overlay.name,
        made_at=overlay.made_at,
        seen_at=overlay.seen_at,
        connections=desk.rooms.presence.viewers_of(overlay.id),
    )


def _show_scene(desk: Desk, request: Visit, scene: Scene) -> SceneAnswer:
    live = scene.live
    shown = live and OverlayLive(
        id=live.id,
        title=live.title,
        started_at=live.started_at,
        seq=live.last_seq,
        coins=scene.coins,
        watch=_watch(desk, request, live.id, OVERLAY),
    )
    return SceneAnswer(id=scene.overlay.id, channel=_watch(desk, request, scene.overlay.id, CHANNEL), live=shown)


def _watch(desk: Desk, request: Visit, room_id: UUID, kind: str) -> Watch:
    token, expires_at = make_token(desk.secret, room_id, None, desk.now, kind=kind)
    return Watch(url=f"{desk.gateway.seen_from(request)}/rooms/{room_id}", token=token, expires_at=expires_at)


ROUTES: list[ControllerRouterHandler] = [list_overlays, make_overlay, revoke_overlay, try_overlay, watch]
"""All of them, for the API's router."""
