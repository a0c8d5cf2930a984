"""What creators received: gift by gift for ever, and summed, with the share of each as far as it is known.

Both are read from the ledger's transfers to the creator's account, so they hold whatever rooms and messages still know.
The sums are a fold over those transfers, kept in memory with the place that it has reached: looking again adds what
came since.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace

from plaudit.earnings import rules
from plaudit.earnings.estimates import Estimates
from plaudit.earnings.model import Estimate
from plaudit.earnings.told import Brought, Settled, add_settled, list_settled, tell_micros
from plaudit.foundation.errors import Unavailable
from plaudit.gifts import Gifting, Sent
from plaudit.gifts.chains import creator_account
from plaudit.gifts.sending import list_sent
from plaudit.ledger import Filter
from plaudit.ledger.chart import TransferCode
from plaudit.rooms.model import NOBODY, Live

_PAGE = 1_000
_SHORT_PAGE = 100
# A creator with a long past is summed up in several looks, so that none of them takes long.
_PAGES_AT_ONCE = 4
_MOST_REMEMBERED = 500
# A gift that was on its way when its live ended is in the ledger a little later.
_ON_ITS_WAY = timedelta(minutes=10)


class Received(Struct, frozen=True, kw_only=True):
    """A gift that a creator received.

    `micros` is the share in internal units by currency, not rounded yet; None when it can't be told now.
    """

    sent: Sent
    micros: dict[str, int] | None
    is_settled: bool = False

    @property
    def share(self) -> Estimate | None:
        """The share as money, rounded down; None when it can't be told now, or the coins weren't paid for."""
        return rules.round_shares(self.micros or {})

    @property
    def fan_id(self) -> UUID:
        """Who gave it; NOBODY for who gave anonymously."""
        return NOBODY if self.sent.sending.is_anonymous else self.sent.sending.sender_id


class Creator(Struct, frozen=True, kw_only=True):
    """Who received: their rates are those of their region."""

    person_id: UUID
    region: str


class Sum(Struct, kw_only=True):
    """Gifts added up; `micros` is the share by currency in internal units, so that no cent is lost on the way."""

    gifts: int = 0
    coins: int = 0
    micros: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, received: Received) -> None:
        """One more."""
        self.gifts += 1
        self.coins += received.sent.sending.coins
        self._count(received.micros, 1)

    def correct(self, estimated: Received, settled: Received) -> None:
        """It is settled: what was estimated counts no more."""
        self._count(estimated.micros, -1)
        self._count(settled.micros, 1)

    def _count(self, all_micros: dict[str, int] | None, times: int) -> None:
        for code, micros in (all_micros or {}).items():
            self.micros[code] = self.micros.get(code, 0) + times * micros

    @property
    def share(self) -> Estimate | None:
        """The share of all of them, the largest amount first; None of nothing."""
        return rules.round_shares(dict(sorted(self.micros.items(), key=lambda part: -part[1])))


class Takings(Struct, kw_only=True):
    """What came in, in all and by fan; NOBODY stands for all who gave anonymously."""

    total: Sum = field(default_factory=Sum)
    by_fan: dict[UUID, Sum] = field(default_factory=dict[UUID, Sum])

    def add(self, received: Received) -> None:
        """One more gift."""
        self.total.add(received)
        self.by_fan.setdefault(received.fan_id, Sum()).add(received)

    def correct(self, estimated: Received, settled: Received) -> None:
        """It is settled."""
        self.total.correct(estimated, settled)
        self.by_fan[settled.fan_id].correct(estimated, settled)

    def list_fans(self, limit: int) -> list[tuple[UUID, Sum]]:
        """Who gave most, the first first."""
        return sorted(self.by_fan.items(), key=lambda fan: (-fan[1].coins, fan[0]))[:limit]


class Story(Struct, kw_only=True):
    """All that one creator received up to the transfer `cursor`; `is_whole` when nothing was missing then.

    `lives` are their lives by id; None stands for gifts in messages. `waiting` are the gifts that aren't settled yet,
    by their transfers: their shares are estimates.
    """

    cursor: int = 0
    is_whole: bool = False
    ever: Takings = field(default_factory=Takings)
    lives: dict[UUID | None, Takings] = field(default_factory=dict[UUID | None, Takings])
    waiting: dict[int, Received] = field(default_factory=dict[int, Received])

    def in_live(self, live_id: UUID) -> Takings:
        """What came in during one live."""
        return self.lives.get(live_id) or Takings()

    def add(self, received: Received) -> None:
        """One more gift."""
        self.ever.add(received)
        self.lives.setdefault(received.sent.sending.live_id, Takings()).add(received)
        if not received.is_settled:
            self.waiting[received.sent.timestamp] = received

    def settle(self, slices: Mapping[int, Sequence[Settled]]) -> None:
        """Put what is settled in the place of what was estimated."""
        for timestamp, parts in slices.items():
            estimated = self.waiting.pop(timestamp)
            settled = replace(estimated, micros=add_settled(parts), is_settled=True)
            self.ever.correct(estimated, settled)
            self.lives[settled.sent.sending.live_id].correct(estimated, settled)


class Stories:
    """What creators received, folded in memory. One for a process.

    `estimates` is to be one of its own: who looks far back would push the lots that fans spend now out of its memory.
    """

    def __init__(self, gifting: Gifting, estimates: Estimates) -> None:
        self._gifting = gifting
        self._estimates = estimates
        self._known: dict[UUID, tuple[asyncio.Lock, Story]] = {}

    async def get(self, creator: Creator) -> Story:
        """The story up to now, or as far as one look reaches. Raises Unavailable."""
        lock, story = self._known.pop(creator.person_id, None) or (asyncio.Lock(), Story())
        self._remember(creator.person_id, lock, story)
        async with lock:
            story.settle(await list_settled(self._estimates.db, list(story.waiting)[:_PAGE]))
            for _ in range(_PAGES_AT_ONCE):
                records = await self._gifting.ledger.list_transfers(
                    _gifts_to(creator.person_id), after=story.cursor, limit=_PAGE
                )
                sents = await list_sent(self._gifting, records)
                # All of a page or none of it, so that nothing is added twice after a failure.
                told = await self._tell(creator, sents)
                page = [_received(sent, told[sent.sending.id]) for sent in sents]
                for received in page:
                    story.add(received)
                story.cursor = records[-1].timestamp if records else story.cursor
                story.is_whole = len(records) < _PAGE
                if story.is_whole:
                    break
        return story

    async def list_received(
        self, creator: Creator, *, live: Live | None = None, after: int | None = None, limit: int
    ) -> list[Received]:
        """A page of gifts, the newest first, before the transfer `after`; those of one live when it is given.

        Raises Unavailable.
        """
        which, found = _gifts_to(creator.person_id, live), list[Sent]()
        while len(found) < limit:
            records = await self._gifting.ledger.list_transfers(
                which, after=after, limit=_SHORT_PAGE, newest_first=True
            )
            sents = await list_sent(self._gifting, records)
            found += [sent for sent in sents if live is None or sent.sending.live_id == live.id]
            if len(records) < _SHORT_PAGE:
                break
            after = records[-1].timestamp
        return await self._estimate_all(creator, found[:limit])

    async def _estimate_all(self, creator: Creator, sents: Sequence[Sent]) -> list[Received]:
        try:
            # The oldest first: lots are remembered from the first that was asked for on.
            shares = await self._tell(creator, list(reversed(sents)))
        except Unavailable:
            # They were received, whether or not their shares can be told now.
            shares = {}
        return [_received(sent, shares.get(sent.sending.id)) for sent in sents]

    async def _tell(self, creator: Creator, sents: Sequence[Sent]) -> dict[UUID, Brought]:
        return await tell_micros(self._estimates, sents, creator_region=creator.region)

    def _remember(self, creator_id: UUID, lock: asyncio.Lock, story: Story) -> None:
        if len(self._known) >= _MOST_REMEMBERED:
            # Whoever looked last stands last.
            self._known = dict(list(self._known.items())[_MOST_REMEMBERED // 2 :])
        self._known[creator_id] = (lock, story)


def _received(sent: Sent, brought: Brought | None) -> Received:
    micros = brought.micros if brought else None
    return Received(sent=sent, micros=micros, is_settled=brought is not None and brought.is_settled)


def _gifts_to(creator_id: UUID, live: Live | None = None) -> Filter:
    since = live.started_at if live else None
    before = live.ended_at + _ON_ITS_WAY if live and live.ended_at else None
    return Filter(account=creator_account(creator_id), code=TransferCode.GIFT, since=since, before=before)
