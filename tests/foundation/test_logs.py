import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from plaudit.foundation.logs import bind_request_id, configure_logs, current_request_id, get_logger


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> StringIO:
    return StringIO()


@pytest.fixture(autouse=True)
def put_back_what_logging_was() -> Iterator[None]:
    root = logging.getLogger()
    outlets, level = root.handlers[:], root.level
    yield
    root.handlers[:] = outlets
    root.setLevel(level)
    logging.captureWarnings(False)


def lines_of(out: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_for_machines_is_one_json_object_with_time_level_and_place(out: StringIO):
    configure_logs(form="json", stream=out)

    get_logger("plaudit.gifts").info("gift sent", coins=10)

    (line,) = lines_of(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "gift sent", "coins": 10, "level": "info", "logger": "plaudit.gifts"}


def test_a_line_for_people_is_plain_text(out: StringIO):
    configure_logs(form="console", stream=out)

    get_logger("plaudit").warning("gift refused", coins=10)

    assert "gift refused" in out.getvalue()
    assert "coins=10" in out.getvalue()
    assert "\x1b[" not in out.getvalue()


def test_the_form_follows_the_terminal_unless_it_is_chosen():
    terminal, pipe = Terminal(), StringIO()

    configure_logs(form="auto", stream=terminal)
    get_logger("plaudit").info("hello")
    configure_logs(form="auto", stream=pipe)
    get_logger("plaudit").info("hello")

    assert "\x1b[" in terminal.getvalue()
    assert lines_of(pipe)[0]["event"] == "hello"


def test_lines_of_other_libraries_come_out_the_same_way(out: StringIO):
    configure_logs(form="json", stream=out)

    logging.getLogger("some.library").warning("took %d ms", 12)

    (line,) = lines_of(out)
    assert (line["event"], line["level"], line["logger"]) == ("took 12 ms", "warning", "some.library")


def test_what_is_less_important_than_the_level_is_not_written(out: StringIO):
    configure_logs(level="warning", form="json", stream=out)

    get_logger("plaudit").info("quiet")
    logging.getLogger("some.library").info("quiet")
    get_logger("plaudit").error("loud")

    assert [line["event"] for line in lines_of(out)] == ["loud"]


def test_configuring_twice_does_not_write_twice(out: StringIO):
    configure_logs(form="json", stream=out)
    configure_logs(form="json", stream=out)

    get_logger("plaudit").info("once")

    assert len(lines_of(out)) == 1


async def test_every_line_of_a_request_and_of_what_it_starts_carries_its_id(out: StringIO):
    configure_logs(form="json", stream=out)
    log = get_logger("plaudit")

    async def answer(request_id: str) -> None:
        with bind_request_id(request_id):
            log.info("begun")
            await asyncio.sleep(0)
            logging.getLogger("some.library").warning("called")
            assert current_request_id() == request_id

    await asyncio.gather(answer("a"), answer("b"))
    log.info("outside")

    ids = [line.get("request_id", "none") for line in lines_of(out)]
    assert sorted(ids[:4]) == ["a", "a", "b", "b"]
    assert ids[4:] == ["none"]
    assert current_request_id() is None


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_is_logged_whether_by_name_or_inside_a_url_or_a_traceback(out: StringIO, form: Any):
    configure_logs(form=form, stream=out)
    log = get_logger("plaudit")

    log.info("sign-in", password="hunter2", headers={"Authorization": "Bearer hunter2", "x": "kept"})
    log.info("connecting to postgresql://ada:hunter2@db/plaudit", url="nats://hunter2@nats:4222")
    logging.getLogger("some.library").warning("no route to %s", "postgresql://ada:hunter2@db/plaudit")
    try:
        raise ConnectionError("postgresql://ada:hunter2@db/plaudit refused")
    except ConnectionError:
        log.exception("failed")

    assert "hunter2" not in out.getvalue()
    assert "kept" in out.getvalue()
    assert "ConnectionError" in out.getvalue()
    assert "postgresql://ada:***@db/plaudit" in out.getvalue()
