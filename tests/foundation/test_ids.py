import time
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.ids import derive_id, new_id


def test_a_new_id_is_a_uuid_of_version_7():
    made = new_id()

    assert made.version == 7
    assert made.variant == RFC_4122


def test_a_new_id_begins_with_the_milliseconds_of_its_making():
    before = time.time_ns() // 1_000_000

    milliseconds = new_id().int >> 80

    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_new_ids_are_all_different():
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_an_id_made_in_a_later_millisecond_sorts_later():
    earlier = new_id()
    while time.time_ns() // 1_000_000 == earlier.int >> 80:
        pass

    assert new_id() > earlier


@given(st.uuids(), st.lists(st.text(), min_size=1))
def test_a_derived_id_is_the_same_every_time(base: UUID, parts: list[str]):
    assert derive_id(base, *parts) == derive_id(base, *parts)


def test_another_part_or_another_base_gives_another_id():
    gift, other_gift = new_id(), new_id()

    ids = {derive_id(gift, "coins"), derive_id(gift, "money"), derive_id(other_gift, "coins"), gift, other_gift}

    assert len(ids) == 5
