"""The sandbox: a payment provider of our own, with cards that succeed, fail and dawdle, and webhooks that go astray.

It keeps its own tables and knows nothing of coins. What it tells goes out as signed webhooks, like any provider's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.ids import new_id
from plaudit.providers import sandbox_events as events
from plaudit.providers import sandbox_queries as queries
from plaudit.providers import sandbox_reports
from plaudit.providers import sandbox_return_queries as returns
from plaudit.providers import sandbox_rules as rules
from plaudit.providers.payment import (
    Checkout,
    CheckoutWish,
    Dispute,
    DisputeState,
    Event,
    Payment,
    Refund,
    RefundWish,
    WebhookNotGenuine,
)
from plaudit.providers.reports import ReportLine, read_csv, write_csv
from plaudit.providers.sandbox_rules import (
    CannotDispute,
    Card,
    NoSuchCheckout,
    NoSuchDispute,
    RefundAnswer,
    SandboxCheckout,
    SandboxDispute,
    State,
)

Post = Callable[[bytes, Mapping[str, str]], Awaitable[bool]]
"""Sends a webhook's body with its headers; whether it was taken (a status of 2xx)."""

NAME = "sandbox"
# Whoever was given a delivery and didn't come back within this time has died on the way.
_LEASE = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)


class SandboxSettings(Struct, frozen=True, kw_only=True):
    """How the sandbox behaves: each webhook is sent `copies` times (0 loses it) after `delay_seconds`.

    `newest_first` reorders those that are due together. A pending payment is paid, and a pending refund succeeds, after
    `settle_seconds`; `refunds` says what comes of one.
    """

    copies: int = 1
    delay_seconds: int = 0
    newest_first: bool = False
    settle_seconds: int = 5
    refunds: RefundAnswer = RefundAnswer.SUCCESS


class Sandbox:
    """The provider with its hosted checkout. See `PaymentProvider` for what the house asks of it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._delivering = asyncio.Lock()

    @property
    def checkout_origins(self) -> Sequence[str]:
        """None: its checkout is on our own server."""
        return ()

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
        return events.read_event(body)

    async def refund(self, wish: RefundWish, *, now: datetime) -> Refund:
        """See `PaymentProvider.refund`; the setting `refunds` says how it answers."""
        async with self._db.transaction() as tx:
            settings = await tx.one(SandboxSettings, queries.GET_SETTINGS)
            if settings.refunds is RefundAnswer.DOWN:
                raise Unavailable("The sandbox can't be reached.")
            refund = await _refund(tx, wish, settings, now)
        if settings.refunds is RefundAnswer.LOST:
            raise OutcomeUnknown("The sandbox's answer was lost.")
        return refund

    async def find_refund(self, reference: UUID, *, now: datetime) -> Refund | None:
        """See `PaymentProvider.find_refund`."""
        del now
        async with self._db.transaction() as tx:
            refund = await returns.find_refund(tx, reference)
        return rules.refund_of(refund) if refund else None

    async def find_dispute(self, dispute_id: str, *, now: datetime) -> Dispute | None:
        """See `PaymentProvider.find_dispute`."""
        del now
        async with self._db.transaction() as tx:
            dispute = await returns.find_dispute(tx, UUID(dispute_id.removeprefix("dis_")))
        return rules.dispute_of(dispute) if dispute else None

    async def list_disputes(self, *, since: datetime) -> Sequence[Dispute]:
        """See `PaymentProvider.list_disputes`."""
        async with self._db.transaction() as tx:
            return [rules.dispute_of(dispute) for dispute in await returns.list_changed(tx, since=since)]

    async def daily_report(self, day: date) -> bytes:
        """See `PaymentProvider.daily_report`."""
        async with self._db.transaction() as tx:
            return write_csv(await sandbox_reports.list_lines(tx, day))

    def read_report(self, body: bytes) -> Sequence[ReportLine]:
        """See `PaymentProvider.read_report`."""
        return read_csv(body)

    async def sign(self, text: bytes) -> str:
        """The signature that only the house and the sandbox can make."""
        async with self._db.transaction() as tx:
            return rules.sign(await queries.get_secret(tx), text)

    async def list_disputes_of(self, checkout_id: UUID) -> Sequence[SandboxDispute]:
        """A payment's disputes, the first first, for whoever has the checkout's address."""
        async with self._db.transaction() as tx:
            return await returns.list_of_checkout(tx, checkout_id)

    async def open_dispute(
        self, checkout_id: UUID, *, amount_minor: int | None = None, reason: str, now: datetime
    ) -> SandboxDispute:
        """Whoever paid says that it isn't right; of the whole payment, or of some amount, which may be larger.

        Raises NoSuchCheckout, and CannotDispute unless it was paid.
        """
        async with self._db.transaction() as tx:
            checkout = await queries.lock_checkout(tx, checkout_id)
            if checkout is None:
                raise NoSuchCheckout
            if checkout.state is not State.PAID:
                raise CannotDispute
            dispute = rules.make_dispute(checkout, amount_minor, reason, now=now)
            await returns.add_dispute(tx, dispute)
            await _send(tx, rules.event_of_dispute(dispute), now)
        return dispute

    async def close_dispute(self, dispute_id: UUID, outcome: DisputeState, *, now: datetime) -> SandboxDispute:
        """The bank decides: `won` by us, or `lost`. Raises NoSuchDispute, and CannotDispute when it was decided."""
        async with self._db.transaction() as tx:
            dispute = await returns.lock_dispute(tx, dispute_id)
            if dispute is None:
                raise NoSuchDispute
            if dispute.state is not DisputeState.OPENED or outcome is DisputeState.OPENED:
                raise CannotDispute
            decided = msgspec.structs.replace(dispute, state=outcome, at=now)
            await returns.store_dispute(tx, decided)
            await _send(tx, rules.event_of_dispute(decided), now)
        return decided

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
        """Settle what was pending long enough, expire what nobody paid; how many there were (at most 100 of each)."""
        async with self._db.transaction() as tx:
            due = await queries.list_due(tx, now=now)
            refunded = await returns.take_due_refunds(tx, now=now)
            for refund in refunded:
                await _send(tx, rules.event_of_refund(refund), now)
        for checkout_id in due:
            await self._move(checkout_id, lambda checkout: rules.take_time(checkout, now), now)
        return len(due) + len(refunded)

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
    if checkout.state is not State.CONFIRMING:
        await _send_as(tx, Event(rules.event_id_of(checkout), rules.payment_of(checkout, now)), settings, now)


async def _send(tx: Transaction, event: Event, now: datetime) -> None:
    await _send_as(tx, event, await tx.one(SandboxSettings, queries.GET_SETTINGS), now)


async def _send_as(tx: Transaction, event: Event, settings: SandboxSettings, now: datetime) -> None:
    """The webhooks are written with the change itself, so that none is forgotten unless that is asked for."""
    for _ in range(settings.copies):
        await queries.add_delivery(
            tx, event.id, events.write_event(event), due_at=now + timedelta(seconds=settings.delay_seconds)
        )


async def _refund(tx: Transaction, wish: RefundWish, settings: SandboxSettings, now: datetime) -> Refund:
    checkout_id = rules.checkout_id_of(wish.payment_id)
    checkout = await queries.lock_checkout(tx, checkout_id) if checkout_id else None
    found = await returns.find_refund(tx, wish.reference)
    if found is None:
        disputes = await returns.list_of_checkout(tx, checkout.id) if checkout else []
        possible = rules.answer_refund(
            wish,
            checkout,
            refunded_minor=await returns.sum_refunded(tx, wish.payment_id),
            disputed=any(dispute.state is not DisputeState.WON for dispute in disputes),
        )
        found = rules.make_refund(
            wish, settings.refunds, possible=possible, now=now, settle_seconds=settings.settle_seconds
        )
        await returns.add_refund(tx, found)
        await _send_as(tx, rules.event_of_refund(found), settings, now)
    return rules.refund_of(found)
