import re
from html import unescape
from uuid import uuid4

import pytest

from tests.waiting import until
from tests.web.pages.conftest import Browser, Visit


@pytest.fixture
async def ada(visit: Visit) -> Browser:
    return await visit("ada")


@pytest.fixture
async def bob(visit: Visit) -> Browser:
    return await visit("bob")


async def write(browser: Browser, to: str, text: str) -> None:
    answer = await browser.ask("POST /v1/messages", {"id": str(uuid4()), "to": to, "text": text})
    assert answer.status_code == 201, answer.text


def bubbles(page: str) -> list[str]:
    return [unescape(text) for text in re.findall(r'class="bubble-text">([^<]*)<', page)]


async def test_conversations_are_listed_with_what_is_unread(ada: Browser, bob: Browser, visit: Visit):
    eve = await visit("eve")
    await write(ada, "bob", "Hello, Bob.")
    for text in ("One", "Two"):
        await write(eve, "bob", text)

    page = (await bob.open("/messages")).text

    assert page.index("/messages/eve") < page.index("/messages/ada")
    assert re.findall(r"data-unread>(\d+)<", page) == ["2", "1"]
    assert "Two" in page


async def test_every_page_tells_how_many_messages_wait(ada: Browser, bob: Browser):
    before = (await bob.open("/")).text
    for text in ("One", "Two"):
        await write(ada, "bob", text)
    waiting = (await bob.open("/wallet")).text

    await bob.ask("PUT /v1/threads/ada/read", {"number": 2})

    assert re.findall(r"data-letters( hidden)?>", before) == [" hidden", " hidden"]
    assert re.findall(r"data-letters-count>(\d+)<", waiting) == ["2", "2"]
    assert " hidden" in "".join(re.findall(r"data-letters( hidden)?>", (await bob.open("/")).text))
    assert " hidden" in "".join(re.findall(r"data-letters( hidden)?>", (await ada.open("/")).text))


async def test_who_looks_at_the_stream_of_news_is_told_that_there_is_nothing_to_look_at(ada: Browser):
    answer = await ada.open("/news")

    assert (answer.status_code, "nothing to look at" in answer.text) == (406, True)


async def test_who_never_wrote_sees_how_to_begin(ada: Browser, bob: Browser):
    nothing = (await ada.open("/messages")).text
    led = await ada.open("/messages?to=%20@BOB")
    empty = (await ada.open(led.headers["location"])).text

    assert "Nothing written yet" in nothing
    assert led.headers["location"] == "/messages/bob"
    assert "Say hello" in empty


async def test_a_text_is_written_once_however_often_the_form_is_sent(ada: Browser, bob: Browser):
    await ada.open("/messages/bob")
    form = {**ada.hidden, "text": "Hello, <b>Bob</b>."}

    first, second = await ada.send("/messages/bob", **form), await ada.send("/messages/bob", **form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert bubbles((await bob.open("/messages/ada")).text) == ["Hello, <b>Bob</b>."]


async def test_a_form_without_the_word_of_its_session_writes_nothing(ada: Browser, bob: Browser):
    await ada.open("/messages/bob")

    answer = await ada.send("/messages/bob", **{**ada.hidden, "csrf": "x", "text": "Hello"})

    assert answer.status_code == 403
    assert bubbles((await bob.open("/messages/ada")).text) == []


async def test_what_cannot_be_written_is_said_and_stays_in_the_field(ada: Browser, bob: Browser):
    await bob.open("/")
    await bob.ask("PUT /v1/people/ada/block")
    await ada.open("/messages/bob")

    refused = await ada.send("/messages/bob", **ada.hidden, text="Please answer")
    blank = await ada.send("/messages/bob", **ada.hidden, text="   ")

    assert refused.status_code == 403
    assert "write to this person." in unescape(refused.text)
    assert ">Please answer</textarea>" in refused.text
    assert blank.status_code == 422


async def test_newer_messages_come_alone(ada: Browser, bob: Browser):
    for text in ("One", "Two", "Three"):
        await write(ada, "bob", text)

    answer = await bob.open("/messages/ada/newer?after=1")

    assert bubbles(answer.text) == ["Two", "Three"]
    assert "<html" not in answer.text
    assert 'data-last="3"' in answer.text


async def test_a_long_conversation_goes_back_page_by_page(ada: Browser, bob: Browser):
    for number in range(1, 36):
        await write(ada, "bob", f"Number {number}")

    last = (await bob.open("/messages/ada")).text
    older = re.search(r'data-more="before" href="([^"]+)"', last)
    assert older
    first = (await bob.open(unescape(older[1]))).text

    assert bubbles(last) == [f"Number {number}" for number in range(6, 36)]
    assert bubbles(first) == [f"Number {number}" for number in range(1, 6)]


@pytest.mark.usefixtures("everyone_may_receive")
async def test_a_gift_in_a_conversation_shows_coins_and_money_to_both(ada: Browser, visit: Visit):
    iris = await visit("iris")
    await iris.send("/profile/apply", about="I paint.")
    await ada.buy(100)

    sent = await ada.ask("POST /v1/gifts", {"id": str(uuid4()), "gift": "rose", "to": "iris", "quantity": 50})
    assert sent.status_code == 201, sent.text

    async def told() -> bool:
        return "with-gift" in (await ada.open("/messages/iris")).text

    await until(told)
    received = (await iris.open("/messages/ada")).text
    assert "Rose × 50" in ada.page
    assert 'class="money">$1.00<' in re.sub(r"\s+", " ", ada.page) or 'class="money">$0.99<' in ada.page
    assert re.search(r'class="money">about \$0\.\d\d for you', received)
    assert 'data-open="tray"' in ada.page
    assert 'data-open="tray"' not in received


@pytest.mark.parametrize(("handle", "status"), [("nobody_here", 404), ("x", 404), ("ada", 422)])
async def test_there_is_no_conversation_with_nobody_or_with_oneself(ada: Browser, handle: str, status: int):
    answer = await ada.open(f"/messages/{handle}")

    assert answer.status_code == status
    assert "<h1>" in answer.text
