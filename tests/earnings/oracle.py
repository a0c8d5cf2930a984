"""The settlement once more, coin by coin and gift by gift: slow, and small enough to see that it is right."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from uuid import UUID

from msgspec import Struct

from plaudit.coins.chains import fan_account
from plaudit.earnings.rates import RateTable
from plaudit.gifts.chains import creator_account
from plaudit.ledger import Kind, Record
from plaudit.ledger.chart import TransferCode
from tests.earnings.story import PROMOTIONAL_MICROS, Lot, Slice


class Oracle:
    """Keeps every fan's line as a list of single coins: (lot, number in the lot)."""

    def __init__(self, lots: Mapping[UUID, Lot], regions: Mapping[UUID, str], rates: RateTable) -> None:
        self.lots = lots
        self.regions = regions
        self.rates = rates
        self.lines: dict[UUID, list[tuple[UUID, int]]] = {}
        self.carries: dict[tuple[UUID, str], int] = {}
        self.taken: dict[UUID, list[tuple[UUID, int]]] = {}
        self.fits: dict[UUID, bool] = {}
        self.slices: list[Slice] = []

    def fold(self, records: Iterable[Record], people: Iterable[UUID]) -> None:
        """Everything, in its order."""
        fans = {fan_account(person): person for person in people}
        for record in records:
            transfer = record.transfer
            if transfer.credit_account in fans:
                self.receive(fans[transfer.credit_account], transfer.ref_128 or transfer.id, transfer.amount)
            elif transfer.debit_account not in fans:
                continue
            elif transfer.code == TransferCode.GIFT:
                self.give(record, fans[transfer.debit_account])
            elif transfer.kind is Kind.HOLD:
                self.cut(transfer.id, fans[transfer.debit_account], transfer.ref_128, transfer.amount)
            else:
                self.end(transfer.hold_id, fans[transfer.debit_account], posted=self.posted(record))

    @staticmethod
    def posted(record: Record) -> int:
        """How many coins of a hold are gone for good."""
        return record.transfer.amount if record.transfer.kind is Kind.POST else 0

    def receive(self, fan: UUID, lot_id: UUID, coins: int) -> None:
        """Last in the line."""
        self.lines.setdefault(fan, []).extend((lot_id, number) for number in range(coins))

    def cut(self, hold: UUID, fan: UUID, lot_id: UUID | None, coins: int) -> None:
        """The last of the lot's coins, or none."""
        line = self.lines[fan]
        places = [place for place, (lot, _) in enumerate(line) if lot == lot_id][-coins:]
        self.fits[hold] = len(places) == coins
        if self.fits[hold]:
            self.taken[hold] = sorted(line[place] for place in places)
            self.lines[fan] = [coin for place, coin in enumerate(line) if place not in places]

    def end(self, hold: UUID | None, fan: UUID, *, posted: int) -> None:
        """What wasn't posted comes back at the front."""
        assert hold is not None, "what ends a hold names it"
        taken = self.taken.pop(hold, [])
        self.lines[fan] = taken[: len(taken) - posted] + self.lines[fan]

    def give(self, record: Record, fan: UUID) -> None:
        """From the front of the line; coins that follow each other in their lot are one slice."""
        coins = self.lines[fan][: record.transfer.amount]
        self.lines[fan] = self.lines[fan][record.transfer.amount :]
        assert len(coins) == record.transfer.amount, "a gift spends what is there"
        runs = groupby(enumerate(coins), key=lambda pair: (pair[1][0], pair[1][1] - pair[0]))
        for place, ((lot_id, _), run) in enumerate(runs):
            numbers = [number for _, (_, number) in run]
            self.slice(record, place, self.lots[lot_id], numbers[0], len(numbers))

    def slice(self, record: Record, place: int, lot: Lot, first: int, coins: int) -> None:
        """What the coins are worth, and the creator's share of it."""
        creator = self.creator_of(record)
        value = lot.micros * (first + coins) // lot.coins - lot.micros * first // lot.coins
        rate = self.rates.find(self.regions[creator], lot.currency, now=record.at)
        key = (creator, lot.currency)
        if not lot.is_paid:
            share = coins * PROMOTIONAL_MICROS if lot.currency == "EUR" else 0
        elif rate is None or rate.share_bps is None:
            share = coins * (rate.micros_per_coin or 0) if rate else 0
        else:
            share, self.carries[key] = divmod(value * rate.share_bps + self.carries.get(key, 0), 10_000)
        self.slices.append(Slice(record.timestamp, place, creator, lot.id, first, coins, value, share, lot.currency))

    def creator_of(self, record: Record) -> UUID:
        """Who received the gift."""
        return self.creators[record.transfer.credit_account]

    @property
    def creators(self) -> dict[UUID, UUID]:
        """Creators by their accounts."""
        return {creator_account(person): person for person in self.regions}


class Verdict(Struct, frozen=True):
    """What the fold said of a hold."""

    hold_id: UUID
    fits: bool
