from datetime import timedelta
from uuid import UUID

import pytest

from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.gifts.errors import GiftNotAvailable
from plaudit.rooms import overlays
from plaudit.rooms.overlays import MOST_OVERLAYS, NoSuchOverlay, OverlayNotValid, TooManyOverlays
from tests.rooms.conftest import House, a_wish
from tests.waiting import until


async def an_overlay(house: House, handle: str = "iris") -> tuple[UUID, UUID, str]:
    """The creator's id, the overlay's, and its secret."""
    if handle not in house.creators:
        house.creators[handle] = await house.join(handle, is_creator=True)
    creator_id = house.creators[handle].person_id
    overlay, secret = await overlays.make_overlay(house.db, creator_id, "Main scene", now=house.now)
    return creator_id, overlay.id, secret


async def test_an_overlay_is_found_by_its_secret_which_is_not_stored(house: House):
    creator_id, overlay_id, secret = await an_overlay(house)

    overlay = await overlays.find_overlay(house.db, secret)
    async with house.db.transaction() as tx:
        stored = await tx.value(str, "select row_to_json(o)::text from rooms.overlays o")

    assert (overlay.id, overlay.creator_id, overlay.name) == (overlay_id, creator_id, "Main scene")
    assert len(secret) > 43
    assert secret not in stored


@pytest.mark.parametrize("secret", ["", "plaudit_", "nobody's", "\ud800"])
async def test_what_is_nobodys_secret_opens_nothing(house: House, secret: str):
    await an_overlay(house)

    with pytest.raises(OverlayNotValid):
        await overlays.open_scene(house.db, secret, now=house.now)


async def test_a_scene_tells_the_live_and_its_coins_up_to_its_last_event(house: House):
    _, _, secret = await an_overlay(house)
    before = await overlays.open_scene(house.db, secret, now=house.now)
    live = await house.live("iris")
    for coins in (3, 4):
        await house.send(await house.fan(f"fan_{coins}"), live, a_wish(quantity=coins))
    await house.told(live)

    scene = await overlays.open_scene(house.db, secret, now=house.now)
    await house.end(live)
    after = await overlays.open_scene(house.db, secret, now=house.now)

    assert (before.live, before.coins) == (None, 0)
    assert scene.live is not None
    assert (scene.live.id, scene.live.last_seq, scene.coins) == (live.id, 3, 7)
    assert after.live is None


async def test_an_overlay_is_noted_as_seen_every_few_seconds(house: House):
    creator_id, _, secret = await an_overlay(house)
    first = house.now
    seen = [(await overlays.list_overlays(house.db, creator_id))[0].seen_at]
    for seconds in (0, 3, 15):
        house.clock.move(timedelta(seconds=seconds))
        await overlays.open_scene(house.db, secret, now=house.now)
        seen.append((await overlays.list_overlays(house.db, creator_id))[0].seen_at)

    assert seen == [None, first, first, first + timedelta(seconds=18)]


async def test_a_revoked_overlay_is_told_and_opens_nothing_any_more(house: House):
    creator_id, overlay_id, secret = await an_overlay(house)
    _, other_id, _ = await an_overlay(house)

    await overlays.revoke_overlay(house.rooms, creator_id, overlay_id, now=house.now)

    await until(lambda: bool(house.heard))
    assert [(told["subject"], told["type"]) for told in house.heard] == [
        (f"plaudit.room.{overlay_id}", "overlay_revoked")
    ]
    assert [each.id for each in await overlays.list_overlays(house.db, creator_id)] == [other_id]
    with pytest.raises(OverlayNotValid):
        await overlays.find_overlay(house.db, secret)
    with pytest.raises(NoSuchOverlay):
        await overlays.revoke_overlay(house.rooms, creator_id, overlay_id, now=house.now)


async def test_nobody_touches_an_overlay_of_somebody_else(house: House):
    _, overlay_id, secret = await an_overlay(house)
    olaf = await house.join("olaf", is_creator=True)

    with pytest.raises(NoSuchOverlay):
        await overlays.revoke_overlay(house.rooms, olaf.person_id, overlay_id, now=house.now)
    with pytest.raises(NoSuchOverlay):
        await overlays.try_overlay(house.rooms, olaf.person_id, overlay_id, "rose", now=house.now)

    assert await overlays.list_overlays(house.db, olaf.person_id) == []
    assert (await overlays.find_overlay(house.db, secret)).id == overlay_id
    assert house.heard == []


async def test_a_test_goes_to_its_overlay_only_and_moves_nothing(house: House):
    creator_id, overlay_id, _ = await an_overlay(house)
    live = await house.live("iris")
    before = await house.told(live)

    await overlays.try_overlay(house.rooms, creator_id, overlay_id, "lion", now=house.now)
    with pytest.raises(GiftNotAvailable):
        await overlays.try_overlay(house.rooms, creator_id, overlay_id, "no_such_gift", now=house.now)

    await until(lambda: any(each["type"] == "test_alert" for each in house.heard))
    (told,) = [each for each in house.heard if each["type"] == "test_alert"]
    assert told["subject"] == f"plaudit.room.{overlay_id}"
    assert (told["gift"]["id"], told["gift"]["tier"], told["from"]["name"]) == ("lion", "large", "Plaudit")
    assert "seq" not in told
    assert await house.told(live) == before
    assert await house.leaders(live) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "two\nlines"])
async def test_an_overlay_has_a_name_that_can_be_read(house: House, name: str):
    iris = await house.join("iris", is_creator=True)

    with pytest.raises(Invalid) as refused:
        await overlays.make_overlay(house.db, iris.person_id, name, now=house.now)

    assert refused.value.field == "name"


async def test_a_creator_has_only_so_many_overlays(house: House):
    creator_id, overlay_id, _ = await an_overlay(house)
    for _ in range(MOST_OVERLAYS - 1):
        await an_overlay(house)

    with pytest.raises(TooManyOverlays):
        await an_overlay(house)
    await overlays.revoke_overlay(house.rooms, creator_id, overlay_id, now=house.now)
    await an_overlay(house)

    assert len(await overlays.list_overlays(house.db, creator_id)) == MOST_OVERLAYS
    with pytest.raises(NoSuchOverlay):
        await overlays.try_overlay(house.rooms, creator_id, new_id(), "rose", now=house.now)
