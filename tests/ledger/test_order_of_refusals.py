"""Of two reasons that both apply, the one that stands first in the documented order is given."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import MovableClock
from plaudit.ledger import MAX_AMOUNT, Account, Kind, Ledger, Limit, MemoryLedger, Reason, Transfer
from tests.ledger.building import (
    COINS,
    CREATOR,
    DEBT,
    DOLLARS,
    ISSUED,
    UNKNOWN,
    WALLET,
    a_transfer,
    named,
    open_world,
    posted,
    reason_of,
)
from tests.ledger.refusals import OLD, OLD_POST, POST, VOID

Fields = dict[str, Any]
Pair = tuple[Reason, Reason]

ORDER = list(Reason)


def pairs_of(reasons: Iterable[Reason]) -> list[Pair]:
    """All pairs, the earlier of the two first."""
    return list(combinations(sorted(reasons, key=ORDER.index), 2))


# What the ledger says of a transfer.

OF_A_TRANSFER = (
    Reason.DEBIT_ACCOUNT_NOT_FOUND,
    Reason.CREDIT_ACCOUNT_NOT_FOUND,
    Reason.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER,
    Reason.DEBIT_ACCOUNT_ALREADY_CLOSED,
    Reason.CREDIT_ACCOUNT_ALREADY_CLOSED,
    Reason.OVERFLOWS_DEBITS,
    Reason.OVERFLOWS_CREDITS,
    Reason.EXCEEDS_CREDITS,
    Reason.EXCEEDS_DEBITS,
)


async def transfer_with(faults: Collection[Reason], ledger: Ledger) -> Transfer:
    """A transfer of 1 between two accounts that are made to measure."""
    poor, owed_nothing = Reason.EXCEEDS_CREDITS in faults, Reason.EXCEEDS_DEBITS in faults
    asset = DOLLARS if Reason.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER in faults else COINS
    debit = Account(named("debit"), COINS, 1, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS if poor else Limit.NONE)
    credit = Account(named("credit"), asset, 1, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS if owed_nothing else Limit.NONE)
    others = [Account(named(name), COINS, 1) for name in ("source", "sink")]
    others += [Account(named(name), asset, 1) for name in ("source of credit", "sink of credit")]
    await ledger.open_accounts([debit, credit, *others])
    if Reason.OVERFLOWS_DEBITS in faults:
        await posted(ledger, a_transfer("fill", named("source"), debit.id, MAX_AMOUNT))
        await posted(ledger, a_transfer("empty", debit.id, named("sink"), MAX_AMOUNT))
    if Reason.OVERFLOWS_CREDITS in faults:
        await posted(ledger, a_transfer("owe", credit.id, named("sink of credit"), MAX_AMOUNT))
        await posted(ledger, a_transfer("pay back", named("source of credit"), credit.id, MAX_AMOUNT))
    if Reason.DEBIT_ACCOUNT_ALREADY_CLOSED in faults:
        await ledger.close_account(debit.id)
    if Reason.CREDIT_ACCOUNT_ALREADY_CLOSED in faults:
        await ledger.close_account(credit.id)
    return a_transfer(
        "of two faults",
        UNKNOWN if Reason.DEBIT_ACCOUNT_NOT_FOUND in faults else debit.id,
        named("nobody's") if Reason.CREDIT_ACCOUNT_NOT_FOUND in faults else credit.id,
        1,
    )


@pytest.mark.parametrize(("first", "second"), pairs_of(OF_A_TRANSFER))
async def test_of_two_faults_of_a_transfer_the_first_is_named(
    first: Reason, second: Reason, memory_ledger: MemoryLedger
):
    transfer = await transfer_with({first, second}, memory_ledger)

    assert await reason_of(memory_ledger, transfer) is first


@pytest.mark.parametrize("fault", OF_A_TRANSFER)
async def test_each_of_these_faults_is_one_by_itself(fault: Reason, memory_ledger: MemoryLedger):
    transfer = await transfer_with({fault}, memory_ledger)

    assert await reason_of(memory_ledger, transfer) is fault


# The id was used before.

DIFFERENT_FIELDS: dict[Reason, Fields] = {
    Reason.EXISTS_WITH_DIFFERENT_FLAGS: {"kind": Kind.TRANSFER, "hold_seconds": 0},
    Reason.EXISTS_WITH_DIFFERENT_TIMEOUT: {"hold_seconds": 31},
    Reason.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID: {"debit_account": UNKNOWN},
    Reason.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID: {"credit_account": DEBT},
    Reason.EXISTS_WITH_DIFFERENT_AMOUNT: {"amount": 31},
    Reason.EXISTS_WITH_DIFFERENT_USER_DATA_128: {"ref_128": named("another ref")},
    Reason.EXISTS_WITH_DIFFERENT_USER_DATA_64: {"ref_64": 65},
    Reason.EXISTS_WITH_DIFFERENT_USER_DATA_32: {"ref_32": 33},
    Reason.EXISTS_WITH_DIFFERENT_CODE: {"code": 2},
}
DIFFERENT_ENDING: dict[Reason, Fields] = {
    reason: fields for reason, fields in DIFFERENT_FIELDS.items() if "hold_seconds" not in fields
} | {
    Reason.EXISTS_WITH_DIFFERENT_FLAGS: {"kind": Kind.VOID},
    Reason.EXISTS_WITH_DIFFERENT_PENDING_ID: {"hold_id": named("another hold")},
}


def different_pairs(was: Transfer, differences: dict[Reason, Fields]) -> list[tuple[Transfer, Reason, Reason]]:
    return [
        (replace(was, **differences[second], **differences[first]), first, second)
        for first, second in pairs_of(differences)
        if not differences[first].keys() & differences[second].keys()
    ]


@pytest.mark.parametrize(
    ("again", "first", "second"),
    different_pairs(OLD, DIFFERENT_FIELDS) + different_pairs(OLD_POST, DIFFERENT_ENDING),
    ids=lambda value: value.kind.name.lower() if isinstance(value, Transfer) else None,
)
async def test_of_two_fields_that_differ_the_first_is_named(
    again: Transfer, first: Reason, second: Reason, memory_ledger: MemoryLedger
):
    await open_world(memory_ledger)
    await posted(memory_ledger, OLD)
    await posted(memory_ledger, OLD_POST)

    assert await reason_of(memory_ledger, again) is first


async def test_an_id_used_before_is_named_before_what_the_accounts_allow(memory_ledger: MemoryLedger):
    await open_world(memory_ledger)
    await posted(memory_ledger, OLD)
    await memory_ledger.close_account(WALLET)

    assert await reason_of(memory_ledger, replace(OLD, amount=2**62)) is Reason.EXISTS_WITH_DIFFERENT_AMOUNT


# The end of a hold.

WISHES: dict[Reason, Fields] = {
    Reason.PENDING_TRANSFER_NOT_FOUND: {"hold_id": named("no hold")},
    Reason.PENDING_TRANSFER_NOT_PENDING: {"hold_id": named("funding")},
    Reason.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID: {"debit_account": ISSUED},
    Reason.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID: {"credit_account": DEBT},
    Reason.PENDING_TRANSFER_HAS_DIFFERENT_CODE: {"code": 2},
    Reason.EXCEEDS_PENDING_TRANSFER_AMOUNT: {"amount": 41},
    Reason.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT: {"kind": Kind.VOID, "amount": 39},
}
STATES = (
    Reason.PENDING_TRANSFER_ALREADY_POSTED,
    Reason.PENDING_TRANSFER_ALREADY_VOIDED,
    Reason.PENDING_TRANSFER_EXPIRED,
    Reason.DEBIT_ACCOUNT_ALREADY_CLOSED,
    Reason.CREDIT_ACCOUNT_ALREADY_CLOSED,
)
ENDS_TWICE = (Reason.PENDING_TRANSFER_ALREADY_POSTED, Reason.PENDING_TRANSFER_ALREADY_VOIDED)


def may_meet(first: Reason, second: Reason) -> bool:
    """Whether both can be true of one ending: a hold ends once, and a wish has one amount and one hold."""
    return (first, second) != ENDS_TWICE and not WISHES.get(first, {}).keys() & WISHES.get(second, {}).keys()


async def ending_with(faults: Collection[Reason], ledger: Ledger, clock: MovableClock) -> Transfer:
    """A post (or a void, for what only that can get wrong) of a hold of 40 coins from the wallet to the creator."""
    await posted(ledger, OLD)
    if Reason.PENDING_TRANSFER_ALREADY_POSTED in faults:
        await posted(ledger, OLD_POST)
    if Reason.PENDING_TRANSFER_ALREADY_VOIDED in faults:
        await posted(ledger, VOID)
    if Reason.PENDING_TRANSFER_EXPIRED in faults:
        clock.move(timedelta(seconds=30))
        await ledger.expire_holds()
    if Reason.DEBIT_ACCOUNT_ALREADY_CLOSED in faults:
        await ledger.close_account(WALLET)
    if Reason.CREDIT_ACCOUNT_ALREADY_CLOSED in faults:
        await ledger.close_account(CREATOR)
    wish = POST
    for fault in faults:
        wish = replace(wish, **WISHES.get(fault, {}))
    return wish


@pytest.mark.parametrize(("first", "second"), [pair for pair in pairs_of([*WISHES, *STATES]) if may_meet(*pair)])
async def test_of_two_faults_of_an_ending_the_first_is_named(
    first: Reason, second: Reason, memory_ledger: MemoryLedger, clock: MovableClock
):
    await open_world(memory_ledger)
    wish = await ending_with({first, second}, memory_ledger, clock)

    assert await reason_of(memory_ledger, wish) is first
