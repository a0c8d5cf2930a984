import re
from datetime import timedelta

import pytest
from pyotp.totp import TOTP

from plaudit.foundation.clock import MovableClock
from tests.web.api.conftest import NOW, PASSWORD
from tests.web.pages.conftest import Browser, Visit


@pytest.fixture
async def ada(visit: Visit) -> Browser:
    ada = await visit("ada")
    await ada.open("/profile")
    return ada


A_FORM = {"display_name": "Ada", "picture_url": "", "region": "US", "currency": "USD", "birth_on": "1990-05-17"}


async def test_what_one_changes_about_oneself_stands_on_the_page(ada: Browser):
    wish = {**A_FORM, "display_name": "Ada L.", "region": "DE", "currency": "EUR", "picture_url": "https://x.org/a.png"}

    saved = await ada.send("/profile", **wish)
    page = await ada.open(saved.headers["location"])

    assert saved.status_code == 303
    assert "Saved." in page.text
    assert "Ada L." in page.text
    assert 'src="https://x.org/a.png"' in page.text
    assert "€1.89" in (await ada.open("/wallet")).text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("display_name", "", "A name is one line"),
        ("picture_url", "http://x.org/a.png", "begins with https://"),
        ("birth_on", "2024-01-01", "years old"),
        ("birth_on", "soon", "This is no date."),
        ("region", "XX", "no such region"),
        ("currency", "XXX", "no such currency"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(ada: Browser, field: str, value: str, said: str):
    answer = await ada.send("/profile", **{**A_FORM, "display_name": "New name", field: value})

    assert 400 <= answer.status_code < 500
    assert said in answer.text
    assert (await ada.ask("GET /v1/me")).json()["display_name"] == "ada"
    assert field == "display_name" or 'value="New name"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/profile",
        "/profile/apply",
        "/profile/password",
        "/profile/second-factor",
        "/profile/second-factor/confirm",
        "/profile/second-factor/remove",
        "/profile/sessions/{session}/end",
        "/profile/blocks/eve/end",
        "/sign-out",
    ],
)
async def test_a_form_without_the_word_of_its_session_changes_nothing(ada: Browser, visit: Visit, path: str):
    await visit("eve")
    await ada.ask("PUT /v1/people/eve/block")
    before = [(await ada.ask(f"GET /v1/{part}")).json() for part in ("me", "sessions", "me/blocks")]
    (session,) = before[1]["items"]

    answer = await ada.send(path.format(session=session["id"]), **{**A_FORM, "display_name": "Eve", "csrf": "x"})

    assert answer.status_code == 403
    assert [(await ada.ask(f"GET /v1/{part}")).json() for part in ("me", "sessions", "me/blocks")] == before


async def test_a_new_password_signs_every_other_browser_out(ada: Browser, visit: Visit):
    other = await visit()
    other.handle = "ada"
    await other.sign_in()

    wrong = await ada.send("/profile/password", password="not mine at all", new_password="a very new one")
    short = await ada.send("/profile/password", password=PASSWORD, new_password="short")
    changed = await ada.send("/profile/password", password=PASSWORD, new_password="a very new one")

    assert (wrong.status_code, "This is not your password." in wrong.text) == (401, True)
    assert (short.status_code, "10 to 256 characters" in short.text) == (422, True)
    assert (changed.status_code, changed.headers["location"]) == (303, "/profile?done=password")
    assert (await ada.open("/profile")).status_code == 200
    assert (await other.open("/profile")).headers["location"] == "/sign-in?next=/profile"
    await other.sign_in("a very new one")


async def test_a_second_factor_is_set_up_used_and_removed(ada: Browser, visit: Visit, clock: MovableClock):
    begun = (await ada.send("/profile/second-factor", password=PASSWORD)).text
    secret = re.search(r'class="secret" aria-label="(\w+)"', begun)
    assert secret
    assert f"secret={secret[1]}" in begun
    # Shapes with attributes: the policy lets in no style of their own.
    figure = re.search(r'<figure class="qr" role="img" aria-label="QR code[^"]+">(<svg.*?</svg>)</figure>', begun)
    assert figure
    assert "style" not in figure[1]

    wrong = await ada.send("/profile/second-factor/confirm", code="000000")
    done = await ada.send("/profile/second-factor/confirm", code=TOTP(secret[1]).at(NOW))
    codes = re.findall(r"<li>(\w{5}-\w{5})</li>", done.text)
    other = await visit()
    asked = await other.send("/sign-in", email="ada@example.org", password=PASSWORD)
    clock.move(timedelta(minutes=1))
    code = TOTP(secret[1]).at(clock.now())
    signed_in = await other.send("/sign-in", email="ada@example.org", password=PASSWORD, code=code)

    assert (wrong.status_code, secret[1] in wrong.text, "This code is wrong" in wrong.text) == (422, False, True)
    assert len(codes) == 10
    assert 'autocomplete="one-time-code"' in asked.text
    assert signed_in.status_code == 303
    assert codes[0] not in (await ada.open("/profile")).text
    removed = await ada.send("/profile/second-factor/remove", code=codes[0])
    assert removed.headers["location"] == "/profile?done=factor_removed"
    assert "Set it up" in (await ada.open("/profile")).text


async def test_one_sees_where_one_is_signed_in_and_ends_a_session_elsewhere(ada: Browser, visit: Visit):
    other = await visit()
    other.handle = "ada"
    other.client.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    await other.sign_in()

    page = (await ada.open("/profile")).text
    ended = await ada.send(re.findall(r'action="(/profile/sessions/[^"]+)"', page)[0])

    assert "Firefox · Linux" in page
    assert page.count("/profile/sessions/") == 1
    assert ended.status_code == 303
    assert (await other.open("/profile")).status_code == 303


async def test_nobody_ends_the_session_of_somebody_else(ada: Browser, visit: Visit):
    eve = await visit("eve")
    (session,) = (await ada.ask("GET /v1/sessions")).json()["items"]

    answer = await eve.send(f"/profile/sessions/{session['id']}/end")

    assert answer.status_code == 404
    assert (await ada.open("/profile")).status_code == 200


async def test_a_block_is_listed_and_taken_away(ada: Browser, visit: Visit):
    await visit("eve")
    await ada.ask("PUT /v1/people/eve/block")

    listed = (await ada.open("/profile")).text
    ended = await ada.send("/profile/blocks/eve/end")

    assert "@eve" in listed
    assert ended.headers["location"] == "/profile?done=unblocked"
    assert "@eve" not in (await ada.open("/profile")).text


async def test_who_applies_is_a_creator_at_once(ada: Browser):
    assert "Become a creator" in ada.page

    applied = await ada.send("/profile/apply", about="I paint.")
    page = (await ada.open(applied.headers["location"])).text

    assert "Your studio is open." in page
    assert "Become a creator" not in page
    assert 'href="/studio"' in page


async def test_a_person_is_shown_to_everyone_with_what_the_visitor_may_do(ada: Browser, visit: Visit):
    eve, stranger = await visit("eve"), await visit()
    await eve.ask("PUT /v1/people/ada/follow")

    to_eve, to_herself, to_a_stranger = [(await who.open("/u/ada")).text for who in (eve, ada, stranger)]

    assert 'data-followers="1"' in to_eve
    assert 'data-switch="follow"' in to_eve
    assert 'aria-pressed="true">Following' in to_eve
    assert 'href="/messages/ada"' in to_eve
    assert "This is you" in to_herself
    assert "/sign-in?next=/u/ada" in to_a_stranger
    assert "data-switch" not in to_a_stranger
    assert (await eve.open("/u/nobody_here")).status_code == 404


async def test_a_creator_who_is_live_is_a_click_away(ada: Browser, visit: Visit):
    await ada.send("/profile/apply", about="")
    live = "3b6e3a0e-59f1-4c32-a4ce-6c1f0a7a3a11"
    started = await ada.ask("POST /v1/lives", {"id": live, "title": "Painting"})
    eve = await visit("eve")

    during = (await eve.open("/u/ada")).text
    await ada.ask(f"POST /v1/lives/{live}/end", {})
    after = (await eve.open("/u/ada")).text

    assert started.status_code == 201, started.text
    assert f'href="/live/{live}"' in during
    assert "/live/" not in after


async def test_theme_and_language_are_this_browsers(ada: Browser, visit: Visit):
    chosen = await ada.send("/look", theme="dark", language="de", next="/profile")
    other = await visit("eve")

    assert chosen.headers["location"] == "/profile"
    assert '<html lang="de" data-theme="dark">' in (await ada.open("/profile")).text
    assert '<html lang="en">' in (await other.open("/profile")).text
