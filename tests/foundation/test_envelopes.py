"""Envelopes: what few may read, under a key that is wrapped by another."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.envelopes import SettingsKeys, Vault, open_vault
from plaudit.foundation.errors import BadSetting, CannotUnseal
from plaudit.foundation.settings import Settings

KEY, OTHER = b"one seal key of 32 bytes or more", b"another seal key, just as long.."
ADA, BOB = UUID(int=1).bytes, UUID(int=2).bytes


def a_vault(key: bytes = KEY, *older: bytes) -> Vault:
    return Vault(SettingsKeys(key, older=older))


@given(text=st.text())
async def test_what_was_sealed_opens_as_it_was(text: str):
    vault = a_vault()

    assert await vault.open(await vault.close(text, of=ADA), of=ADA) == text


async def test_the_same_text_is_sealed_differently_each_time_and_shows_nothing_of_itself():
    vault = a_vault()

    first, second = await vault.close("DE89370400440532013000", of=ADA), await vault.close("DE89", of=ADA)

    assert first[11:71] != second[11:71]
    assert b"DE89" not in first


async def test_an_envelope_opens_with_its_own_key_and_for_its_owner_only():
    envelope = await a_vault().close("secret", of=ADA)

    for vault, of in [(a_vault(OTHER), ADA), (a_vault(), BOB)]:
        with pytest.raises(CannotUnseal):
            await vault.open(envelope, of=of)


async def test_an_envelope_that_was_changed_anywhere_or_cut_short_does_not_open():
    vault = a_vault()
    envelope = await vault.close("secret", of=ADA)
    changed = [envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :] for at in range(len(envelope))]
    cut = [envelope[:length] for length in range(len(envelope))]

    for wrong in [*changed, *cut]:
        with pytest.raises(CannotUnseal):
            await vault.open(wrong, of=ADA)


async def test_wrapped_anew_it_opens_with_the_new_key_alone_and_its_content_is_untouched():
    envelope = await a_vault().close("secret", of=ADA)
    both = a_vault(OTHER, KEY)

    wrapped = await both.rewrap(envelope, of=ADA)

    assert wrapped[1:9] == both.current_key != envelope[1:9]
    assert wrapped[71:] == envelope[71:]
    assert await a_vault(OTHER).open(wrapped, of=ADA) == "secret"
    with pytest.raises(CannotUnseal):
        await a_vault().open(wrapped, of=ADA)


@pytest.mark.parametrize("key", ["a" * 16 + "," + "a" * 16, " " + "a" * 32, "a" * 32 + "\n"])
def test_a_seal_key_that_could_not_be_listed_among_the_older_ones_is_refused(key: str):
    with pytest.raises(BadSetting, match="no commas"):
        open_vault(Settings(secret_key="s" * 32, seal_key=key))


async def test_the_secret_key_seals_until_a_seal_key_is_set_and_opens_ever_after():
    before = open_vault(Settings(secret_key="s" * 32))
    first = open_vault(Settings(secret_key="s" * 32, seal_key="a" * 32))
    second = open_vault(Settings(secret_key="s" * 32, seal_key="b" * 32, older_seal_keys="a" * 32))

    by_secret, by_first = await before.close("one", of=ADA), await first.close("two", of=ADA)

    assert await second.open(by_secret, of=ADA) == "one"
    assert await second.open(by_first, of=ADA) == "two"
    with pytest.raises(CannotUnseal):
        await before.open(by_first, of=ADA)
