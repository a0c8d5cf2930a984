"""The wallet rail: an HTTP API in the shape of PayPal's Payouts. A batch is posted once and asked after until it ends.

`sender_batch_id` is the batch's id and `sender_item_id` the payout's, so that whatever is asked twice is done once: the
API refuses an id that it has seen, and names the batch that had it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from time import monotonic
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct, field

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import OutcomeUnknown, Unavailable, UnknownCurrency
from plaudit.foundation.money import Money
from plaudit.providers.payouts import (
    BankReport,
    BatchFile,
    BatchOrder,
    BatchOutcome,
    CannotInstruct,
    HouseAccount,
    Instruction,
    ItemOutcome,
    ItemState,
    References,
    WalletAddress,
    WalletRefused,
    batch_reference,
    item_reference,
)

PAYOUTS = "/v1/payments/payouts"
TOKEN = "/v1/oauth2/token"  # noqa: S105 - a path
PAGE_ITEMS = 1_000
# The currencies that PayPal pays out in; those with a star have no decimal places there, whatever ISO 4217 says.
_CURRENCIES = "AUD BRL CAD CNY CZK DKK EUR GBP HKD HUF* ILS JPY* MXN MYR NOK NZD PHP PLN SEK SGD THB TWD* USD CHF"
_WHOLE = frozenset(word.rstrip("*") for word in _CURRENCIES.split() if word.endswith("*"))
_TAKEN = frozenset(word.rstrip("*") for word in _CURRENCIES.split())
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,62}")
_VALUE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,5})?")
_SOON_OVER_SECONDS = 60
_STATES = {
    "SUCCESS": ItemState.PAID,
    "FAILED": ItemState.FAILED,
    "BLOCKED": ItemState.FAILED,
    "DENIED": ItemState.FAILED,
    "RETURNED": ItemState.RETURNED,
    "REFUNDED": ItemState.RETURNED,
    "REVERSED": ItemState.RETURNED,
    "UNCLAIMED": ItemState.UNCLAIMED,
}
_NOTHING_PAID = frozenset({"DENIED", "CANCELED"})

Told = TypeVar("Told")


class WalletKeys(Struct, frozen=True):
    """By what the API knows the house."""

    client_id: str
    secret: str


FindKeys = Callable[[], Awaitable[WalletKeys]]
"""Asked whenever a token is: keys may be kept where they can't always be reached."""


class Amount(Struct, frozen=True):
    """An amount as the API writes it: 12.50, or 1250 where the currency has no decimal places."""

    value: str
    currency: str


class Item(Struct, frozen=True, kw_only=True):
    """One payment of a batch, as the API takes it and tells it again."""

    recipient_type: str = "EMAIL"
    amount: Amount
    note: str = ""
    sender_item_id: str
    receiver: str


class SenderHeader(Struct, frozen=True, kw_only=True):
    """What the sender says of a batch."""

    sender_batch_id: str
    email_subject: str = ""


class Wish(Struct, frozen=True):
    """The body that a batch is posted with."""

    sender_batch_header: SenderHeader
    items: Sequence[Item]


class _Link(Struct, frozen=True):
    href: str = ""


class _Detail(Struct, frozen=True):
    field: str = ""
    issue: str = ""
    link: Sequence[_Link] = ()


class _Refusal(Struct, frozen=True):
    name: str = ""
    message: str = ""
    details: Sequence[_Detail] = ()


class _Header(Struct, frozen=True):
    payout_batch_id: str
    batch_status: str
    sender_batch_header: SenderHeader | None = None
    time_created: datetime | None = None


class _Error(Struct, frozen=True):
    name: str = ""


class _ToldItem(Struct, frozen=True):
    payout_item_id: str
    payout_item: Item
    status: str = field(name="transaction_status", default="PENDING")
    reference: str | None = field(name="transaction_id", default=None)
    time_processed: datetime | None = None
    errors: _Error | None = None


class _Told(Struct, frozen=True):
    batch_header: _Header
    items: Sequence[_ToldItem] = ()
    total_pages: int = 1


class _Token(Struct, frozen=True):
    access_token: str
    expires_in: int


class Wallet:
    """The rail to digital wallets. See `ApiRail` for what it does; `client` knows the API's address and time-outs."""

    most_items = 10_000

    def __init__(self, client: httpx.AsyncClient, find_keys: FindKeys, *, house_name: str) -> None:
        self._client = client
        self._find_keys = find_keys
        self._house_name = house_name
        self._asking = asyncio.Lock()
        self._token, self._token_until = "", 0.0

    def refer(self, payout_id: UUID, number: int, house: HouseAccount) -> References:
        """See `Rail.refer`."""
        del number, house
        return References(end_to_end_id=item_reference(payout_id))

    def check(self, instruction: Instruction) -> None:
        """See `Rail.check`. The provider has a list of currencies, and pays some of them in whole units only."""
        _item(instruction)

    def write(self, order: BatchOrder) -> BatchFile:
        """See `Rail.write`: the body that the batch is posted with."""
        batch = batch_reference(order.id)
        header = SenderHeader(sender_batch_id=batch, email_subject=f"Your payout from {self._house_name}")
        body = msgspec.json.encode(Wish(header, [_item(each) for each in order.instructions]))
        return BatchFile(name=f"wallet-{order.made_at:%Y%m%d-%H%M}-{batch[-6:]}.json", content=body)

    async def submit(self, content: bytes) -> str:
        """See `ApiRail.submit`."""
        try:
            answer = await self._as_house("POST", PAYOUTS, content=content)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
            raise Unavailable("The wallet's provider can't be reached; nothing was sent.") from problem
        except httpx.HTTPError as problem:
            raise OutcomeUnknown("The wallet's provider didn't answer: it may have taken the batch.") from problem
        if answer.is_success:
            return _decode(answer, _Told, OutcomeUnknown).batch_header.payout_batch_id
        return _take_refusal(answer)

    async def poll(self, provider_id: str) -> BankReport:
        """See `ApiRail.poll`."""
        first = await self._page(provider_id, 1)
        pages = [first] + [await self._page(provider_id, page) for page in range(2, first.total_pages + 1)]
        header = first.batch_header
        return BankReport(
            id=provider_id,
            outcomes=[_outcome(item, header) for page in pages for item in page.items],
            batches=_batch_outcomes(header),
        )

    async def _page(self, provider_id: str, page: int) -> _Told:
        params = {"page": str(page), "page_size": str(PAGE_ITEMS), "total_required": "true"}
        try:
            answer = await self._as_house("GET", f"{PAYOUTS}/{provider_id}", params=params)
        except httpx.HTTPError as problem:
            raise Unavailable("The wallet's provider can't be reached.") from problem
        if not answer.is_success:
            raise Unavailable(f"The wallet's provider answered {answer.status_code} when it was asked.")
        return _decode(answer, _Told, Unavailable)

    async def _as_house(
        self, method: str, path: str, *, content: bytes | None = None, params: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Ask with a token; with a new one when the provider doesn't take it any more, which it says first of all."""
        answer = await self._send(method, path, await self._get_token(), content, params)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self._token_until = 0.0
            answer = await self._send(method, path, await self._get_token(), content, params)
        return answer

    async def _send(
        self, method: str, path: str, token: str, content: bytes | None, params: Mapping[str, str] | None
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return await self._client.request(method, path, content=content, params=params, headers=headers)

    async def _get_token(self) -> str:
        async with self._asking:
            if monotonic() >= self._token_until:
                token = await self._ask_for_token()
                self._token, self._token_until = token.access_token, monotonic() + token.expires_in - _SOON_OVER_SECONDS
            return self._token

    async def _ask_for_token(self) -> _Token:
        keys = await self._find_keys()
        auth = httpx.BasicAuth(keys.client_id, keys.secret)
        try:
            answer = await self._client.post(TOKEN, data={"grant_type": "client_credentials"}, auth=auth)
        except httpx.HTTPError as problem:
            raise Unavailable("The wallet's provider can't be reached; nothing was sent.") from problem
        if not answer.is_success:
            raise Unavailable("The wallet's provider doesn't take our credentials; nothing was sent.")
        return _decode(answer, _Token, Unavailable)


def _item(instruction: Instruction) -> Item:
    account, amount = instruction.account, instruction.amount
    if not isinstance(account, WalletAddress) or not _EMAIL.fullmatch(account.email):
        raise CannotInstruct("A wallet is found by an e-mail address.")
    if amount.currency.code not in _TAKEN:
        raise CannotInstruct(f"The wallet's provider doesn't pay out in {amount.currency.code}.")
    if amount.minor <= 0:
        raise CannotInstruct("A payment is more than nothing.")
    return Item(
        amount=Amount(value_of(amount), amount.currency.code),
        note=instruction.remittance,
        sender_item_id=instruction.end_to_end_id,
        receiver=account.email,
    )


def value_of(amount: Money) -> str:
    """The amount as the API writes it. Raises CannotInstruct for a fraction that the provider has no way to pay."""
    digits = amount.currency.exponent
    value = Decimal(amount.minor).scaleb(-digits)
    if amount.currency.code in _WHOLE:
        if value != value.to_integral_value():
            raise CannotInstruct(f"The wallet's provider pays whole {amount.currency.code} only.")
        digits = 0
    return f"{value:.{digits}f}"


def money_of(amount: Amount) -> Money | None:
    """What the API wrote; None where that isn't an amount of a currency."""
    try:
        currency = get_currency(amount.currency)
    except UnknownCurrency:
        return None
    minor = Decimal(amount.value).scaleb(currency.exponent) if _VALUE.fullmatch(amount.value) else None
    return Money(int(minor), currency) if minor is not None and minor == minor.to_integral_value() else None


def _outcome(told: _ToldItem, header: _Header) -> ItemOutcome:
    at = told.time_processed or header.time_created
    if at is None:
        raise Unavailable("The wallet's provider doesn't say when this batch was made.")
    failed = told.errors.name if told.errors and told.errors.name else None
    state = _STATES.get(told.status, ItemState.PENDING)
    return ItemOutcome(
        end_to_end_id=told.payout_item.sender_item_id,
        state=state,
        at=at,
        reason=failed or (None if state in (ItemState.PAID, ItemState.PENDING) else told.status),
        reference=told.reference or told.payout_item_id,
        amount=money_of(told.payout_item.amount),
    )


def _batch_outcomes(header: _Header) -> list[BatchOutcome]:
    """A batch that was denied as a whole may list no payments."""
    if header.batch_status not in _NOTHING_PAID or not header.sender_batch_header or not header.time_created:
        return []
    batch = header.sender_batch_header.sender_batch_id
    return [BatchOutcome(batch=batch, state=ItemState.FAILED, at=header.time_created, reason=header.batch_status)]


def _take_refusal(answer: httpx.Response) -> str:
    """The id of the batch that was taken before under this name; raises for what is no such refusal."""
    if answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        raise Unavailable(f"The wallet's provider answered {answer.status_code}; nothing was taken.")
    if answer.is_server_error:
        raise OutcomeUnknown(f"The wallet's provider answered {answer.status_code}: it may have taken the batch.")
    refusal = _decode(answer, _Refusal, OutcomeUnknown)
    for detail in refusal.details:
        if detail.field.upper() == "SENDER_BATCH_ID":
            return _batch_named_in(detail)
    raise WalletRefused(f"The wallet's provider refused the batch: {refusal.message or refusal.name}"[:300])


def _batch_named_in(detail: _Detail) -> str:
    for link in detail.link:
        if name := link.href.rpartition("/")[2]:
            return name
    raise OutcomeUnknown("The wallet's provider took this batch before, and doesn't say under which id of its own.")


def _decode(answer: httpx.Response, kind: type[Told], otherwise: type[Unavailable | OutcomeUnknown]) -> Told:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise otherwise("The wallet's provider answered something that can't be read.") from problem
