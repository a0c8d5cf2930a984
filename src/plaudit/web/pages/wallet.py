"""The wallet: what one has, buying more, and where a purchase stands."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.coins import Buyer, Movement, Offer, Status, Wish, packs, receipts, rules, top_ups, wallet
from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import derive_id, new_id
from plaudit.reversals import refunds
from plaudit.reversals.purchases import list_purchases
from plaudit.web.api.coin_shapes import show_offer, show_receipt
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.movement_words import Given, find_given
from plaudit.web.api.paging import After, read_number
from plaudit.web.api.reversal_shapes import show_refunded
from plaudit.web.pages.accounts import NextPath
from plaudit.web.pages.shell import show_page
from plaudit.web.pages.visits import fans_only, require_own_form, safe_next

EXACT = "exact"
_FIRST_MOVEMENTS = 8
_FIRST_PURCHASES = 6
_MOVEMENTS_ON_A_PAGE = 30
_LONGEST_NUMBER = 12

CoinsWished = Annotated[str, QueryParameter(name="coins", max_length=20)]


class TopUpForm(Struct, frozen=True, kw_only=True):
    """What the wallet sends. `id` was made with the page; `choice` is a pack, or `exact` with so many `coins`."""

    id: str = ""
    choice: str = ""
    coins: str = ""
    next: str = ""
    csrf: str = ""


class Choice(Struct, frozen=True, kw_only=True):
    """What stands chosen when the page opens; `needed` is how many coins somebody came for."""

    id: str
    coins: int | None = None
    needed: int | None = None


class Line(Struct, frozen=True, kw_only=True):
    """A movement as the page shows it, with the gift that it was."""

    movement: Movement
    given: Given | None


class Lines(Struct, frozen=True, kw_only=True):
    """Some movements; `after` leads to older ones, where there are any."""

    items: list[Line]
    after: int | None


@get("/wallet", guards=[fans_only], include_in_schema=False)
async def show_wallet(request: Visit, state: State, coins: CoinsWished = "", after: NextPath = "") -> Response[str]:
    """Coins and what they cost, packs, and what came and went. `coins` asks for just enough of them."""
    desk = desk_of(state)
    offer = await packs.get_offer(desk.db, _buyer(request), now=desk.now)
    chosen = _choose(offer, _read_coins(coins))
    return await _show(request, desk, offer, chosen, after=after)


@get("/wallet/movements", guards=[fans_only], include_in_schema=False)
async def show_movements(request: Visit, state: State, after: After = None) -> Response[str]:
    """Older movements."""
    lines = await _list_lines(request, desk_of(state), after=read_number(after), limit=_MOVEMENTS_ON_A_PAGE)
    return show_page(request, "movements.html", lines=lines)


@post("/top-ups", guards=[fans_only], include_in_schema=False)
async def start_top_up(data: URLEncodedBody[TopUpForm], request: Visit, state: State) -> Response[Any]:
    """To the checkout. The same form again, from whatever click, is the same purchase."""
    require_own_form(request, data.csrf)
    desk, buyer = desk_of(state), _buyer(request)
    try:
        wish = _read_wish(data, buyer)
        top_up = await top_ups.start_top_up(desk.till, wish, buyer, now=desk.now)
    except Invalid as problem:
        offer = await packs.get_offer(desk.db, buyer, now=desk.now)
        chosen = Choice(id=data.choice, coins=_read_coins(data.coins))
        return await _show(request, desk, offer, chosen, after=data.next, problem=problem)
    # What is over, or under way to the wallet, isn't paid a second time: its page says how it stands.
    is_open = top_up.status is Status.PENDING and top_up.checkout_url
    return Redirect((is_open and top_up.checkout_url) or _page_of(top_up.id, data.next), status_code=303)


@get("/top-ups/{top_up_id:uuid}", guards=[fans_only], include_in_schema=False)
async def show_top_up(top_up_id: FromPath[UUID], request: Visit, state: State, after: NextPath = "") -> Response[str]:
    """Where a purchase stands; the page waits for what is still open, and then leads on."""
    desk = desk_of(state)
    top_up = await top_ups.get_top_up(desk.till, top_up_id, of=visitor_of(request).person_id)
    return show_page(request, "top_up.html", top_up=top_up, next=_next(after))


@get("/top-ups/{top_up_id:uuid}/receipt", guards=[fans_only], include_in_schema=False)
async def show_receipt_page(top_up_id: FromPath[UUID], request: Visit, state: State) -> Response[str]:
    """The receipt, to print."""
    desk = desk_of(state)
    receipt = await receipts.get_receipt(desk.till, top_up_id, of=visitor_of(request).person_id)
    refunded = await refunds.list_refunds_of(desk.reversing, [top_up_id])
    shown = show_receipt(receipt, seller=desk.house_name, refunds=show_refunded(refunded))
    return show_page(request, "receipt.html", receipt=shown)


async def _show(
    request: Visit, desk: Desk, offer: Offer, chosen: Choice, *, after: str, problem: Invalid | None = None
) -> Response[str]:
    return show_page(
        request,
        "wallet.html",
        status=422 if problem else 200,
        # A browser asks the policy of the page with the form also where the answer to the form leads on to a checkout.
        forms_lead_to=[origin for each in desk.till.providers.values() for origin in each.checkout_origins],
        wallet=await wallet.get_wallet(desk.till, _buyer(request), now=desk.now),
        offer=show_offer(offer, chosen.coins),
        chosen=chosen,
        form_id=new_id(),
        next=_next(after),
        purchases=await list_purchases(
            desk.reversing, visitor_of(request).person_id, limit=_FIRST_PURCHASES, now=desk.now
        ),
        lines=await _list_lines(request, desk, after=None, limit=_FIRST_MOVEMENTS),
        problem=problem,
    )


async def _list_lines(request: Visit, desk: Desk, *, after: int | None, limit: int) -> Lines:
    found = await wallet.list_movements(desk.till, _buyer(request), after=after, limit=limit + 1, now=desk.now)
    given = await find_given(desk, found[:limit])
    items = [Line(movement=movement, given=given.get(movement.number)) for movement in found[:limit]]
    return Lines(items=items, after=items[-1].movement.number if len(found) > limit else None)


def _choose(offer: Offer, needed: int | None) -> Choice:
    """The cheapest purchase that brings so many; else the pack in the middle."""
    quote = rules.find_cheapest(offer, needed) if needed else None
    if quote is None:
        return Choice(id=offer.packs[len(offer.packs) // 2].id)
    if quote.pack is None:
        return Choice(id=EXACT, coins=quote.coins, needed=needed)
    return Choice(id=quote.pack, needed=needed)


def _read_wish(form: TopUpForm, buyer: Buyer) -> Wish:
    """Raises Invalid. Each choice of one page is a purchase of its own, so going back and choosing another works."""
    try:
        base = UUID(form.id)
    except ValueError:
        raise Invalid("This page is out of date: load it again.", field="id") from None
    is_exact = form.choice == EXACT
    coins = _read_coins(form.coins) if is_exact else None
    if is_exact and coins is None:
        raise Invalid("Tell how many coins you want.", field="coins")
    top_up_id = derive_id(base, str(buyer.person_id), form.choice, str(coins or ""))
    return Wish(
        id=top_up_id,
        provider="sandbox",
        pack=None if is_exact else form.choice,
        coins=coins,
        return_url=_page_of(top_up_id, form.next),
    )


def _read_coins(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _page_of(top_up_id: UUID, after: str) -> str:
    query = f"?{urlencode({'next': _next(after)})}" if _next(after) else ""
    return f"/top-ups/{top_up_id}{query}"


def _next(wished: str) -> str:
    """Where to go on afterwards; "" stays with the wallet."""
    return safe_next(wished) if wished and safe_next(wished) == wished else ""


def _buyer(request: Visit) -> Buyer:
    visitor = visitor_of(request)
    return Buyer(person_id=visitor.person_id, region=visitor.region, currency=visitor.currency)


ROUTES: list[ControllerRouterHandler] = [
    show_wallet,
    show_movements,
    start_top_up,
    show_top_up,
    show_receipt_page,
]
"""All of them, for the pages' router."""
