import asyncio
from datetime import timedelta
from typing import LiteralString

import pytest

from plaudit.audit import Anchor, Code, seals
from plaudit.audit.seal_rules import Seal
from plaudit.audit.seals import SealReport, check_seals, find_newest_seal, find_seal, read_anchor, run_round, seal_new
from plaudit.foundation.database import Database
from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.foundation.errors import Invalid
from tests.ledger.conftest import NOON
from tests.ledger.generated import generate_gifts
from tests.ledger.tampering import LAST, drop_checks, tamper

COLUMNS: LiteralString = (
    "at, amount, debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending, "
    "credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending, ref_64, hold_seconds, "
    "id, debit_account, credit_account, ref_128, hold_id, ref_32, code, kind"
)
FREE: tuple[LiteralString, ...] = (
    'alter table ledger.open_holds drop constraint "a hold is a transfer"',
    "alter table ledger.transfers drop constraint transfers_pkey",
    'alter table ledger.transfers drop constraint "a transfer\'s id is used once"',
    'drop index ledger."a hold ends once"',
)
"""What keeps two transfers from having the same timestamp or id."""
SHIFT: LiteralString = "update ledger.transfers set timestamp = timestamp + 1 where timestamp >= 8"
COPY_OF_3_AS_8: LiteralString = (
    "insert into ledger.transfers (timestamp, " + COLUMNS + ") select 8, " + COLUMNS + " from ledger.transfers "
    "where timestamp = 3"
)


@pytest.fixture
async def sealed(books: Database) -> Database:
    """The story in four seals: of transfers 1 to 4, 5 to 8, 9 to 12 and 13 to 15."""
    assert await seal_new(books, now=NOON, at_once=4) == 4
    return books


def in_short(report: SealReport) -> list[tuple[str, int | None]]:
    """Each finding as its code and the timestamp or the seal that it names."""
    return [
        (str(each.code), *(number for number in each.where.values() if isinstance(number, int)))  # pyright: ignore[reportReturnType]
        for each in report.findings
    ]


async def newest(db: Database) -> Seal:
    seal = await find_newest_seal(db)
    assert seal is not None
    return seal


async def test_transfers_that_are_what_they_were_pass(sealed: Database):
    report = await check_seals(sealed)

    assert report.is_clean
    assert (report.seals, report.sealed_upto, report.last_timestamp) == (4, LAST, LAST)
    assert report.newest == (await newest(sealed)).text


async def test_a_ledger_without_a_seal_passes(books: Database):
    report = await check_seals(books)

    assert (report.is_clean, report.seals, report.sealed_upto, report.last_timestamp) == (True, 0, 0, LAST)


async def test_sealing_again_seals_only_what_is_new(sealed: Database):
    assert await seal_new(sealed, now=NOON) == 0
    assert (await newest(sealed)).number == 4


async def test_the_same_transfers_sealed_at_the_same_instant_give_the_same_hash(books: Database, sealed: Database):
    first = await newest(sealed)
    await tamper(sealed, "delete from audit.seals")

    await seal_new(books, now=NOON, at_once=4)

    assert await newest(books) == first


async def test_two_who_seal_at_once_make_one_chain(books: Database):
    made = await asyncio.gather(*(seal_new(books, now=NOON, at_once=2) for _ in range(3)))

    assert sum(made) == 8
    assert (await check_seals(books)).is_clean


async def test_a_round_seals_whole_batches_at_once_and_the_rest_after_a_minute(books: Database):
    assert await run_round(books, now=NOON) == 1
    assert await run_round(books, now=NOON) == 0
    await tamper(books, "delete from audit.seals where number = 1")
    await seal_new(books, now=NOON, at_once=10)
    await tamper(books, "delete from audit.seals where number = 2")

    assert await run_round(books, now=NOON + timedelta(seconds=59)) == 0
    assert await run_round(books, now=NOON + timedelta(seconds=60)) == 1


async def test_the_seal_of_a_transfer_is_found_once_there_is_one(books: Database):
    await seal_new(books, now=NOON, whole_only=True, at_once=4)

    found = [await find_seal(books, timestamp) for timestamp in (1, 4, 5, 12, 13)]

    assert [seal and seal.number for seal in found] == [1, 1, 2, 3, None]


COLUMN_CHANGES: dict[str, LiteralString] = {
    "at": "at = at + interval '1 microsecond'",
    "amount": "amount = amount + 1",
    "debit_debits_posted": "debit_debits_posted = debit_debits_posted + 1",
    "debit_debits_pending": "debit_debits_pending = debit_debits_pending + 1",
    "debit_credits_posted": "debit_credits_posted = debit_credits_posted + 1",
    "debit_credits_pending": "debit_credits_pending = debit_credits_pending + 1",
    "credit_debits_posted": "credit_debits_posted = credit_debits_posted + 1",
    "credit_debits_pending": "credit_debits_pending = credit_debits_pending + 1",
    "credit_credits_posted": "credit_credits_posted = credit_credits_posted + 1",
    "credit_credits_pending": "credit_credits_pending = credit_credits_pending + 1",
    "ref_64": "ref_64 = 9",
    "hold_seconds": "hold_seconds = 9",
    "id": "id = gen_random_uuid()",
    "debit_account": "debit_account = gen_random_uuid()",
    "credit_account": "credit_account = gen_random_uuid()",
    "ref_128": "ref_128 = gen_random_uuid()",
    "hold_id": "hold_id = gen_random_uuid()",
    "ref_32": "ref_32 = 9",
    "code": "code = 9",
    "kind": "kind = 3",
}


async def test_a_change_of_any_column_is_found_and_the_transfer_named(sealed: Database):
    await drop_checks(sealed)
    await tamper(sealed, *FREE, "create table kept as select * from ledger.transfers where timestamp = 6")

    found: dict[str, list[tuple[str, int | None]]] = {}
    for column, change in COLUMN_CHANGES.items():
        await tamper(sealed, "update ledger.transfers set " + change + " where timestamp = 6")
        report = await check_seals(sealed)
        found[column] = in_short(report)
        assert [each.sentence for each in report.findings] == ["Transfer 6 isn't what it was when it was sealed."]
        await tamper(
            sealed,
            "delete from ledger.transfers where timestamp = 6",
            "insert into ledger.transfers select * from kept",
        )

    assert found == {column: [("sealed_transfer_changed", 6)] for column in COLUMN_CHANGES}
    assert (await check_seals(sealed)).is_clean


async def test_every_column_of_the_table_is_among_them(db: Database):
    async with db.transaction() as tx:
        columns = await tx.value(
            list[str],
            """
            select array_agg(attname::text) from pg_attribute
            where attrelid = 'ledger.transfers'::regclass and attnum > 0 and not attisdropped
            """,
        )

    assert set(columns) == {"timestamp", *COLUMN_CHANGES}


CRIMES: dict[str, tuple[tuple[LiteralString, ...], list[tuple[str, int]]]] = {
    "a transfer is deleted": (
        ("delete from ledger.transfers where timestamp = 6",),
        [("sealed_transfer_missing", 6)],
    ),
    "the first and the last are deleted": (
        ("delete from ledger.transfers where timestamp in (1, 15)",),
        [("sealed_transfer_missing", 1), ("sealed_transfer_missing", 15)],
    ),
    "a whole seal's transfers are deleted": (
        ("delete from ledger.transfers where timestamp between 5 and 8",),
        [("sealed_transfer_missing", each) for each in (5, 6, 7, 8)],
    ),
    "two are swapped": (
        (
            "update ledger.transfers set timestamp = -1 where timestamp = 7",
            "update ledger.transfers set timestamp = 7 where timestamp = 11",
            "update ledger.transfers set timestamp = 11 where timestamp = -1",
        ),
        [("sealed_transfer_moved", 7), ("sealed_transfer_moved", 11)],
    ),
    "one is inserted and the others move up": (
        (*FREE, SHIFT, COPY_OF_3_AS_8, "update ledger.transfers set id = gen_random_uuid() where timestamp = 8"),
        [("sealed_transfer_inserted", 8), *(("sealed_transfer_moved", each) for each in range(9, 16))],
    ),
    "one is deleted and the others move down": (
        (
            *FREE,
            "delete from ledger.transfers where timestamp = 8",
            "update ledger.transfers set timestamp = timestamp - 1 where timestamp > 8",
        ),
        [("sealed_transfer_missing", 8), *(("sealed_transfer_moved", each) for each in range(8, 15))],
    ),
    "one is inserted beside another": (
        (*FREE, COPY_OF_3_AS_8, "update ledger.transfers set id = gen_random_uuid() where id = '" + "0" * 28 + "f003'"
         " and timestamp = 8"),
        [("sealed_transfer_inserted", 8)],
    ),
    "one is inserted before the first": (
        ("update ledger.transfers set timestamp = -5 where timestamp = 2",),
        [("sealed_transfer_missing", 2), ("sealed_transfer_inserted", -5)],
    ),
    "one is replaced by another": (
        ("update ledger.transfers set id = gen_random_uuid(), amount = 7, ref_32 = 1 where timestamp = 9",),
        [("sealed_transfer_changed", 9)],
    ),
    "a seal is deleted": (
        ("delete from audit.seals where number = 2",),
        [("seal_missing", 3)],
    ),
    "a seal's hash is changed": (
        ("update audit.seals set hash = sha256('x') where number = 2",),
        [("seal_changed", 2), ("seal_changed", 3)],
    ),
    "a seal's instant is changed": (
        ("update audit.seals set made_at = made_at + interval '1 hour' where number = 2",),
        [("seal_changed", 2)],
    ),
    "a seal's marks are changed": (
        ("update audit.seals set marks = substr(sha256('x'), 1, 32) where number = 2",),
        [("seal_changed", 2)],
    ),
    "a seal that covers less": (
        ("update audit.seals set first_timestamp = 6, marks = substr(marks, 9) where number = 2",),
        [("seal_changed", 2), ("seal_changed", 2)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("crime", CRIMES)
async def test_what_a_superuser_did_is_named_exactly(sealed: Database, crime: str):
    statements, expected = CRIMES[crime]
    await drop_checks(sealed)
    await tamper(sealed, *statements)

    assert in_short(await check_seals(sealed)) == expected


async def test_the_end_of_the_chain_is_missed_only_by_its_anchor(sealed: Database):
    kept = (await newest(sealed)).text
    await tamper(sealed, "delete from audit.seals where number = 4")

    without, with_anchor = await check_seals(sealed), await check_seals(sealed, anchors=[read_anchor(kept)])

    assert without.is_clean
    assert in_short(with_anchor) == [("anchor_differs", 4)]
    assert with_anchor.findings[0].sentence.startswith("Seal 4 is gone, though it was kept elsewhere")


async def test_who_rewrites_the_transfers_and_all_their_seals_is_found_only_by_an_anchor(sealed: Database):
    kept = [seal.text for timestamp in (1, LAST) if (seal := await find_seal(sealed, timestamp))]
    await tamper(sealed, "update ledger.transfers set amount = amount + 1 where timestamp = 9")
    await tamper(sealed, "delete from audit.seals")
    await seal_new(sealed, now=NOON, at_once=4)

    without, with_anchors = await check_seals(sealed), await check_seals(sealed, anchors=[*map(read_anchor, kept)])

    assert without.is_clean
    # The anchor of seal 1 still holds, so what was rewritten lies after it.
    assert in_short(with_anchors) == [("anchor_differs", 4)]
    assert "up to transfer 15" in with_anchors.findings[0].sentence


@pytest.mark.parametrize("text", ["", "4", "x:00", "4:zz", "4:00", "0:" + "00" * 32, "-1:" + "00" * 32])
def test_an_anchor_that_cannot_be_one_is_refused(text: str):
    with pytest.raises(Invalid):
        read_anchor(text)


async def test_an_anchor_reads_what_a_seal_writes(sealed: Database):
    seal = await newest(sealed)

    assert read_anchor(f" {seal.text}\n") == Anchor(seal.number, seal.hash)


async def test_a_gap_that_was_there_when_it_was_sealed_keeps_nothing_from_being_sealed(books: Database):
    await drop_checks(books)
    await tamper(books, "delete from ledger.transfers where timestamp = 6")

    await seal_new(books, now=NOON, at_once=4)
    clean = await check_seals(books)
    await tamper(books, *FREE, COPY_OF_3_AS_8)
    await tamper(books, "update ledger.transfers set timestamp = 6, ref_32 = 1 where timestamp = 8 and amount = 10")
    filled = await check_seals(books)

    assert clean.is_clean
    assert in_short(filled) == [("sealed_transfer_inserted", 6)]


@pytest.mark.parametrize("statement", ["update audit.seals set number = 9", "delete from audit.seals",
                                       "truncate audit.seals"])  # fmt: skip
async def test_seals_stay_as_they_are(sealed: Database, statement: LiteralString):
    with pytest.raises(UnknownConstraint):
        async with sealed.transaction() as tx:
            await tx.execute(statement)


async def test_many_findings_are_counted_and_the_first_listed(db: Database):
    await generate_gifts(db, fans=10, creators=3, gifts=5_000)
    while await seal_new(db, now=NOON):
        pass
    await tamper(db, "update ledger.transfers set ref_32 = 7 where timestamp > 4000")

    report = await check_seals(db, page=2)

    assert report.counts == {Code.SEALED_TRANSFER_CHANGED: 1_010}
    assert len(report.findings) == 100
    assert report.findings[0].where == {"timestamp": 4001}


async def test_what_is_sealed_takes_few_bytes(db: Database):
    await generate_gifts(db, fans=10, creators=3, gifts=20_000)
    while await seal_new(db, now=NOON):
        pass

    async with db.transaction() as tx:
        size = await tx.value(int, "select pg_total_relation_size('audit.seals')")
        transfers = await tx.value(int, "select pg_total_relation_size('ledger.transfers')")

    assert size < transfers * 0.05
    assert seals.AT_ONCE == 1_000
