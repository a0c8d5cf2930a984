"""Columns of the log as PostgreSQL's binary arrays, packed in one go: see ledger/packing.py for why."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from struct import pack

from psycopg import AsyncConnection
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format

from plaudit.ledger import packing
from plaudit.ledger.packing import Packed

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Texts(Packed):
    """A text[]."""


class Blobs(Packed):
    """A bytea[]."""


class Instants(Packed):
    """A timestamptz[]."""


def texts(elements: Sequence[str]) -> Texts:
    """Texts as a text[]."""
    return Texts(_array("text", [element.encode() for element in elements]))


def blobs(elements: Sequence[bytes]) -> Blobs:
    """Bytes as a bytea[]."""
    return Blobs(_array("bytea", elements))


def instants(elements: Sequence[datetime | None]) -> Instants:
    """Instants as a timestamptz[], in which None is null."""
    micros = [None if element is None else (element - _POSTGRES_EPOCH) // _MICROSECOND for element in elements]
    packed: Iterable[bytes] = [pack(">i", -1) if each is None else pack(">iq", 8, each) for each in micros]
    return Instants(_header("timestamptz", len(elements)) + b"".join(packed))


def register(connection: AsyncConnection) -> None:
    """Let a connection send packed columns."""
    packing.register(connection)
    connection.adapters.register_dumper(Texts, _TextsDumper)
    connection.adapters.register_dumper(Blobs, _BlobsDumper)
    connection.adapters.register_dumper(Instants, _InstantsDumper)


def _array(element: str, elements: Sequence[bytes]) -> bytes:
    return _header(element, len(elements)) + b"".join([pack(">i", len(each)) + each for each in elements])


def _header(element: str, count: int) -> bytes:
    return pack(">iiIii", 1, 1, types[element].oid, count, 1) if count else pack(">iiI", 0, 0, types[element].oid)


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> bytes:
        return obj.packed


class _TextsDumper(_PackedDumper):
    oid = types["text"].array_oid


class _BlobsDumper(_PackedDumper):
    oid = types["bytea"].array_oid


class _InstantsDumper(_PackedDumper):
    oid = types["timestamptz"].array_oid
