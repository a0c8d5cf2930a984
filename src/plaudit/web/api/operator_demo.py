"""/v1/operator/demo: how much the demo's crowd gives. These routes exist only while `plaudit demo` runs."""

from pathlib import Path
from typing import Annotated

from litestar import get, put
from litestar.datastructures import State
from litestar.params import JSONBody
from litestar.types import ControllerRouterHandler
from msgspec import Meta, Struct

from plaudit.foundation.settings import Settings
from plaudit.people import operators
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.demo_pace import QUICKEST, SLOWEST, Pace, read_pace, store_pace

_GUARDS = [operators_only]


class PaceBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gifts a second over all rooms, on average."""

    pace: Annotated[float, Meta(ge=SLOWEST, le=QUICKEST)]


@get("/operator/demo", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def get_pace(state: State) -> Pace:
    """How much the crowd gives."""
    return Pace(read_pace(_file_of(state)))


@put("/operator/demo", guards=_GUARDS, responses=refusals_to_visitors(422), security=BEARER)
async def set_pace(data: JSONBody[PaceBody], request: Visit, state: State) -> Pace:
    """From now on the crowd gives so much."""
    desk = desk_of(state)
    async with desk.db.transaction() as tx:
        operator_id = visitor_of(request).person_id
        await operators.note_act(tx, operator_id, "demo_pace_set", "demo", {"pace": data.pace}, now=desk.now)
        store_pace(_file_of(state), data.pace)
    return Pace(data.pace)


def _file_of(state: State) -> Path:
    settings: Settings = state.settings
    assert settings.demo_pace_file is not None, "without it there is no such route"
    return settings.demo_pace_file


ROUTES: list[ControllerRouterHandler] = [get_pace, set_pace]
"""All of them, for a router that has the API's guard."""
