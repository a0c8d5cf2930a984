"""The worker finishes what others left, on real PostgreSQL and NATS."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.embedded import EmbeddedNats
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.foundation.settings import CONFIG_VARIABLE, Settings, as_environ, own_environ
from plaudit.gifts.chains import fan_account
from plaudit.ledger import Posted, Transfer, make_hold, spendable
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from plaudit.providers import Card, MemoryLine
from plaudit.worker import running_worker
from tests.coins.conftest import open_shop
from tests.rooms.conftest import NOW, House, a_wish, open_house
from tests.rooms.test_relay import send_and_crash
from tests.waiting import until


@pytest.fixture(scope="module")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedNats]:
    with asyncio.Runner() as runner:
        server = EmbeddedNats(tmp_path_factory.mktemp("nats"))
        runner.run(server.start())
        try:
            yield server
        finally:
            runner.run(server.stop())


@pytest.fixture
def settings(database_url: str, nats: EmbeddedNats) -> Settings:
    return Settings(database_url=database_url, nats_url=nats.url, secret_key="a secret of the tests, long enough")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
async def house(database_url: str, clock: MovableClock) -> AsyncIterator[House]:
    async with open_house(database_url, clock, MemoryLine()) as house:
        yield house


async def test_the_worker_tells_of_gifts_that_a_crash_kept_and_ends_their_combos(
    settings: Settings, house: House, clock: MovableClock
):
    live, ada = await house.live("iris"), await house.fan("ada")
    await send_and_crash(house, ada, live, combo_id=new_id())

    async def is_told(kind: str) -> bool:
        return bool(await house.told(live, kind))

    async with running_worker(settings, clock):
        clock.move(timedelta(seconds=2))
        await until(lambda: is_told("gift_sent"))
        clock.move(timedelta(seconds=5))
        await until(lambda: is_told("combo_ended"))

    assert [each["type"] for each in await house.told(live)] == ["live_started", "gift_sent", "combo_ended"]


async def test_the_worker_ends_holds_whose_time_is_over(settings: Settings, house: House, clock: MovableClock):
    ada, ledger = await house.fan("ada", coins=100), house.rooms.ledger
    wallet, issued = fan_account(ada.person_id), make_account(AccountCode.COINS_ISSUED, COIN)
    hold = make_hold(Transfer(new_id(), wallet, issued.id, 40, TransferCode.TOP_UP), seconds=60)
    assert isinstance(await ledger.post((hold,)), Posted)
    assert await spendable(ledger, wallet) == 60

    async with running_worker(settings, clock):
        clock.move(timedelta(seconds=61))

        async def is_free() -> bool:
            return await spendable(ledger, wallet) == 100

        await until(is_free)


async def test_the_worker_asks_after_payments_of_which_nothing_was_heard(
    settings: Settings, database_url: str, clock: MovableClock
):
    async with open_shop(database_url) as shop:
        top_up = await shop.ask(pack="pack_100")
        await shop.sandbox.pay(UUID(top_up.checkout_id or ""), Card.SUCCESS, now=NOW)

        async with running_worker(settings, clock):
            clock.move(timedelta(minutes=1))

            async def is_in_the_wallet() -> bool:
                return (await shop.wallet()).coins == 100

            await until(is_in_the_wallet)


async def test_the_workers_program_says_when_it_is_up_and_ends_when_asked(settings: Settings):
    environ = {**own_environ(os.environ), **as_environ(settings), CONFIG_VARIABLE: os.devnull}
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "plaudit.worker", stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ
    )
    assert child.stdout is not None
    ready = await asyncio.wait_for(child.stdout.readline(), 60)

    child.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(child.communicate(), 60)

    assert ready == b"ready \n"
    assert (child.returncode, errors) == (0, b"")


async def test_two_workers_do_no_more_than_one(settings: Settings, house: House, clock: MovableClock):
    live, ada = await house.live("iris"), await house.fan("ada")
    for _ in range(10):
        await send_and_crash(house, ada, live)
    await house.send(ada, live, a_wish())

    async with running_worker(settings, clock), running_worker(settings, clock):
        clock.move(timedelta(seconds=2))

        async def all_are_told() -> bool:
            return len(await house.told(live, "gift_sent")) >= 11

        await until(all_are_told)

    assert len(await house.told(live, "gift_sent")) == 11
