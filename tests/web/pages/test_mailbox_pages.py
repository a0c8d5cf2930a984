import re

import pytest
from msgspec.structs import replace

from plaudit.foundation.settings import Settings
from tests.web.api.conftest import PASSWORD
from tests.web.pages.conftest import Browser, Visit


class TestWithTheMailbox:
    """As in the demo: everyone reads every letter."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, show_mailbox="yes")

    async def test_a_forgotten_password_is_replaced_by_way_of_the_letter(self, visit: Visit):
        ada, stranger = await visit("ada"), await visit()

        asked = await stranger.send("/forgot", email="ada@example.org")
        mailbox = (await stranger.open("/mailbox")).text
        link = re.search(r'href="(/reset\?token=[^"]+)"', mailbox)
        assert link
        await stranger.open(link[1])
        token = re.search(r'name="token"[^>]*value="([^"]+)"', stranger.page)
        assert token
        short = await stranger.send("/reset", token=token[1], password="short")
        done = await stranger.send("/reset", token=token[1], password="another one of mine")
        again = await stranger.send("/reset", token=token[1], password="another one of mine")

        assert "Look into your mailbox" in asked.text
        assert "ada@example.org" in mailbox
        assert (short.status_code, "10 to 256" in short.text) == (422, True)
        assert done.headers["location"] == "/sign-in?fresh=yes"
        assert "Your new password is set." in (await stranger.open(done.headers["location"])).text
        assert (again.status_code, "used before" in again.text) == (422, True)
        assert (await ada.open("/profile")).status_code == 303
        stranger.handle = "ada"
        await stranger.sign_in("another one of mine")

    async def test_an_empty_mailbox_says_so(self, visit: Visit):
        assert "No letters" in (await (await visit()).open("/mailbox")).text


async def test_without_the_setting_there_is_no_mailbox_for_anybody(visit: Visit):
    for browser in (await visit(), await visit("ada")):
        answer = await browser.open("/mailbox")
        assert answer.status_code == 404
        assert "no such page" in answer.text


async def test_who_asks_for_a_letter_learns_nothing_about_who_has_an_account(visit: Visit):
    stranger = await visit()
    await visit("ada")

    known, unknown = [await stranger.send("/forgot", email=f"{who}@example.org") for who in ("ada", "nobody")]
    wrong = await stranger.send("/forgot", email="nonsense")

    assert known.text.replace("ada@", "") == unknown.text.replace("nobody@", "")
    assert known.status_code == unknown.status_code == 200
    assert "mailbox" not in known.text.replace("Look into your mailbox", "")
    assert wrong.status_code == 422


@pytest.mark.parametrize("path", ["/forgot", "/reset", "/look", "/sign-in", "/sign-up"])
async def test_a_form_from_another_site_is_refused(visit: Visit, path: str):
    ada: Browser = await visit("ada")
    fields = {"email": "ada@example.org", "password": PASSWORD, "token": "x", "theme": "dark"}

    answer = await ada.client.post(path, data=fields, headers={"origin": "https://evil.test"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
