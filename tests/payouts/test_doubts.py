"""What only looks as if a payout had ended: duplicates, sums before their parts, and an operator's word too early."""

from datetime import timedelta

import pytest

from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import Payout, Rail, State, bank_files, dispatching, operating, steps
from plaudit.payouts.batch_model import BatchState, Verdict
from plaudit.payouts.chains import bank_account
from plaudit.payouts.errors import IllegalStep
from plaudit.providers.payouts import ItemState
from tests.payouts.batching import Counter, open_counter
from tests.payouts.conftest import House
from tests.providers.bank_answers import Entry, camt053, pain002


@pytest.fixture
async def counter(house: House) -> Counter:
    return await open_counter(house)


def euros(*payouts: Payout) -> str:
    return f"{sum(payout.paid_minor for payout in payouts) / 100:.2f}"


async def test_what_is_on_its_way_is_not_taken_back_on_an_operators_word(counter: Counter):
    payout = await counter.approved()
    await counter.send()
    desk, operator = counter.house.desk, await counter.house.operator()
    available = await counter.house.available(counter.creator, "EUR")

    with pytest.raises(IllegalStep, match="Only what was paid"):
        await operating.return_payout(desk, operator, payout.id, "I think so.", now=counter.house.now)
    on_its_way = await counter.state(payout)
    await counter.upload(camt053(Entry(euros(payout), [payout.id.hex])))
    for _ in range(2):
        await operating.return_payout(desk, operator, payout.id, "The bank called.", now=counter.house.now)

    assert (on_its_way, await counter.state(payout)) == (State.SUBMITTED, State.RETURNED)
    back = payout.amount_minor - (payout.fee_minor if payout.keeps_fee else 0)
    assert await counter.house.available(counter.creator, "EUR") == available + back * MICROS_PER_MINOR


@pytest.mark.parametrize("code", ["AM05", "DU01", "DUPL"])
async def test_a_file_that_the_bank_has_already_gives_nothing_back(counter: Counter, code: str):
    payouts = [await counter.approved() for _ in range(2)]
    batch = await counter.send()
    why = f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>".encode()
    whole = pain002(batch.id.hex, status="RJCT", items=[(payouts[0].id.hex, "RJCT", None)])

    # Some banks say why of the file, others of its block of payments or of each of them.
    await counter.upload(whole.replace(b"</GrpSts>", b"</GrpSts>" + why))
    await counter.upload(whole.replace(b"</PmtInfSts>", b"</PmtInfSts>" + why))
    await counter.upload(pain002(batch.id.hex, items=[(each.id.hex, "RJCT", code) for each in payouts]))
    not_ended = [await counter.state(each) for each in payouts]
    await counter.upload(camt053(Entry(euros(*payouts), batch=batch.id.hex)))

    assert not_ended == [State.SUBMITTED] * 2
    assert [await counter.state(each) for each in payouts] == [State.PAID] * 2
    lines = await bank_files.list_to_look_at(counter.house.desk.db, limit=10)
    assert {(line.verdict, line.reason) for line in lines} == {(Verdict.CONTRADICTS, code)}


async def test_a_sum_that_is_booked_before_its_rejections_are_told_fits_once_they_are(counter: Counter):
    bad, good, other = [await counter.approved(minor=minor) for minor in (2_000, 3_000, 4_000)]
    batch = await counter.send()
    await counter.upload(camt053(Entry(euros(good, other), batch=batch.id.hex)))
    before = await counter.verdicts()

    await counter.upload(pain002(batch.id.hex, items=[(bad.id.hex, "RJCT", "AC01")]))

    assert before == [Verdict.AMOUNT_DIFFERS]
    assert [await counter.state(each) for each in (bad, good, other)] == [State.FAILED, State.PAID, State.PAID]
    assert (await counter.batch(batch)).state is BatchState.DONE
    assert await bank_files.list_to_look_at(counter.house.desk.db, limit=5) == []


@pytest.mark.parametrize("name", ["PmtInfId", "MsgId"])
async def test_a_sum_whose_batch_is_named_in_its_only_detail_is_that_batchs(counter: Counter, name: str):
    payouts = [await counter.approved() for _ in range(2)]
    batch = await counter.send()
    detail = f"<NtryDtls><TxDtls><Refs><{name}>{batch.id.hex}</{name}></Refs></TxDtls></NtryDtls></Ntry>"

    await counter.upload(camt053(Entry(euros(*payouts))).replace(b"</Ntry>", detail.encode()))

    assert [await counter.state(each) for each in payouts] == [State.PAID] * 2
    async with counter.house.desk.db.transaction() as tx:
        assert await tx.value(int, "select count(*) from payouts.bookings where batch_id is not null") == 1


async def test_what_the_ledger_refuses_when_it_is_told_again_keeps_no_other_line_waiting(counter: Counter):
    refused, other = await counter.approved(), await counter.approved(Rail.ACH)
    await counter.send()
    await counter.send(Rail.ACH)
    bank = bank_account(Rail.SEPA, refused.paid_in)
    await counter.house.desk.ledger.open_accounts([bank])
    await counter.house.desk.ledger.close_account(bank.id)
    told = Entry(euros(refused), [refused.id.hex])
    await counter.upload(camt053(told))

    await counter.upload(camt053(told, id="STMT-2"))
    counter.house.clock.move(timedelta(days=9))
    await dispatching.run_round(counter.dispatch, now=counter.house.now)
    verdicts = await counter.verdicts()
    await counter.house.desk.ledger.reopen_account(bank.id)
    await steps.finish_pending(counter.house.desk, now=counter.house.now)

    assert verdicts == [Verdict.CONTRADICTS] * 2
    assert (await counter.state(refused), await counter.state(other)) == (State.PAID, State.PAID)
    assert await counter.house.balance(AccountCode.BANK, "EUR", "sepa") == refused.paid_minor * MICROS_PER_MINOR
    await counter.upload(camt053(told, id="STMT-3"))
    async with counter.house.desk.db.transaction() as tx:
        states = await tx.value(list[str], "select array_agg(distinct state) from payouts.batch_items")
    assert states == [ItemState.PAID]


async def test_a_wallets_batch_that_cannot_be_opened_keeps_no_other_part_of_the_round_waiting(counter: Counter):
    await counter.approved(Rail.WALLET)
    broken = (await counter.make(Rail.WALLET)).batch
    payout = await counter.approved(Rail.WALLET)
    await counter.make(Rail.WALLET)
    async with counter.house.desk.db.transaction() as tx:
        await tx.execute(
            "update payouts.batches set sealed = set_byte(sealed, 150, get_byte(sealed, 150) # 1) where id = %(id)s",
            {"id": broken.id},
        )

    for _ in range(3):
        counter.house.clock.move(timedelta(seconds=6))
        await dispatching.run_round(counter.dispatch, now=counter.house.now)

    assert await counter.state(payout) is State.PAID
    assert (await counter.batch(broken)).state is BatchState.WRITTEN
