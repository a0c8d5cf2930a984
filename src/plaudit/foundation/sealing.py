"""Secrets that must be read again, as they are kept at rest: sealed with a key that isn't where they are.

An envelope is one byte of version, eight that name the key, twelve of nonce, then what AES-256-GCM makes of the text,
with its tag of sixteen. Keys are derived from the installation's secret key (HKDF with SHA-256), one for each purpose.
"""

import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from plaudit.foundation.errors import CannotUnseal

_VERSION = b"\x01"
_KEY_BYTES = 32
_NAME_END = 1 + 8
_NONCE_BYTES = 12


class _Key(Struct, frozen=True):
    name: bytes
    cipher: AESGCM


class Seal:
    """Seals and opens for one purpose. The first secret key seals; the `older` ones only open what they sealed."""

    def __init__(self, secret_key: bytes, *, purpose: str, older: Sequence[bytes] = ()) -> None:
        keys = [_derive(each, purpose) for each in (secret_key, *older)]
        self._key = keys[0]
        self._keys = {key.name: key for key in keys}

    def close(self, text: str, *, of: bytes) -> bytes:
        """The envelope. `of` says whose secret it is: the envelope opens for nobody else."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        head = _VERSION + self._key.name
        return head + nonce + self._key.cipher.encrypt(nonce, text.encode(), head + of)

    def open(self, envelope: bytes, *, of: bytes) -> str:
        """What was sealed. Raises CannotUnseal when no key here made it, or it was changed, or it isn't `of`'s."""
        head, sealed = envelope[:_NAME_END], envelope[_NAME_END:]
        key = self._keys.get(head[1:])
        if head[:1] != _VERSION or key is None:
            raise CannotUnseal
        try:
            return key.cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], head + of).decode()
        except (InvalidTag, ValueError) as problem:
            raise CannotUnseal("A secret in the database was changed, or moved to another row.") from problem


def _derive(secret_key: bytes, purpose: str) -> _Key:
    material = HKDF(SHA256(), length=_KEY_BYTES + _NAME_END - 1, salt=None, info=f"plaudit seal {purpose}".encode())
    derived = material.derive(secret_key)
    return _Key(name=derived[_KEY_BYTES:], cipher=AESGCM(derived[:_KEY_BYTES]))
