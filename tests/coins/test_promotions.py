"""Coins that operators give for nothing."""

from collections.abc import Callable
from uuid import UUID

import pytest

from plaudit.coins import MovementKind, promotions, wallet
from plaudit.coins.promotions import GrantWish
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.people.errors import NoSuchPerson
from plaudit.people.queries import get_person
from tests.coins.conftest import NOW, Shop, a_buyer

Change = Callable[[GrantWish], GrantWish]


async def a_wish(
    shop: Shop, coins: int = 50, *, id: UUID | None = None, reason: str = "Sorry for the trouble."
) -> GrantWish:
    async with shop.till.db.transaction() as tx:
        handle = (await get_person(tx, shop.buyer.person_id)).handle
    return GrantWish(id=id or new_id(), handle=handle, coins=coins, reason=reason)


async def test_granted_coins_are_in_the_wallet_once_and_worth_nothing(shop: Shop):
    wish, operator = await a_wish(shop), (await a_buyer(shop.till.db)).person_id

    first = await promotions.grant(shop.till, operator, wish, now=NOW)
    again = await promotions.grant(shop.till, operator, wish, now=NOW)

    found = await shop.wallet()
    assert (found.coins, found.worth.minor) == (50, 0)
    assert first == again
    assert (first.posted_at, first.currency) == (NOW, "USD")
    (movement,) = await wallet.list_movements(shop.till, shop.buyer, after=None, limit=10, now=NOW)
    assert (movement.kind, movement.coins, movement.reason) == (MovementKind.PROMOTION, 50, "You were given 50 coins.")


async def test_a_grant_that_was_cut_off_is_finished_by_the_next_round(shop: Shop):
    operator = (await a_buyer(shop.till.db)).person_id
    grant = await promotions.note_grant(shop.till, operator, await a_wish(shop), now=NOW)
    await shop.till.ledger.open_accounts(promotions.accounts_of(grant))
    await shop.till.ledger.post([promotions.make_transfer(grant)])

    finished = await promotions.finish_pending(shop.till, now=NOW), await promotions.finish_pending(shop.till, now=NOW)

    assert finished == (1, 0)
    assert (await shop.wallet()).coins == 50


async def test_the_same_id_for_another_grant_is_refused(shop: Shop):
    operator, wish = (await a_buyer(shop.till.db)).person_id, await a_wish(shop)
    await promotions.grant(shop.till, operator, wish, now=NOW)

    for other in (await a_wish(shop, 51, id=wish.id), await a_wish(shop, id=wish.id, reason="Another.")):
        with pytest.raises(IdReused):
            await promotions.grant(shop.till, operator, other, now=NOW)

    assert (await shop.wallet()).coins == 50


@pytest.mark.parametrize(
    ("coins", "reason", "field"), [(0, "Why", "coins"), (10_000_001, "Why", "coins"), (1, " ", "reason")]
)
async def test_a_grant_has_coins_and_a_reason(shop: Shop, coins: int, reason: str, field: str):
    operator = (await a_buyer(shop.till.db)).person_id

    with pytest.raises(Invalid) as refusal:
        await promotions.grant(shop.till, operator, await a_wish(shop, coins, reason=reason), now=NOW)

    assert refusal.value.field == field


async def test_nobody_of_that_name_is_given_anything(shop: Shop):
    with pytest.raises(NoSuchPerson):
        await promotions.grant(
            shop.till, new_id(), GrantWish(id=new_id(), handle="nobody_at_all", coins=1, reason="Why"), now=NOW
        )


async def test_operators_see_what_somebody_was_given(shop: Shop):
    operator, wish = (await a_buyer(shop.till.db)).person_id, await a_wish(shop)
    await promotions.grant(shop.till, operator, wish, now=NOW)

    found = await promotions.list_grants(shop.till, operator, wish.handle, now=NOW)

    assert [(grant.id, grant.coins, grant.reason) for grant in found] == [(wish.id, 50, "Sorry for the trouble.")]
