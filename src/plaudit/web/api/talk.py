"""Chat and likes in a live, and its moderation: by the creator, by whom they appointed, and by operators."""

from uuid import UUID

from litestar import delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.people import Scope
from plaudit.rooms import chat, moderation
from plaudit.rooms.talk_model import ChatLine
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals, refusals_to_visitors
from plaudit.web.api.guards import creators_only, may, may_change_account
from plaudit.web.api.paging import After, Limit, read_place, show_page
from plaudit.web.api.shapes import AcquaintanceList
from plaudit.web.api.talk_shapes import (
    BlockedWordList,
    ChatBody,
    ChatLines,
    LikesBody,
    MuteBody,
    MuteList,
    show_mutes,
)

# Whoever speaks does it in their own name, which a session that was opened for some scopes leaves alone.
_SPEAKS = [may_change_account]
_OWN = [creators_only, may(Scope.CREATE)]
_FOUND_OR_REFUSED = refusals_to_visitors(404, 422)


@post("/lives/{live_id:uuid}/chat", guards=_SPEAKS, responses=refusals_to_visitors(404, 409, 422), security=BEARER)
async def post_chat(live_id: FromPath[UUID], data: JSONBody[ChatBody], request: Visit, state: State) -> ChatLine:
    """Say something; everyone in the live sees it at once. The same id again answers the same line."""
    desk = desk_of(state)
    return await chat.post_chat(desk.rooms.talk, live_id, data.wish(), visitor_of(request), now=desk.now)


@get("/lives/{live_id:uuid}/chat", responses=refusals(404), security=[{}, *BEARER])
async def list_chat(live_id: FromPath[UUID], state: State) -> ChatLines:
    """The last 50 lines, without those that were removed."""
    return ChatLines(items=await chat.get_chat(desk_of(state).db, live_id))


@delete(
    "/lives/{live_id:uuid}/chat/{line_id:uuid}", guards=_SPEAKS, responses=refusals_to_visitors(404), security=BEARER
)
async def remove_chat(live_id: FromPath[UUID], line_id: FromPath[UUID], request: Visit, state: State) -> None:
    """Take a line off every screen. For moderators."""
    desk = desk_of(state)
    await chat.remove_line(desk.rooms.talk, live_id, line_id, visitor_of(request), now=desk.now)


@post(
    "/lives/{live_id:uuid}/likes",
    status_code=204,
    guards=_SPEAKS,
    responses=refusals_to_visitors(404, 409, 422),
    security=BEARER,
)
async def like(live_id: FromPath[UUID], data: JSONBody[LikesBody], request: Visit, state: State) -> None:
    """Like a live; within a second everyone sees the new sum."""
    desk, visitor = desk_of(state), visitor_of(request)
    await desk.rooms.talk.likes.like(live_id, visitor.person_id, data.count, now=desk.now)


@get("/lives/{live_id:uuid}/mutes", guards=_SPEAKS, responses=_FOUND_OR_REFUSED, security=BEARER)
async def list_mutes(
    live_id: FromPath[UUID], request: Visit, state: State, after: After = None, limit: Limit = 30
) -> MuteList:
    """Who is muted in this creator's lives, the newest first. For moderators."""
    desk, place = desk_of(state), read_place(after)
    found = await moderation.list_mutes(
        desk.db, live_id, visitor_of(request), after=place, limit=limit + 1, now=desk.now
    )
    return show_mutes(found, limit)


@put(
    "/lives/{live_id:uuid}/mutes/{handle:str}",
    status_code=204,
    guards=_SPEAKS,
    responses=_FOUND_OR_REFUSED,
    security=BEARER,
)
async def mute(
    live_id: FromPath[UUID], handle: FromPath[str], data: JSONBody[MuteBody], request: Visit, state: State
) -> None:
    """Let somebody chat no more in any live of this creator. For moderators."""
    desk = desk_of(state)
    await moderation.mute(desk.db, live_id, data.wish(handle), visitor_of(request), now=desk.now)


@delete(
    "/lives/{live_id:uuid}/mutes/{handle:str}", guards=_SPEAKS, responses=refusals_to_visitors(404), security=BEARER
)
async def unmute(live_id: FromPath[UUID], handle: FromPath[str], request: Visit, state: State) -> None:
    """Let somebody chat again. For moderators."""
    desk = desk_of(state)
    await moderation.unmute(desk.db, live_id, handle, visitor_of(request), now=desk.now)


@get("/creator/blocked-words", guards=_OWN, responses=refusals_to_visitors(), security=BEARER)
async def list_words(request: Visit, state: State) -> BlockedWordList:
    """The words that have no place in one's chat."""
    return BlockedWordList(items=await moderation.list_words(desk_of(state).db, visitor_of(request).person_id))


@put(
    "/creator/blocked-words/{word:str}",
    status_code=204,
    guards=_OWN,
    responses=refusals_to_visitors(404, 422),
    security=BEARER,
)
async def block_word(word: FromPath[str], request: Visit, state: State) -> None:
    """Keep a word out of one's chat, whatever its case and whatever stands between its letters."""
    desk = desk_of(state)
    await moderation.block_word(desk.db, visitor_of(request).person_id, word, now=desk.now)


@delete("/creator/blocked-words/{word:str}", guards=_OWN, responses=refusals_to_visitors(404, 422), security=BEARER)
async def unblock_word(word: FromPath[str], request: Visit, state: State) -> None:
    """Let a word into one's chat again."""
    await moderation.unblock_word(desk_of(state).db, visitor_of(request).person_id, word)


@get("/creator/moderators", guards=_OWN, responses=refusals_to_visitors(422), security=BEARER)
async def list_moderators(request: Visit, state: State, after: After = None, limit: Limit = 30) -> AcquaintanceList:
    """Who moderates one's lives, the newest first."""
    person_id, place = visitor_of(request).person_id, read_place(after)
    return show_page(
        await moderation.list_moderators(desk_of(state).db, person_id, after=place, limit=limit + 1), limit
    )


@put("/creator/moderators/{handle:str}", status_code=204, guards=_OWN, responses=_FOUND_OR_REFUSED, security=BEARER)
async def add_moderator(handle: FromPath[str], request: Visit, state: State) -> None:
    """Let somebody moderate one's lives."""
    desk = desk_of(state)
    await moderation.add_moderator(desk.db, visitor_of(request).person_id, handle, now=desk.now)


@delete("/creator/moderators/{handle:str}", guards=_OWN, responses=_FOUND_OR_REFUSED, security=BEARER)
async def remove_moderator(handle: FromPath[str], request: Visit, state: State) -> None:
    """Let somebody moderate one's lives no more."""
    await moderation.remove_moderator(desk_of(state).db, visitor_of(request).person_id, handle)


ROUTES: list[ControllerRouterHandler] = [
    post_chat,
    list_chat,
    remove_chat,
    like,
    list_mutes,
    mute,
    unmute,
    list_words,
    block_word,
    unblock_word,
    list_moderators,
    add_moderator,
    remove_moderator,
]
"""All of them, for the API's router."""
