"""Schemathesis, exploring the served app as one visitor, from our own OpenAPI document, with all of its checks."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
import schemathesis
from schemathesis import AuthContext, Case
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from tests.web.fuzz.world import World, sound_bodies

# So many random requests are shared by all operations, so that the time doesn't grow with the API; each has a few at
# least. Those that try every limit of the schemas are as many as there are limits.
_RANDOM, _LEAST_OF_EACH = 800, 8
# Walks from one operation to the next, with what the one answered.
_WALKS = 40
# How often a value is one that means something in this world, instead of a made-up one.
_MEANT = 0.5
_SHOWN = 1_000

# A rule that no schema can tell (a name that is reserved, a region's age) is refused with 422 as well. What is left
# to find is a well-formed request that is refused with 400, 405, 415 …
_ACCEPTED = ["2xx", "401", "402", "403", "404", "409", "422", "429"]

Token = Callable[[], str]


@dataclass
class Report:
    """What came of it: how often each operation answered with which status, which checks ran, what was found."""

    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter[int]))
    checks: Counter[str] = field(default_factory=Counter[str])
    findings: dict[tuple[str, str, str], str] = field(default_factory=dict[tuple[str, str, str], str])

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return sum(answers.total() for answers in self.answers.values())


def explore(url: str, world: World, *, token: Token | None, seed: int, is_thorough: bool) -> Report:
    """Explore every operation of the document at `url`; blocks until it is done.

    `token` is asked for a session before each request; without one it is a stranger who asks. Who is thorough tries
    every limit of the schemas first.
    """
    operations = _count_operations(url)
    config = _config(world.words, operations, as_stranger=token is None, is_thorough=is_thorough, seed=seed)
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json", config=config)
    if token is not None:
        _sign_in(schema, token)
    _add_sound_requests(schema, sound_bodies(world))
    report = Report()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(event.recorder, report)
        elif isinstance(event, events.NonFatalError):
            report.findings[event.label, "error", type(event.value).__name__] = str(event.value)
        elif isinstance(event, events.FatalError):
            raise event.exception
    return report


def _count_operations(url: str) -> int:
    paths: dict[str, dict[str, Any]] = httpx.get(f"{url}/v1/openapi.json").json()["paths"]
    return sum(len(item) for item in paths.values())


def _config(
    words: Mapping[str, list[Any]], operations: int, *, as_stranger: bool, is_thorough: bool, seed: int
) -> schemathesis.Config:
    generation = {
        "max-examples": max(_LEAST_OF_EACH, _RANDOM // operations),
        # What is found is shown as it was found: shrinking it may take minutes.
        "no-shrink": True,
        "database": "none",
        # Made-up tokens are for the stranger; the others always have their own.
        "with-security-parameters": as_stranger,
    }
    return schemathesis.Config.from_dict(  # pyright: ignore[reportUnknownMemberType] - a plain `dict` to the library
        {
            "seed": seed,
            "continue-on-failure": True,
            "request-timeout": 20,
            "auth": {"auto-signup": False},
            "generation": generation,
            "phases": {"coverage": {"enabled": is_thorough}, "stateful": {"generation": {"max-examples": _WALKS}}},
            "dictionaries": {name: {"values": values} for name, values in words.items()},
            "parameters": _bound(words.keys() - {"to"}),
            # A gift goes to a live or to somebody, never to both.
            "operations": [{"include-name": "POST /v1/messages", "parameters": _bound({"to"})}],
            "checks": {"positive_data_acceptance": {"expected-statuses": _ACCEPTED}},
        }
    )


def _bound(names: Iterable[str]) -> dict[str, Any]:
    # Nobody's password becomes another one, so that the doors behind it stay open.
    bound = {name: {"dictionary": name, "probability": 1.0 if name == "new_password" else _MEANT} for name in names}
    return {**bound, **{f"body.{name}": each for name, each in bound.items()}}


def _sign_in(schema: schemathesis.BaseSchema, token: Token) -> None:
    @schema.auth(refresh_interval=None)  # pyright: ignore[reportUnknownMemberType] - generic without a parameter
    class Signed:  # pyright: ignore[reportUnusedClass] - the decorator registers it
        def get(self, case: Case[Any], context: AuthContext) -> str:
            del case, context
            return token()

        def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
            del context
            headers = cast("MutableMapping[str, str]", case.headers)  # pyright: ignore[reportUnknownMemberType] - the same
            headers["Authorization"] = f"Bearer {data}"


def _add_sound_requests(schema: schemathesis.BaseSchema, bodies: Mapping[str, list[Any]]) -> None:
    # The library's own types say little here.
    loose: Any = schema

    def before_add_examples(context: Any, examples: list[Any]) -> None:
        for body in bodies.get(context.operation.label, []):
            case = context.operation.Case(body=body)
            if loose.auth.is_defined:
                loose.auth.set(case, AuthContext(context.operation, app=None))
            examples.append(case)

    loose.hook(before_add_examples)


def _note(recorder: ScenarioRecorder, report: Report) -> None:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            report.answers[_operation(recorder, case_id)][interaction.response.status_code] += 1
    report.checks.update(check.name for checks in recorder.checks.values() for check in checks)
    for key, text in _findings(recorder):
        report.findings.setdefault(key, text)


def _findings(recorder: ScenarioRecorder) -> Iterator[tuple[tuple[str, str, str], str]]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status is not Status.FAILURE or check.failure_info is None:
                continue
            failure = check.failure_info.failure
            answer = recorder.find_response(case_id=failure.case_id or case_id)
            body = answer.content[:_SHOWN] if answer else b""
            shown = f"{failure.message}\n{check.failure_info.code_sample[:_SHOWN]}\n{body!r}"
            yield (_operation(recorder, case_id), check.name, failure.title), shown


def _operation(recorder: ScenarioRecorder, case_id: str) -> str:
    case: Case[Any] = recorder.cases[case_id].value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - the same
    return str(case.operation.label)
