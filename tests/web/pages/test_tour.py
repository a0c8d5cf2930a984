"""The tour through the demo: it knows what was done, can be put away, and is shown nowhere else."""

from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.demo_world import DemoWorld, Login, store_world
from plaudit.web.pages.tour import COOKIE
from tests.web.api.conftest import PASSWORD
from tests.web.pages.conftest import Browser, Visit

TITLE = "See all of it in two minutes"


def login_of(handle: str) -> Login:
    return Login(email=f"{handle}@example.org", password=PASSWORD)


def done(page: str) -> int:
    return page.count('class="tour-step done"')


class TestInTheDemo:
    """As `plaudit demo` sets it up: its file with the logins stands beside the one with its pace."""

    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        world = DemoWorld(url="http://here", fan=login_of("finn"), creator=login_of("cleo"), operator=login_of("olga"))
        store_world(tmp_path, world)
        return replace(settings, demo_pace_file=tmp_path / "pace.json")

    async def sign_in_as(self, browser: Browser, handle: str) -> str:
        """The button of the tour; gives the first page as it is afterwards."""
        answer = await browser.send("/sign-in", email=f"{handle}@example.org", password=PASSWORD, next="/")
        assert answer.status_code == 303
        await browser.open("/")
        return browser.page

    async def test_a_stranger_is_shown_the_logins_and_what_to_do_first(self, visit: Visit):
        stranger = await visit()

        page = (await stranger.open("/")).text

        assert TITLE in page
        assert done(page) == 0
        assert page.count("<details") == 6
        assert page.count('<details name="tour" open>') == 1
        for word in ("finn", "cleo", "olga"):
            assert f'name="email" value="{word}@example.org"' in page
            assert f"<code>{word}@example.org</code>" in page

    async def test_each_step_is_ticked_off_once_it_is_done_whoever_looks_afterwards(
        self, visit: Visit, settings: Settings, everyone_may_receive: None
    ):
        del everyone_may_receive
        cleo = await visit("cleo")
        await cleo.send("/profile/apply", about="I paint.")
        for name in ("finn", "olga"):
            await visit(name)
        async with Database.open(settings.database_url or "") as db:
            await add_operator(db, Hasher(), "olga@example.org", now=SystemClock().now())
        live = (await cleo.ask("POST /v1/lives", {"id": str(uuid4()), "title": "Painting"})).json()["id"]
        one = await visit()
        counts = [done((await one.open("/")).text)]

        counts.append(done(await self.sign_in_as(one, "finn")))
        await one.buy(40_000)
        counts.append(done((await one.open("/")).text))
        await one.open(f"/live/{live}")
        counts.append(done((await one.open("/")).text))
        for gift in ("rose", "lion"):
            sent = await one.ask("POST /v1/gifts", {"id": str(uuid4()), "live_id": live, "gift": gift})
            assert sent.status_code == 201, sent.text
            counts.append(done((await one.open("/")).text))
        counts.append(done(await self.sign_in_as(one, "cleo")))
        counts.append(done(await self.sign_in_as(one, "olga")))

        assert counts == [0, 1, 2, 3, 3, 4, 5, 6]
        assert "That was all of it" in one.page
        await one.send("/tour", wish="again")
        assert TITLE in (await one.open("/")).text
        assert done(one.page) == 1, "only that olga is here"

    async def test_it_can_be_put_away_and_brought_back(self, visit: Visit):
        stranger = await visit()
        await stranger.open("/")

        put_away = await stranger.send("/tour", wish="hide")
        without = (await stranger.open("/")).text
        await stranger.send("/tour", wish="show")

        assert put_away.headers["location"] == "/"
        assert TITLE not in without
        assert "Show the tour through this demo" in without
        assert TITLE in (await stranger.open("/")).text

    async def test_it_speaks_german(self, visit: Visit):
        stranger = await visit()

        page = (await stranger.client.get("/", headers={"accept": "text/html", "accept-language": "de"})).text

        assert "Als Fan anmelden" in page
        assert TITLE not in page

    @pytest.mark.parametrize("kept", ["", "x", "9" * 40, "1764000000.nonsense", "-1", "²", "1764000000..hidden.lion"])
    async def test_a_cookie_that_makes_no_sense_stops_nobody(self, visit: Visit, kept: str):
        stranger = await visit()

        answer = await stranger.client.get("/", headers={b"cookie": f"{COOKIE}={kept}".encode()})

        assert answer.status_code == 200
        assert done(answer.text) == 0

    async def test_while_the_demo_still_begins_there_is_none(self, visit: Visit, tmp_path: Path):
        (tmp_path / "demo.json").unlink()

        page = (await (await visit()).open("/")).text

        assert "tour" not in page


async def test_no_other_program_shows_it(visit: Visit):
    stranger = await visit()
    stranger.client.cookies.set(COOKIE, "1764000000")

    page = (await stranger.open("/")).text
    answer = await stranger.send("/tour", wish="show")

    assert "tour" not in page
    assert answer.status_code == 404
