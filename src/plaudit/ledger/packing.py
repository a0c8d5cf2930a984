"""Whole columns as PostgreSQL's binary arrays, packed in one go.

psycopg dumps an array element by element, which for a batch of a thousand transfers takes longer than the database
needs to store them; `struct` and `bytes.join` do it about ten times as fast. Format: PostgreSQL's array_recv.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from struct import pack
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

_UUID_LENGTH = pack(">i", 16)
_NULL = pack(">i", -1)


class Packed:
    """A column that is an array in PostgreSQL's binary format already."""

    __slots__ = ("packed",)

    def __init__(self, packed: bytes) -> None:
        self.packed = packed


class BigInts(Packed):
    """A bigint[]."""


class Ints(Packed):
    """An integer[]."""


class Uuids(Packed):
    """A uuid[]."""


def _header(element: str, count: int, *, nulls: bool = False) -> bytes:
    return pack(">iiIii", 1 if count else 0, nulls, types[element].oid, count, 1) if count else _empty(element)


def _empty(element: str) -> bytes:
    return pack(">iiI", 0, 0, types[element].oid)


def bigints(numbers: Sequence[int]) -> BigInts:
    """Integers from -2^63 to 2^63-1 as a bigint[]."""
    interleaved = chain.from_iterable(zip((8,) * len(numbers), numbers, strict=True))
    return BigInts(_header("int8", len(numbers)) + pack(">" + "iq" * len(numbers), *interleaved))


def ints(numbers: Sequence[int]) -> Ints:
    """Integers from -2^31 to 2^31-1 as an integer[]."""
    interleaved = chain.from_iterable(zip((4,) * len(numbers), numbers, strict=True))
    return Ints(_header("int4", len(numbers)) + pack(">" + "ii" * len(numbers), *interleaved))


def uuids(ids: Collection[UUID]) -> Uuids:
    """Ids as a uuid[]."""
    return Uuids(_UUID_LENGTH.join(chain((_header("uuid", len(ids)),), [id.bytes for id in ids])))


def uuids_of_ints(ids: Collection[int]) -> Uuids:
    """Ids, each as the integer that it is, as a uuid[]."""
    return Uuids(_UUID_LENGTH.join(chain((_header("uuid", len(ids)),), [id.to_bytes(16, "big") for id in ids])))


def optional_uuids(ids: Sequence[UUID | None]) -> Uuids:
    """Ids as a uuid[], in which None is null."""
    elements: Iterable[bytes] = [_NULL if id is None else _UUID_LENGTH + id.bytes for id in ids]
    return Uuids(b"".join(chain((_header("uuid", len(ids), nulls=True),), elements)))


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> bytes:
        return obj.packed


class _BigIntsDumper(_PackedDumper):
    oid = types["int8"].array_oid


class _IntsDumper(_PackedDumper):
    oid = types["int4"].array_oid


class _UuidsDumper(_PackedDumper):
    oid = types["uuid"].array_oid


def register(connection: AsyncConnection) -> None:
    """Let a connection send packed columns."""
    connection.adapters.register_dumper(BigInts, _BigIntsDumper)
    connection.adapters.register_dumper(Ints, _IntsDumper)
    connection.adapters.register_dumper(Uuids, _UuidsDumper)
