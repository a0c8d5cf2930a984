"""For each reason an example: what was there before, and the chain that is refused because of it."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from itertools import repeat

from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import (
    MAX_AMOUNT,
    MAX_CHAIN,
    Kind,
    Ledger,
    Reason,
    Transfer,
    make_post,
    make_void,
)
from tests.ledger.building import (
    BANK,
    CREATOR,
    DEBT,
    ISSUED,
    UNKNOWN,
    WALLET,
    a_hold,
    a_transfer,
    named,
    posted,
)
from tests.ledger.faults import FAULTS_OF_A_HOLD, FAULTS_OF_A_POST, FAULTS_OF_A_TRANSFER, SOUND, SOUND_HOLD, SOUND_POST

Chain = Iterable[Transfer]
Example = Callable[[Ledger, MovableClock], Awaitable[Chain]]

EXAMPLES: dict[Reason, Example] = {}
INDEXES: dict[Reason, int] = {
    Reason.CHAIN_TOO_LONG: MAX_CHAIN,
    Reason.LINKED_EVENT_CHAIN_OPEN: MAX_CHAIN,
    Reason.EXISTS: 1,
}
"""Where in its chain an example's fault is, when it isn't the first transfer."""


def example_of(reason: Reason) -> Callable[[Example], Example]:
    def remember(example: Example) -> Example:
        EXAMPLES[reason] = example
        return example

    return remember


def add_example(reason: Reason, *chain: Transfer) -> None:
    """One that needs nothing to have happened before."""

    async def example(ledger: Ledger, clock: MovableClock) -> Chain:
        return chain

    EXAMPLES[reason] = example


add_example(Reason.CHAIN_EMPTY)
add_example(Reason.CHAIN_TOO_LONG, *repeat(SOUND, 1_000))
for _sound, _faults in ((SOUND_HOLD, FAULTS_OF_A_HOLD), (SOUND_POST, FAULTS_OF_A_POST), (SOUND, FAULTS_OF_A_TRANSFER)):
    for _reason, _fields in _faults.items():
        add_example(_reason, replace(_sound, **_fields))
add_example(Reason.DEBIT_ACCOUNT_NOT_FOUND, a_transfer("gift", debit=UNKNOWN))
add_example(Reason.CREDIT_ACCOUNT_NOT_FOUND, a_transfer("gift", credit=UNKNOWN))
add_example(Reason.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER, a_transfer("gift", credit=BANK))
add_example(Reason.PENDING_TRANSFER_NOT_FOUND, make_post(named("post"), named("no hold")))
add_example(Reason.PENDING_TRANSFER_NOT_PENDING, make_post(named("post"), named("funding")))
add_example(Reason.EXCEEDS_CREDITS, a_transfer("gift", amount=1_001))
add_example(Reason.EXCEEDS_DEBITS, a_transfer("gift", credit=DEBT, amount=1))


@example_of(Reason.LINKED_EVENT_CHAIN_OPEN)
async def an_endless_chain(ledger: Ledger, clock: MovableClock) -> Chain:
    return repeat(SOUND)


# The id was used before.

OLD = replace(a_hold("old", seconds=30), ref_128=named("ref"), ref_64=64, ref_32=32)
OLD_POST = make_post(named("old post"), named("old"), 30)

DIFFERENCES: dict[Reason, Transfer] = {
    Reason.EXISTS_WITH_DIFFERENT_FLAGS: replace(OLD, kind=Kind.TRANSFER, hold_seconds=0),
    Reason.EXISTS_WITH_DIFFERENT_PENDING_ID: replace(OLD_POST, hold_id=named("another hold")),
    Reason.EXISTS_WITH_DIFFERENT_TIMEOUT: replace(OLD, hold_seconds=31),
    Reason.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID: replace(OLD, debit_account=ISSUED),
    Reason.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID: replace(OLD, credit_account=DEBT),
    Reason.EXISTS_WITH_DIFFERENT_AMOUNT: replace(OLD, amount=41),
    Reason.EXISTS_WITH_DIFFERENT_USER_DATA_128: replace(OLD, ref_128=None),
    Reason.EXISTS_WITH_DIFFERENT_USER_DATA_64: replace(OLD, ref_64=0),
    Reason.EXISTS_WITH_DIFFERENT_USER_DATA_32: replace(OLD, ref_32=33),
    Reason.EXISTS_WITH_DIFFERENT_CODE: replace(OLD, code=2),
}


def add_difference(reason: Reason, wish: Transfer) -> None:
    @example_of(reason)
    async def example(ledger: Ledger, clock: MovableClock) -> Chain:
        await posted(ledger, OLD)
        await posted(ledger, OLD_POST)
        return [wish]


for _reason, _wish in DIFFERENCES.items():
    add_difference(_reason, _wish)


@example_of(Reason.EXISTS)
async def a_chain_of_which_only_a_part_exists(ledger: Ledger, clock: MovableClock) -> Chain:
    await posted(ledger, OLD)
    return [a_transfer("new"), OLD]


# The end of a hold of 40 coins for 30 seconds.


def add_ending(reason: Reason, wish: Transfer, *, after: Transfer | None = None, seconds: int = 0) -> None:
    @example_of(reason)
    async def example(ledger: Ledger, clock: MovableClock) -> Chain:
        await posted(ledger, OLD)
        if after:
            await posted(ledger, after)
        clock.move(timedelta(seconds=seconds))
        # The sweep is a change, but not the refused chain's.
        await ledger.expire_holds()
        return [wish]


POST = make_post(named("post"), OLD.id)
VOID = make_void(named("void"), OLD.id)
add_ending(Reason.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID, replace(POST, debit_account=ISSUED))
add_ending(Reason.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID, replace(POST, credit_account=DEBT))
add_ending(Reason.PENDING_TRANSFER_HAS_DIFFERENT_CODE, replace(POST, code=2))
add_ending(Reason.EXCEEDS_PENDING_TRANSFER_AMOUNT, replace(POST, amount=41))
add_ending(Reason.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT, replace(VOID, amount=39))
add_ending(Reason.PENDING_TRANSFER_ALREADY_POSTED, POST, after=OLD_POST)
add_ending(Reason.PENDING_TRANSFER_ALREADY_VOIDED, POST, after=VOID)
add_ending(Reason.PENDING_TRANSFER_EXPIRED, POST, seconds=30)


# What the accounts allow.


@example_of(Reason.DEBIT_ACCOUNT_ALREADY_CLOSED)
async def from_a_closed_account(ledger: Ledger, clock: MovableClock) -> Chain:
    await ledger.close_account(WALLET)
    return [a_transfer("gift")]


@example_of(Reason.CREDIT_ACCOUNT_ALREADY_CLOSED)
async def to_a_closed_account(ledger: Ledger, clock: MovableClock) -> Chain:
    await ledger.close_account(CREATOR)
    return [a_transfer("gift")]


@example_of(Reason.OVERFLOWS_DEBITS)
async def debits_beyond_63_bits(ledger: Ledger, clock: MovableClock) -> Chain:
    await posted(ledger, a_transfer("all there can be", ISSUED, CREATOR, MAX_AMOUNT - 1_000))
    return [a_transfer("one more", ISSUED, WALLET, 1)]


@example_of(Reason.OVERFLOWS_CREDITS)
async def credits_beyond_63_bits(ledger: Ledger, clock: MovableClock) -> Chain:
    await posted(ledger, a_transfer("all there can be", ISSUED, CREATOR, MAX_AMOUNT - 1_000))
    return [a_transfer("a gift too many", WALLET, CREATOR, 1_000), a_transfer("one more", DEBT, CREATOR, 1)]


INDEXES[Reason.OVERFLOWS_CREDITS] = 1
