from plaudit.people.hashing import Cost, Hasher, hash_token, new_token
from tests.people.conftest import CHEAP, PASSWORD


async def test_a_password_matches_its_hash_and_no_other(hasher: Hasher):
    hashed = await hasher.hash(PASSWORD)

    assert hashed.startswith("$argon2id$")
    assert await hasher.matches(hashed, PASSWORD)
    assert not await hasher.matches(hashed, PASSWORD.upper())
    assert not await hasher.matches(None, PASSWORD)
    assert not await hasher.matches(hashed, "\ud800")


async def test_a_hash_made_at_another_cost_still_matches_and_is_known_as_outdated(hasher: Hasher):
    hashed = await Hasher(CHEAP).hash(PASSWORD)
    dearer = Hasher(Cost(memory_kib=128, rounds=1))

    assert await dearer.matches(hashed, PASSWORD)
    assert (hasher.is_outdated(hashed), dearer.is_outdated(hashed)) == (False, True)


def test_what_passwords_cost_is_what_owasp_asks_for():
    assert Cost() == Cost(memory_kib=19_456, rounds=2, lanes=1)


def test_a_token_has_256_random_bits_and_a_mark():
    assert new_token() != new_token()
    assert new_token().startswith("plaudit_")
    assert len(new_token()) == len("plaudit_") + 43
    assert len(hash_token("\ud800")) == 32
