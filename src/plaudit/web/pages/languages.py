"""The languages of the pages: English in the templates, others as catalogues in `locales/`."""

import io
from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from litestar.connection import ASGIConnection

LANGUAGE_COOKIE = "plaudit_language"
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """What was chosen, else the first that the browser asks for and that there is, else English."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE, "")
    wished = [part.split(";")[0].strip() for part in connection.headers.get("accept-language", "")[:200].split(",")]
    found = [wish[:2].lower() for wish in [chosen, *wished] if wish[:2].lower() in LANGUAGES]
    return found[0] if found else "en"


@cache
def catalogue(language: str) -> Catalog:
    """All texts in one of LANGUAGES; nothing for English, which the templates are written in."""
    if language == "en":
        return Catalog(locale=language)
    file = files("plaudit.web.pages").joinpath("locales", f"{language}.po")
    return read_po(io.BytesIO(file.read_bytes()), locale=language)


@cache
def translations(language: str) -> NullTranslations:
    """The same as templates look them up."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    return GNUTranslations(io.BytesIO(compiled.getvalue()))


@cache
def locale(language: str) -> Locale:
    """How numbers, dates and money look in one of LANGUAGES."""
    return Locale.parse(language)
