"""Somebody as everyone sees them."""

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from plaudit.people import following
from plaudit.rooms import lives
from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.pages.shell import show_page


@get("/u/{handle:str}", include_in_schema=False)
async def show_person(handle: FromPath[str], request: Visit, state: State) -> Response[str]:
    """Name, picture, whether they are live now; following, blocking and writing for whoever is signed in."""
    desk = desk_of(state)
    viewer_id = request.user.person_id if request.user else None
    profile, relation = await following.get_profile(desk.db, handle, viewer_id=viewer_id)
    live = await lives.find_on(desk.db, profile.id) if profile.is_creator else None
    return show_page(request, "person.html", profile=profile, relation=relation, live_id=live.id if live else None)


ROUTES: list[ControllerRouterHandler] = [show_person]
"""All of them, for the pages' router."""
