"""The world's past is written: once for a database, before its servers answer; after a kill it goes on where it was."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from plaudit.coins import Status, packs
from plaudit.coins import top_up_queries as coin_queries
from plaudit.demo import settling, words
from plaudit.demo.cast import AURORA, CREATORS, FAN, MIKA, NAME_SPACE, Member, make_fans
from plaudit.demo.house import House, buyer_of, open_house, visitor_of
from plaudit.demo.playing import buy, give, is_played, play_chapter
from plaudit.demo.script import PAST, Chapter, Purchase, Shop, Size, Tap, write_script
from plaudit.foundation.database import Database
from plaudit.foundation.ids import derive_id
from plaudit.gifts import rules as gift_rules
from plaudit.people import Hasher
from plaudit.providers import SandboxSettings
from plaudit.rooms import messages
from plaudit.rooms.message_model import MessageWish

Tell = Callable[[str], None]

# The last thing that is written: coins for whoever plays the fan, so that the first Rose needs no card.
_WELCOME = derive_id(NAME_SPACE, "welcome")
_WELCOME_PACK, _WELCOME_COINS = "pack_3900", 3_900
_EVENING_BEFORE = PAST - timedelta(hours=5)


async def seed(db: Database, hasher: Hasher, *, now: datetime, tell: Tell, size: Size | None = None) -> None:
    """Write what isn't written yet; `tell` hears how far it is. Raises WorldTaken when this is another's database."""
    size = size or Size()
    begun_at = await settling.find_beginning(db) or now - PAST
    if not await _is_written(db):
        tell(f"Inventing a past: {size.fans} fans, {len(CREATORS)} creators, {PAST.days} days.")
        await settling.settle_people(db, begun_at, fans=size.fans)
        async with open_house(db, begun_at) as house:
            await _write(house, size, tell)
    await settling.keep_logins(db, hasher, now=now)


async def _is_written(db: Database) -> bool:
    async with db.transaction() as tx:
        top_up = await coin_queries.find_top_up(tx, _WELCOME)
    return top_up is not None and top_up.status is Status.SETTLED


async def _write(house: House, size: Size, tell: Tell) -> None:
    # Payments are asked for here: webhooks would all arrive when the web server starts.
    await house.sandbox.change_settings(SandboxSettings(copies=0))
    await settling.let_fans_follow(house, fans=size.fans)
    await settling.let_creators_receive(house)
    await _play(house, write_script(await _look_around(house), size), tell)
    await _write_letters(house, make_fans(size.fans))
    await house.sandbox.change_settings(SandboxSettings())
    await buy(house, Purchase(id=_WELCOME, fan=FAN, pack=_WELCOME_PACK, coins=_WELCOME_COINS))


async def _look_around(house: House) -> Shop:
    offer = await packs.get_offer(house.db, buyer_of(FAN), now=house.now)
    shelf = await house.rooms.gifting.catalogue.get_shelf()
    offered = gift_rules.list_gifts(shelf, FAN.region, 1, house.now)
    everywhere = {gift.id: gift.price_coins for gift in offered if gift.regions is None}
    return Shop(packs=[(pack.id, pack.coins) for pack in offer.packs], prices=everywhere)


async def _play(house: House, chapters: Sequence[Chapter], tell: Tell) -> None:
    for number, chapter in enumerate(chapters, 1):
        if not await is_played(house, chapter):
            await play_chapter(house, chapter)
        tell(f"  {number} of {len(chapters)}: {chapter.creator.member.name}, “{chapter.title}”")


async def _write_letters(house: House, fans: Sequence[Member]) -> None:
    """What people wrote to the two creators whom visitors look at first, and a rose in a letter."""
    house.move_to(_EVENING_BEFORE)
    for number, text in enumerate(words.LETTERS):
        house.clock.move(timedelta(minutes=7))
        await _send(house, f"letter {number}", fans[number % len(fans)], AURORA.member, text)
        if number < len(words.ANSWERS):
            await _send(house, f"answer {number}", AURORA.member, fans[number % len(fans)], words.ANSWERS[number])
    await _send(house, "from the fan", FAN, MIKA.member, "The teapot came out so well. How long does the gold need?")
    await _send(house, "to the fan", MIKA.member, FAN, "A week, if nobody sneezes. Thank you for asking!")
    rose = derive_id(NAME_SPACE, "a rose in a letter")
    fan = fans[0]
    shop = await _look_around(house)
    pack, coins = shop.packs[0]
    await buy(house, Purchase(id=derive_id(rose, "purchase"), fan=fan, pack=pack, coins=coins))
    tap = Tap(
        id=rose,
        fan=fan,
        gift="rose",
        price_coins=shop.prices["rose"],
        combo_id=None,
        message="for Encore",
        is_anonymous=False,
    )
    await give(house, tap, to=AURORA.member)


async def _send(house: House, name: str, sender: Member, to: Member, text: str) -> None:
    wish = MessageWish(id=derive_id(NAME_SPACE, name), to=to.handle, text=text)
    await messages.write_message(house.db, wish, visitor_of(sender, house.now), now=house.now)
