"""The wallet rail against the sandbox's API, and against APIs that lose, stutter and talk nonsense."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import Money
from plaudit.providers.payouts import (
    BankAccount,
    BatchOrder,
    CannotInstruct,
    HouseAccount,
    Instruction,
    ItemState,
    WalletAddress,
    WalletRefused,
)
from plaudit.providers.sandbox_wallet import SandboxTransport, WalletSandbox, status_of
from plaudit.providers.wallet import PAYOUTS, FindKeys, Wallet, WalletKeys, value_of

BATCH = UUID("01959a3c-0000-7000-8000-000000000003")
NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
USD = get_currency("USD")
SETTLED = timedelta(seconds=5)


def known(keys: WalletKeys) -> FindKeys:
    async def find() -> WalletKeys:
        return keys

    return find


class Api:
    """The sandbox's API with its clock, and a wallet that asks it."""

    def __init__(self, db: Database, clock: MovableClock, keys: WalletKeys) -> None:
        self.db = db
        self.clock = clock
        self.keys = keys
        self.sandbox = WalletSandbox(db)
        self.wallet = self.reach(keys)

    def reach(self, keys: WalletKeys) -> Wallet:
        client = httpx.AsyncClient(transport=SandboxTransport(self.sandbox, self.clock), base_url="http://sandbox")
        return Wallet(client, known(keys), house_name="Plaudit")

    async def batches(self) -> int:
        async with self.db.transaction() as tx:
            return await tx.value(int, "select count(*) from sandbox.payout_batches")


@pytest.fixture
async def api(database_url: str) -> AsyncIterator[Api]:
    async with Database.open(database_url) as db:
        yield Api(db, MovableClock(NOW), await WalletSandbox(db).keys())


def an_instruction(number: int = 1, *, to: str = "ada@example.org", money: Money | None = None) -> Instruction:
    return Instruction(
        end_to_end_id=derive_id(BATCH, str(number)).hex,
        number=number,
        amount=money or Money(1_250, USD),
        creditor="Ada Lovelace",
        account=WalletAddress(email=to),
        remittance="Payout 42 from Plaudit",
    )


def body(*instructions: Instruction, batch: UUID = BATCH) -> bytes:
    order = BatchOrder(
        id=batch, house=HouseAccount(name="Plaudit"), instructions=instructions, made_at=NOW, pay_on=date(2026, 3, 2)
    )
    wallet = Wallet(httpx.AsyncClient(), known(WalletKeys("x", "y")), house_name="Plaudit")
    return wallet.write(order).content


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Wallet:
    """A wallet whose provider answers like this once it has given a token."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/oauth2/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        return answer(request)

    client = httpx.AsyncClient(transport=httpx.MockTransport(respond), base_url="http://provider.invalid")
    return Wallet(client, known(WalletKeys("id", "secret")), house_name="Plaudit")


def test_the_body_is_what_the_api_documents():
    told = msgspec.json.decode(body(an_instruction()))

    assert told == {
        "sender_batch_header": {"sender_batch_id": BATCH.hex, "email_subject": "Your payout from Plaudit"},
        "items": [
            {
                "recipient_type": "EMAIL",
                "amount": {"value": "12.50", "currency": "USD"},
                "note": "Payout 42 from Plaudit",
                "sender_item_id": derive_id(BATCH, "1").hex,
                "receiver": "ada@example.org",
            }
        ],
    }
    assert body(an_instruction()) == body(an_instruction())


@pytest.mark.parametrize(
    ("minor", "currency", "value"),
    [(1, "USD", "0.01"), (1_250, "USD", "12.50"), (10**13, "EUR", "100000000000.00"), (1_250, "JPY", "1250"),
     (120_000, "HUF", "1200"), (5_00, "TWD", "5")],
)  # fmt: skip
def test_amounts_have_the_places_that_the_provider_wants(minor: int, currency: str, value: str):
    assert value_of(Money(minor, get_currency(currency))) == value


@pytest.mark.parametrize(
    ("instruction", "sentence"),
    [
        (an_instruction(money=Money(1_250, get_currency("KWD"))), "doesn't pay out in KWD"),
        (an_instruction(money=Money(1_251, get_currency("HUF"))), "whole HUF only"),
        (an_instruction(money=Money(0, USD)), "more than nothing"),
        (an_instruction(to="nobody"), "e-mail address"),
        (an_instruction(to="a b@example.org"), "e-mail address"),
    ],
)
def test_what_the_provider_cannot_pay_is_refused_in_plain_words(instruction: Instruction, sentence: str):
    with pytest.raises(CannotInstruct, match=sentence):
        answering(lambda _: httpx.Response(500)).check(instruction)


def test_an_account_at_a_bank_is_no_wallet():
    right = an_instruction()
    wrong = Instruction(
        end_to_end_id="E",
        number=1,
        amount=right.amount,
        creditor="Ada",
        account=BankAccount(iban="DE89370400440532013000"),
        remittance="x",
    )

    with pytest.raises(CannotInstruct, match="e-mail address"):
        answering(lambda _: httpx.Response(500)).check(wrong)


async def test_each_receiver_ends_as_their_name_says(api: Api):
    names = ["ada", "unclaimed", "returned.bob", "reversed", "blocked", "failed"]
    content = body(*(an_instruction(n, to=f"{name}@example.org") for n, name in enumerate(names)))

    id = await api.wallet.submit(content)
    at_once = [each.state for each in (await api.wallet.poll(id)).outcomes]
    api.clock.move(SETTLED)
    soon = [each.state for each in (await api.wallet.poll(id)).outcomes]
    api.clock.move(timedelta(minutes=2))
    later = [each.state for each in (await api.wallet.poll(id)).outcomes]
    api.clock.move(timedelta(days=30))
    end = (await api.wallet.poll(id)).outcomes

    paid, back, failed, waits = ItemState.PAID, ItemState.RETURNED, ItemState.FAILED, ItemState.UNCLAIMED
    assert at_once == [ItemState.PENDING] * 6
    assert soon == [paid, waits, waits, paid, failed, failed]
    assert later == [paid, waits, back, back, failed, failed]
    assert [each.state for each in end] == [paid, back, back, back, failed, failed]
    assert [each.reason for each in end] == [
        None,
        "RETURNED",
        "RETURNED",
        "REVERSED",
        "RECEIVER_BLOCKED",
        "RECEIVER_FAILED",
    ]
    assert end[0].amount == Money(1_250, USD)
    assert end[0].end_to_end_id == derive_id(BATCH, "0").hex


async def test_a_batch_that_was_taken_before_gives_the_same_id_and_pays_nobody_twice(api: Api):
    content = body(an_instruction())

    ids = {await api.wallet.submit(content) for _ in range(3)}

    assert len(ids) == 1
    assert await api.batches() == 1


async def test_a_provider_that_takes_a_batch_in_silence_is_asked_again_and_names_it(api: Api):
    content = body(an_instruction(to="timeout@example.org"))

    with pytest.raises(OutcomeUnknown):
        await api.wallet.submit(content)
    id = await api.wallet.submit(content)
    api.clock.move(SETTLED)

    assert [each.state for each in (await api.wallet.poll(id)).outcomes] == [ItemState.PAID]
    assert await api.batches() == 1


async def test_many_pages_are_all_read(api: Api):
    content = body(*(an_instruction(number) for number in range(2_500)))

    report = await api.wallet.poll(await api.wallet.submit(content))

    assert len({each.end_to_end_id for each in report.outcomes}) == 2_500


async def test_a_token_that_ran_out_is_renewed(api: Api):
    id = await api.wallet.submit(body(an_instruction()))
    api.clock.move(timedelta(hours=2))

    assert len((await api.wallet.poll(id)).outcomes) == 1


async def test_with_other_keys_nothing_is_sent(api: Api):
    stranger = api.reach(WalletKeys("sandbox", "guessed"))

    with pytest.raises(Unavailable, match="credentials"):
        await stranger.submit(body(an_instruction()))

    assert await api.batches() == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "refused"),
        (b"\xff\xfe", "refused"),
        (b"[]", "refused"),
        (body(), "from 1 to"),
        (body(an_instruction(1), an_instruction(1)), "twice"),
        (body(an_instruction()).replace(b"12.50", b"12.505"), "isn't an amount"),
        (body(an_instruction()).replace(b"USD", b"XXX"), "isn't an amount"),
        (body(an_instruction()).replace(BATCH.hex.encode(), b""), "sender_batch_id"),
    ],
)
async def test_the_sandbox_refuses_what_no_provider_would_take(api: Api, content: bytes, sentence: str):
    with pytest.raises(WalletRefused, match=sentence):
        await api.wallet.submit(content)

    assert await api.batches() == 0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(500), OutcomeUnknown),
        (httpx.Response(502, text="<html>"), OutcomeUnknown),
        (httpx.Response(201, text="not json"), OutcomeUnknown),
        (httpx.Response(201, json={"batch_header": {}}), OutcomeUnknown),
        (httpx.Response(400, text="?"), OutcomeUnknown),
        (httpx.Response(429), Unavailable),
        (httpx.Response(401), Unavailable),
        (httpx.Response(422, json={"name": "INSUFFICIENT_FUNDS", "message": "No money."}), WalletRefused),
        (httpx.Response(400, json={"details": [{"field": "SENDER_BATCH_ID"}]}), OutcomeUnknown),
    ],
)
async def test_only_what_surely_was_not_taken_counts_as_refused(answer: httpx.Response, error: type[Exception]):
    with pytest.raises(error):
        await answering(lambda _: answer).submit(body(an_instruction()))


async def test_a_provider_that_is_out_of_reach_took_nothing():
    client = httpx.AsyncClient(base_url="http://127.0.0.1:9")

    with pytest.raises(Unavailable):
        await Wallet(client, known(WalletKeys("x", "y")), house_name="Plaudit").submit(body(an_instruction()))


async def test_a_batch_that_was_denied_as_a_whole_says_so():
    header = {
        "payout_batch_id": "X1",
        "batch_status": "DENIED",
        "time_created": NOW.isoformat(),
        "sender_batch_header": {"sender_batch_id": BATCH.hex},
    }

    report = await answering(lambda _: httpx.Response(200, json={"batch_header": header})).poll("X1")

    assert [(each.batch, each.state) for each in report.batches] == [(BATCH.hex, ItemState.FAILED)]


async def test_an_id_of_the_provider_stays_in_its_path():
    paths: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(404)

    with pytest.raises(Unavailable):
        await answering(note).poll("X1")

    assert paths == [f"{PAYOUTS}/X1"]


@pytest.mark.parametrize("receiver", ["unclaimed@x.org", "Unclaimed.ada@x.org", "unclaimed+1@x.org"])
def test_a_receivers_name_counts_whatever_its_case_and_its_rest(receiver: str):
    assert status_of(receiver, timedelta(days=1), settle=SETTLED) == "UNCLAIMED"


def test_a_receiver_whose_name_only_begins_so_is_paid():
    assert status_of("blockedname@x.org", timedelta(days=1), settle=SETTLED) == "SUCCESS"
