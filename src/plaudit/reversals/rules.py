"""What goes back, and who pays for it: pure functions. Every division names who gets the rest."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from plaudit.coins.model import Status, TopUp
from plaudit.foundation.money import MICROS_PER_MINOR, to_internal
from plaudit.reversals.errors import NotBoughtYet, RefundTooLate
from plaudit.reversals.model import Claim, Part, Policy, Slice, Sources, Sums, Taken

_WHOLE_BPS = 10_000


def require_in_time(top_up: TopUp, days: int, *, now: datetime) -> datetime:
    """Until when the top-up can be given back. Raises NotBoughtYet or RefundTooLate."""
    if top_up.status is not Status.SETTLED or top_up.settled_at is None:
        raise NotBoughtYet
    until = top_up.settled_at + timedelta(days=days)
    if now > until:
        raise RefundTooLate
    return until


def sum_up(top_up: TopUp, *, coins: int, value_micros: int) -> Sums:
    """What so many coins of a top-up come to.

    The fraction of a minor unit, and that of the tax, stay with the house: money leaves it in whole minor units.
    """
    return Sums(
        coins=coins,
        value_micros=value_micros,
        net_minor=value_micros // MICROS_PER_MINOR,
        tax_minor=top_up.tax_minor * coins // top_up.coins,
    )


def value_of(top_up: TopUp) -> int:
    """What was paid for all coins of a top-up, in internal units."""
    return to_internal(top_up.net)


def claim_of(top_up: TopUp, amount_minor: int, taken: Taken) -> Claim:
    """What of the payment a dispute of so much asks for: the tax in proportion, and the rest for the coins.

    What is more than was left of the payment after refunds and earlier disputes isn't claimed of anybody.
    """
    tax_left = top_up.tax_minor - taken.tax_minor
    left = value_of(top_up) - taken.value_micros + tax_left * MICROS_PER_MINOR
    covered = min(amount_minor * MICROS_PER_MINOR, left)
    whole = covered == left
    tax = tax_left if whole else min(tax_left, top_up.tax_minor * amount_minor // top_up.total.minor)
    return Claim(tax_minor=tax, value_micros=covered - tax * MICROS_PER_MINOR)


def coins_for(top_up: TopUp, value_micros: int, *, rest: int) -> int:
    """How many of the `rest` unspent coins of a top-up a claim takes: none that it asks for only a part of."""
    return min(rest, value_micros * top_up.coins // value_of(top_up))


def left_for_gifts(top_up: TopUp, claim: Claim, *, coins: int, rest_micros: int) -> int:
    """What gifts are to pay back after so many coins did; less than a coin is worth stays with the house."""
    is_enough = coins == claim.value_micros * top_up.coins // value_of(top_up)
    return 0 if is_enough and coins < top_up.coins else claim.value_micros - rest_micros


def claim_slices(slices: Iterable[Slice], value_micros: int) -> list[Slice]:
    """What of these slices (the newest first) a claim of so much takes: each whole, and the last one in part.

    The share of a part is rounded down: the rest stays with the creator. What is worth nothing is taken in passing.
    """
    found: list[Slice] = []
    for each in slices:
        if not value_micros and each.value_micros:
            break
        value = min(value_micros, each.value_micros)
        whole = value == each.value_micros
        share = each.share_micros if whole else each.share_micros * value // each.value_micros
        found.append(
            Slice(
                timestamp=each.timestamp,
                place=each.place,
                gift_id=each.gift_id,
                creator_id=each.creator_id,
                value_micros=value,
                share_micros=share,
            )
        )
        value_micros -= value
        if not whole:
            break
    return found


def sum_by_creator(claimed: Iterable[Slice]) -> list[Part]:
    """What each creator's gifts are to pay back, in the order of their ids.

    What a slice's share exceeds its value by came from the house, so it goes back there.
    """
    parts: dict[UUID, list[Slice]] = {}
    for each in claimed:
        parts.setdefault(each.creator_id, []).append(each)
    return [
        Part(
            creator_id=creator_id,
            gifts=len({each.gift_id for each in slices}),
            value_micros=sum(each.value_micros for each in slices),
            share_micros=sum(each.share_micros for each in slices),
            promotion_micros=sum(max(0, each.share_micros - each.value_micros) for each in slices),
        )
        for creator_id, slices in sorted(parts.items())
    ]


def share_burden(parts: Sequence[Part], policy: Policy) -> Mapping[UUID, int]:
    """How much each creator bears of their share, in internal units; the house bears the rest.

    Rounded down for each. Where all of it is above the cap, they share the cap by what each would bear.
    """
    borne = {part.creator_id: part.share_micros * policy.creator_bears_bps // _WHOLE_BPS for part in parts}
    whole = sum(borne.values())
    if policy.cap_minor is None or whole <= policy.cap_minor * MICROS_PER_MINOR:
        return borne
    cap = policy.cap_minor * MICROS_PER_MINOR
    return {creator_id: micros * cap // whole for creator_id, micros in borne.items()}


def find_sources(wanted: int, *, pending: int, available: int, reserve: int) -> Sources:
    """Where so much of a creator's money is taken from: in this order, and what there isn't is owed."""
    from_available = min(wanted - pending, available)
    from_reserve = min(wanted - pending - from_available, reserve)
    return Sources(
        pending_micros=pending,
        available_micros=from_available,
        reserve_micros=from_reserve,
        owed_micros=wanted - pending - from_available - from_reserve,
    )
