from pathlib import Path

import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.people import Hasher
from plaudit.people.operators import add_operator
from plaudit.web.demo_pace import QUICKEST, USUAL_PACE, read_pace, store_pace
from tests.web.api.conftest import NOW, PASSWORD, Someone, a_wish, ask, open_client


async def test_an_operator_of_the_demo_changes_how_much_its_crowd_gives(
    settings: Settings, clock: MovableClock, tmp_path: Path
):
    file = tmp_path / "pace.json"
    async with (
        open_client(msgspec.structs.replace(settings, demo_pace_file=file), clock) as client,
        Database.open(settings.database_url or "") as db,
    ):
        await ask(client, "POST /v1/sign-up", a_wish("olga"))
        fan = Someone(client, (await ask(client, "POST /v1/sign-up", a_wish("finn"))).json())
        await add_operator(db, Hasher(), "olga@example.org", now=NOW)
        signed_in = await ask(client, "POST /v1/sign-in", {"email": "olga@example.org", "password": PASSWORD})
        operator = Someone(client, signed_in.json())

        before = await operator.ask("GET /v1/operator/demo")
        changed = await operator.ask("PUT /v1/operator/demo", {"pace": 12.5})
        refused = [
            (await operator.ask("PUT /v1/operator/demo", {"pace": pace})).status_code for pace in (0, 10_000, "fast")
        ]
        others = [
            (await ask(client, "GET /v1/operator/demo")).status_code,
            (await fan.ask("GET /v1/operator/demo")).status_code,
            (await fan.ask("PUT /v1/operator/demo", {"pace": 1})).status_code,
        ]
        acts = (await operator.ask("GET /v1/operator/acts")).json()["items"]

    assert before.json() == {"pace": USUAL_PACE}
    assert changed.json() == {"pace": 12.5}
    assert refused == [422, 422, 422]
    assert others == [401, 403, 403]
    assert read_pace(file) == 12.5
    assert [act["act"] for act in acts] == ["demo_pace_set"]


async def test_without_the_demo_there_is_no_such_call(settings: Settings, clock: MovableClock):
    async with open_client(settings, clock) as client:
        answer = await ask(client, "GET /v1/operator/demo")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("written", "pace"), [("", USUAL_PACE), ('{"pace": "x"}', USUAL_PACE), ('{"pace": 1e9}', QUICKEST)]
)
def test_a_pace_that_makes_no_sense_stops_nobody(tmp_path: Path, written: str, pace: float):
    file = tmp_path / "pace.json"
    file.write_text(written)

    assert read_pace(file) == pace
    assert read_pace(tmp_path / "missing.json") == USUAL_PACE

    store_pace(file, 5.0)
    assert read_pace(file) == 5.0
