"""What the packages say, in the language of a page.

Errors, advice and reasons are English sentences, in the packages and on the API, where programs go by the codes. The
catalogues hold these sentences too, under the context `sentence`, with {names} where something varies: a sentence is
found again by its shape. One that no catalogue has is shown as it is. Scripts, which get theirs from the API, fetch
the pairs once they need one (`js/plain.js`).
"""

import re
from functools import cache

from jinja2 import pass_context
from jinja2.runtime import Context
from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from plaudit.web.pages.languages import LANGUAGES, catalogue
from plaudit.web.pages.wording import number_text

CONTEXT = "sentence"
_NAME = re.compile(r"\{(\w+)\}")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_HOUR = "max-age=3600"


class Shape(Struct, frozen=True):
    """A sentence of ours, and how it is said in another language."""

    english: str
    translated: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a sentence of this shape matches; each {name} is a group."""
        fixed = [re.escape(part) for part in _NAME.split(self.english)[::2]]
        groups = [f"(?P<{name}>.+)" for name in _NAME.findall(self.english)]
        return re.compile("".join(map("".join, zip(fixed, [*groups, ""], strict=True))), re.DOTALL)


@pass_context
def plain(context: Context, sentence: str) -> str:
    """`{{ problem.detail | plain }}`: a sentence of the packages in the page's language."""
    return translate(sentence, context["language"])


def translate(sentence: str, language: str) -> str:
    """The sentence in one of LANGUAGES; parts of it that are sentences themselves, and numbers, too."""
    for shape, pattern in _patterns(language):
        if found := pattern.fullmatch(sentence):
            return _fill(shape.translated, found.groupdict(), language)
    return sentence


@cache
def list_shapes(language: str) -> tuple[Shape, ...]:
    """All that can be said in a language; those that leave the least open come first."""
    found = [
        Shape(english=str(message.id), translated=str(message.string))
        for message in catalogue(language)
        if message.context == CONTEXT and message.string
    ]
    return tuple(sorted(found, key=lambda shape: (shape.english.count("{"), -len(_NAME.sub("", shape.english)))))


@get("/sentences/{language:str}", include_in_schema=False, sync_to_thread=False)
def send_sentences(language: FromPath[str]) -> Response[list[tuple[str, str]]]:
    """All pairs of English and another language; none for English or for a language that there isn't."""
    known = list_shapes(language) if language in LANGUAGES else ()
    pairs = [(shape.english, shape.translated) for shape in known]
    return Response(pairs, headers={"cache-control": _HOUR})


@cache
def _patterns(language: str) -> tuple[tuple[Shape, re.Pattern[str]], ...]:
    return tuple((shape, shape.pattern) for shape in list_shapes(language))


def _fill(translated: str, parts: dict[str, str], language: str) -> str:
    return _NAME.sub(lambda place: _translate_part(parts[place[1]], language), translated)


def _translate_part(part: str, language: str) -> str:
    if _THOUSANDS.fullmatch(part):
        return number_text(int(part.replace(",", "")), language)
    return translate(part, language)
