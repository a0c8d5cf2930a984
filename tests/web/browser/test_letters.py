"""What people write: a message is there at once, however the page looks, and a letter leads to its page."""

import asyncio
import re
from uuid import uuid4

import psycopg
from playwright.async_api import expect

from tests.story.house import House
from tests.web.browser.browsing import DESK, PHONE
from tests.web.browser.conftest import OpenBrowser
from tests.web.browser.ways import NEW_PASSWORD


async def test_a_message_is_pushed_to_who_reads_and_tells_the_writer_that_it_was_seen(
    house: House, open_browser: OpenBrowser
):
    ada, bob = await asyncio.gather(house.arrive("ada"), house.arrive("bob"))
    await house.ask(ada, "POST /v1/messages", {"id": str(uuid4()), "to": bob.handle, "text": "Hello"})
    reading, writing = await open_browser(PHONE, bob), await open_browser(DESK, ada)
    await reading.visit("/")
    mark = reading.page.locator(".foot-bar [data-letters]")
    await expect(mark).to_have_text(re.compile("1"))
    # From here on this browser never looks by itself.
    await reading.context.add_init_script("window.setInterval = () => 0;")
    async with reading.page.expect_response("**/news"):
        await reading.visit(f"/messages/{ada.handle}")
    await expect(mark).to_be_hidden()
    page = await writing.visit(f"/messages/{bob.handle}")
    await expect(page.get_by_text("Seen")).to_be_visible()

    await page.get_by_label("Message", exact=True).fill("Are you there?")
    await page.get_by_role("button", name="Send", exact=True).click()

    await expect(reading.page.get_by_role("log").get_by_text("Are you there?")).to_be_visible()
    await expect(page.get_by_text("Seen")).to_be_visible()


async def test_the_letters_link_fills_the_code_in_and_leaves_it_nowhere(house: House, open_browser: OpenBrowser):
    ada = await house.arrive("ada")
    browser = await open_browser(PHONE)
    page = await browser.visit("/forgot")
    await page.get_by_label("E-mail").fill(ada.email)
    await page.get_by_role("button", name="Send the code").click()
    await expect(page.get_by_text("Look into your mailbox")).to_be_visible()
    async with await psycopg.AsyncConnection.connect(house.product.database_url) as connection:
        rows = await connection.execute("select body from mail.letters where recipient = %s", [ada.email])
        ((body,),) = await rows.fetchall()
    link = re.search(r"http://\S+/reset#\S+", body)
    assert link
    told: list[str] = []
    browser.context.on("request", lambda request: told.append(str(request.headers)))

    await page.goto(link[0])
    await expect(page.get_by_label("Code from the letter")).to_have_value(link[0].partition("#")[2])
    left = page.url
    await page.get_by_label("New password").fill(NEW_PASSWORD)
    await page.get_by_role("button", name="Take this password").click()

    await expect(page.get_by_text("Your new password is set.")).to_be_visible()
    assert left == f"{house.product.url}/reset"
    assert told
    assert not any("plaudit_" in headers.replace("plaudit_session", "") for headers in told)
