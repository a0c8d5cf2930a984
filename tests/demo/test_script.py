import string
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from plaudit.demo import words
from plaudit.demo.cast import CREATORS, FAN, FANS, LOGINS, OPERATOR, make_fans
from plaudit.demo.generosity import choose_pack
from plaudit.demo.script import PAST, Shop, Size, write_script
from plaudit.people import rules
from plaudit.people.rules import age_on
from plaudit.rooms import talk_rules

SHOP = Shop(
    packs=[("pack_100", 100), ("pack_600", 600), ("pack_12500", 12_500)],
    prices={"rose": 1, "rosa": 10, "confetti": 100, "galaxy": 1_000, "lion": 29_999},
)


def test_the_same_people_live_there_every_time():
    assert make_fans() == make_fans()
    assert make_fans(30) == make_fans()[:30]


def test_two_hundred_fans_are_two_hundred_different_adults_with_right_names():
    fans = make_fans()

    assert len({fan.id for fan in fans}) == len({fan.handle for fan in fans}) == FANS == 200
    for member in (*fans, FAN, OPERATOR, *(creator.member for creator in CREATORS)):
        assert rules.take_handle(member.handle) == member.handle
        assert rules.take_display_name(member.name) == member.name
        assert rules.take_region(member.region) == member.region
        assert age_on(date(2026, 1, 1), member.born_on) >= 21
    assert {"US", "DE", "GB", "FR", "JP"} <= {fan.region for fan in fans}


def test_the_logins_are_such_as_people_may_choose():
    for login in LOGINS.values():
        assert rules.take_email(login.email) == login.email
        rules.take_password(login.password, email=login.email, handle="somebody")


def test_the_same_past_is_written_every_time():
    assert write_script(SHOP, Size()) == write_script(SHOP, Size())


def test_nobody_gives_what_they_have_not_bought():
    wallets: Counter[str] = Counter()

    for chapter in write_script(SHOP, Size()):
        for moment in chapter.moments:
            for purchase in moment.purchases:
                wallets[purchase.fan.handle] += purchase.coins
            for tap in (tap for taps in moment.series for tap in taps):
                wallets[tap.fan.handle] -= tap.price_coins
                assert tap.price_coins == SHOP.prices[tap.gift]
            assert min(wallets.values()) >= 0


def test_every_fan_has_a_past():
    chapters = write_script(SHOP, Size())

    givers = {taps[0].fan.handle for chapter in chapters for moment in chapter.moments for taps in moment.series}

    assert givers == {FAN.handle, *(fan.handle for fan in make_fans())}


def test_lives_of_the_past_follow_each_other_and_end_before_the_present():
    chapters = write_script(SHOP, Size())

    for chapter, following in pairwise(chapters):
        assert chapter.begins < chapter.moments[0].at < chapter.moments[-1].at < chapter.ends < following.begins
    assert chapters[-1].ends < PAST
    assert Counter(chapter.creator.member.handle for chapter in chapters) == {
        creator.member.handle: 3 for creator in CREATORS
    }


def test_everything_that_is_said_may_be_said():
    voices = [line for each in words.VOICES.values() for line in (*each.idle, *each.pleased, *each.thanks)]
    said = [
        *voices,
        *words.HELLOS,
        *words.SMALL_TALK,
        *words.IN_AWE,
        *words.RIVALS,
        *words.WITH_A_GIFT,
        *words.LETTERS,
        *words.ANSWERS,
    ]

    for line in said:
        spoken = line.format(name="Robin", gift="Diamond Ring", creator="Aurora")
        assert talk_rules.take_line(spoken) == spoken
        assert {field for _, field, _, _ in string.Formatter().parse(line) if field} <= {"name", "gift", "creator"}


@pytest.mark.parametrize(
    ("purse", "missing_coins", "pack"),
    [(0, 1, "pack_600"), (1, 700, "pack_12500"), (2, 700, "pack_12500"), (2, 12_501, None)],
)
def test_people_buy_what_suits_their_purse_and_is_enough(purse: int, missing_coins: int, pack: str | None):
    assert choose_pack(SHOP.packs, purse=purse, missing_coins=missing_coins) == pack
