"""/v1/packs, /v1/top-ups, /v1/wallet, and /v1/webhooks, where payment providers tell what was paid."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody, QueryParameter

from plaudit.coins import Buyer, Till, inbox, packs, receipts, top_ups, wallet
from plaudit.foundation.errors import PlauditError
from plaudit.foundation.logs import get_logger
from plaudit.people import Scope, profiles
from plaudit.reversals import inbox as reversal_inbox
from plaudit.reversals import refunds
from plaudit.web.api.coin_shapes import (
    MovementList,
    PackList,
    ReceiptAnswer,
    TopUpAnswer,
    TopUpBody,
    WalletAnswer,
    show_movements,
    show_offer,
    show_receipt,
    show_top_up,
    show_wallet,
)
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import may
from plaudit.web.api.movement_words import name_gifts
from plaudit.web.api.paging import After, Limit, read_number
from plaudit.web.api.reversal_shapes import show_refunded

_READ = [may(Scope.READ)]
_HIGHEST = 2**63 - 1

Channel = Annotated[Literal["web", "app"], QueryParameter(description="Where it is bought.")]
ExactCoins = Annotated[
    int | None, QueryParameter(description="Also tell the price of exactly so many.", ge=1, le=_HIGHEST)
]

MovementsOf = Annotated[Literal["wallet", "received"], QueryParameter(description="Coins to spend, or gifts received.")]

log = get_logger(__name__)


@get("/packs", guards=_READ, responses=refusals_to_visitors(404, 422), security=BEARER)
async def list_packs(request: Visit, state: State, channel: Channel = "web", coins: ExactCoins = None) -> PackList:
    """What one can buy, in one's own currency where there are prices in it."""
    desk = desk_of(state)
    offer = await packs.get_offer(desk.db, await _buyer(desk, request, channel), now=desk.now)
    return show_offer(offer, coins)


@post("/top-ups", guards=[may(Scope.SPEND)], responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def start_top_up(data: JSONBody[TopUpBody], request: Visit, state: State) -> TopUpAnswer:
    """Buy coins: the answer says where to pay. The same id again answers how it stands."""
    desk = desk_of(state)
    top_up = await top_ups.start_top_up(desk.till, data.wish(), await _buyer(desk, request), now=desk.now)
    return show_top_up(top_up, base_url=str(request.base_url))


@get("/top-ups/{top_up_id:uuid}", guards=_READ, responses=refusals_to_visitors(404), security=BEARER)
async def get_top_up(top_up_id: FromPath[UUID], request: Visit, state: State) -> TopUpAnswer:
    """How one's own purchase stands."""
    top_up = await top_ups.get_top_up(desk_of(state).till, top_up_id, of=visitor_of(request).person_id)
    return show_top_up(top_up, base_url=str(request.base_url))


@get("/top-ups/{top_up_id:uuid}/receipt", guards=_READ, responses=refusals_to_visitors(404, 409), security=BEARER)
async def get_receipt(top_up_id: FromPath[UUID], request: Visit, state: State) -> ReceiptAnswer:
    """The receipt of one's own purchase, to print; there is one as soon as the coins are there."""
    desk = desk_of(state)
    receipt = await receipts.get_receipt(desk.till, top_up_id, of=visitor_of(request).person_id)
    refunded = await refunds.list_refunds_of(desk.reversing, [top_up_id])
    return show_receipt(receipt, seller=desk.house_name, refunds=show_refunded(refunded))


@get("/wallet", guards=_READ, responses=refusals_to_visitors(404), security=BEARER)
async def get_wallet(request: Visit, state: State) -> WalletAnswer:
    """What one has, and what it cost."""
    desk = desk_of(state)
    return show_wallet(await wallet.get_wallet(desk.till, await _buyer(desk, request), now=desk.now))


@get("/wallet/movements", guards=_READ, responses=refusals_to_visitors(404, 422), security=BEARER)
async def list_movements(
    request: Visit, state: State, after: After = None, limit: Limit = 30, of: MovementsOf = "wallet"
) -> MovementList:
    """Every coin that came or went, the newest first, and why: of the wallet, or of the gifts that one received."""
    desk, number = desk_of(state), read_number(after)
    buyer = await _buyer(desk, request)
    if of == "received":
        found = await wallet.list_received(desk.till, buyer.person_id, after=number, limit=limit + 1)
    else:
        found = await wallet.list_movements(desk.till, buyer, after=number, limit=limit + 1, now=desk.now)
    return show_movements(await name_gifts(desk, found), limit)


@post("/v1/webhooks/{provider:str}", status_code=200, responses=refusals(401, 404), security=[{}])
async def take_webhook(provider: FromPath[str], request: Request[None, None, State], state: State) -> Response[None]:
    """For payment providers. What is genuine is kept, answered at once, and applied after the answer."""
    desk = desk_of(state)
    await inbox.take_webhook(desk.till, provider, request.headers, await request.body(), now=desk.now)
    return Response(None, background=BackgroundTask(_apply, desk.till, desk))


async def _apply(till: Till, desk: Desk) -> None:
    try:
        await inbox.apply_waiting(till, now=desk.now)
        await reversal_inbox.apply_waiting(desk.reversing, now=desk.now)
    except PlauditError as problem:
        log.warning("inbox waits", code=problem.code)


async def _buyer(desk: Desk, request: Visit, channel: str = "web") -> Buyer:
    person = await profiles.get_person(desk.db, visitor_of(request).person_id)
    return Buyer(person_id=person.id, region=person.region, currency=person.currency, channel=channel)
