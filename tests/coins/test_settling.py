import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from plaudit.coins import Lot, Status, inbox, jobs, settling
from plaudit.coins.chains import accounts_of, fan_account
from plaudit.coins.errors import NoSuchTopUp
from plaudit.coins.top_up_queries import find_top_up, list_lots
from plaudit.foundation.errors import Conflict, IdReused
from plaudit.foundation.ids import new_id
from plaudit.ledger.chart import AccountCode
from plaudit.providers import Card, Event, Payment, SandboxSettings, WebhookNotGenuine, sandbox_events
from plaudit.providers import sandbox_rules as provider_rules
from tests.coins.conftest import NOW, Shop, a_buyer, open_shop

LATER = NOW + timedelta(hours=2)


async def pay(shop: Shop, checkout_id: str | None, card: Card = Card.SUCCESS) -> None:
    await shop.sandbox.pay(UUID(checkout_id or ""), card, now=NOW)


async def payment_of(shop: Shop, checkout_id: str | None) -> Payment:
    payment = await shop.sandbox.find_payment(checkout_id or "", now=NOW)
    assert payment is not None
    return payment


async def lots_of(shop: Shop) -> list[Lot]:
    async with shop.till.db.transaction() as tx:
        return list(await list_lots(tx, shop.buyer.person_id, first=0, end=10**9))


async def deliver(shop: Shop) -> None:
    async def post(body: bytes, headers: Mapping[str, str]) -> bool:
        await inbox.take_webhook(shop.till, "sandbox", headers, body, now=NOW)
        return True

    await shop.sandbox.deliver_due(post, now=LATER)


async def test_a_payment_becomes_coins_a_lot_and_five_balanced_accounts(shop: Shop):
    top_up = await shop.ask(pack="pack_600")
    await pay(shop, top_up.checkout_id)

    await deliver(shop)
    await inbox.apply_waiting(shop.till, now=NOW)

    wallet = await shop.wallet()
    (lot,) = await lots_of(shop)
    assert (wallet.coins, wallet.worth.minor) == (600, 999)
    assert (lot.id, lot.first_coin, lot.coins, lot.value_micros, lot.pack) == (top_up.id, 0, 600, 9_990_000, "pack_600")
    balances = await shop.till.ledger.balances([account.id for account in accounts_of(top_up)])
    by_code = {account.code: balances[account.id] for account in accounts_of(top_up)}
    assert by_code[AccountCode.COIN_FLOAT].credits_posted == 9_990_000
    assert by_code[AccountCode.TAX_PAYABLE].credits_posted == 820_000
    assert by_code[AccountCode.PROVIDER_FEES].debits_posted == 620_000
    assert by_code[AccountCode.PROVIDER_CLEARING].net_debits == 9_990_000 + 820_000 - 620_000


@pytest.mark.parametrize("steps", range(4))
async def test_a_crash_after_any_step_of_settling_ends_right(shop: Shop, steps: int):
    top_up = await shop.ask()
    await pay(shop, top_up.checkout_id)
    payment = await payment_of(shop, top_up.checkout_id)
    await settling.note_payment(shop.till, "sandbox", payment)
    async with shop.till.db.transaction() as tx:
        paid = await find_top_up(tx, top_up.id)
    assert paid is not None
    if steps >= 1:
        await shop.till.ledger.open_accounts(accounts_of(paid))
    lot = await settling.post_top_up(shop.till, paid) if steps >= 2 else None
    if lot is not None and steps >= 3:
        await settling.mark_settled(shop.till, lot, now=NOW)

    left = await settling.finish_pending(shop.till, now=NOW)
    again = await settling.finish_pending(shop.till, now=NOW)

    assert (left, again) == (0 if steps == 3 else 1, 0)
    assert (await settling.apply_payment(shop.till, "sandbox", payment, now=NOW)).status is Status.SETTLED
    assert (await shop.wallet()).coins == 100
    assert len(await lots_of(shop)) == 1


async def test_many_who_settle_the_same_at_once_settle_it_once(shop: Shop):
    one, other = await shop.ask(), await shop.ask(coins=7)
    for top_up in (one, other):
        await pay(shop, top_up.checkout_id)
    payments = [await payment_of(shop, top_up.checkout_id) for top_up in (one, other)] * 6

    await asyncio.gather(*(settling.apply_payment(shop.till, "sandbox", each, now=NOW) for each in payments))

    assert (await shop.wallet()).coins == 107
    assert sorted((lot.coins, lot.value_micros) for lot in await lots_of(shop)) == [(7, 500_000), (100, 1_990_000)]


ORDERS = st.lists(st.integers(0, 5), max_size=12)
CARDS = st.lists(st.sampled_from([Card.SUCCESS, Card.DECLINED, Card.PENDING, Card.TIMEOUT]), min_size=1, max_size=3)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cards=CARDS, order=ORDERS)
def test_any_order_doubling_and_loss_of_webhooks_ends_in_the_right_wallet(
    database_url: str, cards: list[Card], order: list[int]
):
    asyncio.run(any_story(database_url, cards, order))


async def any_story(database_url: str, cards: list[Card], order: list[int]) -> None:
    async with open_shop(database_url) as shop:
        await shop.sandbox.change_settings(SandboxSettings(copies=0))
        events: list[Event] = []
        asked = [await shop.ask() for _ in cards]
        for top_up, card in zip(asked, cards, strict=True):
            moved = await shop.sandbox.pay(UUID(top_up.checkout_id or ""), card, now=NOW)
            events.append(Event(provider_rules.event_id_of(moved), provider_rules.payment_of(moved, NOW)))
        await shop.sandbox.let_time_pass(now=LATER)
        for top_up, card in zip(asked, cards, strict=True):
            if card is Card.PENDING:
                moved = await shop.sandbox.get_checkout(UUID(top_up.checkout_id or ""))
                events.append(Event(provider_rules.event_id_of(moved), provider_rules.payment_of(moved, NOW)))

        # What isn't named in `order` is lost; what is named twice comes twice.
        for number in order:
            await tell(shop, events[number % len(events)])
            await inbox.apply_waiting(shop.till, now=NOW)
        await jobs.poll_pending(shop.till, now=LATER, silent_for=timedelta(seconds=30))

        paid = sum(card in (Card.SUCCESS, Card.PENDING) for card in cards)
        assert (await shop.wallet()).coins == 100 * paid
        assert len(await lots_of(shop)) == paid


async def tell(shop: Shop, event: Event) -> None:
    body = sandbox_events.write_event(event)
    async with shop.till.db.transaction() as tx:
        secret = await tx.value(bytes, "select secret from sandbox.settings")
    headers = {provider_rules.SIGNATURE: provider_rules.sign(secret, body)}
    await inbox.take_webhook(shop.till, "sandbox", headers, body, now=NOW)


@pytest.mark.parametrize("chosen", [SandboxSettings(copies=3), SandboxSettings(copies=2, newest_first=True)])
async def test_webhooks_that_come_twice_or_backwards_change_nothing(shop: Shop, chosen: SandboxSettings):
    await shop.sandbox.change_settings(chosen)
    slow, quick = await shop.ask(), await shop.ask(coins=50)
    await pay(shop, slow.checkout_id, Card.PENDING)
    await pay(shop, quick.checkout_id)
    await shop.sandbox.let_time_pass(now=NOW + timedelta(seconds=5))

    await deliver(shop)
    await inbox.apply_waiting(shop.till, now=NOW)

    assert (await shop.wallet()).coins == 150
    assert await inbox.apply_waiting(shop.till, now=NOW) == 0


async def test_a_delayed_webhook_waits_for_its_time(shop: Shop):
    await shop.sandbox.change_settings(SandboxSettings(delay_seconds=60))
    await pay(shop, (await shop.ask()).checkout_id)

    async def refuse(body: bytes, headers: Mapping[str, str]) -> bool:
        return False

    assert await shop.sandbox.deliver_due(refuse, now=NOW + timedelta(seconds=59)) == 0
    assert await shop.sandbox.deliver_due(refuse, now=NOW + timedelta(seconds=60)) == 1
    # One that wasn't taken comes again.
    await deliver(shop)
    await inbox.apply_waiting(shop.till, now=NOW)
    assert (await shop.wallet()).coins == 100


async def test_a_webhook_that_somebody_else_signed_is_not_kept(shop: Shop):
    top_up = await shop.ask()
    await pay(shop, top_up.checkout_id)
    body = sandbox_events.write_event(Event("evt", await payment_of(shop, top_up.checkout_id)))

    for headers in ({}, {provider_rules.SIGNATURE: provider_rules.sign(b"guessed", body)}):
        with pytest.raises(WebhookNotGenuine):
            await inbox.take_webhook(shop.till, "sandbox", headers, body, now=NOW)

    assert await inbox.apply_waiting(shop.till, now=NOW) == 0


async def test_a_payment_for_nothing_of_ours_is_kept_with_a_note(shop: Shop):
    top_up = await shop.ask()
    payment = await payment_of(shop, top_up.checkout_id)
    stray = Payment(
        id="pay_stray", reference=new_id(), state=payment.state, charged=payment.charged, fee=payment.fee, at=NOW
    )

    await tell(shop, Event("evt_stray", stray))
    await inbox.apply_waiting(shop.till, now=NOW)

    async with shop.till.db.transaction() as tx:
        assert await tx.value(str, "select note from coins.inbox") == NoSuchTopUp.code


async def test_a_top_up_that_the_ledger_refuses_stops_no_other_and_settles_once_it_can(shop: Shop):
    stuck, free = await shop.ask(), replace(shop.buyer, person_id=(await a_buyer(shop.till.db)).person_id)
    other = Shop(shop.till, shop.sandbox, free)
    bought = await other.ask(coins=25)
    await shop.till.ledger.open_accounts(accounts_of(stuck))
    await shop.till.ledger.close_account(fan_account(shop.buyer.person_id))
    await pay(shop, stuck.checkout_id)
    await pay(shop, bought.checkout_id)

    await deliver(shop)
    await inbox.apply_waiting(shop.till, now=NOW)
    await settling.finish_pending(shop.till, now=NOW)

    assert ((await shop.wallet()).coins, (await other.wallet()).coins) == (0, 25)
    await shop.till.ledger.reopen_account(fan_account(shop.buyer.person_id))
    await settling.finish_pending(shop.till, now=NOW)
    assert (await shop.wallet()).coins == 100


async def test_the_same_wish_at_the_same_moment_has_one_checkout(shop: Shop):
    id = new_id()

    asked = await asyncio.gather(*(shop.ask(id=id) for _ in range(5)))

    assert len({top_up.checkout_url for top_up in asked}) == 1
    with pytest.raises(IdReused):
        await shop.ask(id=id, coins=3)
    assert issubclass(IdReused, Conflict)


async def test_a_price_holds_from_its_date_and_a_region_may_have_its_own(shop: Shop):
    async with shop.till.db.transaction() as tx:
        await tx.execute(
            """
            insert into coins.packs (region, currency, channel, id, coins, price_minor, is_offered, valid_from) values
                ('', 'USD', 'web', 'pack_100', 100, 249, true, %(before)s),
                ('', 'USD', 'web', 'pack_270', 270, 1, true, %(after)s),
                ('US', 'USD', 'web', 'pack_600', 600, 888, true, '2020-01-01T00:00:00Z'),
                ('US', 'USD', 'web', 'pack_1350', 1350, 1999, false, %(before)s),
                ('GB', 'USD', 'web', 'pack_3900', 3900, 1, true, %(before)s)
            """,
            {"before": NOW, "after": NOW + timedelta(seconds=1)},
        )

    prices = {id: (await shop.ask(pack=id)).net_minor for id in ("pack_100", "pack_270", "pack_600", "pack_3900")}

    assert prices == {"pack_100": 249, "pack_270": 499, "pack_600": 888, "pack_3900": 4_999}
    with pytest.raises(Exception, match="isn't offered"):
        await shop.ask(pack="pack_1350")
