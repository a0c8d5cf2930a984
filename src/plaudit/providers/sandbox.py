"""The sandbox: a payment provider of our own, with cards that succeed, fail and dawdle, and webhooks that go astray.

It keeps its own tables and knows nothing of coins. What it tells goes out as signed webhooks, like any provider's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.ids import new_id
from plaudit.providers import sandbox_queries as queries
from plaudit.providers import sandbox_rules as rules
from plaudit.providers.payment import Checkout, CheckoutWish, Event, Payment, WebhookNotGenuine
from plaudit.providers.sandbox_rules import Card, NoSuchCheckout, SandboxCheckout, State

Post = Callable[[bytes, Mapping[str, str]], Awaitable[bool]]
"""Sends a webhook's body with its headers; whether it was taken (a status of 2xx)."""

NAME = "sandbox"
# Whoever was given a delivery and didn't come back within this time has died on the way.
_LEASE = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


class SandboxSettings(Struct, frozen=True, kw_only=True):
    """How the sandbox behaves: each webhook is sent `copies` times (0 loses it) after `delay_seconds`.

    `newest_first` reorders those that are due together. A pending payment is paid after `settle_seconds`.
    """

    copies: int = 1
    delay_seconds: int = 0
    newest_first: bool = False
    settle_seconds: int = 5


class Sandbox:
    """The provider with its hosted checkout. See `PaymentProvider` for what the house asks of it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._delivering = asyncio.Lock()

    async def make_checkout(self, wish: CheckoutWish, *, now: datetime) -> Checkout:
        """See `PaymentProvider.make_checkout`."""
        checkout = SandboxCheckout(
            id=new_id(),
            reference=wish.reference,
            description=wish.description,
            amount_minor=wish.total.minor,
            currency=wish.total.currency.code,
            state=State.OPEN,
            opened_at=now,
            expires_at=now + rules.OPEN_FOR,
            return_url=wish.return_url,
        )
        async with self._db.transaction() as tx:
            id = await queries.add_checkout(tx, checkout)
        return Checkout(str(id), f"/sandbox/checkouts/{id}")

    async def find_payment(self, checkout_id: str, *, now: datetime) -> Payment | None:
        """See `PaymentProvider.find_payment`."""
        async with self._db.transaction() as tx:
            checkout = await queries.find_checkout(tx, UUID(checkout_id))
        if checkout is None:
            return None
        return rules.payment_of(msgspec.structs.replace(checkout, state=rules.take_time(checkout, now)), now)

    async def verify_webhook(self, headers: Mapping[str, str], body: bytes) -> Event:
        """See `PaymentProvider.verify_webhook`."""
        async with self._db.transaction() as tx:
            secret = await queries.get_secret(tx)
        if not rules.is_signed(secret, body, headers.get(rules.SIGNATURE, "")):
            raise WebhookNotGenuine
        return self.read_event(body)

    def read_event(self, body: bytes) -> Event:
        """See `PaymentProvider.read_event`."""
        return rules.read_event(body)

    async def get_checkout(self, checkout_id: UUID) -> SandboxCheckout:
        """A checkout for whoever has its address. Raises NoSuchCheckout."""
        async with self._db.transaction() as tx:
            checkout = await queries.find_checkout(tx, checkout_id)
        if checkout is None:
            raise NoSuchCheckout
        return checkout

    async def pay(self, checkout_id: UUID, card: Card, *, now: datetime) -> SandboxCheckout:
        """Pay with one of the cards. Raises NoSuchCheckout or CheckoutClosed."""
        return await self._move(
            checkout_id, lambda checkout: rules.take_card(rules.take_time(checkout, now), card), now
        )

    async def confirm(self, checkout_id: UUID, *, approved: bool, now: datetime) -> SandboxCheckout:
        """Answer the bank's question, as its customer. Raises NoSuchCheckout or CheckoutClosed."""
        return await self._move(
            checkout_id,
            lambda checkout: rules.take_confirmation(rules.take_time(checkout, now), approved=approved),
            now,
        )

    async def let_time_pass(self, *, now: datetime) -> int:
        """Settle what was pending long enough, expire what nobody paid; how many there were (at most 100)."""
        async with self._db.transaction() as tx:
            due = await queries.list_due(tx, now=now)
        for checkout_id in due:
            await self._move(checkout_id, lambda checkout: rules.take_time(checkout, now), now)
        return len(due)

    async def deliver_due(self, post: Post, *, now: datetime) -> int:
        """Send the webhooks that are due; one that isn't taken is due again later. How many were sent.

        What another call of this program is just sending is waited for, so that it has arrived afterwards.
        """
        async with self._delivering:
            return await self._deliver(post, now)

    async def _deliver(self, post: Post, now: datetime) -> int:
        async with self._db.transaction() as tx:
            secret = await queries.get_secret(tx)
            due = await queries.take_due_deliveries(tx, now=now, until=now + _LEASE)
        for delivery in due:
            taken = await post(delivery.body, {rules.SIGNATURE: rules.sign(secret, delivery.body)})
            wait = min(_LONGEST_WAIT, timedelta(seconds=2 ** min(delivery.attempts, 12)))
            async with self._db.transaction() as tx:
                await queries.note_delivery(tx, delivery.id, delivered_at=now if taken else None, due_at=now + wait)
        return len(due)

    async def change_settings(self, settings: SandboxSettings) -> None:
        """From now on behave like this."""
        async with self._db.transaction() as tx:
            await queries.store_settings(tx, msgspec.structs.asdict(settings))

    async def _move(
        self, checkout_id: UUID, decide: Callable[[SandboxCheckout], State], now: datetime
    ) -> SandboxCheckout:
        async with self._db.transaction() as tx:
            checkout = await queries.lock_checkout(tx, checkout_id)
            if checkout is None:
                raise NoSuchCheckout
            state = decide(checkout)
            if state is checkout.state:
                return checkout
            settings = await tx.one(SandboxSettings, queries.GET_SETTINGS)
            moved = msgspec.structs.replace(
                checkout,
                state=state,
                settles_at=now + timedelta(seconds=settings.settle_seconds) if state is State.PENDING else None,
                ended_at=now if state in rules.ENDED else None,
            )
            await queries.store_checkout(tx, moved)
            await _tell(tx, moved, settings, now)
        return moved


async def _tell(tx: Transaction, checkout: SandboxCheckout, settings: SandboxSettings, now: datetime) -> None:
    """The webhooks are written with the change itself, so that none is forgotten unless that is asked for."""
    if checkout.state is State.CONFIRMING:
        return
    event = Event(rules.event_id_of(checkout), rules.payment_of(checkout, now))
    for _ in range(settings.copies):
        await queries.add_delivery(
            tx, event.id, rules.write_event(event), due_at=now + timedelta(seconds=settings.delay_seconds)
        )
