"""The sandbox's wallet provider: the API of PayPal's Payouts, with receivers named by what comes of their payment.

`unclaimed@…`, `returned@…`, `reversed@…`, `blocked@…`, `failed@…` (and `unclaimed.anna@…`) end like that; others are
paid. A batch with a `timeout@…` in it is taken, and no answer is given. How a payment stands follows from the time that
has passed since it was taken, so nothing here has to be looked after.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import parse_qsl
from uuid import UUID

import httpx
import msgspec
from msgspec import Struct

from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.ids import derive_id
from plaudit.providers.wallet import PAYOUTS, TOKEN, Item, SenderHeader, WalletKeys, Wish, money_of

CLIENT_ID = "sandbox"
_NAME_SPACE = UUID("b6c9a9ff-9a4f-5f0e-8a57-3d7f0d6f7f10")
_TOKEN_SECONDS = 3_600
_MOST_ITEMS = 15_000
_UNCLAIMED_FOR = timedelta(days=30)
_KIND = re.compile(r"(unclaimed|returned|reversed|blocked|failed|timeout)\b")


class Asked(Struct, frozen=True, kw_only=True):
    """A request to the API. `path` begins with /v1/; names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class Told(Struct, frozen=True):
    """An answer of the API."""

    status: int
    content: bytes


class _TakenBatch(Struct, frozen=True, kw_only=True):
    id: str
    sender_batch_id: str
    body: bytes
    taken_at: datetime


class WalletSandbox:
    """The wallet provider. It takes requests from the network (`web.sandbox`) and from `SandboxTransport` alike."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def keys(self) -> WalletKeys:
        """By what this provider knows the house."""
        async with self._db.transaction() as tx:
            return WalletKeys(CLIENT_ID, _client_secret(await _get_secret(tx)))

    async def answer(self, asked: Asked, *, now: datetime) -> Told | None:
        """What the API answers; None when it took a batch and is silent about it."""
        async with self._db.transaction() as tx:
            secret = await _get_secret(tx)
        if asked.path == TOKEN and asked.method == "POST":
            return _give_token(asked, secret, now)
        if not _is_let_in(asked, secret, now):
            return _refuse(HTTPStatus.UNAUTHORIZED, "AUTHENTICATION_FAILURE", "Authentication failed.")
        if asked.path == PAYOUTS and asked.method == "POST":
            return await self._take(asked.body, now)
        kind, _, id = asked.path.removeprefix("/v1/payments/").partition("/")
        if kind == "payouts" and asked.method == "GET":
            return await self._show(id, asked.query, now)
        return _refuse(HTTPStatus.NOT_FOUND, "INVALID_RESOURCE_ID", "There is nothing at this path.")

    async def _take(self, body: bytes, now: datetime) -> Told | None:
        try:
            wish = msgspec.json.decode(body, type=Wish)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            return _refuse(HTTPStatus.BAD_REQUEST, "MALFORMED_REQUEST", str(problem))
        if wrong := _find_wrong(wish):
            return _refuse(HTTPStatus.BAD_REQUEST, "VALIDATION_ERROR", wrong)
        name = wish.sender_batch_header.sender_batch_id
        batch = _TakenBatch(
            id=derive_id(_NAME_SPACE, name).hex[:13].upper(), sender_batch_id=name, body=body, taken_at=now
        )
        async with self._db.transaction() as tx:
            is_new = await _add_batch(tx, batch)
        if not is_new:
            return _refuse_double(batch.id)
        if any(_kind_of(item.receiver) == "timeout" for item in wish.items):
            return None
        header = {
            "payout_batch_id": batch.id,
            "batch_status": "PENDING",
            "sender_batch_header": msgspec.to_builtins(wish.sender_batch_header),
        }
        return _tell(HTTPStatus.CREATED, {"batch_header": header})

    async def _show(self, id: str, query: Mapping[str, str], now: datetime) -> Told:
        async with self._db.transaction() as tx:
            batch = await _find_batch(tx, id)
            settle = timedelta(seconds=await tx.value(int, "select settle_seconds from sandbox.settings"))
        if batch is None:
            return _refuse(HTTPStatus.NOT_FOUND, "INVALID_RESOURCE_ID", "There is no such batch.")
        return _tell(HTTPStatus.OK, _file_of(batch, _page_of(query), settle=settle, now=now))


class SandboxTransport(httpx.AsyncBaseTransport):
    """The sandbox's API without a network between: where no other wallet provider is set."""

    def __init__(self, sandbox: WalletSandbox, clock: Clock) -> None:
        self._sandbox = sandbox
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.AsyncBaseTransport`. Raises ReadTimeout at once where a network would be silent."""
        asked = Asked(
            method=request.method,
            path=request.url.path,
            headers=dict(request.headers),
            query=dict(request.url.params),
            body=await request.aread(),
        )
        told = await self._sandbox.answer(asked, now=self._clock.now())
        if told is None:
            raise httpx.ReadTimeout("the sandbox took it and is silent", request=request)
        return httpx.Response(told.status, content=told.content, headers={"content-type": "application/json"})


def status_of(receiver: str, passed: timedelta, *, settle: timedelta) -> str:
    """How a payment to somebody stands so long after it was taken; `settle` is how long the provider takes."""
    if passed < settle:
        return "PENDING"
    match _kind_of(receiver):
        case "unclaimed":
            return "RETURNED" if passed >= _UNCLAIMED_FOR else "UNCLAIMED"
        case "returned":
            return "RETURNED" if passed >= 2 * settle else "UNCLAIMED"
        case "reversed":
            return "REVERSED" if passed >= 24 * settle else "SUCCESS"
        case "blocked":
            return "BLOCKED"
        case "failed":
            return "FAILED"
        case _:
            return "SUCCESS"


def _kind_of(receiver: str) -> str | None:
    found = _KIND.match(receiver.lower())
    return found[1] if found else None


def _file_of(batch: _TakenBatch, page: int, *, settle: timedelta, now: datetime) -> dict[str, object]:
    wish = msgspec.json.decode(batch.body, type=Wish)
    passed = now - batch.taken_at
    size = 1_000
    return {
        "batch_header": {
            "payout_batch_id": batch.id,
            "batch_status": "SUCCESS" if passed >= settle else "PROCESSING",
            "time_created": batch.taken_at.isoformat(),
            "sender_batch_header": msgspec.to_builtins(wish.sender_batch_header),
        },
        "total_items": len(wish.items),
        "total_pages": -(-len(wish.items) // size),
        "items": [_item_of(batch, item, passed, settle) for item in list(wish.items)[(page - 1) * size : page * size]],
    }


def _item_of(batch: _TakenBatch, item: Item, passed: timedelta, settle: timedelta) -> dict[str, object]:
    status = status_of(item.receiver, passed, settle=settle)
    id = derive_id(_NAME_SPACE, batch.sender_batch_id, item.sender_item_id).hex
    told: dict[str, object] = {
        "payout_item_id": id[:13].upper(),
        "payout_batch_id": batch.id,
        "transaction_status": status,
        "payout_item": msgspec.to_builtins(item),
        "time_processed": (batch.taken_at + min(passed, settle)).isoformat(),
    }
    if status in ("SUCCESS", "UNCLAIMED", "RETURNED", "REVERSED"):
        told["transaction_id"] = id[13:30].upper()
    if status in ("BLOCKED", "FAILED"):
        told["errors"] = {"name": f"RECEIVER_{status}", "message": "The receiver can't be paid."}
    return told


def _find_wrong(wish: Wish) -> str | None:
    header: SenderHeader = wish.sender_batch_header
    if not header.sender_batch_id.strip() or len(header.sender_batch_id) > 256:
        return "sender_batch_id is missing or too long."
    if not 0 < len(wish.items) <= _MOST_ITEMS:
        return f"A batch has from 1 to {_MOST_ITEMS} items."
    if len({item.sender_item_id for item in wish.items}) < len(wish.items):
        return "sender_item_id is there twice."
    return next((wrong for item in wish.items if (wrong := _find_wrong_item(item))), None)


def _find_wrong_item(item: Item) -> str | None:
    amount = money_of(item.amount)
    if amount is None or amount.minor <= 0:
        return f"{item.amount.value[:20]!r} isn't an amount in {item.amount.currency[:10]!r}."
    if item.recipient_type != "EMAIL" or "@" not in item.receiver:
        return "The receiver isn't an e-mail address."
    return None


def _page_of(query: Mapping[str, str]) -> int:
    page = query.get("page", "1")
    return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1


def _give_token(asked: Asked, secret: bytes, now: datetime) -> Told:
    auth = asked.headers.get("authorization", "")
    expected = httpx.BasicAuth(CLIENT_ID, _client_secret(secret))
    right = next(expected.auth_flow(httpx.Request("POST", "http://sandbox"))).headers["authorization"]
    wants = dict(parse_qsl(asked.body.decode(errors="replace"))).get("grant_type")
    if not hmac.compare_digest(auth.encode(), right.encode()):
        return _tell(HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"})
    if wants != "client_credentials":
        return _tell(HTTPStatus.BAD_REQUEST, {"error": "unsupported_grant_type"})
    until = int(now.timestamp()) + _TOKEN_SECONDS
    token = f"{until}.{_sign(secret, str(until))}"
    return _tell(HTTPStatus.OK, {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS})


def _is_let_in(asked: Asked, secret: bytes, now: datetime) -> bool:
    until, _, signature = asked.headers.get("authorization", "").removeprefix("Bearer ").partition(".")
    if not hmac.compare_digest(signature.encode(), _sign(secret, until).encode()):
        return False
    return datetime.fromtimestamp(int(until), UTC) > now


def _sign(secret: bytes, text: str) -> str:
    return hmac.new(secret, f"wallet token {text}".encode(), sha256).hexdigest()


def _client_secret(secret: bytes) -> str:
    return hmac.new(secret, b"wallet client", sha256).hexdigest()


def _refuse(status: HTTPStatus, name: str, message: str, details: Sequence[object] = ()) -> Told:
    return _tell(status, {"name": name, "message": message, "details": details})


def _refuse_double(id: str) -> Told:
    """As PayPal does it: the batch that has this name is told by its address."""
    detail = {
        "field": "SENDER_BATCH_ID",
        "location": "body",
        "issue": "Batch with given sender_batch_id already exists",
        "link": [{"href": f"https://sandbox.invalid{PAYOUTS}/{id}", "rel": "self", "method": "GET"}],
    }
    return _refuse(HTTPStatus.BAD_REQUEST, "USER_BUSINESS_ERROR", "User business error.", [detail])


def _tell(status: HTTPStatus, content: object) -> Told:
    return Told(status.value, msgspec.json.encode(content))


async def _get_secret(tx: Transaction) -> bytes:
    return await tx.value(bytes, "select secret from sandbox.settings")


async def _add_batch(tx: Transaction, batch: _TakenBatch) -> bool:
    added = await tx.execute(
        """
        insert into sandbox.payout_batches (id, sender_batch_id, body, taken_at)
        values (%(id)s, %(sender_batch_id)s, %(body)s, %(taken_at)s)
        on conflict do nothing
        """,
        msgspec.structs.asdict(batch),
    )
    return added == 1


async def _find_batch(tx: Transaction, id: str) -> _TakenBatch | None:
    return await tx.find(
        _TakenBatch,
        "select id, sender_batch_id, body, taken_at from sandbox.payout_batches where id = %(id)s",
        {"id": id},
    )
