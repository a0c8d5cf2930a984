"""/operator/catalogue: every gift with its prices; adding one with its art, pricing and retiring it."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import State, UploadFile
from litestar.params import FromPath, MultipartBody, QueryParameter, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import Conflict, Invalid, PlauditError
from plaudit.gifts import Entry, Gift, Tier, operating, rules
from plaudit.gifts.art import Picture, take_picture
from plaudit.gifts.errors import GiftUnknown
from plaudit.gifts.model import Price
from plaudit.gifts.operating import NewGift
from plaudit.gifts.svg import MOST_BYTES
from plaudit.people.operators import take_start
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.pages.operating.console import (
    GUARDS,
    Done,
    ProvenForm,
    find_coin_rate,
    go_to,
    read_instant,
    read_whole,
    rename_field,
    show_console,
)
from plaudit.web.pages.visits import require_own_form

TierWanted = Annotated[Tier | None, QueryParameter(name="tier")]


class NewGiftForm(Struct, kw_only=True):
    """A gift to be added, with the file of its picture."""

    csrf: str = ""
    id: str = ""
    name: str = ""
    tier: str = Tier.SMALL.value
    price_coins: str = ""
    regions: str = ""
    least_level: str = "1"
    offered_from: str = ""
    offered_until: str = ""
    art: UploadFile | None = None


class PriceForm(Struct, frozen=True, kw_only=True):
    """A price, and from when it holds; without an instant, from now on."""

    csrf: str = ""
    price_coins: str = ""
    valid_from: str = ""


class EntryShown(Struct, frozen=True, kw_only=True):
    """A gift as it stands: `offered`, `planned` or `retired`, at today's price, which the next one follows."""

    gift: Gift
    stands: str
    price: int | None
    next: Price | None
    prices: list[Price]


@get("/operator/catalogue", guards=GUARDS, include_in_schema=False)
async def list_gifts(request: Visit, state: State, tier: TierWanted = None, done: Done = "") -> Response[str]:
    """All of them, in the order of the tray."""
    desk = desk_of(state)
    entries = await operating.list_entries(desk.rooms.gifting)
    shown = [show_entry(entry, desk.now) for entry in entries if tier in (None, entry.newest.tier)]
    rate = await find_coin_rate(request, desk)
    return show_console(request, "catalogue.html", done=done, entries=shown, tiers=list(Tier), tier=tier, rate=rate)


@get("/operator/catalogue/new", guards=GUARDS, include_in_schema=False)
async def show_new(request: Visit) -> Response[str]:
    """The form for a new gift."""
    return _show_form(request, NewGiftForm())


@post("/operator/catalogue", guards=GUARDS, include_in_schema=False)
async def add_gift(data: MultipartBody[NewGiftForm], request: Visit, state: State) -> Response[Any]:
    """Add a gift with its art; it is in every fan's tray at once."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    try:
        wish = _read_gift(data, desk.now)
        picture = await _read_picture(data)
        entry = await operating.add_gift(desk.rooms.gifting, operator_id, wish, picture=picture, now=desk.now)
    except (Invalid, Conflict) as problem:
        return _show_form(request, data, problem=problem)
    return go_to(f"/operator/catalogue/{entry.newest.id}", "added")


@get("/operator/catalogue/{gift_id:str}", guards=GUARDS, include_in_schema=False)
async def show_gift(gift_id: FromPath[str], request: Visit, state: State, done: Done = "") -> Response[str]:
    """One gift with every price."""
    return await _show_gift(request, desk_of(state), gift_id, done=done)


@post("/operator/catalogue/{gift_id:str}/prices", guards=GUARDS, include_in_schema=False)
async def set_price(
    gift_id: FromPath[str], data: URLEncodedBody[PriceForm], request: Visit, state: State
) -> Response[Any]:
    """What it costs from an instant on."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    try:
        coins, start = read_whole(data.price_coins, "price_coins"), read_instant(data.valid_from, "valid_from")
        await operating.set_price(desk.rooms.gifting, operator_id, gift_id, coins, valid_from=start, now=desk.now)
    except (Invalid, Conflict) as problem:
        return await _show_gift(request, desk, gift_id, problem=problem, form=data)
    return go_to(f"/operator/catalogue/{gift_id}", "priced")


@post("/operator/catalogue/{gift_id:str}/retire", guards=GUARDS, include_in_schema=False)
async def retire_gift(
    gift_id: FromPath[str], data: URLEncodedBody[ProvenForm], request: Visit, state: State
) -> Response[Any]:
    """Offer it no more."""
    require_own_form(request, data.csrf)
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    await operating.retire_gift(desk.rooms.gifting, operator_id, gift_id, now=desk.now)
    return go_to(f"/operator/catalogue/{gift_id}", "retired")


def show_entry(entry: Entry, now: datetime) -> EntryShown:
    """A gift of the catalogue as it stands now."""
    gift, today = entry.newest, rules.at_price(entry, now)
    is_over = gift.offered_until is not None and gift.offered_until <= now
    prices = [Price(price_coins=each.price_coins, valid_from=valid_from) for valid_from, each in entry.versions]
    return EntryShown(
        gift=gift,
        stands="retired" if is_over else "planned" if gift.offered_from > now or today is None else "offered",
        price=None if today is None else today.price_coins,
        next=min((each for each in prices if each.valid_from > now), key=lambda each: each.valid_from, default=None),
        prices=prices,
    )


async def _show_gift(
    request: Visit,
    desk: Desk,
    gift_id: str,
    *,
    problem: PlauditError | None = None,
    done: str = "",
    form: PriceForm | None = None,
) -> Response[str]:
    shelf = await desk.rooms.gifting.catalogue.refresh()
    if gift_id not in shelf.entries:
        raise GiftUnknown
    entry = show_entry(shelf.entries[gift_id], desk.now)
    return show_console(
        request,
        "catalogue_gift.html",
        problem=problem,
        done=done,
        entry=entry,
        form=form or PriceForm(),
        rate=await find_coin_rate(request, desk),
    )


def _show_form(request: Visit, form: NewGiftForm, *, problem: PlauditError | None = None) -> Response[str]:
    return show_console(
        request, "catalogue_new.html", problem=problem, form=form, tiers=list(Tier), most_kb=MOST_BYTES // 1024
    )


def _read_gift(form: NewGiftForm, now: datetime) -> NewGift:
    if form.tier not in set(Tier):
        raise Invalid("Choose how large it is.", field="tier")
    regions = tuple(form.regions.replace(",", " ").split())
    offered_from = read_instant(form.offered_from, "offered_from")
    return NewGift(
        id=form.id.strip(),
        name=form.name,
        tier=Tier(form.tier),
        price_coins=read_whole(form.price_coins, "price_coins"),
        regions=regions or None,
        least_level=read_whole(form.least_level, "least_level"),
        offered_from=None if offered_from is None else _require_later(offered_from, now),
        offered_until=read_instant(form.offered_until, "offered_until"),
    )


def _require_later(offered_from: datetime, now: datetime) -> datetime:
    try:
        return take_start(offered_from, now=now)
    except Invalid as problem:
        raise rename_field(problem, valid_from="offered_from") from None


async def _read_picture(form: NewGiftForm) -> Picture:
    """What was uploaded; a browser sends a file without a name where none was chosen."""
    if form.art is None or not form.art.filename:
        raise Invalid("Choose a picture.", field="art")
    return take_picture(await form.art.read(MOST_BYTES + 1))


ROUTES: list[ControllerRouterHandler] = [list_gifts, show_new, add_gift, show_gift, set_price, retire_gift]
"""All of them, for the pages' router."""
