"""Numbers, combos and sums of gifts: what the log will store, decided with no I/O.

A combo is one fan's: whoever else uses the same id in the same or another live, or for another gift, has another one.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Raw
from msgspec.structs import replace

from plaudit.foundation.ids import derive_id
from plaudit.rooms import wire
from plaudit.rooms.model import NOBODY, Combo, Event, RoomGift

COMBO_LASTS = timedelta(seconds=5)
"""How long after its last tap a combo ends."""

OVER_ALL = "all"
"""The span of the leaderboard that counts everything."""


class Sum:
    """Coins to add to a fan's place on a leaderboard."""

    __slots__ = ("coins", "reached_at")

    def __init__(self, reached_at: datetime) -> None:
        self.coins = 0
        self.reached_at = reached_at

    def add(self, gift: RoomGift) -> None:
        """One more gift."""
        self.coins += gift.coins
        self.reached_at = max(self.reached_at, gift.at)


class Counting:
    """A fold over gifts, in the order in which they are numbered."""

    def __init__(self, last_seqs: Mapping[UUID, int], combos: Iterable[Combo]) -> None:
        """`last_seqs` are of all lives that gifts will be of; `combos` those with the keys of the gifts, if any."""
        self.last_seqs = dict(last_seqs)
        self.combos: dict[UUID, Combo] = {}
        self.events: list[Event] = []
        self.gift_ids: list[UUID | None] = []
        self.sums: dict[tuple[UUID, str, UUID], Sum] = {}
        self._known = {combo.key: combo for combo in combos}

    def add(self, gift: RoomGift) -> None:
        """The gift is the next thing that happens in its live."""
        sent = wire.GiftSent(
            at=gift.at,
            id=gift.id,
            gift=gift.gift,
            quantity=gift.quantity,
            coins=gift.coins,
            sender=None if gift.is_anonymous else gift.sender,
            message=gift.message,
            combo=self._tap(gift),
        )
        self._tell(gift.live_id, sent, gift.id)
        fan_id = NOBODY if gift.is_anonymous else gift.fan_id
        for span in spans_of(gift):
            key = (gift.creator_id, span, fan_id)
            if key not in self.sums:
                self.sums[key] = Sum(gift.at)
            self.sums[key].add(gift)

    def _tap(self, gift: RoomGift) -> wire.ComboCount | None:
        if gift.combo_id is None:
            return None
        key = key_of(gift)
        before = self._known.get(key)
        if before is not None and is_over(before, gift.at):
            self._tell(gift.live_id, ending_of(before, gift.at), None)
            before = replace(before, ended_at=gift.at)
        if before is None or before.ended_at is not None:
            combo = _first(gift, key, generation=before.generation + 1 if before else 1)
        else:
            combo = replace(
                before,
                count=before.count + gift.quantity,
                coins=before.coins + gift.coins,
                last_at=max(before.last_at, gift.at),
            )
        self._known[key] = self.combos[key] = combo
        return wire.show_count(id_of(combo), combo)

    def _tell(self, live_id: UUID, happening: wire.Happening, gift_id: UUID | None) -> None:
        seq = self.last_seqs[live_id] = self.last_seqs[live_id] + 1
        self.events.append(wire.number(live_id, seq, happening))
        self.gift_ids.append(gift_id)


def spans_of(gift: RoomGift) -> tuple[str, str, str]:
    """The leaderboards of its creator that a gift counts on: the live's, the week's, and the one of all time."""
    return str(gift.live_id), week_of(gift.at), OVER_ALL


def week_of(at: datetime) -> str:
    """The week of ISO 8601 in UTC: `2026-W10`."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


def key_of(gift: RoomGift) -> UUID:
    """What makes taps one combo. Anonymous ones are apart, so that nothing shows whose they are."""
    assert gift.combo_id is not None, "only taps of a combo have a key"
    return derive_id(gift.combo_id, str(gift.live_id), str(gift.fan_id), gift.gift.id, "anon" * gift.is_anonymous)


def id_of(combo: Combo) -> UUID:
    """By what screens know a combo: never the client's own id, which any other fan may use as well."""
    return derive_id(combo.key, str(combo.generation))


def is_over(combo: Combo, now: datetime) -> bool:
    """Whether an open combo has had its time."""
    return combo.ended_at is None and now - combo.last_at >= COMBO_LASTS


def ending_of(combo: Combo, at: datetime) -> wire.ComboEnded:
    """What the room is told at a combo's end."""
    count = wire.show_count(id_of(combo), combo)
    return wire.ComboEnded(at=at, combo=count, gift=Raw(combo.gift), sender=Raw(combo.sender))


def number_endings(combos: Iterable[Combo], last_seqs: Mapping[UUID, int], at: datetime) -> list[Event]:
    """The ends of combos as the next events of their lives."""
    seqs = dict(last_seqs)
    events: list[Event] = []
    for combo in combos:
        seqs[combo.live_id] += 1
        events.append(wire.number(combo.live_id, seqs[combo.live_id], ending_of(combo, at)))
    return events


def _first(gift: RoomGift, key: UUID, *, generation: int) -> Combo:
    return Combo(
        key=key,
        live_id=gift.live_id,
        generation=generation,
        count=gift.quantity,
        coins=gift.coins,
        last_at=gift.at,
        ended_at=None,
        gift=wire.encode(gift.gift),
        sender=wire.encode(None if gift.is_anonymous else gift.sender),
    )
