"""Envelopes: what few may read is sealed with a key of its own, and that key is wrapped by one that is kept elsewhere.

An envelope is one byte of version, eight that name the key that wraps, two of length, the wrapped data key, then twelve
of nonce and what AES-256-GCM makes of the text. So to change the wrapping key only the few bytes in front are made
anew (`Vault.rewrap`), and a key service outside never sees what is sealed.
"""

import secrets
from collections.abc import Sequence
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from plaudit.foundation.errors import BadSetting, CannotUnseal
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings

KEY_NAME_BYTES = 8
_VERSION = b"\x02"
_KEY_BYTES = 32
_NAME_END = 1 + KEY_NAME_BYTES
_LENGTH_END = _NAME_END + 2
_NONCE_BYTES = 12


class Keys(Protocol):
    """What wraps data keys. A key service (KMS) implements it by its own calls; each key has a name of eight bytes."""

    @property
    def current(self) -> bytes:
        """The name of the key that wraps from now on."""
        ...

    async def wrap(self, data_key: bytes, *, of: bytes) -> bytes:
        """The data key under the current key, bound to `of`."""
        ...

    async def unwrap(self, name: bytes, wrapped: bytes, *, of: bytes) -> bytes:
        """The data key as it was. Raises CannotUnseal when no key has this name, or it isn't `of`'s."""
        ...


class _Key(Struct, frozen=True):
    name: bytes
    cipher: AESGCM


class SettingsKeys:
    """Keys that are derived (HKDF with SHA-256) from secrets in the settings: the first wraps, all of them unwrap."""

    def __init__(self, secret: bytes, *, older: Sequence[bytes] = ()) -> None:
        keys = [_derive(each) for each in (secret, *older)]
        self._key = keys[0]
        self._keys = {key.name: key for key in reversed(keys)}

    @property
    def current(self) -> bytes:
        """The name of the first."""
        return self._key.name

    async def wrap(self, data_key: bytes, *, of: bytes) -> bytes:
        """The data key under the first key."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._key.cipher.encrypt(nonce, data_key, self._key.name + of)

    async def unwrap(self, name: bytes, wrapped: bytes, *, of: bytes) -> bytes:
        """The data key, whichever of the keys wrapped it. Raises CannotUnseal."""
        key = self._keys.get(name)
        if key is None:
            raise CannotUnseal("Something was sealed with a key that isn't among PLAUDIT_SEAL_KEY and the older ones.")
        return _decrypt(key.cipher, wrapped, name + of)


class Vault:
    """Seals texts into envelopes and opens them."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    @property
    def current_key(self) -> bytes:
        """The name of the key that seals from now on; bytes 2 to 9 of an envelope name its own."""
        return self._keys.current

    async def close(self, text: str, *, of: bytes) -> bytes:
        """The envelope. `of` says whose it is: it opens for nobody else."""
        data_key, nonce = secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + AESGCM(data_key).encrypt(nonce, text.encode(), _VERSION + of)
        return await self._wrap(data_key, of) + sealed

    async def open(self, envelope: bytes, *, of: bytes) -> str:
        """What was sealed. Raises CannotUnseal when no key here wrapped it, or it was changed, or it isn't `of`'s."""
        data_key, sealed = await self._unwrap(envelope, of)
        return _decrypt(AESGCM(data_key), sealed, _VERSION + of).decode()

    async def rewrap(self, envelope: bytes, *, of: bytes) -> bytes:
        """The same content under the current key; the text itself isn't opened. Raises as `open`."""
        data_key, sealed = await self._unwrap(envelope, of)
        return await self._wrap(data_key, of) + sealed

    async def _wrap(self, data_key: bytes, of: bytes) -> bytes:
        wrapped = await self._keys.wrap(data_key, of=of)
        return _VERSION + self._keys.current + len(wrapped).to_bytes(2, "big") + wrapped

    async def _unwrap(self, envelope: bytes, of: bytes) -> tuple[bytes, bytes]:
        """The data key, and what is sealed with it."""
        if envelope[:1] != _VERSION or len(envelope) < _LENGTH_END:
            raise CannotUnseal("An envelope in the database was cut short, or isn't one.")
        end = _LENGTH_END + int.from_bytes(envelope[_NAME_END:_LENGTH_END], "big")
        data_key = await self._keys.unwrap(envelope[1:_NAME_END], envelope[_LENGTH_END:end], of=of)
        return data_key, envelope[end:]


def open_vault(settings: Settings) -> Vault:
    """The vault of this installation: `seal_key` seals, or the secret key where none is set; the older ones open.

    What the secret key sealed before a `seal_key` was set opens always. Raises BadSetting as `find_secret_key`, and for
    a seal key that couldn't be written among the older ones later, which are parted by commas and stripped.
    """
    if settings.seal_key is not None and (settings.seal_key != settings.seal_key.strip() or "," in settings.seal_key):
        raise BadSetting("PLAUDIT_SEAL_KEY has no commas, and no space around it.")
    secret_key = find_secret_key(settings).encode()
    older = [each.strip().encode() for each in (settings.older_seal_keys or "").split(",") if each.strip()]
    if settings.seal_key is None:
        return Vault(SettingsKeys(secret_key, older=older))
    return Vault(SettingsKeys(settings.seal_key.encode(), older=[*older, secret_key]))


def _derive(secret: bytes) -> _Key:
    material = HKDF(SHA256(), length=_KEY_BYTES + KEY_NAME_BYTES, salt=None, info=b"plaudit envelope key")
    derived = material.derive(secret)
    return _Key(name=derived[_KEY_BYTES:], cipher=AESGCM(derived[:_KEY_BYTES]))


def _decrypt(cipher: AESGCM, sealed: bytes, associated: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as problem:
        raise CannotUnseal("A secret in the database was changed, or moved to another row.") from problem
