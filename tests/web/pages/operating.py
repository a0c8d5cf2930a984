"""What tests of the operator's console are made of."""

from datetime import timedelta

import httpx
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from tests.gifts.test_svg import drawing
from tests.web.api.conftest import NOW
from tests.web.pages.conftest import SITE, Browser, Visit

HAT = drawing('<circle cx="5" cy="5" r="4" fill="#c33"/>')
GIFT = {"id": "top_hat", "name": "Top Hat", "tier": "small", "price_coins": "7", "least_level": "1"}


@pytest.fixture
async def olga(visit: Visit, settings: Settings, clock: MovableClock) -> Browser:
    olga = await visit("olga")
    async with Database.open(settings.database_url or "") as db:
        await add_operator(db, Hasher(), "olga@example.org", now=NOW)
    # Who somebody is is remembered for some seconds.
    clock.move(timedelta(seconds=6))
    await olga.open("/operator")
    return olga


async def a_creator(visit: Visit, clock: MovableClock, handle: str = "iris") -> Browser:
    iris = await visit(handle)
    await iris.ask("POST /v1/creator/apply", {"about": "I <b>sing</b>."})
    clock.move(timedelta(seconds=6))
    return iris


async def upload(olga: Browser, art: bytes = HAT, **fields: str) -> httpx.Response:
    """The form of a new gift, as a browser sends it."""
    return await olga.client.post(
        "/operator/catalogue",
        data={"csrf": olga.word, **GIFT, **fields},
        files={"art": ("hat.svg", art, "image/svg+xml")},
        headers={"origin": SITE, "accept": "text/html"},
    )


async def tray_of(fan: Browser) -> dict[str, dict[str, str]]:
    return {gift["id"]: gift for gift in (await fan.ask("GET /v1/gifts/catalogue")).json()["items"]}


async def price_of(fan: Browser, gift: str) -> object:
    return (await tray_of(fan))[gift]["price_coins"]


async def acts_of(olga: Browser) -> list[str]:
    return [act["act"] for act in (await olga.ask("GET /v1/operator/acts?limit=100")).json()["items"]]
