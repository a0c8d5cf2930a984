"""Every gift that a creator received, with where its money went: from its slices once it is settled, before that as an
estimate of what they will be.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.coins.model import LotKind, Stretch
from plaudit.earnings import balance_queries as queries
from plaudit.earnings import rules
from plaudit.earnings.balance_queries import ChargeRow, Terms
from plaudit.earnings.errors import NoSuchEarning
from plaudit.earnings.estimates import Estimates
from plaudit.earnings.model import Rate
from plaudit.earnings.waterfall import Flow, Part, Spent, add_up, make_part, part_of_whole
from plaudit.gifts import Gifting, Sent
from plaudit.gifts.chains import creator_account, transfer_id
from plaudit.gifts.sending import list_sent
from plaudit.ledger import Filter, Record
from plaudit.ledger.chart import TransferCode

MOST_ESTIMATED = 1_000


class Earned(Struct, frozen=True, kw_only=True, dict=True):
    """A gift that a creator received, and the parts that it is made of, in the order in which they are spent."""

    sent: Sent
    parts: tuple[Part, ...]
    is_settled: bool

    @cached_property
    def flows(self) -> dict[str, Flow]:
        """All parts together, by currency: the one with most coins first."""
        return add_up(self.parts)

    @property
    def fan_id(self) -> UUID | None:
        """Who gave it; None for who gave anonymously."""
        return None if self.sent.sending.is_anonymous else self.sent.sending.sender_id


class Waiting(Struct, frozen=True, kw_only=True):
    """Gifts that aren't settled yet; `is_whole` is false when there are more."""

    items: tuple[Earned, ...]
    is_whole: bool


async def list_earned(
    gifting: Gifting, estimates: Estimates, person_id: UUID, region: str, *, after: int | None, limit: int
) -> list[Earned]:
    """A page of gifts, the newest first, before the transfer `after`. Raises Unavailable."""
    records = await gifting.ledger.list_transfers(_gifts_to(person_id), after=after, limit=limit, newest_first=True)
    return await _tell(gifting, estimates, person_id, records, region)


async def get_earned(gifting: Gifting, estimates: Estimates, person_id: UUID, region: str, gift_id: UUID) -> Earned:
    """One gift that this person received. Raises NoSuchEarning."""
    record = await gifting.ledger.find_transfer(transfer_id(gift_id))
    if record is None or record.transfer.credit_account != creator_account(person_id):
        raise NoSuchEarning
    found = await _tell(gifting, estimates, person_id, [record], region)
    if not found:
        raise NoSuchEarning
    return found[0]


async def list_unsettled(gifting: Gifting, estimates: Estimates, person_id: UUID, terms: Terms) -> Waiting:
    """The gifts beyond the fold's cursor, the oldest first, as far as one look reaches."""
    async with gifting.db.transaction() as tx:
        cursor = await queries.get_cursor(tx)
    records = await gifting.ledger.list_transfers(_gifts_to(person_id), after=cursor, limit=MOST_ESTIMATED + 1)
    sents = await list_sent(gifting, records[:MOST_ESTIMATED])
    items = await _estimate(gifting, estimates, terms, sents)
    return Waiting(items=tuple(items), is_whole=len(records) <= MOST_ESTIMATED)


async def _tell(
    gifting: Gifting, estimates: Estimates, person_id: UUID, records: Sequence[Record], region: str
) -> list[Earned]:
    sents = await list_sent(gifting, records)
    async with gifting.db.transaction() as tx:
        slices = await queries.list_spent(tx, [sent.timestamp for sent in sents])
        terms = await queries.find_terms(tx, person_id, region, now=estimates.clock.now())
    parts: dict[int, list[Part]] = {}
    for spent in slices:
        parts.setdefault(spent.timestamp, []).append(make_part(spent))
    unsettled = [sent for sent in sents if sent.timestamp not in parts]
    # The oldest first: lots are remembered from the first that was asked for on.
    found = {each.sent.timestamp: each for each in await _estimate(gifting, estimates, terms, unsettled[::-1])}
    for sent in sents:
        if sent.timestamp in parts:
            found[sent.timestamp] = Earned(sent=sent, parts=tuple(parts[sent.timestamp]), is_settled=True)
    return [found[sent.timestamp] for sent in sents]


async def _estimate(gifting: Gifting, estimates: Estimates, terms: Terms, sents: Sequence[Sent]) -> list[Earned]:
    """What these gifts will be made of, as far as it is known."""
    if not sents:
        return []
    table = await estimates.rates.table(now=estimates.clock.now())
    made: list[list[Spent]] = []
    for sent in sents:
        span = range(sent.spent_before, sent.spent_before + sent.sending.coins)
        line = await estimates.lots.of(sent.sending.sender_id, span.start, span.stop, now=estimates.clock.now())
        rate_for = partial(table.find, terms.region, now=sent.at, tier=terms.tier)
        made.append(list(_cut(line, span, rate_for, terms, sent)))
    async with gifting.db.transaction() as tx:
        charges = await queries.list_charges(tx, list({spent.lot_id for parts in made for spent in parts}))
    return [
        Earned(sent=sent, parts=tuple(make_part(_charged(spent, charges)) for spent in parts), is_settled=False)
        for sent, parts in zip(sents, made, strict=True)
    ]


def _cut(
    stretches: Iterable[Stretch], span: range, rate_for: Callable[[str], Rate | None], terms: Terms, sent: Sent
) -> Iterable[Spent]:
    """What the coins at these places of the line are parts of. What is carried is left out: it is an estimate."""
    for stretch in stretches:
        begins, ends = max(span.start, stretch.first_coin), min(span.stop, stretch.end)
        if begins >= ends:
            continue
        offset, coins = stretch.lot_offset + begins - stretch.first_coin, ends - begins
        value = part_of_whole(stretch.value_micros, offset=offset, coins=coins, of=stretch.lot_coins)
        rate = rate_for(stretch.currency) if stretch.kind is LotKind.PAID else None
        yield Spent(
            timestamp=sent.timestamp,
            lot_id=stretch.lot_id,
            lot_offset=offset,
            coins=coins,
            value_micros=value,
            share_micros=rules.share_of(rate, coins=coins, micros=value).micros,
            currency=stretch.currency,
            tier=terms.tier,
            share_bps=rate.share_bps if rate else None,
            micros_per_coin=rate.micros_per_coin if rate else None,
            lot_coins=stretch.lot_coins,
            lot_kind=stretch.kind,
            lot_region=stretch.region,
            pack=stretch.pack,
            provider=stretch.provider,
            tax_minor=0,
            fee_minor=0,
        )


def _charged(spent: Spent, charges: Mapping[UUID, ChargeRow]) -> Spent:
    """With tax and fee, where the lot was bought."""
    found = charges.get(spent.lot_id)
    return replace(spent, tax_minor=found.tax_minor, fee_minor=found.fee_minor) if found else spent


def _gifts_to(person_id: UUID) -> Filter:
    return Filter(account=creator_account(person_id), code=TransferCode.GIFT)
