"""Batches are written once: whatever crashes, and whoever else makes one, every payout is in one file only."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.foundation.errors import CannotUnseal, IdReused, Invalid
from plaudit.foundation.ids import derive_id, new_id
from plaudit.payouts import Rail, SepaDetails, State, dispatching, rotation, steps
from plaudit.payouts import batches as payout_batches
from plaudit.payouts.batch_errors import BatchHasLeft, BatchIsOver, NoSuchBatch, NothingToPay, NotSentByHand
from plaudit.payouts.batch_model import BatchState, BatchWish
from plaudit.payouts.operating import pause_payout
from plaudit.providers.ach import Ach
from plaudit.providers.payouts import BatchFile, BatchOrder, CannotInstruct, HouseAccountMissing, Instruction, ItemState
from plaudit.providers.sepa import Sepa
from tests.payouts.batching import Counter, dispatch_of, open_counter
from tests.payouts.conftest import KEY, NAME, House, a_vault
from tests.providers.bank_answers import Entry, camt053


@pytest.fixture
async def counter(house: House) -> Counter:
    return await open_counter(house)


async def test_a_batch_holds_what_is_approved_and_its_file_is_always_the_same(counter: Counter):
    payouts = [await counter.approved(minor=minor) for minor in (2_000, 3_000)]
    other = await counter.approved(Rail.ACH)

    batch = (await counter.make()).batch
    files = [
        await payout_batches.fetch_file(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
        for _ in range(2)
    ]

    assert [await counter.state(each) for each in payouts] == [State.SUBMITTED] * 2
    assert await counter.state(other) is State.APPROVED
    assert (batch.items, batch.total_minor, batch.state) == (2, sum(each.paid_minor for each in payouts), "written")
    assert files[0] == files[1]
    assert sha256(files[0].content).digest() == batch.sha256
    assert all(each.id.hex.encode() in files[0].content for each in payouts)


async def test_the_same_id_again_gives_the_same_batch(counter: Counter):
    await counter.approved()
    id = new_id()

    first = await counter.make(id=id)
    await counter.approved()
    again = await counter.make(id=id)

    assert again.batch == replace(first.batch)
    with pytest.raises(IdReused):
        await counter.make(Rail.ACH, id=id)


async def test_when_nothing_waits_no_batch_is_made(counter: Counter):
    with pytest.raises(NothingToPay):
        await counter.make()

    assert await payout_batches.list_batches(counter.dispatch, None, after=None, limit=5) == []


async def test_without_the_houses_account_nothing_is_made(counter: Counter):
    payout = await counter.approved()
    async with counter.house.desk.db.transaction() as tx:
        await tx.execute("delete from payouts.house_accounts")

    with pytest.raises(HouseAccountMissing, match="Set the account that pays EUR by SEPA"):
        await counter.make()

    assert await counter.state(payout) is State.APPROVED


async def test_many_who_make_batches_at_once_put_each_payout_into_one(counter: Counter):
    payouts = [await counter.approved() for _ in range(3)]

    made = await asyncio.gather(*(counter.make() for _ in range(4)), return_exceptions=True)

    batches = [each for each in made if not isinstance(each, BaseException)]
    assert sum(each.batch.items for each in batches) == len(payouts)
    assert {type(each) for each in made if isinstance(each, BaseException)} <= {NothingToPay}


class _Struck(Exception):
    pass


class _CrashingSepa(Sepa):
    """Ends in the middle of writing, as a program that is killed."""

    def write(self, order: BatchOrder) -> BatchFile:
        super().write(order)
        raise _Struck


async def test_what_crashed_before_the_commit_left_nothing_and_is_made_anew(counter: Counter):
    payout = await counter.approved()
    crashing = dispatch_of(
        counter.house, files={Rail.SEPA: _CrashingSepa(), Rail.ACH: Ach()}, wallet=counter.dispatch.wallet
    )
    wish = BatchWish(id=new_id(), rail=Rail.SEPA, currency="EUR")

    with pytest.raises(_Struck):
        await payout_batches.make_batch(
            crashing, wish, house_name="Plaudit", by=counter.operator, now=counter.house.now
        )
    nothing = await payout_batches.list_batches(counter.dispatch, None, after=None, limit=5)
    made = await counter.make(id=wish.id)

    assert nothing == []
    assert await counter.state(payout) is State.SUBMITTED
    assert made.batch.items == 1


class _PickySepa(Sepa):
    """Won't carry thirty euros."""

    def check(self, instruction: Instruction) -> None:
        super().check(instruction)
        if instruction.amount.minor > 2_900:
            raise CannotInstruct("Not thirty euros.")


async def test_what_a_rail_cannot_carry_is_left_out_with_the_reason(counter: Counter):
    good, bad = await counter.approved(), await counter.approved(minor=3_000)
    picky = replace(counter.dispatch, files={Rail.SEPA: _PickySepa(), Rail.ACH: Ach()})
    counter.dispatch = picky

    made = await counter.make()

    assert [(each.payout_id, each.why) for each in made.left_out] == [(bad.id, "Not thirty euros.")]
    assert (await counter.state(good), await counter.state(bad)) == (State.SUBMITTED, State.APPROVED)
    assert made.batch.note is not None
    assert "Not thirty euros." in made.batch.note
    with pytest.raises(NothingToPay, match="Not thirty euros"):
        await counter.make()


async def test_what_an_operator_lets_wait_is_in_no_batch(counter: Counter):
    payout = await counter.approved()
    await pause_payout(counter.house.desk, counter.operator, payout.id, "Look at it first.", now=counter.house.now)

    with pytest.raises(NothingToPay):
        await counter.make()


@pytest.mark.parametrize(
    ("pay_on", "sentence"),
    [(timedelta(days=-1), "from today on"), (timedelta(days=31), "within 30"), (timedelta(days=5), "Saturdays")],
)
async def test_a_bank_pays_on_working_days_to_come(counter: Counter, pay_on: timedelta, sentence: str):
    await counter.approved()
    counter.house.clock.move(timedelta(days=(7 - counter.house.now.weekday()) % 7))

    with pytest.raises(Invalid, match=sentence):
        await counter.make(pay_on=counter.house.now.date() + pay_on)


async def test_ten_thousand_payouts_make_one_batch(counter: Counter):
    payout = await counter.approved()
    base = new_id()
    ids = [derive_id(base, str(number)) for number in range(9_999)]
    await _copy(counter, payout.id, ids)

    batch = (await counter.make()).batch
    file = await payout_batches.fetch_file(counter.dispatch, batch.id, counter.operator, now=counter.house.now)

    assert batch.items == 10_000
    assert file.content.count(b"<CdtTrfTxInf>") == 10_000
    async with counter.house.desk.db.transaction() as tx:
        assert await tx.value(int, "select count(*) from payouts.payouts where state = 'submitted'") == 10_000


async def _copy(counter: Counter, payout_id: UUID, ids: list[UUID]) -> None:
    """More payouts like this one, without the ledger: they are only written into files."""
    async with counter.house.desk.db.transaction() as tx:
        await tx.execute(
            """
            insert into payouts.payouts (id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor,
                withheld_minor, spread_micros, paid_currency, paid_minor, keeps_fee, operators, why, asked_at, state_at,
                held_at)
            select new.id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
                spread_micros, paid_currency, paid_minor, keeps_fee, operators, why, asked_at, state_at, held_at
            from payouts.payouts p, unnest(%(ids)s::uuid[]) as new (id) where p.id = %(id)s
            """,
            {"ids": ids, "id": payout_id},
        )
        for number, state in ((1, "requested"), (2, "approved")):
            await tx.execute(
                """
                insert into payouts.steps (payout_id, number, state, at, actor_kind, reason)
                select id, %(number)s, %(state)s, %(now)s, 'house', 'test' from unnest(%(ids)s::uuid[]) as t (id)
                """,
                {"ids": ids, "number": number, "state": state, "now": counter.house.now},
            )


@pytest.mark.parametrize(
    "sql",
    [
        "update payouts.batches set sha256 = sha256('x')",
        "update payouts.batches set total_minor = 1",
        "delete from payouts.batches",
        "truncate payouts.batches cascade",
        "update payouts.batches set state = 'discarded', sent_at = now()",
        """
        insert into payouts.batch_items (batch_id, payout_id, number, end_to_end_id, amount_minor)
        select batch_id, payout_id, number + 1, end_to_end_id || 'x', amount_minor from payouts.batch_items
        """,
    ],
)
async def test_the_database_itself_refuses_what_would_change_a_batch_or_pay_twice(counter: Counter, sql: str):
    await counter.approved()
    await counter.make()

    with pytest.raises(UnknownConstraint):
        async with counter.house.desk.db.transaction() as tx:
            await tx.connection.execute(sql.encode())


async def test_a_batch_that_never_left_is_given_back(counter: Counter):
    payout = await counter.approved()
    available = await counter.house.available(counter.creator, "EUR")
    batch = (await counter.make()).batch

    await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await dispatching.end_discarded(counter.dispatch, now=counter.house.now)

    assert await counter.state(payout) is State.FAILED
    assert (await counter.items(batch))[0].state is ItemState.FAILED
    assert await counter.house.available(counter.creator, "EUR") == available + payout.amount_minor * 10_000
    with pytest.raises(BatchIsOver):
        await payout_batches.fetch_file(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    with pytest.raises(BatchIsOver):
        await payout_batches.mark_sent(counter.dispatch, batch.id, counter.operator, now=counter.house.now)


async def test_what_of_a_discarded_batch_ended_in_another_way_keeps_no_other_waiting(counter: Counter):
    ended, other = await counter.approved(), await counter.approved(minor=3_000)
    batch = (await counter.make()).batch
    await steps.mark_returned(counter.house.desk, ended.id, reason="account_closed", at=counter.house.now)

    await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await dispatching.run_round(counter.dispatch, now=counter.house.now)

    assert (await counter.state(ended), await counter.state(other)) == (State.RETURNED, State.FAILED)
    assert {item.state for item in await counter.items(batch)} == {ItemState.RETURNED, ItemState.FAILED}
    assert await dispatching.end_discarded(counter.dispatch, now=counter.house.now) == 0


async def test_details_that_cannot_be_opened_leave_one_payout_out_and_not_all(counter: Counter):
    good, bad = await counter.approved(), await counter.approved(minor=3_000)
    broken = await counter.add_method(SepaDetails(holder_name=NAME, iban="DE89370400440532013000"))
    async with counter.house.desk.db.transaction() as tx:
        await tx.execute(
            "update payouts.payouts set method_id = %(method)s where id = %(id)s",
            {"method": broken.id, "id": bad.id},
        )
        await tx.execute(
            """
            update payouts.methods set sealed = set_byte(sealed, 90, get_byte(sealed, 90) # 1) where id = %(id)s
            """,
            {"id": broken.id},
        )

    made = await counter.make()

    assert [each.payout_id for each in made.left_out] == [bad.id]
    assert (await counter.state(good), await counter.state(bad)) == (State.SUBMITTED, State.APPROVED)


async def test_a_batch_whose_file_was_fetched_is_never_given_back(counter: Counter):
    await counter.approved()
    batch = await counter.send()

    with pytest.raises(BatchHasLeft):
        await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)


async def test_files_of_a_day_are_told_apart_and_numbers_go_on_counting(counter: Counter):
    await counter.approved(Rail.ACH)
    first = (await counter.make(Rail.ACH)).batch
    await counter.approved(Rail.ACH)
    second = (await counter.make(Rail.ACH)).batch

    contents = [
        (await payout_batches.fetch_file(counter.dispatch, each.id, counter.operator, now=counter.house.now)).content
        for each in (first, second)
    ]

    assert [content[33:34] for content in contents] == [b"A", b"B"]
    assert (await counter.items(first))[0].trace != (await counter.items(second))[0].trace


async def test_marking_a_batch_as_sent_again_changes_nothing_and_a_wallets_is_sent_by_itself(counter: Counter):
    await counter.approved()
    await counter.approved(Rail.WALLET)
    batch = await counter.send()
    wallets = (await counter.make(Rail.WALLET)).batch
    counter.house.clock.move(timedelta(hours=1))

    again = await payout_batches.mark_sent(counter.dispatch, batch.id, counter.operator, now=counter.house.now)

    assert again == await counter.batch(batch)
    assert again.state is BatchState.SENT
    with pytest.raises(NotSentByHand):
        await payout_batches.mark_sent(counter.dispatch, wallets.id, counter.operator, now=counter.house.now)
    with pytest.raises(NoSuchBatch):
        await payout_batches.mark_sent(counter.dispatch, new_id(), counter.operator, now=counter.house.now)


async def test_files_are_kept_sealed_and_what_was_tampered_with_is_never_sent(counter: Counter):
    await counter.approved()
    batch = (await counter.make()).batch
    await counter.upload(camt053(Entry("1.00", ["SECRET-NAME"])))
    async with counter.house.desk.db.transaction() as tx:
        sealed = await tx.value(bytes, "select sealed from payouts.batches")
        uploaded = await tx.value(bytes, "select sealed from payouts.bank_files")

    assert b"FR14" not in sealed
    assert b"SECRET" not in uploaded

    both = a_vault(b"another key of the tests, 32 letters", KEY)
    assert await rotation.rotate(counter.house.desk.db, both) >= 2
    assert await rotation.count_left(counter.house.desk.db, both) == 0
    moved = replace(counter.dispatch, pay=replace(counter.house.desk, vault=both))
    file = await payout_batches.fetch_file(moved, batch.id, counter.operator, now=counter.house.now)
    assert sha256(file.content).digest() == batch.sha256

    async with counter.house.desk.db.transaction() as tx:
        await tx.execute("update payouts.batches set sealed = set_byte(sealed, 150, get_byte(sealed, 150) # 1)")
    with pytest.raises(CannotUnseal):
        await payout_batches.fetch_file(moved, batch.id, counter.operator, now=counter.house.now)


async def test_what_operators_did_with_batches_is_on_record(counter: Counter):
    await counter.approved()
    await counter.send()

    async with counter.house.desk.db.transaction() as tx:
        acts = await tx.value(
            list[str], "select array_agg(act order by id) from people.operator_acts where act like 'batch%'"
        )

    assert acts == ["batch_made", "batch_fetched", "batch_sent"]
