"""Every operation of the API, tried with thousands of requests that nobody would think of.

The document says which operations there are, so a new route is explored the day that it is added.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from uuid import UUID

import httpx
import msgspec
import pytest

from plaudit.foundation.clock import SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings
from plaudit.ledger import PostgresLedger
from plaudit.people import Session, queries, rules
from plaudit.people.hashing import hash_token, new_token
from plaudit.web import running_web_server
from tests.ledger.closing import assert_books_close, assert_check_passes
from tests.web.fuzz.exploring import Report, Token, explore
from tests.web.fuzz.world import World, make_world

LEAST_CASES = 5_000
CHECKS = set(
    """
    allow_header_conformance content_type_conformance ensure_resource_availability ignored_auth missing_required_header
    negative_data_rejection not_a_server_error object_level_authorization positive_data_acceptance
    response_headers_conformance response_schema_conformance status_code_conformance unsupported_method use_after_free
    """.split()
)
# In this order, because creators and operators end lives. Those two may do the most, so it is they who try every limit.
VISITORS = ("fan", "stranger", "creator", "operator")
_THOROUGH = {"creator", "operator"}
# Wrong passwords are forgiven so often that some requests find their account locked, and most don't.
_FORGIVEN_EVERY = 25


class Keys:
    """Sessions of one person: a new one as soon as the last was ended, as exploring does with every door it finds."""

    def __init__(self, db: Database, person_id: UUID) -> None:
        self._db = db
        self._person_id = person_id
        self._token = ""
        self._asked = 0

    async def token(self) -> str:
        self._asked += 1
        async with self._db.transaction() as tx:
            if self._asked % _FORGIVEN_EVERY == 0:
                await tx.execute("delete from people.attempts")
            if not await queries.list_sessions_of_tokens(tx, [hash_token(self._token)]):
                self._token = new_token()
                await queries.add_session(tx, self._session(), hash_token(self._token))
        return self._token

    def _session(self) -> Session:
        now = SystemClock().now()
        return Session(
            id=new_id(),
            person_id=self._person_id,
            scopes=None,
            user_agent="explorer",
            first_seen_at=now,
            last_seen_at=now,
            idle_until=now + rules.IDLE,
            expires_at=now + rules.ABSOLUTE,
        )


@pytest.fixture
async def db(settings: Settings) -> AsyncGenerator[Database]:
    async with Database.open(settings.database_url or "") as db:
        yield db


async def test_nobody_finds_an_accident_or_anything_that_the_document_does_not_say(
    settings: Settings, db: Database, seed: int
):
    unlimited = msgspec.structs.replace(settings, session_rate=0, address_rate=0, log_level="error")

    async with running_web_server(unlimited) as web, httpx.AsyncClient(base_url=web.url) as client:
        described = (await client.get("/v1/openapi.json")).json()
        world = await make_world(client, db)
        reports = {
            visitor: await asyncio.to_thread(
                explore,
                web.url,
                world,
                token=await _key(db, world, visitor),
                seed=seed + number,
                is_thorough=visitor in _THOROUGH,
            )
            for number, visitor in enumerate(VISITORS)
        }

    _print(reports)
    assert [
        f"as {who}: {where}\n{what}" for who, each in reports.items() for where, what in each.findings.items()
    ] == []
    operations = {f"{method.upper()} {path}" for path, item in described["paths"].items() for method in item}
    assert [operations - report.answers.keys() for report in reports.values()] == [set[str]()] * len(VISITORS)
    assert sum(report.cases for report in reports.values()) >= LEAST_CASES
    assert set().union(*(report.checks for report in reports.values())) >= CHECKS
    async with PostgresLedger.open(db) as ledger:
        await assert_books_close(ledger)
    await assert_check_passes(db)


async def _key(db: Database, world: World, visitor: str) -> Token | None:
    if visitor not in world.people:
        return None
    async with db.transaction() as tx:
        person_id = await queries.find_id_by_email(tx, world.people[visitor].email)
    assert person_id is not None
    keys, loop = Keys(db, person_id), asyncio.get_running_loop()
    return lambda: asyncio.run_coroutine_threadsafe(keys.token(), loop).result(timeout=30)


def _print(reports: dict[str, Report]) -> None:
    """What a failing run shows, and `pytest -rP` a passing one: the cases, and what nobody ever got through to."""
    for visitor, report in reports.items():
        print(f"{visitor}: {report.cases:,} cases")
    print(f"{sum(report.cases for report in reports.values()):,} cases in all, {LEAST_CASES:,} at least")
    print("Checks:", dict(sum((report.checks for report in reports.values()), Counter[str]())))
    answers: dict[str, Counter[int]] = {}
    for report in reports.values():
        for operation, statuses in report.answers.items():
            answers.setdefault(operation, Counter()).update(statuses)
    for operation, statuses in sorted(answers.items()):
        print(f"{operation}: {dict(sorted(statuses.items()))}")
