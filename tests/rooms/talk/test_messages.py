import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.gifts import Sending
from plaudit.people import Visitor, following
from plaudit.people.errors import NoSuchPerson, NotYourself
from plaudit.people.model import Place
from plaudit.rooms import messages
from plaudit.rooms.errors import SenderBlocked
from plaudit.rooms.message_model import Message, MessageWish
from tests.rooms.talk.conftest import NOW, Join


async def write(
    db: Database, sender: Visitor, to: str, text: str, *, id: UUID | None = None, minute: int = 0
) -> Message:
    wish = MessageWish(id=id or new_id(), to=to, text=text)
    return await messages.write_message(db, wish, sender, now=NOW + timedelta(minutes=minute))


async def texts_of(db: Database, person: Visitor, other: str) -> list[str | None]:
    thread = await messages.get_thread(db, person.person_id, other, before=None, limit=100)
    return [message.text for message in thread.messages]


async def a_gift(db: Database, sender: Visitor, to: Visitor, *, message: str | None = None) -> Sending:
    """A gift in a message, whose intent is stored."""
    sending = Sending(
        id=new_id(),
        sender_id=sender.person_id,
        creator_id=to.person_id,
        live_id=None,
        gift="rose",
        price_coins=1,
        quantity=3,
        coins=3,
        combo_id=None,
        message=message,
        is_anonymous=False,
        asked_at=NOW,
    )
    async with db.transaction() as tx:
        await tx.execute(
            """
            insert into gifts.sendings
                (id, sender_id, creator_id, coins, price_coins, asked_at, quantity, is_anonymous, gift, message)
            values (%(id)s, %(sender)s, %(creator)s, 3, 1, %(at)s, 3, false, 'rose', %(message)s)
            """,
            {
                "id": sending.id,
                "sender": sending.sender_id,
                "creator": sending.creator_id,
                "at": NOW,
                "message": message,
            },
        )
    return sending


async def note(db: Database, sending: Sending, *, minute: int = 0) -> None:
    async with db.transaction() as tx:
        await messages.note_gift(tx, sending, at=NOW + timedelta(minutes=minute))


async def test_two_who_write_share_one_thread_numbered_from_one(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")

    first = await write(db, ada, "BOB", "Hello,\nBob. ")
    second = await write(db, bob, "ada", "Hello, Ada.")

    assert (first.number, first.sender, first.text, first.at) == (1, "ada", "Hello,\nBob.", NOW)
    assert (second.number, second.sender) == (2, "bob")
    assert await texts_of(db, ada, "bob") == await texts_of(db, bob, "ada") == ["Hello, Ada.", "Hello,\nBob."]


async def test_the_same_id_is_the_same_message_whatever_happened_since(db: Database, join: Join):
    ada, bob, cyd = await join("ada"), await join("bob"), await join("cyd")
    id = new_id()
    first = await write(db, ada, "bob", "Hello", id=id)
    await following.block(db, bob.person_id, "ada", now=NOW)

    again = await write(db, ada, "bob", "Hello", id=id, minute=5)

    assert first == again
    for sender, to, text in (
        (ada, "bob", "Other"),
        (bob, "ada", "Hello"),
        (ada, "cyd", "Hello"),
        (cyd, "bob", "Hello"),
    ):
        with pytest.raises(IdReused):
            await write(db, sender, to, text, id=id)


async def test_many_at_once_get_numbers_without_a_gap_and_the_same_id_only_one(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")
    id = new_id()

    await asyncio.gather(
        *(write(db, ada, "bob", "from Ada") for _ in range(4)),
        *(write(db, bob, "ada", "from Bob") for _ in range(4)),
        *(write(db, ada, "bob", "once", id=id) for _ in range(4)),
    )

    thread = await messages.get_thread(db, ada.person_id, "bob", before=None, limit=100)
    assert [message.number for message in thread.messages] == list(range(9, 0, -1))
    assert sum(message.text == "once" for message in thread.messages) == 1


async def test_nobody_writes_who_is_blocked_or_has_blocked_nor_to_themselves_nor_to_nobody(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")
    await following.block(db, bob.person_id, "ada", now=NOW)

    for sender, to in ((ada, "bob"), (bob, "ada")):
        with pytest.raises(SenderBlocked):
            await write(db, sender, to, "Hello")
    with pytest.raises(NotYourself):
        await write(db, ada, "ada", "Hello")
    with pytest.raises(NoSuchPerson):
        await write(db, ada, "nobody_there", "Hello")
    with pytest.raises(Invalid):
        await write(db, ada, "bob", " ")

    assert await messages.list_threads(db, ada.person_id, after=None, limit=10) == []


async def test_threads_are_listed_by_the_last_message_with_what_was_not_read(db: Database, join: Join):
    ada, bob, cyd = await join("ada"), await join("bob"), await join("cyd")
    await write(db, bob, "ada", "one")
    await write(db, cyd, "ada", "two", minute=1)
    await write(db, bob, "ada", "three", minute=2)
    await write(db, ada, "cyd", "four", minute=3)

    listed = await messages.list_threads(db, ada.person_id, after=None, limit=10)

    assert [(each.other.handle, each.last.text, each.unread) for each in listed] == [
        ("cyd", "four", 1),
        ("bob", "three", 2),
    ]
    assert listed[0].last_at == NOW + timedelta(minutes=3)
    place = Place(since=listed[0].last_at, id=listed[0].id)
    (second,) = await messages.list_threads(db, ada.person_id, after=place, limit=10)
    assert second == listed[1]
    (of_bob,) = await messages.list_threads(db, bob.person_id, after=None, limit=10)
    assert (of_bob.other.name, of_bob.unread) == ("Ada", 0)


async def test_what_was_read_is_remembered_shown_to_the_other_and_never_goes_back(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")
    for text in ("one", "two", "three"):
        await write(db, bob, "ada", text)

    await messages.mark_read(db, ada.person_id, "bob", 2)
    await messages.mark_read(db, ada.person_id, "bob", 1)

    (listed,) = await messages.list_threads(db, ada.person_id, after=None, limit=10)
    of_ada = await messages.get_thread(db, ada.person_id, "bob", before=None, limit=10)
    of_bob = await messages.get_thread(db, bob.person_id, "ada", before=None, limit=10)
    assert listed.unread == await messages.count_unread(db, ada.person_id) == 1
    assert await messages.count_unread(db, bob.person_id) == 0
    assert (of_ada.read_number, of_ada.read_by_other, of_ada.last_number) == (2, 0, 3)
    assert (of_bob.read_number, of_bob.read_by_other) == (0, 2)
    for number in (-1, 4):
        with pytest.raises(Invalid):
            await messages.mark_read(db, ada.person_id, "bob", number)


async def test_a_thread_comes_in_pages_and_one_that_never_began_is_empty(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")
    for number in range(5):
        await write(db, ada, "bob", str(number))

    first = await messages.get_thread(db, bob.person_id, "ada", before=None, limit=3)
    second = await messages.get_thread(db, bob.person_id, "ada", before=first.messages[-1].number, limit=3)
    cyd = await join("cyd")
    never = await messages.get_thread(db, cyd.person_id, "ada", before=None, limit=3)

    assert [message.text for message in (*first.messages, *second.messages)] == ["4", "3", "2", "1", "0"]
    assert (never.other.handle, never.last_number, never.messages) == ("ada", 0, ())
    await messages.mark_read(db, cyd.person_id, "ada", 0)


async def test_a_gift_stands_in_the_thread_once_with_its_words(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")
    await write(db, bob, "ada", "Hello")
    sending = await a_gift(db, ada, bob, message="For you")

    await asyncio.gather(*(note(db, sending, minute=1) for _ in range(3)))
    await note(db, sending, minute=9)

    (listed,) = await messages.list_threads(db, bob.person_id, after=None, limit=10)
    assert (listed.last.number, listed.last.text, listed.unread) == (2, None, 1)
    assert listed.last_at == listed.last.at == NOW + timedelta(minutes=1)
    gift = listed.last.gift
    assert gift is not None
    assert (gift.id, gift.gift, gift.name, gift.tier) == (sending.id, "rose", "Rose", "small")
    assert (gift.quantity, gift.coins, gift.message) == (3, 3, "For you")


async def test_a_gift_begins_a_thread_and_finds_its_place_whatever_ids_clients_used(db: Database, join: Join):
    ada, bob = await join("ada"), await join("bob")
    sending = await a_gift(db, ada, bob)
    await write(db, bob, "ada", "I took the gift's id.", id=sending.id)
    await following.block(db, bob.person_id, "ada", now=NOW)

    await note(db, sending)

    assert await texts_of(db, bob, "ada") == [None, "I took the gift's id."]
