"""Wallets' batches: sent by the worker, asked after until they end, and paid once whatever is lost on the way."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.money import MICROS_PER_MINOR
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import Rail, State, dispatching
from plaudit.payouts import batches as payout_batches
from plaudit.payouts.batch_errors import BatchHasLeft, BatchIsOver
from plaudit.payouts.batch_model import Batch, BatchState
from plaudit.providers.payouts import ApiRail, BankReport, ItemState, WalletRefused
from plaudit.providers.wallet import Wallet
from tests.payouts.batching import Counter, open_counter
from tests.payouts.conftest import House


@pytest.fixture
async def counter(house: House) -> Counter:
    return await open_counter(house)


async def go_round(counter: Counter, *, after: timedelta = timedelta(seconds=6), times: int = 1) -> None:
    for _ in range(times):
        counter.house.clock.move(after)
        await dispatching.run_round(counter.dispatch, now=counter.house.now)


async def taken_by_provider(counter: Counter) -> int:
    async with counter.house.desk.db.transaction() as tx:
        return await tx.value(int, "select count(*) from sandbox.payout_batches")


async def make(counter: Counter) -> Batch:
    return (await counter.make(Rail.WALLET)).batch


async def wallet_balance(counter: Counter) -> int:
    return await counter.house.balance(AccountCode.BANK, "USD", "wallet")


async def test_a_batch_is_sent_and_ends_by_itself(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    batch = await make(counter)

    await go_round(counter)
    sent = await counter.batch(batch)
    await go_round(counter, times=2)

    assert (sent.state, sent.provider_id is not None) == (BatchState.SENT, True)
    assert await counter.state(payout) is State.PAID
    assert (await counter.batch(batch)).state is BatchState.DONE
    assert await wallet_balance(counter) == payout.paid_minor * MICROS_PER_MINOR


async def test_what_a_provider_took_in_silence_is_found_again_and_paid_once(counter: Counter):
    payout = await counter.approved(Rail.WALLET, email="timeout.ada@example.org")
    batch = await make(counter)

    await go_round(counter)
    unanswered = await counter.batch(batch)
    with pytest.raises(BatchHasLeft):
        await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await go_round(counter, after=timedelta(seconds=30), times=3)

    assert (unanswered.state, unanswered.provider_id) == (BatchState.WRITTEN, None)
    assert await counter.state(payout) is State.PAID
    assert await taken_by_provider(counter) == 1
    assert await wallet_balance(counter) == payout.paid_minor * MICROS_PER_MINOR


async def test_a_program_that_ended_after_sending_and_before_noting_it_pays_once(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    batch = await make(counter)
    file = await payout_batches.fetch_file(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await counter.dispatch.wallet.submit(file.content)

    await go_round(counter, times=3)

    assert await counter.state(payout) is State.PAID
    assert await taken_by_provider(counter) == 1


async def test_many_workers_at_once_send_a_batch_once(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    await make(counter)

    for _ in range(4):
        counter.house.clock.move(timedelta(seconds=6))
        await asyncio.gather(*(dispatching.ask_wallet(counter.dispatch, now=counter.house.now) for _ in range(4)))

    assert await taken_by_provider(counter) == 1
    assert await counter.state(payout) is State.PAID


async def test_what_nobody_claims_comes_back_after_a_month_and_was_never_paid(counter: Counter):
    payout = await counter.approved(Rail.WALLET, email="unclaimed@example.org")
    available = await counter.house.available(counter.creator)
    batch = await make(counter)

    await go_round(counter, times=3)
    [waiting] = await counter.items(batch)
    still = await counter.state(payout)
    await go_round(counter, after=timedelta(days=31))

    assert (waiting.state, waiting.reason, still) == (ItemState.UNCLAIMED, "UNCLAIMED", State.SUBMITTED)
    assert await counter.state(payout) is State.FAILED
    assert await counter.house.available(counter.creator) == available + payout.amount_minor * MICROS_PER_MINOR
    assert await wallet_balance(counter) == 0


@pytest.mark.parametrize("name", ["blocked", "failed", "returned"])
async def test_what_is_not_paid_is_available_again(counter: Counter, name: str):
    payout = await counter.approved(Rail.WALLET, email=f"{name}@example.org")
    available = await counter.house.available(counter.creator)
    await make(counter)

    await go_round(counter, times=5)

    assert await counter.state(payout) is State.FAILED
    assert await counter.house.available(counter.creator) == available + payout.amount_minor * MICROS_PER_MINOR


async def test_what_was_paid_may_be_taken_back_days_later(counter: Counter):
    payout = await counter.approved(Rail.WALLET, email="reversed@example.org")
    await make(counter)

    await go_round(counter, times=3)
    paid = await counter.state(payout)
    # A batch that is done is asked after once a day.
    await go_round(counter, after=timedelta(days=2))

    assert paid is State.PAID
    assert await counter.state(payout) is State.RETURNED
    assert await wallet_balance(counter) == 0


async def test_after_five_weeks_a_batch_is_asked_after_no_more(counter: Counter):
    await counter.approved(Rail.WALLET)
    batch = await make(counter)

    await go_round(counter, times=3)
    await go_round(counter, after=timedelta(days=36))

    assert (await counter.batch(batch)).ask_at is None


class _Provider(ApiRail):
    """The sandbox, but what it answers to a batch is decided by the test."""

    def __init__(self, wallet: Wallet, problems: Sequence[Exception]) -> None:
        self._wallet = wallet
        self._problems = list(problems)
        self.most_items = wallet.most_items
        self.refer, self.check, self.write = wallet.refer, wallet.check, wallet.write

    async def submit(self, content: bytes) -> str:
        if self._problems:
            raise self._problems.pop(0)
        return await self._wallet.submit(content)

    async def poll(self, provider_id: str) -> BankReport:
        return await self._wallet.poll(provider_id)


def answering(counter: Counter, *problems: Exception) -> None:
    wallet = counter.dispatch.wallet
    assert isinstance(wallet, Wallet)
    counter.dispatch = replace(counter.dispatch, wallet=_Provider(wallet, problems))


async def test_a_refused_batch_waits_for_an_operator_who_sends_it_again(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    batch = await make(counter)
    answering(counter, WalletRefused("Not enough money."))

    await go_round(counter, times=3)
    refused = await counter.batch(batch)
    await payout_batches.send_again(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await go_round(counter, times=3)

    assert (refused.note, refused.ask_at, refused.state) == ("Not enough money.", None, BatchState.WRITTEN)
    assert await counter.state(payout) is State.PAID
    with pytest.raises(BatchIsOver):
        await payout_batches.send_again(counter.dispatch, batch.id, counter.operator, now=counter.house.now)


async def test_a_refused_batch_may_be_given_back(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    batch = await make(counter)
    answering(counter, WalletRefused("No."))
    await go_round(counter)

    await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)
    await go_round(counter, times=2)

    assert await counter.state(payout) is State.FAILED
    assert await taken_by_provider(counter) == 0


async def test_a_refusal_after_a_lost_answer_is_no_proof_that_nothing_was_taken(counter: Counter):
    await counter.approved(Rail.WALLET)
    batch = await make(counter)
    answering(counter, OutcomeUnknown("silence"), WalletRefused("No."))
    await go_round(counter, after=timedelta(seconds=30), times=2)

    assert (await counter.batch(batch)).note == "No."
    with pytest.raises(BatchHasLeft):
        await payout_batches.discard_batch(counter.dispatch, batch.id, counter.operator, now=counter.house.now)


async def test_a_provider_that_is_silent_for_a_week_is_asked_once_a_day_and_somebody_is_told(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    batch = await make(counter)
    answering(counter, *(OutcomeUnknown("silence") for _ in range(2)))
    await go_round(counter)
    soon = await counter.batch(batch)

    await go_round(counter, after=timedelta(days=7))
    silent, silent_at = await counter.batch(batch), counter.house.now
    await go_round(counter, after=timedelta(hours=23))
    still = await counter.batch(batch)
    await go_round(counter, after=timedelta(hours=1))
    await go_round(counter, times=2)

    assert (soon.note, silent.ask_at) == (None, silent_at + timedelta(days=1))
    assert "For a week" in (silent.note or "")
    assert still.asks == silent.asks
    assert (await counter.batch(batch)).note is None
    assert await counter.state(payout) is State.PAID


async def test_a_provider_out_of_reach_is_asked_again_ever_more_rarely(counter: Counter):
    payout = await counter.approved(Rail.WALLET)
    batch = await make(counter)
    answering(counter, *(Unavailable("down") for _ in range(3)))

    waits: list[timedelta] = []
    for _ in range(3):
        asked_at = (await counter.batch(batch)).ask_at
        assert asked_at is not None
        counter.house.clock.move(max(asked_at - counter.house.now, timedelta()))
        await dispatching.run_round(counter.dispatch, now=counter.house.now)
        waits.append(((await counter.batch(batch)).ask_at or asked_at) - counter.house.now)
    await go_round(counter, after=timedelta(hours=1), times=2)

    assert waits == sorted(waits)
    assert len(set(waits)) == 3
    assert await counter.state(payout) is State.PAID
