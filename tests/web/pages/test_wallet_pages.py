from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.providers import PaymentProvider, Sandbox
from tests.waiting import until
from tests.web.api.conftest import PASSWORD, Arrive, a_wish
from tests.web.conftest import app_of
from tests.web.pages.conftest import SITE, Browser, Visit


@pytest.fixture
async def ada(visit: Visit) -> Browser:
    return await visit("ada")


async def top_ups(settings: Settings) -> int:
    async with Database.open(settings.database_url or "") as db, db.transaction() as tx:
        return await tx.value(int, "select count(*) from coins.top_ups")


async def choose(browser: Browser, choice: str = "pack_100", *, page: str = "/wallet", coins: str = "") -> str:
    """Where the form leads."""
    await browser.open(page)
    answer = await browser.send("/top-ups", **browser.hidden, choice=choice, coins=coins)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def pay(browser: Browser, checkout: str, card: str = "success") -> str:
    """Where the provider leads back to."""
    answer = await browser.send(f"{checkout}/choose", choice=card)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_the_wallet_shows_what_one_has_and_every_pack_with_its_tax(visit: Visit):
    german = await visit("berta", region="DE")

    page = (await german.open("/wallet")).text

    for shown in ("€1.89", "+ €0.36 VAT", "€0.0189 a coin", 'data-total="€2.25"', "Save 8%", "Nothing in here yet"):
        assert shown in page


@pytest.mark.parametrize(
    ("coins", "chosen", "said"),
    [
        ("88", "exact", "exactly the 88 coins"),
        ("1", "exact", "exactly the 1 coin that"),
        ("99", "exact", "exactly the 99 coins"),
        ("100", "pack_100", "You are short of 100 coins. This is the cheapest way to get them."),
        ("12499", "pack_12500", "You are short of 12,499 coins. This is the cheapest way to get them."),
    ],
)
async def test_who_needs_some_coins_is_offered_the_cheapest_way_to_just_enough(
    ada: Browser, coins: str, chosen: str, said: str
):
    page = (await ada.open(f"/wallet?coins={coins}")).text

    (radio,) = [part for part in page.split("<input ") if part.startswith('type="radio"') and " checked" in part]
    assert f'value="{chosen}"' in radio
    assert said in page


@pytest.mark.parametrize("coins", ["0", "-5", "x", "9" * 20, "1e9"])
async def test_a_wish_for_no_number_of_coins_shows_the_plain_wallet(ada: Browser, coins: str):
    answer = await ada.open(f"/wallet?coins={coins}")

    assert answer.status_code == 200
    assert "short of" not in answer.text


async def test_a_purchase_goes_through_the_checkout_and_back_to_where_the_coins_are_wanted(ada: Browser):
    checkout = await choose(ada, "exact", page="/wallet?coins=88&next=/live/x", coins="88")
    back = await pay(ada, checkout)

    assert back.startswith("/top-ups/")
    assert back.endswith("?next=%2Flive%2Fx")

    async def settled() -> bool:
        return "+88" in (await ada.open(back)).text

    await until(settled)
    assert 'href="/live/x"' in ada.page
    assert (await ada.ask("GET /v1/wallet")).json()["coins"] == 88
    assert "You paid $1.76" in (await ada.open("/wallet")).text


async def test_while_nothing_was_heard_the_page_waits_and_leads_to_the_payment(ada: Browser):
    checkout = await choose(ada)
    top_up = (await ada.open(checkout)).text.split('class="back" href="')[1].split('"')[0]

    page = (await ada.open(top_up)).text

    assert "Waiting for your payment" in page
    assert "data-waiting" in page
    assert f'href="{checkout}"' in page


@pytest.mark.parametrize(
    ("card", "said"),
    [("declined", "The payment was declined"), ("timeout", "finished in time"), ("pending", "Waiting")],
)
async def test_a_payment_that_comes_to_nothing_is_told_in_plain_words(ada: Browser, card: str, said: str):
    checkout = await choose(ada, page="/wallet?next=/live/x")
    back = await pay(ada, checkout, card)

    async def told() -> bool:
        return said in (await ada.open(back)).text

    await until(told)
    assert (await ada.ask("GET /v1/wallet")).json()["coins"] == 0


async def test_a_double_click_a_reload_and_a_second_tab_of_the_same_page_are_one_purchase(
    ada: Browser, settings: Settings
):
    await ada.open("/wallet")
    form = {**ada.hidden, "choice": "pack_600"}

    answers = [await ada.send("/top-ups", **form) for _ in range(3)]

    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await top_ups(settings) == 1


async def test_a_second_click_at_the_checkout_pays_once_and_leads_on(ada: Browser):
    checkout = await choose(ada)

    first, second = await pay(ada, checkout), await pay(ada, checkout)

    assert first == second

    async def came() -> bool:
        return (await ada.ask("GET /v1/wallet")).json()["coins"] == 100

    await until(came)
    assert len((await ada.ask("GET /v1/wallet/movements")).json()["items"]) == 1


async def test_the_form_of_a_purchase_that_is_over_shows_how_it_stands(ada: Browser):
    await ada.open("/wallet")
    form = {**ada.hidden, "choice": "pack_100"}
    checkout = (await ada.send("/top-ups", **form)).headers["location"]
    back = await pay(ada, checkout)

    async def settled() -> bool:
        return "+100" in (await ada.open(back)).text

    await until(settled)
    again = await ada.send("/top-ups", **form)

    assert again.headers["location"] == back


async def test_going_back_and_choosing_another_pack_is_another_purchase(ada: Browser, settings: Settings):
    await ada.open("/wallet")
    form = ada.hidden

    small = await ada.send("/top-ups", **form, choice="pack_100")
    large = await ada.send("/top-ups", **form, choice="pack_600")

    assert small.headers["location"] != large.headers["location"]
    assert await top_ups(settings) == 2


@pytest.mark.parametrize("word", ["", "0" * 64])
async def test_a_form_without_the_word_of_its_session_changes_nothing(ada: Browser, settings: Settings, word: str):
    await ada.open("/wallet")

    answer = await ada.send("/top-ups", **{**ada.hidden, "csrf": word, "choice": "pack_100"})

    assert answer.status_code == 403
    assert "load it again" in answer.text
    assert await top_ups(settings) == 0


@pytest.mark.parametrize(
    ("choice", "coins"),
    [("pack_1", ""), ("", ""), ("exact", ""), ("exact", "x"), ("exact", "0"), ("exact", "9" * 30), ("exact", "²")],
)
async def test_what_cannot_be_bought_is_said_on_the_same_page(
    ada: Browser, settings: Settings, choice: str, coins: str
):
    await ada.open("/wallet")

    answer = await ada.send("/top-ups", **ada.hidden, choice=choice, coins=coins)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert await top_ups(settings) == 0


async def test_another_persons_purchase_is_not_there(ada: Browser, visit: Visit):
    eve = await visit("eve")
    own = await ada.buy()

    page, receipt = await eve.open(own), await eve.open(f"{own}/receipt")

    assert (page.status_code, receipt.status_code) == (404, 404)
    assert "no such top-up" in page.text


async def test_the_receipt_tells_seller_price_tax_and_number(ada: Browser):
    own = await ada.buy(100)

    page = (await ada.open(f"{own}/receipt")).text

    for shown in ("Plaudit", "100 coins", "Before tax", "$1.99", "Sales tax 8.25%", "$0.16", "$2.15", "@ada", "Number"):
        assert shown in page


async def test_a_purchase_that_is_not_paid_has_no_receipt(ada: Browser):
    checkout = await choose(ada)
    top_up = (await ada.open(checkout)).text.split('class="back" href="')[1].split('"')[0]

    answer = await ada.open(f"{top_up}/receipt")

    assert answer.status_code == 409
    assert "no receipt" in answer.text


async def test_movements_come_in_pages_with_their_reasons(ada: Browser):
    for coins in range(101, 111):
        await ada.buy(coins)

    first = (await ada.open("/wallet")).text
    more = first.split('data-more href="')[1].split('"')[0]
    second = (await ada.open(more)).text

    assert (first.count("Coins bought"), second.count("Coins bought")) == (8, 2)
    assert "+110" in first
    assert "+101" in second
    assert "data-more" not in second


@pytest.mark.parametrize("path", ["/wallet?coins=37&next=/live/x", "/wallet/movements", f"/top-ups/{uuid4()}"])
async def test_a_stranger_is_led_to_the_sign_in_and_back(visit: Visit, path: str):
    stranger = await visit()
    await (await visit("ada")).open("/")
    stranger.handle = "ada"

    led = await stranger.open(path)
    await stranger.open(led.headers["location"])
    answer = await stranger.send("/sign-in", email="ada@example.org", password=PASSWORD, next=stranger.hidden["next"])

    assert led.status_code == answer.status_code == 303
    assert answer.headers["location"] == path


async def test_a_session_that_ended_in_the_middle_of_a_form_buys_nothing_and_leads_back(
    ada: Browser, visit: Visit, settings: Settings
):
    await ada.open("/wallet?coins=37&next=/live/x")
    other = await visit()
    other.handle = "ada"
    await other.sign_in()
    await other.open("/profile")
    for session in (await other.ask("GET /v1/sessions")).json()["items"]:
        if not session["is_this_one"]:
            await other.send(f"/profile/sessions/{session['id']}/end")

    answer = await ada.send("/top-ups", **ada.hidden, choice="exact", coins="37")
    page = await ada.open(answer.headers["location"])

    assert await top_ups(settings) == 0
    assert "nothing was bought or changed" in page.text
    assert ada.hidden["next"] == "/wallet?coins=37&next=/live/x"


@pytest.mark.parametrize("elsewhere", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
async def test_nobody_is_led_to_another_site(ada: Browser, visit: Visit, elsewhere: str):
    own = await ada.buy()

    settled = await ada.client.get(own, params={"next": elsewhere})
    back = await pay(ada, await choose(ada, page="/wallet"))
    await ada.open("/wallet")
    forged = await ada.send("/top-ups", **{**ada.hidden, "next": elsewhere}, choice="pack_600")
    returned = (await ada.open(forged.headers["location"])).text
    stranger = await visit()
    signed_in = await stranger.send("/sign-in", email="ada@example.org", password=PASSWORD, next=elsewhere)

    assert "evil" not in settled.text
    assert "alert" not in settled.text
    assert "next" not in back
    assert "evil" not in returned
    assert signed_in.headers["location"] == "/"


async def test_a_session_that_was_limited_to_some_scopes_opens_no_page(visit: Visit, arrive: Arrive):
    ada = await arrive("ada")
    wish = {"email": ada.email, "password": PASSWORD, "scopes": ["read"]}
    limited = (await ada.ask("POST /v1/sign-in", wish)).json()["token"]
    browser = await visit()
    browser.client.cookies.set("plaudit_session", limited)

    answer = await browser.open("/wallet")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/wallet")


async def test_an_address_that_is_nowhere_answers_people_with_a_page_and_programs_with_a_problem(ada: Browser):
    page = await ada.open("/nowhere")
    problem = await ada.client.get(f"{SITE}/nowhere", headers={"accept": "application/json"})
    api = await ada.open("/v1/nowhere")

    assert (page.status_code, problem.status_code, api.status_code) == (404, 404, 404)
    assert "There is nothing here." in page.text
    assert problem.json()["code"] == api.json()["code"] == "not_found"


class ElsewhereProvider(Sandbox):
    """One whose checkouts are on another host, as those of the large providers are."""

    @property
    def checkout_origins(self) -> Sequence[str]:
        """Where they are."""
        return ("https://pay.example.org",)


async def test_the_wallets_form_may_lead_to_where_the_providers_checkouts_are_and_no_other_form_may(
    settings: Settings, clock: MovableClock
):
    app = app_of(settings, clock)
    async with app.lifespan():
        providers: dict[str, PaymentProvider] = app.state.desk.till.providers
        providers["elsewhere"] = ElsewhereProvider(app.state.db)
        transport = httpx.ASGITransport(app)  # pyright: ignore[reportArgumentType] - two spellings of ASGI's types
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
            ada = Browser(client, "ada")
            await ada.send("/sign-up", **{name: str(value) for name, value in a_wish("ada").items()})
            policies = [(await ada.open(path)).headers["content-security-policy"] for path in ("/wallet", "/profile")]

    assert ["form-action 'self' https://pay.example.org;" in policy for policy in policies] == [True, False]
    assert "form-action 'self';" in policies[1]
