"""The regions that one may live in, by their names in the visitor's language."""

from collections.abc import Mapping
from functools import cache
from typing import cast

from plaudit.people.regions import CURRENCY_BY_REGION
from plaudit.web.api.desk import Visit
from plaudit.web.pages.languages import language_of, locale


def list_regions(request: Visit) -> tuple[tuple[str, str], ...]:
    """Code and name, in the order of the names."""
    return _regions(language_of(request))


@cache
def _regions(language: str) -> tuple[tuple[str, str], ...]:
    names = cast("Mapping[str, str]", locale(language).territories)  # pyright: ignore[reportUnknownMemberType] - Babel reads it from a file
    return tuple(sorted(((code, names.get(code, code)) for code in CURRENCY_BY_REGION), key=lambda region: region[1]))
