from itertools import chain

import httpx
import pytest

from plaudit.foundation.clock import MovableClock
from tests.web.api.conftest import Arrive, ask


async def test_a_profile_is_changed_field_by_field(client: httpx.AsyncClient, arrive: Arrive):
    ada = await arrive("ada")
    picture = "https://pictures.example.org/ada.png"

    first = await ada.ask("PATCH /v1/me", {"display_name": " Ada L. ", "picture_url": picture, "currency": "gbp"})
    second = await ada.ask("PATCH /v1/me", {"picture_url": None, "region": "gb", "birth_on": "1990-05-18"})

    assert first.json()["picture_url"] == picture
    me = second.json()
    assert (me["display_name"], me["picture_url"], me["currency"]) == ("Ada L.", None, "GBP")
    assert (me["region"], me["birth_on"]) == ("GB", "1990-05-18")
    seen = (await ask(client, "GET /v1/people/ADA")).json()
    assert (seen["display_name"], seen["you"]) == ("Ada L.", None)
    assert not {"email", "birth_on", "region"} & seen.keys()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"display_name": "  "}, "display_name"),
        ({"display_name": "two\nlines"}, "display_name"),
        ({"picture_url": "http://example.org/x.png"}, "picture_url"),
        ({"picture_url": "https://me:secret@example.org/x.png"}, "picture_url"),
        ({"picture_url": "https://["}, "picture_url"),
        ({"region": "EU"}, "region"),
        ({"currency": "BTC"}, "currency"),
        ({"birth_on": None}, "birth_on"),
        ({"handle": "grace"}, "handle"),
    ],
)
async def test_what_is_wrong_with_a_change_is_named_by_its_field(arrive: Arrive, change: dict[str, object], field: str):
    ada = await arrive("ada")

    answer = await ada.ask("PATCH /v1/me", change)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["field"] == field


async def test_following_is_counted_on_both_sides_and_ends_again(arrive: Arrive):
    ada, bob = await arrive("ada"), await arrive("bob")

    assert (await ada.ask("PUT /v1/people/bob/follow")).status_code == 204
    assert (await ada.ask("PUT /v1/people/bob/follow")).status_code == 204

    seen = (await ada.ask("GET /v1/people/bob")).json()
    assert (seen["followers"], seen["following"]) == (1, 0)
    assert seen["you"] == {"following": True, "followed_by": False, "blocking": False}
    assert (await bob.ask("GET /v1/people/ada")).json()["you"]["followed_by"]
    await ada.ask("DELETE /v1/people/bob/follow")
    assert (await ada.ask("GET /v1/people/bob")).json()["followers"] == 0


async def test_a_block_ends_following_both_ways_and_keeps_it_away(arrive: Arrive):
    ada, bob = await arrive("ada"), await arrive("bob")
    await ada.ask("PUT /v1/people/bob/follow")
    await bob.ask("PUT /v1/people/ada/follow")

    await ada.ask("PUT /v1/people/bob/block")

    assert (await ada.ask("GET /v1/people/bob")).json()["you"] == {
        "following": False,
        "followed_by": False,
        "blocking": True,
    }
    for one, path in ((ada, "bob"), (bob, "ada")):
        refused = await one.ask(f"PUT /v1/people/{path}/follow")
        assert (refused.status_code, refused.json()["code"]) == (403, "blocked")
    assert [one["handle"] for one in (await ada.ask("GET /v1/me/blocks")).json()["items"]] == ["bob"]
    await ada.ask("DELETE /v1/people/bob/block")
    assert (await bob.ask("PUT /v1/people/ada/follow")).status_code == 204


@pytest.mark.parametrize("verb", ["follow", "block"])
async def test_nobody_follows_or_blocks_themselves_or_nobody(arrive: Arrive, verb: str):
    ada = await arrive("ada")

    themselves = await ada.ask(f"PUT /v1/people/ada/{verb}")
    nobody = await ada.ask(f"PUT /v1/people/nobody_there/{verb}")

    assert (themselves.status_code, themselves.json()["code"]) == (422, "not_yourself")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no_such_person")


async def test_followers_come_in_pages_the_newest_first_without_gap_or_double(arrive: Arrive, clock: MovableClock):
    star = await arrive("star")
    fans = [await arrive(f"fan_{number}") for number in range(5)]
    for fan in fans:
        # All at the same instant: the order must hold without time's help.
        await fan.ask("PUT /v1/people/star/follow")

    pages: list[list[str]] = []
    after = ""
    while True:
        page = (await star.ask(f"GET /v1/people/star/followers?limit=2{after}")).json()
        pages.append([one["handle"] for one in page["items"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(chain.from_iterable(pages)) == [fan.handle for fan in fans]
    assert [one["handle"] for one in (await star.ask("GET /v1/people/fan_1/following")).json()["items"]] == ["star"]


@pytest.mark.parametrize(("query", "field"), [("after=nonsense", "after"), ("limit=0", "limit"), ("limit=x", "limit")])
async def test_a_page_that_cannot_be_is_refused_by_its_parameter(arrive: Arrive, query: str, field: str):
    ada = await arrive("ada")

    answer = await ada.ask(f"GET /v1/people/ada/followers?{query}")

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_who_applies_is_a_creator_at_once_and_applying_again_changes_nothing(arrive: Arrive):
    ada = await arrive("ada")

    first = await ada.ask("POST /v1/creator/apply", {"about": "I paint."})
    second = await ada.ask("POST /v1/creator/apply", {})

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json() == {"about": "I paint.", "applied_at": "2026-03-01T12:00:00Z"}
    me = (await ada.ask("GET /v1/me")).json()
    assert (me["roles"], me["scopes"]) == (["fan", "creator"], ["create", "read", "spend"])
