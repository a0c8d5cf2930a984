import asyncio

import pytest

from plaudit.foundation.database import Database
from plaudit.people import following, is_blocked_between
from plaudit.people.errors import Blocked
from tests.people.conftest import NOW, Join


@pytest.mark.parametrize("attempt", range(3))
async def test_a_follow_never_slips_in_beside_a_block(db: Database, join: Join, attempt: int):
    ada, bob = (await join("ada")).person, (await join("bob")).person

    await asyncio.gather(
        following.follow(db, ada.id, "bob", now=NOW),
        following.block(db, bob.id, "ada", now=NOW),
        following.follow(db, bob.id, "ada", now=NOW),
        return_exceptions=True,
    )

    _, relation = await following.get_profile(db, "bob", viewer_id=ada.id)
    assert relation is not None
    assert not relation.following
    assert not relation.followed_by
    with pytest.raises(Blocked):
        await following.follow(db, ada.id, "bob", now=NOW)


async def test_two_who_block_each_other_are_free_only_when_both_unblock(db: Database, join: Join):
    ada, bob = (await join("ada")).person, (await join("bob")).person
    await following.block(db, ada.id, "bob", now=NOW)
    await following.block(db, bob.id, "ada", now=NOW)

    await following.unblock(db, ada.id, "bob")
    async with db.transaction() as tx:
        half = await is_blocked_between(tx, ada.id, bob.id)
    await following.unblock(db, bob.id, "ada")

    async with db.transaction() as tx:
        assert (half, await is_blocked_between(tx, ada.id, bob.id)) == (True, False)
