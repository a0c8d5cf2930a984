"""How the books stand now: accounts, assets and open holds, each held against the transfers that made them so.

Pure, like `history`: rows of `checking_queries` go in, findings come out.
"""

from collections.abc import Iterator
from uuid import UUID

from plaudit.ledger.findings import Code, Finding
from plaudit.ledger.history import COUNTERS, NOTHING, Four, Row, differing, instant, plus, told
from plaudit.ledger.model import MAX_AMOUNT, Kind, Limit


def judge_account(row: Row, drift: Four) -> Iterator[Finding]:
    """An account against its last transfer; `drift` is what its transfers sum to beyond the balances stored there."""
    id, limit, counters = UUID(bytes=row[0]), row[2], row[3:7]
    expected = plus(NOTHING if row[7] is None else row[7:11], drift)
    if counters != expected:
        wrong = differing(expected, counters)
        yield Finding(
            code=Code.COUNTER_DIFFERS,
            sentence=f"Account {id} has {told(counters, wrong)}; its transfers sum to {told(expected, wrong)}.",
            account=id,
            asset=row[1],
            expected={name: expected[COUNTERS.index(name)] for name in wrong},
            found={name: counters[COUNTERS.index(name)] for name in wrong},
        )
    found = dict(zip(COUNTERS, counters, strict=True))
    if min(counters) < 0 or max(counters[0] + counters[1], counters[2] + counters[3]) > MAX_AMOUNT:
        sentence = f"Account {id} has a counter below zero or above 63 bits: {told(counters, COUNTERS)}."
        yield Finding(code=Code.COUNTER_OUT_OF_RANGE, sentence=sentence, account=id, asset=row[1], found=found)
    if is_limit_broken(limit, counters):
        sentence = f"Account {id} breaks its limit ({Limit(limit).name.lower()}): {told(counters, COUNTERS)}."
        yield Finding(code=Code.LIMIT_BROKEN, sentence=sentence, account=id, asset=row[1], found=found)


def is_limit_broken(limit: int, counters: Four) -> bool:
    """Whether an account with this limit may not have these counters."""
    debits_posted, debits_pending, credits_posted, credits_pending = counters
    if limit == Limit.DEBITS_MUST_NOT_EXCEED_CREDITS:
        return debits_posted + debits_pending > credits_posted
    return limit == Limit.CREDITS_MUST_NOT_EXCEED_DEBITS and credits_posted + credits_pending > debits_posted


def judge_asset(row: Row) -> Iterator[Finding]:
    """The sums over all accounts of an asset."""
    asset, sums = row[0], [int(total) for total in row[2:6]]
    for state, debits, credits in (("posted", sums[0], sums[2]), ("pending", sums[1], sums[3])):
        if debits != credits:
            yield Finding(
                code=Code.ASSET_DOES_NOT_BALANCE,
                sentence=f"In asset {asset}, {state} debits sum to {debits} and {state} credits to {credits}.",
                asset=asset,
                expected={f"credits_{state}": debits},
                found={f"credits_{state}": credits},
            )


def judge_pending(row: Row) -> Finding:
    """An account whose pending counters aren't the sums of its open holds."""
    id, counted, held = UUID(bytes=row[0]), [int(each) for each in row[1:3]], [int(each) for each in row[3:5]]
    return Finding(
        code=Code.PENDING_DIFFERS,
        sentence=f"Account {id} has pending debits {counted[0]} and credits {counted[1]}; "
        f"its open holds sum to debits {held[0]} and credits {held[1]}.",
        account=id,
        expected={"debits_pending": held[0], "credits_pending": held[1]},
        found={"debits_pending": counted[0], "credits_pending": counted[1]},
    )


def judge_open_hold(row: Row) -> Finding:
    """A row of the open holds that contradicts the transfers."""
    id, timestamp, expires_at, due, hold_id, kind, ending = row[:7]
    if hold_id != id or kind != Kind.HOLD:
        fault = f"but the transfer {timestamp} is no such hold"
    elif ending is not None:
        fault = f"but transfer {ending} ended it"
    else:
        fault = "but expires at another time than it says"
    return Finding(
        code=Code.OPEN_HOLD_DIFFERS,
        sentence=f"The hold {UUID(bytes=id)} counts as open, {fault}.",
        transfer=UUID(bytes=id),
        timestamp=timestamp,
        expected={"expires_at": None if due is None else instant(due), "ended_by": ending},
        found={"expires_at": None if expires_at is None else instant(expires_at)},
    )


def judge_lost_hold(id: bytes, timestamp: int) -> Finding:
    """A hold that is neither open nor ended."""
    return Finding(
        code=Code.OPEN_HOLD_MISSING,
        sentence=f"The hold {UUID(bytes=id)} of transfer {timestamp} was never ended, and isn't among the open ones.",
        transfer=UUID(bytes=id),
        timestamp=timestamp,
    )
