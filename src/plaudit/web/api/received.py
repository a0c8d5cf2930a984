"""/v1/gifts/received: what a creator received, for ever, with their share as far as it is known."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import Struct, field

from plaudit.earnings import Creator, Received, Sum, Takings
from plaudit.people import Scope, Visitor
from plaudit.rooms import Live, lives
from plaudit.rooms.errors import NotYourLive
from plaudit.rooms.model import NOBODY, Face
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.gift_shapes import GiftAnswer, ShareAnswer, show_sent, show_share
from plaudit.web.api.guards import creators_only, may
from plaudit.web.api.paging import After, Limit, read_number

_TOP = 10

LiveId = Annotated[UUID | None, QueryParameter(description="Only what was given in this live of one's own.")]


class ReceivedGift(GiftAnswer, frozen=True, kw_only=True):
    """A gift that came. `share_micros` is the creator's share by currency in ten-thousandths of the minor unit.

    Many small shares are to be added up so: each alone may be less than a cent.
    """

    share_micros: dict[str, int]


class FanSum(Struct, frozen=True, kw_only=True):
    """What one fan gave; `from` is null for all that was given anonymously."""

    face: Face | None = field(name="from")
    gifts: int
    coins: int
    creator_share: ShareAnswer | None


class ReceivedSum(Struct, frozen=True, kw_only=True):
    """Gifts added up, with those who gave most.

    `is_whole` is false while older ones are still being added: ask again.
    """

    gifts: int
    fans: int
    coins: int
    creator_share: ShareAnswer | None
    top: list[FanSum]
    is_whole: bool


class ReceivedList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page. `total` is of all pages."""

    items: list[ReceivedGift]
    next: str | None
    total: ReceivedSum


@get(
    "/gifts/received",
    guards=[creators_only, may(Scope.READ)],
    responses=refusals_to_visitors(404, 422),
    security=BEARER,
)
async def list_received(
    request: Visit, state: State, live_id: LiveId = None, after: After = None, limit: Limit = 30
) -> ReceivedList:
    """What one received, in one live or ever: who gave what and when. Whoever gave anonymously isn't named."""
    desk, visitor = desk_of(state), visitor_of(request)
    live = await get_own_live(desk, live_id, visitor) if live_id else None
    found = await desk.stories.list_received(creator_of(visitor), live=live, after=read_number(after), limit=limit + 1)
    story = await desk.stories.get(creator_of(visitor))
    takings = story.in_live(live.id) if live else story.ever
    return ReceivedList(
        items=[await show_received(desk, each, visitor) for each in found[:limit]],
        next=str(found[limit - 1].sent.timestamp) if len(found) > limit else None,
        total=await show_takings(desk, takings, top=_TOP, is_whole=story.is_whole),
    )


def creator_of(visitor: Visitor) -> Creator:
    """The visitor as the earnings package knows creators."""
    return Creator(person_id=visitor.person_id, region=visitor.region)


async def get_own_live(desk: Desk, live_id: UUID, visitor: Visitor) -> Live:
    """A live of the visitor's. Raises LiveNotFound or NotYourLive."""
    live = await lives.get_live(desk.db, live_id)
    if live.creator_id != visitor.person_id:
        raise NotYourLive
    return live


async def show_received(desk: Desk, received: Received, visitor: Visitor) -> ReceivedGift:
    """A gift for the creator who received it."""
    to = Face(handle=visitor.handle, name=visitor.name, picture_url=visitor.picture_url)
    sender = await _face_of(desk, received.fan_id)
    shown = show_sent(received.sent, received.share, sender=sender, to=to, with_wallet=False)
    return ReceivedGift(**msgspec.structs.asdict(shown), share_micros=received.micros or {})


async def show_takings(desk: Desk, takings: Takings, *, top: int, is_whole: bool) -> ReceivedSum:
    """Sums on the wire."""
    fans = [
        FanSum(face=await _face_of(desk, fan_id), gifts=each.gifts, coins=each.coins, creator_share=_share_of(each))
        for fan_id, each in takings.list_fans(top)
    ]
    total = takings.total
    return ReceivedSum(
        gifts=total.gifts,
        fans=len(takings.by_fan),
        coins=total.coins,
        creator_share=_share_of(total),
        top=fans,
        is_whole=is_whole,
    )


async def _face_of(desk: Desk, fan_id: UUID) -> Face | None:
    return None if fan_id == NOBODY else (await desk.rooms.known.get_person(fan_id)).face


def _share_of(added: Sum) -> ShareAnswer | None:
    return show_share(added.share) if added.share else None


ROUTES: list[ControllerRouterHandler] = [list_received]
"""All of them, for the API's router."""
