"""Accounts: opened once, found again, refused with a reason, closed and reopened, listed page by page."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.ledger import Account, AccountFilter, AccountReason, Balances, Ledger, Limit, Reason
from plaudit.ledger.model import NIL
from tests.ledger.building import (
    COINS,
    CREATOR,
    DOLLARS,
    ISSUED,
    UNKNOWN,
    WALLET,
    a_transfer,
    named,
    open_world,
    posted,
    reason_of,
    unchanged,
)

pytestmark = pytest.mark.usefixtures("migrated_template")  # the server starts outside of the test's event loop

OPEN = Account(named("open"), COINS, 200, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, named("fan"))

REFUSED: dict[AccountReason, dict[str, Any]] = {
    AccountReason.ID_MUST_NOT_BE_ZERO: {"id": NIL},
    AccountReason.ID_MUST_NOT_BE_INT_MAX: {"id": UUID(int=2**128 - 1)},
    AccountReason.LEDGER_MUST_NOT_BE_ZERO: {"ledger": 0},
    AccountReason.LEDGER_OUT_OF_RANGE: {"ledger": 2**31},
    AccountReason.CODE_MUST_NOT_BE_ZERO: {"code": 0},
    AccountReason.CODE_OUT_OF_RANGE: {"code": 65_536},
    AccountReason.EXISTS_WITH_DIFFERENT_FLAGS: {"limit": Limit.NONE},
    AccountReason.EXISTS_WITH_DIFFERENT_USER_DATA_128: {"ref_128": None},
    AccountReason.EXISTS_WITH_DIFFERENT_LEDGER: {"ledger": DOLLARS},
    AccountReason.EXISTS_WITH_DIFFERENT_CODE: {"code": 201},
}
ORDER = list(AccountReason)
PAIRS = [
    (first, second)
    for first in ORDER
    for second in ORDER
    if ORDER.index(first) < ORDER.index(second) and not REFUSED[first].keys() & REFUSED[second].keys()
]


def test_every_reason_has_an_example():
    assert REFUSED.keys() == set(AccountReason)


@pytest.mark.parametrize("reason", AccountReason)
async def test_a_refused_account_has_its_reason_and_changes_nothing(reason: AccountReason, ledger: Ledger):
    await ledger.open_accounts([OPEN])

    async with unchanged(ledger):
        reasons = await ledger.open_accounts([replace(OPEN, **REFUSED[reason])])

    assert reasons == [reason]


@pytest.mark.parametrize(("first", "second"), PAIRS)
async def test_of_two_faults_of_an_account_the_first_is_named(
    first: AccountReason, second: AccountReason, memory_ledger: Ledger
):
    await memory_ledger.open_accounts([OPEN])

    reasons = await memory_ledger.open_accounts([replace(OPEN, **REFUSED[first], **REFUSED[second])])

    assert reasons == [first]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ledger": -1}, AccountReason.LEDGER_OUT_OF_RANGE),
        ({"code": -1}, AccountReason.CODE_OUT_OF_RANGE),
        ({"ledger": 2**31 - 1, "code": 65_535}, None),
        ({"ledger": 1, "code": 1}, None),
    ],
)
async def test_the_numbers_of_an_account_have_borders(
    fields: dict[str, Any], reason: AccountReason | None, ledger: Ledger
):
    wish = replace(OPEN, **fields)

    assert await ledger.open_accounts([wish]) == [reason]
    assert await ledger.find_account(OPEN.id) == (None if reason else (wish, Balances()))


@pytest.mark.parametrize(
    "fields",
    [
        {"ledger": 1.5},
        {"ledger": True},
        {"code": "200"},
        {"code": 200.0},
        {"id": str(OPEN.id)},
        {"ref_128": "fan"},
        {"limit": 1},
    ],
    ids=str,
)
async def test_a_value_of_another_type_is_a_bug_of_the_caller_and_opens_nothing(fields: dict[str, Any], ledger: Ledger):
    async with unchanged(ledger):
        with pytest.raises(TypeError, match="account"):
            await ledger.open_accounts([replace(OPEN, id=named("sound")), replace(OPEN, **fields)])


async def test_an_account_is_found_as_it_was_opened(ledger: Ledger):
    assert await ledger.open_accounts([OPEN]) == [None]

    assert await ledger.find_account(OPEN.id) == (OPEN, Balances())


async def test_the_refused_do_not_stop_the_others(ledger: Ledger):
    wishes = [OPEN, replace(OPEN, id=NIL), replace(OPEN, id=named("other")), replace(OPEN, code=3)]

    reasons = await ledger.open_accounts(wishes)

    assert reasons == [None, AccountReason.ID_MUST_NOT_BE_ZERO, None, AccountReason.EXISTS_WITH_DIFFERENT_CODE]
    assert [account for account, _ in await ledger.list_accounts()] == sorted(
        [OPEN, replace(OPEN, id=named("other"))], key=lambda account: account.id
    )


async def test_opening_an_open_account_again_is_fine_also_after_it_was_used_or_closed(ledger: Ledger):
    await open_world(ledger)
    await ledger.open_accounts([OPEN])
    await posted(ledger, a_transfer("coins", ISSUED, OPEN.id, 10))
    await ledger.close_account(OPEN.id)

    async with unchanged(ledger):
        assert await ledger.open_accounts([OPEN]) == [None]

    assert await ledger.find_account(OPEN.id) == (replace(OPEN, closed=True), Balances(credits_posted=10))


async def test_opening_no_account_is_fine(ledger: Ledger):
    assert await ledger.open_accounts([]) == []


async def test_nobody_opens_a_closed_account(ledger: Ledger):
    await ledger.open_accounts([replace(OPEN, closed=True)])

    assert await ledger.find_account(OPEN.id) == (OPEN, Balances())


async def test_accounts_opened_by_many_at_once_are_opened_once(ledger: Ledger):
    wishes = [replace(OPEN, id=named(f"account {number}")) for number in range(20)]

    answers = await asyncio.gather(
        *(ledger.open_accounts(wishes if number % 2 else wishes[::-1]) for number in range(8))
    )

    assert answers == [[None] * 20] * 8


async def test_nothing_enters_or_leaves_a_closed_account_until_it_is_open_again(ledger: Ledger):
    await open_world(ledger)
    await posted(ledger, a_transfer("before"))

    assert await ledger.close_account(CREATOR)
    refused = await reason_of(ledger, a_transfer("in")), await reason_of(ledger, a_transfer("out", CREATOR, WALLET))
    assert await ledger.reopen_account(CREATOR)

    assert refused == (Reason.CREDIT_ACCOUNT_ALREADY_CLOSED, Reason.DEBIT_ACCOUNT_ALREADY_CLOSED)
    assert await posted(ledger, a_transfer("in"), a_transfer("out", CREATOR, WALLET))


async def test_closing_shows_and_leaves_the_balances(ledger: Ledger):
    await open_world(ledger)

    await ledger.close_account(WALLET)

    found = await ledger.find_account(WALLET)
    assert found is not None
    assert found[0].closed
    assert found[1].spendable == 1_000


async def test_closing_or_reopening_twice_is_fine(ledger: Ledger):
    await open_world(ledger)

    assert [await ledger.close_account(WALLET) for _ in range(2)] == [True, True]
    assert [await ledger.reopen_account(WALLET) for _ in range(2)] == [True, True]
    assert await posted(ledger, a_transfer("gift"))


async def test_an_account_that_is_not_there_cannot_be_closed_or_reopened(ledger: Ledger):
    assert not await ledger.close_account(UNKNOWN)
    assert not await ledger.reopen_account(UNKNOWN)


async def test_the_pages_of_accounts_hold_each_once_in_the_order_of_ids(ledger: Ledger):
    await open_world(ledger)
    many = [replace(OPEN, id=named(f"account {number}")) for number in range(23)]
    await ledger.open_accounts(many)

    pages = [await ledger.list_accounts(limit=10)]
    while len(pages[-1]) == 10:
        pages.append(await ledger.list_accounts(limit=10, after=pages[-1][-1][0].id))

    ids = [account.id for page in pages for account, _ in page]
    assert len(ids) == 5 + 23
    assert ids == sorted({*ids})
    assert [len(page) for page in pages] == [10, 10, 8]


@pytest.mark.parametrize(
    ("which", "count"),
    [
        (AccountFilter(), 6),
        (AccountFilter(ledger=COINS), 5),
        (AccountFilter(ledger=DOLLARS), 1),
        (AccountFilter(code=200), 2),
        (AccountFilter(ref_128=named("fan")), 1),
        (AccountFilter(ledger=COINS, code=200, ref_128=named("fan")), 1),
        (AccountFilter(ledger=DOLLARS, code=200), 0),
        (AccountFilter(ref_128=UNKNOWN), 0),
    ],
    ids=str,
)
async def test_accounts_are_found_by_asset_code_and_reference(which: AccountFilter, count: int, ledger: Ledger):
    await open_world(ledger)
    await ledger.open_accounts([OPEN])

    found = await ledger.list_accounts(which)

    assert len(found) == count
    assert all(which.admits(account) for account, _ in found)


async def test_an_account_of_a_page_comes_with_its_balances(ledger: Ledger):
    await open_world(ledger)

    (found,) = await ledger.list_accounts(AccountFilter(code=200))

    assert found[0].id == WALLET
    assert found[1] == Balances(credits_posted=1_000)
