"""The present state of a room, for whoever joins: everything as of one moment, so that events go on from its `seq`."""

from uuid import UUID

from msgspec import Raw, Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.rooms import chat, combos, counting, leaderboard, live_queries, wire
from plaudit.rooms.model import Combo
from plaudit.rooms.talk_model import ChatLine

LEADERS = 10


class State(Struct, frozen=True, kw_only=True, tag_field="type", tag="state"):
    """What is on a screen that joins now. `seq` numbers the last thing that is already in it."""

    seq: int
    live: wire.LiveShown
    viewers: int
    likes: int
    chat: list[ChatLine]
    leaders: list[wire.LeaderShown]
    combos: list[wire.OpenCombo]


async def get_state(db: Database, live_id: UUID, *, viewers: int = 0) -> bytes:
    """The state as a JSON object. The database doesn't know how many watch. Raises LiveNotFound."""
    async with db.transaction() as tx:
        # Else a gift that comes in between would be in the leaders already, and come again as an event.
        await tx.execute("set transaction isolation level repeatable read, read only")
        return wire.encode(await _get_state(tx, live_id, viewers))


async def _get_state(tx: Transaction, live_id: UUID, viewers: int) -> State:
    live = await live_queries.get_live(tx, live_id)
    leaders = await leaderboard.list_leaders_of_live(tx, live, limit=LEADERS)
    return State(
        seq=live.last_seq,
        live=wire.show_live(live),
        viewers=viewers,
        likes=live.likes,
        chat=await chat.list_last(tx, live_id),
        leaders=[wire.show_leader(leader) for leader in leaders],
        combos=[_show_combo(combo) for combo in await combos.list_open(tx, live_id)],
    )


def _show_combo(combo: Combo) -> wire.OpenCombo:
    count = wire.show_count(counting.id_of(combo), combo)
    return wire.OpenCombo(combo=count, gift=Raw(combo.gift), sender=Raw(combo.sender))
