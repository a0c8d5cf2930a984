"""What the sandbox gives back: as providers do, never more than was paid, and once for each reference."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import Money
from plaudit.providers import (
    Card,
    CheckoutWish,
    DisputeState,
    Payment,
    Refund,
    RefundState,
    RefundWish,
    Sandbox,
    SandboxSettings,
    sandbox_events,
    sandbox_rules,
)
from plaudit.providers.sandbox_rules import CannotDispute, NoSuchCheckout, NoSuchDispute, RefundAnswer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def dollars(minor: int) -> Money:
    return Money(minor, get_currency("USD"))


class Shop:
    """A payment of ten dollars, and the sandbox that took it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.checkout_id = UUID(int=0)

    async def sell(self, card: Card = Card.SUCCESS) -> Payment:
        wish = CheckoutWish(reference=new_id(), total=dollars(1_000), description="Coins")
        checkout = await self.sandbox.make_checkout(wish, now=NOW)
        self.checkout_id = UUID(checkout.id)
        await self.sandbox.pay(self.checkout_id, card, now=NOW)
        payment = await self.sandbox.find_payment(checkout.id, now=NOW)
        assert payment is not None
        return payment

    async def refund(self, payment: Payment, minor: int, *, reference: UUID | None = None) -> Refund:
        wish = RefundWish(reference=reference or new_id(), payment_id=payment.id, amount=dollars(minor))
        return await self.sandbox.refund(wish, now=NOW)


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    async with Database.open(database_url) as db:
        yield Shop(Sandbox(db))


async def test_no_more_goes_back_than_was_paid(shop: Shop):
    payment = await shop.sell()

    first, second, third = [await shop.refund(payment, minor) for minor in (700, 400, 300)]

    assert [each.state for each in (first, second, third)] == [
        RefundState.SUCCEEDED,
        RefundState.FAILED,
        RefundState.SUCCEEDED,
    ]


async def test_the_same_reference_is_the_same_refund(shop: Shop):
    payment, reference = await shop.sell(), new_id()

    once, again = [await shop.refund(payment, 600, reference=reference) for _ in range(2)]

    assert again == once
    assert await shop.sandbox.find_refund(reference, now=NOW) == once
    assert await shop.sandbox.find_refund(new_id(), now=NOW) is None


@pytest.mark.parametrize("card", [Card.DECLINED, Card.PENDING])
async def test_what_wasnt_paid_isnt_given_back_or_disputed(shop: Shop, card: Card):
    payment = await shop.sell(card)

    assert (await shop.refund(payment, 1)).state is RefundState.FAILED
    with pytest.raises(CannotDispute):
        await shop.sandbox.open_dispute(shop.checkout_id, reason="fraudulent", now=NOW)


async def test_a_payment_of_somebody_else_is_no_reason_to_give_anything_back(shop: Shop):
    payment = await shop.sell()

    for payment_id in ("pay_" + "0" * 32, "ch_elsewhere"):
        wish = RefundWish(reference=new_id(), payment_id=payment_id, amount=payment.charged)
        assert (await shop.sandbox.refund(wish, now=NOW)).state is RefundState.FAILED


async def test_a_disputed_payment_is_not_refunded_until_the_shop_has_won(shop: Shop):
    payment = await shop.sell()
    dispute = await shop.sandbox.open_dispute(shop.checkout_id, reason="fraudulent", now=NOW)

    disputed = await shop.refund(payment, 1)
    await shop.sandbox.close_dispute(dispute.id, DisputeState.WON, now=NOW)
    won = await shop.refund(payment, 1)

    assert (disputed.state, won.state) == (RefundState.FAILED, RefundState.SUCCEEDED)
    with pytest.raises(CannotDispute):
        await shop.sandbox.close_dispute(dispute.id, DisputeState.LOST, now=NOW)


async def test_what_isnt_there_cant_be_disputed_or_decided(shop: Shop):
    with pytest.raises(NoSuchCheckout):
        await shop.sandbox.open_dispute(new_id(), reason="fraudulent", now=NOW)
    with pytest.raises(NoSuchDispute):
        await shop.sandbox.close_dispute(new_id(), DisputeState.WON, now=NOW)
    assert await shop.sandbox.find_dispute(f"dis_{new_id().hex}", now=NOW) is None


async def test_a_pending_refund_succeeds_with_time_and_an_unreachable_sandbox_says_nothing(shop: Shop):
    payment, lost = await shop.sell(), new_id()
    await shop.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.PENDING))
    pending = await shop.refund(payment, 100)
    await shop.sandbox.let_time_pass(now=NOW + timedelta(seconds=5))
    await shop.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.LOST))
    with pytest.raises(OutcomeUnknown):
        await shop.refund(payment, 100, reference=lost)
    await shop.sandbox.change_settings(SandboxSettings(refunds=RefundAnswer.DOWN))
    with pytest.raises(Unavailable):
        await shop.refund(payment, 100)

    settled = await shop.sandbox.find_refund(pending.reference, now=NOW)
    answered = await shop.sandbox.find_refund(lost, now=NOW)

    assert settled is not None
    assert answered is not None
    assert (pending.state, settled.state, answered.state) == (
        RefundState.PENDING,
        RefundState.SUCCEEDED,
        RefundState.SUCCEEDED,
    )


async def test_events_of_all_three_kinds_are_read_as_they_were_written(shop: Shop):
    payment = await shop.sell()
    checkout = await shop.sandbox.get_checkout(shop.checkout_id)
    dispute = await shop.sandbox.open_dispute(shop.checkout_id, amount_minor=5, reason="fraudulent", now=NOW)
    refund = sandbox_rules.make_refund(
        RefundWish(reference=new_id(), payment_id=payment.id, amount=dollars(3)),
        RefundAnswer.SUCCESS,
        possible=True,
        now=NOW,
        settle_seconds=5,
    )

    events = [
        sandbox_events.Event(sandbox_rules.event_id_of(checkout), payment),
        sandbox_rules.event_of_refund(refund),
        sandbox_rules.event_of_dispute(dispute),
    ]

    assert [sandbox_events.read_event(sandbox_events.write_event(event)) for event in events] == events
    assert [event.kind for event in events] == ["payment", "refund", "dispute"]
