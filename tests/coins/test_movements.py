"""What the wallet tells of holds, beside what simply came and went."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from plaudit.coins import Movement, MovementKind, inbox, wallet
from plaudit.coins.chains import fan_account
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import COIN
from plaudit.ledger import Posted, Transfer
from plaudit.ledger.chart import AccountCode, account_id
from plaudit.ledger.model import make_hold, make_post, make_void
from tests.coins.conftest import NOW, Shop
from tests.coins.test_settling import deliver, pay

ISSUED = account_id(AccountCode.COINS_ISSUED, COIN)
A_CODE = 77
WHY = UUID(int=7)


async def settle(shop: Shop, coins: int) -> None:
    asked = await shop.ask(coins=coins)
    await pay(shop, asked.checkout_id)
    await deliver(shop)
    await inbox.apply_waiting(shop.till, now=NOW)


async def hold(shop: Shop, coins: int) -> UUID:
    """Some of the fan's coins are held for the house."""
    fan = fan_account(shop.buyer.person_id)
    held = make_hold(Transfer(new_id(), fan, ISSUED, coins, A_CODE, ref_128=WHY))
    assert isinstance(await shop.till.ledger.post([held]), Posted)
    return held.id


async def movements(shop: Shop) -> Sequence[Movement]:
    return await wallet.list_movements(shop.till, shop.buyer, after=None, limit=10, now=NOW)


async def test_coins_on_hold_are_told_as_such_and_can_not_be_spent(shop: Shop):
    await settle(shop, coins=100)

    await hold(shop, 30)

    held = (await movements(shop))[0]
    assert (held.kind, held.coins, held.coins_after) == (MovementKind.HOLD, -30, 70)
    assert (held.reason, held.reference) == ("On hold: 30 coins.", WHY)
    assert held.worth is not None
    assert held.worth.minor == 59


async def test_a_hold_that_is_posted_in_part_brings_the_rest_back(shop: Shop):
    await settle(shop, coins=100)
    hold_id = await hold(shop, 30)

    await shop.till.ledger.post([make_post(new_id(), hold_id, amount=20)])

    posted = (await movements(shop))[0]
    assert (posted.kind, posted.coins, posted.coins_after) == (MovementKind.HOLD_POSTED, 10, 80)
    assert (posted.reason, posted.reference) == ("Spent, of what was on hold: 20 coins.", WHY)


async def test_a_hold_that_ends_brings_everything_back(shop: Shop):
    await settle(shop, coins=100)
    hold_id = await hold(shop, 1)

    await shop.till.ledger.post([make_void(new_id(), hold_id)])

    ended = (await movements(shop))[0]
    assert (ended.kind, ended.coins, ended.coins_after) == (MovementKind.HOLD_ENDED, 1, 100)
    assert ended.reason == "No longer on hold: 1 coin."


@pytest.mark.parametrize("posted", [None, 0, 12, 30])
async def test_what_can_be_spent_is_always_the_sum_of_the_movements(shop: Shop, posted: int | None):
    await settle(shop, coins=100)
    hold_id = await hold(shop, 30)
    if posted is not None:
        ending = make_post(new_id(), hold_id, amount=posted) if posted else make_void(new_id(), hold_id)
        await shop.till.ledger.post([ending])

    found = await movements(shop)

    sums = [sum(each.coins for each in found[index:]) for index in range(len(found))]
    assert sums == [each.coins_after for each in found]
    assert found[0].coins_after == (await shop.wallet()).coins
