"""The codes of a second factor: six digits of the moment (RFC 6238), and words for when the phone is lost."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from hmac import compare_digest

from pyotp import random_base32
from pyotp.totp import TOTP

STEP_SECONDS = 30
RECOVERY_CODES = 10
ISSUER = "Plaudit"
# Without the letters and digits that look alike on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 random bits in base 32, as authenticator apps take them."""
    return random_base32()


def provisioning_uri(secret: str, email: str) -> str:
    """What the QR code for an authenticator app holds."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step of time that the code belongs to; None when it is wrong, or not later than the step `after`.

    One step to each side is allowed: clocks differ, and people type slowly.
    """
    plain = code.replace(" ", "")
    present = int(now.timestamp()) // STEP_SECONDS
    for step in (present - 1, present, present + 1):
        right = TOTP(secret).at(now + timedelta(seconds=(step - present) * STEP_SECONDS))
        if step > after and compare_digest(right.encode(), plain.encode(errors="surrogatepass")):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of about 50 bits each, such as "k7dq3-x9mpa"."""
    return [f"{''.join(_letters(5))}-{''.join(_letters(5))}" for _ in range(RECOVERY_CODES)]


def normal_recovery_code(code: str) -> str:
    """The code as it is hashed: people leave out the dash, or write capitals."""
    letters = "".join(letter for letter in code.lower() if letter in _ALPHABET)
    return f"{letters[:5]}-{letters[5:]}"


def _letters(count: int) -> Iterator[str]:
    return (secrets.choice(_ALPHABET) for _ in range(count))
