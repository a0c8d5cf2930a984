"""/v1/me and /v1/creator/apply."""

from litestar import get, patch, post
from litestar.datastructures import State
from litestar.params import JSONBody

from plaudit.people import Scope, profiles
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import may, may_change_account
from plaudit.web.api.shapes import (
    ApplicationAnswer,
    ApplicationBody,
    ChangeBody,
    Me,
    show_application,
    show_me,
)


@get("/me", guards=[may(Scope.READ)], responses=refusals_to_visitors(404), security=BEARER)
async def get_me(request: Visit, state: State) -> Me:
    """Who one is."""
    visitor = visitor_of(request)
    person = await profiles.get_person(desk_of(state).db, visitor.person_id)
    return show_me(person, visitor)


@patch("/me", guards=[may_change_account], responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def change_me(data: JSONBody[ChangeBody], request: Visit, state: State) -> Me:
    """Change name, picture, region, currency or, while it isn't verified, birth date."""
    desk, visitor = desk_of(state), visitor_of(request)
    person = await profiles.change_profile(desk.db, visitor.person_id, data.change(), now=desk.now)
    desk.sessions.forget(visitor.person_id)
    return show_me(person, visitor)


@post(
    "/creator/apply",
    status_code=200,
    guards=[may_change_account],
    responses=refusals_to_visitors(422),
    security=BEARER,
)
async def apply_as_creator(data: JSONBody[ApplicationBody], request: Visit, state: State) -> ApplicationAnswer:
    """Become a creator. Asked again, it answers what was said the first time."""
    desk, visitor = desk_of(state), visitor_of(request)
    application = await profiles.apply_as_creator(desk.db, visitor.person_id, data.about, now=desk.now)
    desk.sessions.forget(visitor.person_id)
    return show_application(application)
