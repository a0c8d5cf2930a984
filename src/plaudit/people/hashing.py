"""Passwords and tokens as they are stored: argon2id for what people choose, SHA-256 for what is random anyway."""

import asyncio
import secrets
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct


class Cost(Struct, frozen=True):
    """What one try costs, for us and for whoever guesses: OWASP's first choice for argon2id. Salt and hash are fixed.

    Change it here, and every password is hashed anew when its owner next signs in.
    """

    memory_kib: int = 19_456
    rounds: int = 2
    lanes: int = 1


class Hasher:
    """Hashes and verifies passwords in threads: argon2 lets the others run, and the loop never waits for it."""

    def __init__(self, cost: Cost | None = None) -> None:
        cost = cost or Cost()
        self._argon2 = PasswordHasher(time_cost=cost.rounds, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        # An unknown e-mail address must take as long as a known one.
        self._nobodys = self._argon2.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        """The hash with its parameters and its salt, in argon2's own format."""
        return await asyncio.to_thread(self._argon2.hash, password)

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether this is the password; the same work, and no, when there is no hash."""
        right = await asyncio.to_thread(self._verify, hashed or self._nobodys, password)
        return right and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made at another cost than today's."""
        return self._argon2.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        # A text that can't be written as UTF-8 is nobody's password.
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


def new_token() -> str:
    """256 random bits, to be sent in a header or a link. The prefix lets scanners of leaked secrets find it."""
    return "plaudit_" + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored of a token: it is random, so one round of SHA-256 can't be turned back."""
    return sha256(token.encode(errors="surrogatepass")).digest()
