"""The studio without a browser: going live and ending, what stands on the pages, and overlays."""

import re
from datetime import timedelta

import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.ids import new_id
from tests.web.pages.conftest import Browser, Visit

MESSAGE = "You <b>are</b> wonderful"


@pytest.fixture
async def iris(visit: Visit, clock: MovableClock) -> Browser:
    """A creator, backstage."""
    iris = await visit("iris")
    await iris.send("/profile/apply", about="I paint.")
    # Who somebody is is remembered for some seconds.
    clock.move(timedelta(seconds=6))
    await iris.open("/studio")
    return iris


async def go_live(iris: Browser, **fields: str) -> str:
    """The id of the live."""
    live_id = iris.hidden["id"]
    answer = await iris.send("/studio/live", id=live_id, **{"title": "Painting", **fields})
    assert (answer.status_code, answer.headers.get("location")) == (303, "/studio"), answer.text
    await iris.open("/studio")
    return live_id


async def give(fan: Browser, live_id: str, gift: str = "rose", **more: object) -> None:
    answer = await fan.ask("POST /v1/gifts", {"id": str(new_id()), "live_id": live_id, "gift": gift, **more})
    assert answer.status_code == 201, answer.text


async def test_who_is_no_creator_is_invited_and_led_back_from_the_rest(visit: Visit):
    ada = await visit("ada")

    page = await ada.open("/studio")
    gifts, overlays = await ada.open("/studio/gifts"), await ada.open("/studio/overlays")

    assert 'action="/profile/apply"' in page.text
    assert [answer.headers["location"] for answer in (gifts, overlays)] == ["/studio", "/studio"]


async def test_a_creator_goes_live_and_sees_the_room_from_the_other_side(iris: Browser):
    live_id = await go_live(iris, playback_url="https://video.example.org/iris.m3u8", playback_kind="hls")

    live = (await iris.ask(f"GET /v1/lives/{live_id}")).json()

    assert f'data-live="{live_id}"' in iris.page
    assert live["playback"] == {"kind": "hls", "url": "https://video.example.org/iris.m3u8"}
    assert f'action="/studio/lives/{live_id}/end"' in iris.page


async def test_the_same_form_again_is_the_same_live(iris: Browser):
    fields = {"id": iris.hidden["id"], "title": "Painting"}

    answers = [await iris.send("/studio/live", **fields) for _ in range(3)]
    await iris.open("/studio")
    await iris.send(f"/studio/lives/{fields['id']}/end")
    afterwards = await iris.send("/studio/live", **fields)

    assert [answer.headers["location"] for answer in answers] == ["/studio"] * 3
    # Going back and sending it once more shows what that live was, and starts nothing.
    assert afterwards.headers["location"] == f"/studio/lives/{fields['id']}"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": ""}, "A title is one line"),
        ({"title": "Painting", "cover_url": "http://plain.example.org/a.png"}, "A cover is given as an address"),
        ({"title": "Painting", "playback_url": "nowhere"}, "A playback is given as an address"),
        ({"title": "Painting", "id": "no id"}, "This page is out of date"),
    ],
)
async def test_what_is_wrong_is_told_beside_what_was_typed(iris: Browser, fields: dict[str, str], told: str):
    answer = await iris.send("/studio/live", **{"id": iris.hidden["id"], **fields})

    assert answer.status_code == 422
    assert told in answer.text
    assert all(f'value="{typed}"' in answer.text for name, typed in fields.items() if name != "id")
    assert (await iris.ask("GET /v1/lives")).json()["items"] == []


async def test_a_second_live_from_another_tab_is_refused_in_plain_words(iris: Browser):
    await go_live(iris)

    answer = await iris.send("/studio/live", id=str(new_id()), title="Singing")

    assert answer.status_code == 409
    assert "You have a live that is on" in answer.text


async def test_a_form_of_somebody_else_starts_and_ends_nothing(iris: Browser, visit: Visit):
    live_id = await go_live(iris)
    iris.page = ""

    ended = await iris.send(f"/studio/lives/{live_id}/end")
    ada = await visit("ada")
    foreign = await ada.send(f"/studio/lives/{live_id}/end")

    assert (ended.status_code, foreign.status_code) == (403, 403)
    assert (await ada.ask(f"GET /v1/lives/{live_id}")).json()["ended_at"] is None


@pytest.mark.usefixtures("everyone_may_receive")
async def test_gifts_stay_when_the_live_is_over_with_who_gave_how_much(iris: Browser, visit: Visit):
    ada = await visit("ada")
    await ada.buy(600)
    live_id = await go_live(iris)
    combo = str(new_id())
    for _ in range(3):
        await give(ada, live_id, combo_id=combo)
    await give(ada, live_id, "confetti", message=MESSAGE)
    await give(ada, live_id, "heart", visibility="anonymous")

    ended = await iris.send(f"/studio/lives/{live_id}/end")
    past = (await iris.open(ended.headers["location"])).text
    ever = (await iris.open("/studio/gifts")).text
    stage = (await iris.open("/studio")).text

    for page in (past, ever):
        assert "You &lt;b&gt;are&lt;/b&gt; wonderful" in page
        assert "×3" in page
        assert "Somebody" in page
        assert page.count('<img src="/static') >= 3
        assert re.search(r"≈ \$0\.\d\d", page)
    assert ">104<" in past
    assert "All who gave anonymously" in ever
    assert "Painting" in stage
    assert ">104<" in stage


async def test_each_requirement_stands_there_and_what_is_still_to_do_comes_first(iris: Browser):
    page = iris.page

    needs = re.findall(r'<li class="need( met)?">', page)

    assert needs == ["", "", " met", " met", " met", " met"]
    assert "0 so far" in page


async def test_an_overlay_stands_in_the_list_without_its_secret(iris: Browser):
    made = (await iris.ask("POST /v1/overlays", {"name": "Main <scene>"})).json()

    page = (await iris.open("/studio/overlays")).text

    assert "Main &lt;scene&gt;" in page
    assert made["path"] not in page


async def test_the_page_of_an_overlay_needs_no_sign_in_and_is_gone_when_revoked(iris: Browser, visit: Visit):
    made = (await iris.ask("POST /v1/overlays", {"name": "Main scene"})).json()
    stranger = await visit()

    page = await stranger.open(made["path"])
    await iris.ask(f"DELETE /v1/overlays/{made['id']}")
    gone = await stranger.open(made["path"])

    assert page.status_code == 200
    assert f'data-overlay="{made["id"]}"' in page.text
    assert made["path"] not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert gone.status_code == 404
    assert "<script" not in gone.text
