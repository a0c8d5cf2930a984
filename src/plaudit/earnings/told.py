"""What a gift that was sent is made of and brings: from its slices once it is settled, and before that as an estimate.

Slices never change, whatever becomes of the coins that the fan had left; an estimate follows the fan's line.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct

from plaudit.coins import rules as coin_rules
from plaudit.coins.model import LotKind, Part
from plaudit.earnings import rules
from plaudit.earnings.estimates import Estimates, add_share, estimate_share
from plaudit.earnings.model import Estimate
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.money import Money
from plaudit.gifts import Sent
from plaudit.people.regions import CURRENCY_BY_REGION


class Settled(Struct, frozen=True, kw_only=True):
    """A slice of a gift: its part of a lot, what was paid for it and the creator's share, in internal units."""

    timestamp: int
    lot_id: UUID
    coins: int
    value_micros: int
    share_micros: int
    currency: str
    kind: LotKind

    @property
    def part(self) -> Part:
        """The part of the lot."""
        return Part(
            lot_id=self.lot_id, coins=self.coins, micros=self.value_micros, currency=self.currency, kind=self.kind
        )


async def list_settled(db: Database, timestamps: Iterable[int]) -> Mapping[int, list[Settled]]:
    """The slices of the gifts that these transfers are, by the transfer; those that aren't settled are left out."""
    wanted = list(timestamps)
    if not wanted:
        return {}
    async with db.transaction() as tx:
        rows = await tx.all(
            Settled,
            """
            select s.timestamp, s.lot_id, s.coins, s.value_micros, s.share_micros, s.currency, l.kind
            from earnings.slices s
            join coins.lots l on l.id = s.lot_id
            where s.timestamp = any(%(timestamps)s)
            order by s.timestamp, s.place
            """,
            {"timestamps": wanted},
        )
    found: dict[int, list[Settled]] = {}
    for row in rows:
        found.setdefault(row.timestamp, []).append(row)
    return found


def add_settled(slices: Iterable[Settled]) -> dict[str, int]:
    """The shares of some slices in internal units, by currency: the one with most coins first."""
    coins: dict[str, int] = {}
    micros: dict[str, int] = {}
    for each in slices:
        coins[each.currency] = coins.get(each.currency, 0) + each.coins
        micros[each.currency] = micros.get(each.currency, 0) + each.share_micros
    return {code: micros[code] for code in sorted(coins, key=lambda code: -coins[code])}


class Brought(Struct, frozen=True):
    """What a gift brings in internal units by currency: for ever when it is settled, else as an estimate."""

    micros: dict[str, int]
    is_settled: bool


async def tell_micros(estimates: Estimates, sents: Iterable[Sent], *, creator_region: str) -> dict[UUID, Brought]:
    """What each gift brings, by the sending's id. Raises Unavailable.

    Give them the oldest first: lots are remembered from the first that was asked for on.
    """
    gifts = list(sents)
    settled = await list_settled(estimates.db, [sent.timestamp for sent in gifts])
    found: dict[UUID, Brought] = {}
    for sent in gifts:
        slices = settled.get(sent.timestamp)
        micros = await _estimate(estimates, sent, creator_region) if slices is None else add_settled(slices)
        found[sent.sending.id] = Brought(micros, is_settled=slices is not None)
    return found


async def _estimate(estimates: Estimates, sent: Sent, creator_region: str) -> dict[str, int]:
    return await add_share(
        estimates,
        fan_id=sent.sending.sender_id,
        creator_region=creator_region,
        spent_before=sent.spent_before,
        coins=sent.sending.coins,
        now=sent.at,
    )


async def tell_share(estimates: Estimates, sent: Sent, *, creator_region: str) -> Estimate:
    """The creator's share of a gift, each amount rounded down. Raises Unavailable."""
    found = (await list_settled(estimates.db, [sent.timestamp])).get(sent.timestamp)
    if found is None:
        return await estimate_share(
            estimates,
            fan_id=sent.sending.sender_id,
            creator_region=creator_region,
            spent_before=sent.spent_before,
            coins=sent.sending.coins,
            now=sent.at,
        )
    otherwise = get_currency(CURRENCY_BY_REGION.get(creator_region, "USD"))
    return rules.round_shares(add_settled(found)) or Estimate(share=Money(0, otherwise))


async def tell_parts(estimates: Estimates, sent: Sent) -> list[Part]:
    """The parts of lots that a gift is made of, as far as they are known. Raises Unavailable."""
    found = (await list_settled(estimates.db, [sent.timestamp])).get(sent.timestamp)
    if found is not None:
        return [each.part for each in found]
    first, end = sent.spent_before, sent.spent_before + sent.sending.coins
    known = await estimates.lots.of(sent.sending.sender_id, first, end, now=estimates.clock.now())
    return coin_rules.parts_of(known, first, end)
