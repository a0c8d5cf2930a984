"""Columns that we pack ourselves arrive in PostgreSQL as they were."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plaudit.foundation.embedded import EmbeddedPostgres
from plaudit.ledger.packing import Packed, bigints, ints, optional_uuids, register, uuids

Line = psycopg.AsyncConnection[Any]

BIGINTS: LiteralString = "select array(select unnest(%(packed)s::bigint[]))"
INTS: LiteralString = "select array(select unnest(%(packed)s::int[]))"
UUIDS: LiteralString = "select array(select unnest(%(packed)s::uuid[]))"

big = st.integers(-(2**63), 2**63 - 1)
small = st.integers(-(2**31), 2**31 - 1)


@asynccontextmanager
async def a_line(postgres: EmbeddedPostgres) -> AsyncGenerator[Line]:
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as line:
        register(line)
        yield line


async def round_trip(postgres: EmbeddedPostgres, sql: LiteralString, packed: Sequence[Packed]) -> list[Any]:
    async with a_line(postgres) as line:
        rows = [await (await line.execute(sql, {"packed": each})).fetchone() for each in packed]
    return [row[0] for row in rows if row is not None]


def assert_arrives(
    postgres: EmbeddedPostgres, sql: LiteralString, pack: Callable[[Any], Packed], columns: Sequence[Sequence[Any]]
) -> None:
    arrived = asyncio.run(round_trip(postgres, sql, [pack(column) for column in columns]))

    assert arrived == [list(column) for column in columns]


@settings(max_examples=20)
@given(columns=st.lists(st.lists(big, max_size=40), min_size=20, max_size=20))
def test_bigints_arrive(columns: list[list[int]], postgres: EmbeddedPostgres):
    assert_arrives(postgres, BIGINTS, bigints, columns)


@settings(max_examples=20)
@given(columns=st.lists(st.lists(small, max_size=40), min_size=20, max_size=20))
def test_ints_arrive(columns: list[list[int]], postgres: EmbeddedPostgres):
    assert_arrives(postgres, INTS, ints, columns)


@settings(max_examples=20)
@given(columns=st.lists(st.lists(st.uuids(), max_size=40), min_size=20, max_size=20))
def test_uuids_arrive(columns: list[list[UUID]], postgres: EmbeddedPostgres):
    assert_arrives(postgres, UUIDS, uuids, columns)


@settings(max_examples=20)
@given(columns=st.lists(st.lists(st.none() | st.uuids(), max_size=40), min_size=20, max_size=20))
def test_uuids_and_nulls_arrive(columns: list[list[UUID | None]], postgres: EmbeddedPostgres):
    assert_arrives(postgres, UUIDS, optional_uuids, columns)


@pytest.mark.parametrize(
    ("sql", "pack", "column"),
    [
        (BIGINTS, bigints, []),
        (BIGINTS, bigints, [0]),
        (BIGINTS, bigints, [2**63 - 1, -(2**63), -1, 0, 1]),
        (INTS, ints, []),
        (INTS, ints, [2**31 - 1, -(2**31), -1, 0, 1]),
        (UUIDS, uuids, []),
        (UUIDS, uuids, [UUID(int=0), UUID(int=2**128 - 1)]),
        (UUIDS, optional_uuids, []),
        (UUIDS, optional_uuids, [None]),
        (UUIDS, optional_uuids, [None, UUID(int=0), None, UUID(int=2**128 - 1), None]),
        (UUIDS, optional_uuids, [UUID(int=1)]),
        (BIGINTS, bigints, list(range(5_000))),
    ],
)
def test_empty_and_extreme_columns_arrive(
    sql: LiteralString, pack: Callable[[Any], Packed], column: list[Any], postgres: EmbeddedPostgres
):
    assert_arrives(postgres, sql, pack, [column])


async def test_a_packed_column_says_its_type(postgres: EmbeddedPostgres):
    async with a_line(postgres) as line:
        rows = [
            await (await line.execute("select pg_typeof(%(packed)s)::text", {"packed": packed})).fetchone()
            for packed in (bigints([1]), ints([1]), uuids([]), optional_uuids([None]))
        ]

    assert rows == [("bigint[]",), ("integer[]",), ("uuid[]",), ("uuid[]",)]


async def test_a_column_with_nulls_counts_as_one_to_the_database(postgres: EmbeddedPostgres):
    async with a_line(postgres) as line:
        row = await (
            await line.execute(
                "select array_position(%(packed)s, null), cardinality(%(packed)s), array_lower(%(packed)s, 1)",
                {"packed": optional_uuids([UUID(int=1), None])},
            )
        ).fetchone()

    assert row == (2, 2, 1)


@pytest.mark.parametrize(("pack", "number"), [(bigints, 2**63), (bigints, -(2**63) - 1), (ints, 2**31)])
def test_a_number_that_does_not_fit_is_never_packed(pack: Callable[[list[int]], Packed], number: int):
    with pytest.raises(struct.error):
        pack([number])
