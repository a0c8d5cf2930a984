"""/v1/people: profiles, following and blocking; and whom one has blocked, /v1/me/blocks."""

from litestar import delete, get, put
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope, following
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import may, may_change_account
from plaudit.web.api.paging import After, Limit, read_place, show_page
from plaudit.web.api.shapes import AcquaintanceList, ProfileAnswer, show_profile

_READ = [may(Scope.READ)]
_LISTED = refusals_to_visitors(404, 422)
_CHANGED = refusals_to_visitors(404, 422)


@get("/people/{handle:str}", responses=refusals(404), security=[{}, *BEARER])
async def get_profile(handle: FromPath[str], request: Visit, state: State) -> ProfileAnswer:
    """Somebody as everyone sees them, strangers too."""
    viewer_id = request.user.person_id if request.user else None
    return show_profile(*await following.get_profile(desk_of(state).db, handle, viewer_id=viewer_id))


@get("/people/{handle:str}/followers", guards=_READ, responses=_LISTED, security=BEARER)
async def list_followers(
    handle: FromPath[str], state: State, after: After = None, limit: Limit = 30
) -> AcquaintanceList:
    """Who follows them, the newest first."""
    found = await following.list_followers(desk_of(state).db, handle, after=read_place(after), limit=limit + 1)
    return show_page(found, limit)


@get("/people/{handle:str}/following", guards=_READ, responses=_LISTED, security=BEARER)
async def list_following(
    handle: FromPath[str], state: State, after: After = None, limit: Limit = 30
) -> AcquaintanceList:
    """Whom they follow, the newest first."""
    found = await following.list_following(desk_of(state).db, handle, after=read_place(after), limit=limit + 1)
    return show_page(found, limit)


@put("/people/{handle:str}/follow", status_code=204, guards=[may_change_account], responses=_CHANGED, security=BEARER)
async def follow(handle: FromPath[str], request: Visit, state: State) -> None:
    """Follow somebody."""
    desk, visitor = desk_of(state), visitor_of(request)
    await following.follow(desk.db, visitor.person_id, handle, now=desk.now)


@delete("/people/{handle:str}/follow", guards=[may_change_account], responses=_CHANGED, security=BEARER)
async def unfollow(handle: FromPath[str], request: Visit, state: State) -> None:
    """Follow somebody no more."""
    visitor = visitor_of(request)
    await following.unfollow(desk_of(state).db, visitor.person_id, handle)


@put("/people/{handle:str}/block", status_code=204, guards=[may_change_account], responses=_CHANGED, security=BEARER)
async def block(handle: FromPath[str], request: Visit, state: State) -> None:
    """Block somebody; neither follows the other any more."""
    desk, visitor = desk_of(state), visitor_of(request)
    await following.block(desk.db, visitor.person_id, handle, now=desk.now)
    desk.rooms.forget_person(visitor.person_id)


@delete("/people/{handle:str}/block", guards=[may_change_account], responses=_CHANGED, security=BEARER)
async def unblock(handle: FromPath[str], request: Visit, state: State) -> None:
    """Take the block away."""
    desk, visitor = desk_of(state), visitor_of(request)
    await following.unblock(desk.db, visitor.person_id, handle)
    desk.rooms.forget_person(visitor.person_id)


@get("/me/blocks", guards=_READ, responses=_LISTED, security=BEARER)
async def list_blocked(request: Visit, state: State, after: After = None, limit: Limit = 30) -> AcquaintanceList:
    """Whom one has blocked, the newest first."""
    person_id = visitor_of(request).person_id
    found = await following.list_blocked(desk_of(state).db, person_id, after=read_place(after), limit=limit + 1)
    return show_page(found, limit)


ROUTES: list[ControllerRouterHandler] = [
    get_profile,
    list_followers,
    list_following,
    follow,
    unfollow,
    block,
    unblock,
    list_blocked,
]
"""All of them, for the API's router."""
