"""/v1/operator/gifts: the catalogue, as operators see and change it."""

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.gifts import operating
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.gift_shapes import EntryAnswer, EntryList, GiftPriceBody, NewGiftBody, show_entries, show_entry
from plaudit.web.api.guards import operators_only

_GUARDS = [operators_only]
_SET = refusals_to_visitors(404, 409, 422)


@get("/operator/gifts", guards=_GUARDS, responses=refusals_to_visitors(), security=BEARER)
async def list_entries(state: State) -> EntryList:
    """Every gift that there is or was, with every price."""
    return show_entries(await operating.list_entries(desk_of(state).rooms.gifting))


@post("/operator/gifts", guards=_GUARDS, responses=refusals_to_visitors(409, 422), security=BEARER)
async def add_gift(data: JSONBody[NewGiftBody], request: Visit, state: State) -> EntryAnswer:
    """Add a gift at the catalogue's end, with its art if need be; fans have it at once."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    picture = data.picture()
    entry = await operating.add_gift(desk.rooms.gifting, operator_id, data.wish(), picture=picture, now=desk.now)
    return show_entry(entry)


@post("/operator/gifts/{gift:str}/prices", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_price(gift: FromPath[str], data: JSONBody[GiftPriceBody], request: Visit, state: State) -> EntryAnswer:
    """What a gift costs from an instant on, or from now."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    entry = await operating.set_price(
        desk.rooms.gifting, operator_id, gift, data.price_coins, valid_from=data.valid_from, now=desk.now
    )
    return show_entry(entry)


@post(
    "/operator/gifts/{gift:str}/retire",
    status_code=200,
    guards=_GUARDS,
    responses=refusals_to_visitors(404),
    security=BEARER,
)
async def retire_gift(gift: FromPath[str], request: Visit, state: State) -> EntryAnswer:
    """Offer a gift no more. What was given stays; again, it changes nothing."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return show_entry(await operating.retire_gift(desk.rooms.gifting, operator_id, gift, now=desk.now))


ROUTES: list[ControllerRouterHandler] = [list_entries, add_gift, set_price, retire_gift]
"""All of them, for the API's router."""
