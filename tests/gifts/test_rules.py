from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from plaudit.foundation.errors import IdReused, Invalid
from plaudit.gifts import rules
from plaudit.gifts.errors import CannotGiftYourself, GiftNotAvailable, QuantityOutOfRange
from plaudit.gifts.model import Entry, Gift, Level, Sender, Sending, Shelf, Tier, Wish
from plaudit.ledger import Balances, Record, Transfer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FAN, CREATOR, LIVE, WISH = (UUID(int=number) for number in range(1, 5))
ROSE = Gift(
    id="rose",
    name="Rose",
    tier=Tier.SMALL,
    art="rose",
    price_coins=5,
    regions=None,
    least_level=1,
    offered_from=NOW - DAY,
    offered_until=None,
)
SENDER = Sender(person_id=FAN, handle="ada", name="Ada", picture_url=None, region="US", currency="USD")
LEVELS = (Level(1, 0), Level(2, 100), Level(3, 500))


def a_wish(**different: Any) -> Wish:
    return replace(Wish(id=WISH, gift="rose", quantity=2, message="Bravo"), **different)


def a_sending(wish: Wish | None = None, gift: Gift = ROSE) -> Sending:
    return rules.make_sending(wish or a_wish(), gift, SENDER, creator_id=CREATOR, live_id=LIVE, now=NOW)


def a_shelf(*gifts: Gift) -> Shelf:
    return Shelf({gift.id: Entry(((gift.offered_from, gift),)) for gift in gifts}, LEVELS)


def test_a_message_loses_its_margins_and_an_empty_one_is_none():
    assert rules.take_wish(a_wish(message="  Bravo \n")).message == "Bravo"
    assert rules.take_wish(a_wish(message=" \n ")).message is None
    assert rules.take_wish(a_wish(message="")).message is None


def test_a_message_may_hold_markup_and_joined_emoji_and_stays_as_it_is():
    wish = a_wish(message="<b>\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}</b>")

    assert rules.take_wish(wish) is wish
    assert rules.take_wish(a_wish(message=None)).message is None


@pytest.mark.parametrize("message", ["x" * 201, "a\nb", "a\0b", "a\x85b", "a\x7fb", "\ud800"])
def test_a_message_that_is_too_long_or_controls_something_is_refused(message: str):
    with pytest.raises(Invalid) as refused:
        rules.take_wish(a_wish(message=message))

    assert refused.value.field == "message"


def test_the_newest_price_at_or_before_now_counts():
    dearer, past = replace(ROSE, price_coins=7), replace(ROSE, price_coins=3)
    entry = Entry(((NOW + DAY, dearer), (NOW, ROSE), (NOW - DAY, past)))

    assert rules.at_price(entry, NOW - DAY) is past
    assert rules.at_price(entry, NOW) is ROSE
    assert rules.at_price(entry, NOW + DAY) is dearer
    assert rules.at_price(entry, NOW - 2 * DAY) is None
    assert entry.newest is dearer


@pytest.mark.parametrize(
    ("gift", "is_there"),
    [
        (ROSE, True),
        (replace(ROSE, offered_from=NOW), True),
        (replace(ROSE, offered_from=NOW + DAY), False),
        (replace(ROSE, offered_until=NOW), False),
        (replace(ROSE, offered_until=NOW + DAY), True),
        (replace(ROSE, regions=frozenset({"US"})), True),
        (replace(ROSE, regions=frozenset({"DE", "FR"})), False),
        (replace(ROSE, id="lily"), False),
    ],
)
def test_a_gift_is_there_in_its_regions_and_days(gift: Gift, is_there: bool):
    shelf = Shelf({gift.id: Entry(((NOW - DAY, gift),))}, LEVELS)

    if is_there:
        assert rules.get_gift(shelf, "rose", "US", NOW) is gift
    else:
        with pytest.raises(GiftNotAvailable):
            rules.get_gift(shelf, "rose", "US", NOW)
    assert rules.list_gifts(shelf, "US", 1, NOW) == ([gift] if is_there or gift.id == "lily" else [])


def test_a_gift_without_a_price_yet_is_not_there():
    shelf = Shelf({"rose": Entry(((NOW + DAY, ROSE),))}, LEVELS)

    with pytest.raises(GiftNotAvailable):
        rules.get_gift(shelf, "rose", "US", NOW)
    assert rules.list_gifts(shelf, "US", 1, NOW) == []


def test_the_list_holds_what_a_fans_level_reaches_in_the_catalogues_order():
    crown, lily = replace(ROSE, id="crown", least_level=3), replace(ROSE, id="lily", least_level=2)

    assert rules.list_gifts(a_shelf(crown, ROSE, lily), "US", 2, NOW) == [ROSE, lily]


@pytest.mark.parametrize(("spent", "level"), [(0, 1), (99, 1), (100, 2), (499, 2), (500, 3), (10**9, 3)])
def test_a_level_is_reached_by_what_was_spent(spent: int, level: int):
    assert rules.level_of(LEVELS, spent) == level
    assert rules.level_of((), spent) == 1


def test_a_gift_of_a_higher_level_says_which():
    rules.require_level(ROSE, 1)
    with pytest.raises(GiftNotAvailable, match="from level 3 on; yours is 2"):
        rules.require_level(replace(ROSE, least_level=3), 2)


@pytest.mark.parametrize(
    ("tier", "quantity", "is_right"),
    [
        (Tier.SMALL, 1, True),
        (Tier.SMALL, 999, True),
        (Tier.MEDIUM, 999, True),
        (Tier.LARGE, 10, True),
        (Tier.SMALL, 0, False),
        (Tier.SMALL, -1, False),
        (Tier.SMALL, 1_000, False),
        (Tier.LARGE, 11, False),
    ],
)
def test_a_quantity_is_from_1_to_999_and_of_large_gifts_to_10(tier: Tier, quantity: int, is_right: bool):
    gift = replace(ROSE, tier=tier)

    if is_right:
        assert a_sending(a_wish(quantity=quantity), gift).coins == 5 * quantity
    else:
        with pytest.raises(QuantityOutOfRange) as refused:
            a_sending(a_wish(quantity=quantity), gift)
        assert refused.value.field == "quantity"


def test_nobody_gives_to_themselves():
    with pytest.raises(CannotGiftYourself):
        rules.make_sending(a_wish(), ROSE, SENDER, creator_id=FAN, live_id=None, now=NOW)


def test_the_same_again_is_the_same_whatever_it_costs_by_now():
    rules.require_same(a_sending(), a_wish(), FAN, CREATOR, LIVE)
    rules.require_same(a_sending(gift=replace(ROSE, price_coins=9)), a_wish(), FAN, CREATOR, LIVE)


@pytest.mark.parametrize(
    ("wish", "who", "field"),
    [
        (a_wish(), (UUID(int=9), CREATOR, LIVE), "id"),
        (a_wish(gift="lily"), (UUID(int=9), CREATOR, LIVE), "id"),
        (a_wish(), (FAN, CREATOR, UUID(int=9)), "live_id"),
        (a_wish(), (FAN, CREATOR, None), "live_id"),
        (a_wish(), (FAN, UUID(int=9), LIVE), "to"),
        (a_wish(gift="lily"), (FAN, CREATOR, LIVE), "gift"),
        (a_wish(quantity=3), (FAN, CREATOR, LIVE), "quantity"),
        (a_wish(combo_id=UUID(int=9)), (FAN, CREATOR, LIVE), "combo_id"),
        (a_wish(message=None), (FAN, CREATOR, LIVE), "message"),
        (a_wish(is_anonymous=True), (FAN, CREATOR, LIVE), "visibility"),
    ],
)
def test_an_id_that_was_used_for_something_else_is_refused_by_its_field(
    wish: Wish, who: tuple[UUID, UUID, UUID | None], field: str
):
    assert rules.difference(a_sending(), wish, *who) == field
    with pytest.raises(IdReused) as refused:
        rules.require_same(a_sending(), wish, *who)

    assert refused.value.field == field
    assert "9" not in refused.value.detail


def test_an_intent_holds_its_price_for_ten_minutes():
    assert rules.holds_price(a_sending(), NOW + timedelta(minutes=10))
    assert not rules.holds_price(a_sending(), NOW + timedelta(minutes=10, seconds=1))


def test_what_was_sent_tells_the_price_paid_and_the_wallet_before_and_after():
    transfer = Transfer(UUID(int=7), UUID(int=8), UUID(int=9), 10, 2)
    record = Record(41, NOW, transfer, Balances(110, 5, 200, 0), Balances(0, 0, 10, 0))

    sent = rules.make_sent(a_sending(), replace(ROSE, price_coins=9), record)

    assert (sent.timestamp, sent.at, sent.wallet_coins, sent.spent_before) == (41, NOW, 85, 105)
    assert sent.gift == ROSE
    assert rules.make_sent(a_sending(), ROSE, record).gift is ROSE
