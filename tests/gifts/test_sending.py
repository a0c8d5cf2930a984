import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from plaudit.foundation.errors import IdReused, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.gifts import Sent, Tier, operating, sending
from plaudit.gifts.chains import creator_account, fan_account, transfer_id
from plaudit.gifts.errors import (
    AccountClosed,
    CannotAfford,
    CannotGiftYourself,
    GiftNotAvailable,
    NoSuchSending,
    SendingRefused,
)
from plaudit.gifts.operating import NewGift
from plaudit.ledger import Posted, Transfer
from plaudit.ledger.chart import TransferCode
from tests.gifts.conftest import NOW, Stage, a_wish, open_stage

A_DAY = timedelta(days=1)


async def a_gift(stage: Stage, id: str = "lily", *, price_coins: int = 10, least_level: int = 1) -> None:
    wish = NewGift(id=id, name="Lily", tier=Tier.SMALL, price_coins=price_coins, least_level=least_level)
    await operating.add_gift(stage.gifting, await stage.operator(), wish, now=stage.clock.now())


async def test_a_gift_moves_its_coins_to_the_creator_and_tells_what_is_left(stage: Stage):
    fan = await stage.fan(coins=100)

    first = await stage.send(fan, a_wish("rose", quantity=30))
    second = await stage.send(fan, a_wish("finger_heart"))

    assert (first.sending.coins, first.wallet_coins, first.spent_before) == (30, 70, 0)
    assert (second.sending.coins, second.wallet_coins, second.spent_before) == (5, 65, 30)
    assert (second.gift.name, second.gift.tier) == ("Finger Heart", Tier.SMALL)
    received = (await stage.ledger.balances([creator_account(stage.creator)]))[creator_account(stage.creator)]
    assert received.spendable == 35


async def test_the_catalogue_begins_with_all_its_gifts_in_their_tiers(stage: Stage):
    entries = await operating.list_entries(stage.gifting)

    gifts = [entry.newest for entry in entries]
    assert len(gifts) >= 28
    assert (gifts[0].id, gifts[-1].id) == ("rose", "universe")
    assert {gift.id for gift in gifts} >= {"finger_heart", "private_jet", "ice_cream", "diamond_ring"}
    for gift in gifts:
        expected = Tier.SMALL if gift.price_coins < 100 else Tier.MEDIUM if gift.price_coins < 1_000 else Tier.LARGE
        assert (gift.tier, gift.art) == (expected, gift.id)


async def test_the_same_id_again_gives_the_same_answer_once(stage: Stage):
    fan = await stage.fan(coins=100)
    wish = a_wish("rosa", message="Bravo", combo_id=new_id(), is_anonymous=True)

    first = await stage.send(fan, wish)
    await stage.send(fan, a_wish())
    again = await stage.send(fan, wish)

    assert again == first
    assert await stage.coins_of(fan) == 89


async def test_the_same_id_many_times_at_once_is_one_gift(stage: Stage):
    fan = await stage.fan(coins=100)
    wish = a_wish("rosa")

    answers = await asyncio.gather(*(stage.send(fan, wish) for _ in range(20)))

    assert all(answer == answers[0] for answer in answers)
    assert (await stage.coins_of(fan), await stage.transfers()) == (90, 1)


async def test_an_id_that_somebody_else_used_is_refused_and_costs_nothing(stage: Stage):
    fan, other = await stage.fan(coins=100), await stage.fan(coins=100)
    wish = a_wish("rosa")
    await stage.send(fan, wish)

    with pytest.raises(IdReused) as refused:
        await stage.send(other, wish)

    assert refused.value.field == "id"
    assert await stage.coins_of(other) == 100


async def test_an_id_with_other_content_is_refused_by_the_field_also_within_one_batch(stage: Stage):
    fan = await stage.fan(coins=100)
    id = new_id()

    answers = await asyncio.gather(
        stage.send(fan, a_wish("rosa", id=id)),
        stage.send(fan, a_wish("rosa", id=id, quantity=2)),
        return_exceptions=True,
    )

    assert isinstance(answers[0], Sent)
    assert isinstance(answers[1], IdReused)
    assert answers[1].field == "quantity"
    assert await stage.coins_of(fan) == 90


@pytest.mark.parametrize(
    ("coins", "gift", "missing", "top_up"),
    [
        (40, "confetti", 60, (None, 60, 120)),
        (0, "confetti", 100, ("pack_100", 100, 199)),
        (1, "corgi", 298, (None, 298, 551)),
        (149, "swan", 550, ("pack_600", 600, 999)),
        (0, "universe", 44_999, (None, 44_999, 35_996)),
    ],
)
async def test_too_few_coins_say_what_is_missing_and_the_cheapest_top_up_that_helps(
    stage: Stage, coins: int, gift: str, missing: int, top_up: tuple[str | None, int, int]
):
    fan = await stage.fan(coins=coins)

    with pytest.raises(CannotAfford) as refused:
        await stage.send(fan, a_wish(gift))

    members: dict[str, Any] = dict(refused.value.members)
    named = members["top_up"]
    assert members["missing_coins"] == missing
    assert (named["pack"], named["coins"], named["price"]["amount_minor"]) == top_up
    assert named["total"]["amount_minor"] == named["price"]["amount_minor"] + named["tax"]["amount_minor"]
    assert (await stage.coins_of(fan), await stage.transfers()) == (coins, 0)


async def test_more_than_any_one_top_up_brings_has_no_top_up_that_helps(stage: Stage):
    fan = await stage.fan(coins=0)

    with pytest.raises(CannotAfford) as refused:
        await stage.send(fan, a_wish("universe", quantity=10))

    assert refused.value.members == {"missing_coins": 449_990, "top_up": None}


async def test_where_nothing_is_sold_no_top_up_is_named(stage: Stage):
    fan = await stage.fan(coins=0)
    async with stage.gifting.db.transaction() as tx:
        await tx.execute("delete from coins.packs")

    with pytest.raises(CannotAfford, match="1 coin is missing") as refused:
        await stage.send(fan, a_wish())

    assert refused.value.members["top_up"] is None


async def test_who_could_not_afford_it_may_try_the_same_id_after_a_top_up(stage: Stage):
    fan = await stage.fan(coins=40)
    wish = a_wish("confetti")
    with pytest.raises(CannotAfford):
        await stage.send(fan, wish)

    await top_up(stage, fan.person_id, 100)
    sent = await stage.send(fan, wish)

    assert sent.wallet_coins == 40


async def top_up(stage: Stage, person_id: UUID, coins: int) -> None:
    (issued,) = [a.id for a, _ in await stage.ledger.list_accounts() if a.code == 100]
    funding = Transfer(new_id(), issued, fan_account(person_id), coins, TransferCode.TOP_UP)
    assert isinstance(await stage.ledger.post((funding,)), Posted)


async def test_200_fans_of_one_wallet_race_for_its_last_coins_and_only_so_many_win(stage: Stage):
    fan = await stage.fan(coins=73)

    answers = await asyncio.gather(*(stage.send(fan, a_wish("rosa")) for _ in range(200)), return_exceptions=True)

    won = [answer for answer in answers if isinstance(answer, Sent)]
    lost = [answer for answer in answers if isinstance(answer, CannotAfford)]
    assert (len(won), len(lost)) == (7, 193)
    assert sorted(answer.wallet_coins for answer in won) == [3, 13, 23, 33, 43, 53, 63]
    assert all(answer.members["missing_coins"] == 7 for answer in lost)
    assert (await stage.coins_of(fan), await stage.transfers()) == (3, 7)


async def test_a_price_changes_at_its_instant_without_anyone_reading_it_again(stage: Stage):
    fan = await stage.fan(coins=100)
    await a_gift(stage, price_coins=10)
    await operating.set_price(stage.gifting, await stage.operator(), "lily", 25, valid_from=NOW + A_DAY, now=NOW)

    before = await stage.send(fan, a_wish("lily"))
    stage.clock.move(A_DAY)
    after = await stage.send(fan, a_wish("lily"))

    assert (before.sending.coins, after.sending.coins, after.gift.price_coins) == (10, 25, 25)


async def test_what_was_sent_keeps_its_price_and_its_answer_when_the_price_has_changed(stage: Stage):
    fan = await stage.fan(coins=100)
    await a_gift(stage, price_coins=10)
    wish = a_wish("lily")
    first = await stage.send(fan, wish)

    stage.clock.move(A_DAY)
    await operating.set_price(stage.gifting, await stage.operator(), "lily", 25, valid_from=None, now=stage.clock.now())
    again = await stage.send(fan, wish)

    assert again == first
    assert again.gift.price_coins == 10


async def test_an_intent_holds_its_price_for_minutes_and_not_for_days(stage: Stage):
    fan = await stage.fan(coins=1)
    await a_gift(stage, price_coins=10)
    fresh, stale = a_wish("lily"), a_wish("lily")
    for wish in (fresh, stale):
        with pytest.raises(CannotAfford):
            await stage.send(fan, wish)
    await operating.set_price(
        stage.gifting, await stage.operator(), "lily", 25, valid_from=NOW + timedelta(minutes=1), now=NOW
    )
    await top_up(stage, fan.person_id, 100)

    stage.clock.move(timedelta(minutes=5))
    sent = await stage.send(fan, fresh)
    stage.clock.move(A_DAY)
    with pytest.raises(GiftNotAvailable, match="another id"):
        await stage.send(fan, stale)

    assert sent.sending.coins == 10
    assert await stage.coins_of(fan) == 91


async def test_a_retired_gift_is_given_no_more_and_what_was_given_stays(stage: Stage):
    fan = await stage.fan(coins=100)
    await a_gift(stage)
    wish = a_wish("lily")
    first = await stage.send(fan, wish)

    await operating.retire_gift(stage.gifting, await stage.operator(), "lily", now=NOW)
    with pytest.raises(GiftNotAvailable):
        await stage.send(fan, a_wish("lily"))
    again = await stage.send(fan, wish)
    stage.clock.move(A_DAY)
    much_later = await stage.send(fan, wish)

    answers = [(sent.sending, sent.timestamp, sent.wallet_coins) for sent in (first, again, much_later)]
    assert answers == answers[:1] * 3
    with pytest.raises(GiftNotAvailable):
        await stage.send(fan, a_wish("lily", id=wish.id, quantity=2))


async def test_what_was_never_paid_for_is_not_sent_days_after_it_was_retired(stage: Stage):
    fan = await stage.fan(coins=1)
    await a_gift(stage)
    wish = a_wish("lily")
    with pytest.raises(CannotAfford):
        await stage.send(fan, wish)
    await operating.retire_gift(stage.gifting, await stage.operator(), "lily", now=NOW)
    await top_up(stage, fan.person_id, 100)

    stage.clock.move(A_DAY)

    with pytest.raises(GiftNotAvailable):
        await stage.send(fan, wish)


@pytest.mark.parametrize("gift", ["no_such_gift", "", "Rose"])
async def test_a_gift_that_is_not_in_the_catalogue_is_refused(stage: Stage, gift: str):
    fan = await stage.fan(coins=100)

    with pytest.raises(GiftNotAvailable) as refused:
        await stage.send(fan, a_wish(gift))

    assert refused.value.field == "gift"


async def test_a_gift_of_a_level_is_for_who_has_spent_enough(stage: Stage):
    fan = await stage.fan(coins=1_000)
    await a_gift(stage, least_level=2)

    with pytest.raises(GiftNotAvailable, match="from level 2 on; yours is 1"):
        await stage.send(fan, a_wish("lily"))
    await stage.send(fan, a_wish("confetti"))
    sent = await stage.send(fan, a_wish("lily"))

    assert sent.spent_before == 100
    assert await sending.get_spent(stage.gifting, fan.person_id) == 110


async def test_a_gift_for_other_regions_is_refused(stage: Stage):
    fan = await stage.fan(coins=100, region="JP")
    wish = NewGift(id="maple", name="Maple", tier=Tier.SMALL, price_coins=5, regions=("CA", "us"))
    await operating.add_gift(stage.gifting, await stage.operator(), wish, now=NOW)

    with pytest.raises(GiftNotAvailable):
        await stage.send(fan, a_wish("maple"))
    await stage.send(await stage.fan(coins=5, region="US"), a_wish("maple"))


async def test_nobody_gives_to_themselves(stage: Stage):
    fan = await stage.fan(coins=100)

    with pytest.raises(CannotGiftYourself):
        await stage.send(fan, a_wish(), creator=fan.person_id, direct=True)


async def test_a_closed_wallet_gives_nothing(stage: Stage):
    fan = await stage.fan(coins=100)
    await stage.ledger.close_account(fan_account(fan.person_id))

    with pytest.raises(AccountClosed):
        await stage.send(fan, a_wish())


async def test_what_the_ledger_refuses_for_any_other_reason_is_our_own_mistake(stage: Stage):
    fan, other = await stage.fan(coins=100), await stage.fan(coins=100)
    wish = a_wish()
    wrong = Transfer(transfer_id(wish.id), fan_account(fan.person_id), fan_account(other.person_id), 1, 2)
    assert isinstance(await stage.ledger.post((wrong,)), Posted)

    with pytest.raises(SendingRefused, match="exists_with_different"):
        await stage.send(fan, wish)


async def test_a_gift_is_found_by_its_sender_and_receiver_and_nobody_else(stage: Stage):
    fan = await stage.fan(coins=100)
    sent = await stage.send(fan, a_wish("rosa", message="<i>Bravo</i>"), direct=True)
    id = sent.sending.id

    for of in (fan.person_id, stage.creator, None):
        assert await sending.get_sent(stage.gifting, id, of=of) == sent
    with pytest.raises(NoSuchSending):
        await sending.get_sent(stage.gifting, id, of=new_id())
    with pytest.raises(NoSuchSending):
        await sending.get_sent(stage.gifting, new_id(), of=None)


async def test_the_feed_is_read_as_gifts_in_its_order_without_what_is_none(stage: Stage):
    fan = await stage.fan(coins=100)
    sent = [await stage.send(fan, a_wish(gift)) for gift in ("rose", "rosa", "perfume")]

    records = await stage.ledger.list_transfers()

    assert await sending.list_sent(stage.gifting, records) == sent


async def test_an_intent_alone_is_no_gift(stage: Stage):
    fan = await stage.fan(coins=0)
    wish = a_wish()
    with pytest.raises(CannotAfford):
        await stage.send(fan, wish)

    assert await sending.find_sent(stage.gifting, wish.id) is None


async def test_callers_who_leave_take_nobody_along_and_lose_no_coin(stage: Stage):
    fan = await stage.fan(coins=1_000)
    wishes = [a_wish("rosa") for _ in range(60)]

    tasks = [asyncio.create_task(stage.send(fan, wish)) for wish in wishes]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    again = await asyncio.gather(*(stage.send(fan, wish) for wish in wishes))

    assert all(isinstance(answer, Sent) for answer in answers[1::2])
    assert [answer.sending.id for answer in again] == [wish.id for wish in wishes]
    assert (await stage.coins_of(fan), await stage.transfers()) == (400, 60)


async def test_what_another_process_changed_is_known_within_seconds(database_url: str):
    async with open_stage(database_url) as here, open_stage(database_url) as there:
        fan = await here.fan(coins=100)
        await here.send(fan, a_wish())
        await a_gift(there)

        with pytest.raises(PlauditError):
            await here.send(fan, a_wish("lily"))
        await here.gifting.catalogue.refresh()
        sent = await here.send(fan, a_wish("lily"))
        (found,) = await sending.list_sent(
            there.gifting, [r for r in await there.ledger.list_transfers() if r.timestamp == sent.timestamp]
        )

    assert found == sent


async def test_a_gift_that_another_process_added_is_read_when_it_was_sent(database_url: str):
    async with open_stage(database_url) as here, open_stage(database_url) as there:
        await here.gifting.catalogue.get_shelf()
        await a_gift(there)
        sent = await there.send(await there.fan(coins=100), a_wish("lily"))

        found = await sending.find_sent(here.gifting, sent.sending.id)

    assert found == sent
