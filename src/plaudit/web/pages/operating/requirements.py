"""/operator/requirements: what is asked of who receives gifts, from which day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from plaudit.foundation.errors import Invalid, PlauditError
from plaudit.rooms import eligibility
from plaudit.rooms.eligibility import SetRule
from plaudit.rooms.eligibility_rules import Kind, Rule
from plaudit.web.api.desk import Desk, Visit, desk_of, visitor_of
from plaudit.web.pages.operating.console import GUARDS, Done, go_to, read_day, read_whole, show_console
from plaudit.web.pages.visits import require_own_form


class RuleForm(Struct, frozen=True, kw_only=True):
    """A rule to set; without a day it holds from today."""

    csrf: str = ""
    kind: str = Kind.LEAST_FOLLOWERS.value
    region: str = ""
    value: str = ""
    holds_from: str = ""


class RuleLine(Struct, frozen=True, kw_only=True):
    """A rule with how it stands today: `holds`, `planned`, or `past` once a later one took its place."""

    rule: SetRule
    stands: str


@get("/operator/requirements", guards=GUARDS, include_in_schema=False)
async def list_rules(request: Visit, state: State, done: Done = "") -> Response[str]:
    """Every rule, by kind and region."""
    return await _show(request, desk_of(state), RuleForm(), done=done)


@post("/operator/requirements", guards=GUARDS, include_in_schema=False)
async def set_rule(data: URLEncodedBody[RuleForm], request: Visit, state: State) -> Response[Any]:
    """Set what is asked for from a day on."""
    require_own_form(request, data.csrf)
    desk = desk_of(state)
    try:
        rule = _read_rule(data, desk.now.date())
        await eligibility.set_rule(desk.db, rule, by=visitor_of(request).person_id, now=desk.now)
    except PlauditError as problem:
        return await _show(request, desk, data, problem=problem)
    return go_to("/operator/requirements", "set")


async def _show(
    request: Visit, desk: Desk, form: RuleForm, *, problem: PlauditError | None = None, done: str = ""
) -> Response[str]:
    rules = await eligibility.list_rules(desk.db)
    return show_console(
        request,
        "requirements.html",
        problem=problem,
        done=done,
        lines=_stand(rules, desk.now.date()),
        kinds=list(Kind),
        form=form,
    )


def _stand(rules: Sequence[SetRule], today: date) -> list[RuleLine]:
    """They come by kind and region, the newest day first: the first that isn't to come is the one that holds."""
    lines: list[RuleLine] = []
    holding: set[tuple[Kind, str]] = set()
    for rule in rules:
        stands = "planned" if rule.holds_from > today else "past" if (rule.kind, rule.region) in holding else "holds"
        if stands == "holds":
            holding.add((rule.kind, rule.region))
        lines.append(RuleLine(rule=rule, stands=stands))
    return lines


def _read_rule(form: RuleForm, today: date) -> Rule:
    if form.kind not in set(Kind):
        raise Invalid("Choose what is asked for.", field="kind")
    return Rule(
        kind=Kind(form.kind),
        region=form.region.strip(),
        value=read_whole(form.value, "value"),
        holds_from=read_day(form.holds_from, "holds_from") or today,
    )


ROUTES: list[ControllerRouterHandler] = [list_rules, set_rule]
"""All of them, for the pages' router."""
