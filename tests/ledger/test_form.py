"""What is wrong with a chain by its form alone is refused before anyone looks at the ledger."""

import asyncio
from collections.abc import Iterator
from itertools import combinations, count
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.ledger import MAX_AMOUNT, MAX_CHAIN, Kind, Ledger, MemoryLedger, Posted, Reason, Refused, Transfer
from plaudit.ledger.model import MAX_HOLD_SECONDS, NIL
from plaudit.ledger.rules import take_chain
from tests.ledger.building import (
    ISSUED,
    UNKNOWN,
    WALLET,
    a_transfer,
    named,
    open_world,
    posted,
    refusal_of,
    unchanged,
)
from tests.ledger.faults import (
    FAULTS_OF_A_HOLD,
    FAULTS_OF_A_POST,
    FAULTS_OF_A_TRANSFER,
    SOUND,
    SOUND_HOLD,
    SOUND_POST,
    SOUND_VOID,
    Fields,
)

# The server starts outside of the test's event loop.
pytestmark = pytest.mark.usefixtures("migrated_template")

FAULTS = (
    [(SOUND, reason, fields) for reason, fields in FAULTS_OF_A_TRANSFER.items()]
    + [(SOUND_HOLD, reason, fields) for reason, fields in FAULTS_OF_A_HOLD.items()]
    + [(SOUND_POST, reason, fields) for reason, fields in FAULTS_OF_A_POST.items()]
    + [(SOUND_VOID, reason, fields) for reason, fields in FAULTS_OF_A_POST.items()]
)
ORDER = list(Reason)


def name_of(value: object) -> str | None:
    if isinstance(value, Transfer):
        return value.kind.name.lower()
    return value.value if isinstance(value, Reason) else ""


def pairs_of_faults() -> Iterator[tuple[Transfer, Reason, Reason]]:
    for one, other in combinations(FAULTS, 2):
        if one[0] is other[0] and not one[2].keys() & other[2].keys():
            first, second = sorted((one, other), key=lambda fault: ORDER.index(fault[1]))
            yield replace(one[0], **first[2], **second[2]), first[1], second[1]


@pytest.mark.parametrize(("sound", "reason", "fields"), FAULTS, ids=name_of)
def test_each_fault_of_form_has_its_name(sound: Transfer, reason: Reason, fields: Fields):
    faulty = replace(sound, **fields)

    assert take_chain([faulty]) == Refused(reason, 0)


@pytest.mark.parametrize(("faulty", "first", "second"), [*pairs_of_faults()], ids=name_of)
def test_of_two_faults_of_form_the_first_in_the_order_is_named(faulty: Transfer, first: Reason, second: Reason):
    assert take_chain([faulty]) == Refused(first, 0)


@pytest.mark.parametrize("sound", [SOUND, SOUND_HOLD, SOUND_POST], ids=name_of)
def test_what_has_no_fault_is_taken_as_it_is(sound: Transfer):
    assert take_chain([sound]) == (sound,)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": 1},
        {"amount": MAX_AMOUNT},
        {"code": 1},
        {"code": 65_535},
        {"ref_64": 2**63 - 1},
        {"ref_32": 2**31 - 1},
        {"id": UUID(int=1)},
        {"id": UUID(int=2**128 - 2)},
        {"kind": Kind.HOLD, "hold_seconds": MAX_HOLD_SECONDS},
    ],
    ids=str,
)
def test_what_is_just_inside_a_border_is_taken(fields: Fields):
    at_the_border = replace(SOUND, **fields)

    assert take_chain([at_the_border]) == (at_the_border,)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"amount": -MAX_AMOUNT}, Reason.AMOUNT_MUST_NOT_BE_NEGATIVE),
        ({"amount": 10**40}, Reason.AMOUNT_EXCEEDS_MAXIMUM),
        ({"code": -1}, Reason.CODE_OUT_OF_RANGE),
        ({"ref_64": 2**63}, Reason.REFERENCE_OUT_OF_RANGE),
        ({"ref_32": -1}, Reason.REFERENCE_OUT_OF_RANGE),
        ({"ref_32": 2**31}, Reason.REFERENCE_OUT_OF_RANGE),
        ({"kind": Kind.HOLD, "hold_seconds": -1}, Reason.OVERFLOWS_TIMEOUT),
        ({"kind": Kind.POST, "hold_id": NIL}, Reason.PENDING_ID_MUST_NOT_BE_ZERO),
    ],
    ids=str,
)
def test_what_is_just_beyond_a_border_is_refused(fields: Fields, reason: Reason):
    assert take_chain([replace(SOUND, **fields)]) == Refused(reason)


def test_a_post_may_leave_out_its_code_and_one_of_its_accounts():
    brief = replace(SOUND_POST, code=0, debit_account=WALLET)

    assert take_chain([brief]) == (brief,)


async def test_an_empty_chain_is_refused(ledger: Ledger):
    await open_world(ledger)

    assert await refusal_of(ledger, []) == Refused(Reason.CHAIN_EMPTY)
    assert await refusal_of(ledger, iter(())) == Refused(Reason.CHAIN_EMPTY)


async def test_a_chain_of_1_000_transfers_is_refused(ledger: Ledger):
    await open_world(ledger)
    thousand = [a_transfer(f"gift {number}", amount=1) for number in range(1_000)]

    assert await refusal_of(ledger, thousand) == Refused(Reason.CHAIN_TOO_LONG, MAX_CHAIN)


async def test_a_chain_without_end_is_refused_and_read_no_further_than_it_must(ledger: Ledger):
    await open_world(ledger)
    drawn = count()
    endless = (a_transfer(f"gift {number}", amount=1) for number in drawn)

    refusal = await refusal_of(ledger, endless)

    assert refusal == Refused(Reason.LINKED_EVENT_CHAIN_OPEN, MAX_CHAIN)
    assert next(drawn) == MAX_CHAIN + 1


async def test_the_longest_chain_is_posted_whole(ledger: Ledger):
    await open_world(ledger)
    chain = (a_transfer(f"gift {number}", amount=1) for number in range(MAX_CHAIN))

    records = await posted(ledger, *chain)

    assert [record.timestamp for record in records] == list(range(2, MAX_CHAIN + 2))


async def test_a_fault_of_form_late_in_a_chain_comes_before_what_the_ledger_says_of_its_first_transfer(ledger: Ledger):
    await open_world(ledger)
    from_nowhere = a_transfer("from nowhere", debit=UNKNOWN)

    refusal = await refusal_of(ledger, [from_nowhere, a_transfer("nothing", amount=0)])

    assert refusal == Refused(Reason.AMOUNT_MUST_NOT_BE_ZERO, 1)


async def test_of_two_faulty_transfers_the_first_is_to_blame(ledger: Ledger):
    await open_world(ledger)

    refusal = await refusal_of(ledger, [a_transfer("too much", amount=MAX_AMOUNT + 1), replace(SOUND, id=NIL)])

    assert refusal == Refused(Reason.AMOUNT_EXCEEDS_MAXIMUM, 0)


WRONG_TYPES: list[Fields] = [
    *({field: value} for field in ("amount", "code", "hold_seconds", "ref_64", "ref_32") for value in (1.0, True, "1")),
    *({field: value} for field in ("amount", "code", "hold_seconds", "ref_64", "ref_32") for value in (None, b"1")),
    *({field: str(named("sound"))} for field in ("id", "debit_account", "credit_account", "hold_id", "ref_128")),
    *({field: 7} for field in ("id", "debit_account", "credit_account", "hold_id", "ref_128")),
    {"id": None},
    {"debit_account": None},
    {"kind": 0},
    {"kind": 1},
    {"kind": "TRANSFER"},
]


@pytest.mark.parametrize("fields", WRONG_TYPES, ids=str)
@pytest.mark.parametrize("sound", [SOUND, SOUND_POST], ids=name_of)
def test_a_value_of_another_type_is_a_bug_of_the_caller(sound: Transfer, fields: Fields):
    with pytest.raises(TypeError, match="transfer"):
        take_chain([replace(sound, **fields)])


async def test_a_float_in_one_call_leaves_the_others_of_its_batch_unharmed(ledger: Ledger):
    await open_world(ledger)
    chains = [[a_transfer(f"gift {number}", amount=1)] for number in range(20)]
    chains[7] = [a_transfer("a slip", amount=1.5)]  # pyright: ignore[reportArgumentType]  # the slip is the point

    outcomes = await asyncio.gather(*map(ledger.post, chains), return_exceptions=True)

    assert isinstance(outcomes.pop(7), TypeError)
    assert all(isinstance(outcome, Posted) for outcome in outcomes)


async def test_a_type_that_is_wrong_late_in_a_chain_changes_nothing(memory_ledger: MemoryLedger):
    await open_world(memory_ledger)
    slip: Any = 1.5

    async with unchanged(memory_ledger):
        with pytest.raises(TypeError):
            await memory_ledger.post([a_transfer("fine", ISSUED, WALLET), a_transfer("a slip", amount=slip)])
