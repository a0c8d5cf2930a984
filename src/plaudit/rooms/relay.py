"""The relay: gifts that the ledger has and no room was told of, because a program ended in between.

It follows the ledger's feed a second behind the present, so that it hardly ever does what the log is about to do.
Everything it does may be done twice, also by two relays at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from msgspec import Struct

from plaudit.gifts import Sent
from plaudit.gifts import sending as gift_sending
from plaudit.ledger import Record
from plaudit.ledger.chart import TransferCode
from plaudit.rooms import live_queries, messages
from plaudit.rooms.rooms import Rooms
from plaudit.rooms.sending import make_room_gift

BEHIND = timedelta(seconds=1)

_PAGE = 500
_MOST_PAGES = 40


class _Id(Struct, frozen=True):
    id: UUID


async def run_round(rooms: Rooms, *, now: datetime) -> int:
    """Go on in the feed, up to a second ago; how many gifts had to be told of."""
    told = 0
    for _ in range(_MOST_PAGES):
        page = await rooms.ledger.list_transfers(after=await _get_cursor(rooms), limit=_PAGE)
        settled = list(takewhile(lambda record: record.at <= now - BEHIND, page))
        if settled:
            told += await _tell_missing(rooms, settled)
            await _store_cursor(rooms, settled[-1].timestamp)
        if len(settled) < _PAGE:
            break
    return told


async def _tell_missing(rooms: Rooms, records: Sequence[Record]) -> int:
    by_id = {id: each for each in records if each.transfer.code == TransferCode.GIFT and (id := each.transfer.ref_128)}
    missing = await _list_missing(rooms, list(by_id)) if by_id else []
    if not missing:
        return 0
    sent = await gift_sending.list_sent(rooms.gifting, [by_id[id] for id in missing])
    await _tell_lives(rooms, sent)
    for each in sent:
        if each.sending.live_id is None:
            async with rooms.db.transaction() as tx:
                await messages.note_gift(tx, each.sending, at=each.at)
    return len(sent)


async def _tell_lives(rooms: Rooms, sent: Sequence[Sent]) -> None:
    async with rooms.db.transaction() as tx:
        faces = await live_queries.list_faces(tx, [each.sending.sender_id for each in sent])
    gifts = [
        make_room_gift(each, live_id, faces[each.sending.sender_id])
        for each in sent
        if (live_id := each.sending.live_id) is not None
    ]
    if gifts:
        await rooms.log.sequence(gifts)


async def _list_missing(rooms: Rooms, gift_ids: list[UUID]) -> list[UUID]:
    """Those of the gifts that are neither in a room's log nor in a message, in the order given."""
    async with rooms.db.transaction() as tx:
        found = await tx.all(
            _Id,
            """
            select id from unnest(%(ids)s::uuid[]) with ordinality as sent (id, place)
            where not exists (select from rooms.events where gift_id = sent.id)
                and not exists (select from rooms.messages where sending_id = sent.id)
            order by place
            """,
            {"ids": gift_ids},
        )
    return [row.id for row in found]


async def _get_cursor(rooms: Rooms) -> int:
    async with rooms.db.transaction() as tx:
        return await tx.value(int, "select cursor from rooms.relay")


async def _store_cursor(rooms: Rooms, cursor: int) -> None:
    async with rooms.db.transaction() as tx:
        await tx.execute("update rooms.relay set cursor = greatest(cursor, %(cursor)s)", {"cursor": cursor})
