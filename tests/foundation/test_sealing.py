from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.errors import CannotUnseal
from plaudit.foundation.sealing import Seal

KEY, OTHER_KEY = b"one secret key of 32 bytes or more", b"another secret key, just as long.."
ADA, BOB = UUID(int=1).bytes, UUID(int=2).bytes


@given(text=st.text())
def test_what_was_sealed_opens_as_it_was(text: str):
    seal = Seal(KEY, purpose="letters")

    assert seal.open(seal.close(text, of=ADA), of=ADA) == text


def test_the_same_secret_is_sealed_differently_each_time_and_shows_nothing_of_itself():
    seal = Seal(KEY, purpose="letters")

    first, second = seal.close("JBSWY3DPEHPK3PXP", of=ADA), seal.close("JBSWY3DPEHPK3PXP", of=ADA)

    assert first != second
    assert b"JBSWY3DP" not in first


def test_an_envelope_opens_with_its_own_key_its_own_purpose_and_for_its_owner_only():
    envelope = Seal(KEY, purpose="letters").close("secret", of=ADA)

    for seal, of in [
        (Seal(OTHER_KEY, purpose="letters"), ADA),
        (Seal(KEY, purpose="parcels"), ADA),
        (Seal(KEY, purpose="letters"), BOB),
    ]:
        with pytest.raises(CannotUnseal):
            seal.open(envelope, of=of)


def test_an_envelope_that_was_changed_anywhere_or_cut_short_does_not_open():
    seal = Seal(KEY, purpose="letters")
    envelope = seal.close("secret", of=ADA)
    changed = [envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :] for at in range(len(envelope))]
    cut = [envelope[:length] for length in range(len(envelope))]

    for wrong in [*changed, *cut]:
        with pytest.raises(CannotUnseal):
            seal.open(wrong, of=ADA)


def test_after_the_key_was_changed_the_older_one_still_opens_and_the_new_one_seals():
    before = Seal(KEY, purpose="letters")
    after = Seal(OTHER_KEY, purpose="letters", older=[KEY])

    assert after.open(before.close("secret", of=ADA), of=ADA) == "secret"
    with pytest.raises(CannotUnseal):
        before.open(after.close("secret", of=ADA), of=ADA)
