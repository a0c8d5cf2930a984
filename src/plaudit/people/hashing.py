"""Passwords, tokens and secrets as they are stored.

Argon2id for what people choose, SHA-256 for what is random anyway, and a seal for what must be read again.
"""

import asyncio
import secrets
from hashlib import sha256
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from plaudit.foundation.sealing import Seal

LEAK_MARK = "plaudit_"


class Cost(Struct, frozen=True):
    """What one try costs, for us and for whoever guesses: OWASP's first choice for argon2id. Salt and hash are fixed.

    Change it here, and every password is hashed anew when its owner next signs in.
    """

    memory_kib: int = 19_456
    rounds: int = 2
    lanes: int = 1


class Hasher:
    """Hashes and verifies passwords in threads: argon2 lets the others run, and the loop never waits for it.

    `seal` is for the secrets of second factors; a program that never meets one needs none.
    """

    def __init__(self, cost: Cost | None = None, *, seal: Seal | None = None) -> None:
        cost = cost or Cost()
        self._seal = seal
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

    def seal(self, secret: str, person_id: UUID) -> bytes:
        """The secret of this person's second factor as it is stored."""
        return self._needed_seal().close(secret, of=person_id.bytes)

    def unseal(self, sealed: bytes, person_id: UUID) -> str:
        """The secret as it was. Raises CannotUnseal when it isn't this person's, or another secret key made it."""
        return self._needed_seal().open(sealed, of=person_id.bytes)

    def _needed_seal(self) -> Seal:
        assert self._seal is not None, "a program that signs people in is given a seal"
        return self._seal

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        # A text that can't be written as UTF-8 is nobody's password.
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


def new_token() -> str:
    """256 random bits, to be sent in a header or a link. The prefix lets scanners of leaked secrets find it."""
    return LEAK_MARK + secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored of a token: it is random, so one round of SHA-256 can't be turned back."""
    return sha256(token.encode(errors="surrogatepass")).digest()
