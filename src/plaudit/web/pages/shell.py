"""What every page has around it: the templates, the headers that a browser obeys, who looks at it, and its language."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import MediaType, Response

from plaudit.web.api.desk import Visit, desk_of
from plaudit.web.cookies import csrf_word, token_in_cookie
from plaudit.web.pages import book_words, sentences, wording
from plaudit.web.pages.assets import load_assets
from plaudit.web.pages.languages import LANGUAGES, language_of, translations
from plaudit.web.pages.programs import program_name
from plaudit.web.pages.qr import qr
from plaudit.web.pages.visits import UNREAD
from plaudit.web.pages.wording import number_text

THEME_COOKIE = "plaudit_theme"

# What isn't named here a page can't load; scripts, styles and fonts are our own files, so nothing inline is let in.
# Pictures and videos of creators may stand on other hosts, where they chose so.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' https: data: blob:",
        "media-src 'self' https: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self' https: {gateway}",
        "form-action {forms}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def show_page(
    request: Visit, template: str, *, status: int = 200, forms_lead_to: Iterable[str] = (), **context: Any
) -> Response[str]:
    """One page for whoever asks; `context` is what its template needs beside what every page has.

    Its forms may lead to our own pages, and to the origins `forms_lead_to`.
    """
    html = _environment(language_of(request)).get_template(template).render(**_around(request), **context)
    return Response(html, media_type=MediaType.HTML, status_code=status, headers=_headers(request, forms_lead_to))


def _headers(request: Visit, forms_lead_to: Iterable[str]) -> dict[str, str]:
    forms = " ".join(("'self'", *forms_lead_to))
    return {
        "content-security-policy": _POLICY.format(gateway=_gateway(request), forms=forms),
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "vary": "cookie, accept-language",
    }


def _gateway(request: Visit) -> str:
    # The gateway may listen on another port or host, which 'self' doesn't name.
    return desk_of(request.app.state).gateway.seen_from(request)


def _around(request: Visit) -> dict[str, Any]:
    desk, token = desk_of(request.app.state), token_in_cookie(request)
    return {
        "visitor": request.user,
        "path": request.url.path,
        "language": language_of(request),
        "languages": LANGUAGES,
        "theme": _theme(request),
        "unread": request.state.get(UNREAD, 0),
        "csrf": csrf_word(desk.secret, token) if token and request.user else "",
        "now": desk.now,
    }


def _theme(request: Visit) -> str:
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in ("light", "dark") else "auto"


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("plaudit.web.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - the extension adds it
    names: dict[str, Any] = environment.globals
    names["language"] = language
    names["ngettext"] = _counting(names["ngettext"], language)
    names["asset"] = load_assets().address
    names["gift_picture"] = load_assets().gift_address
    filters: dict[str, Any] = {
        "money": wording.money,
        "per_coin": wording.per_coin,
        "number": wording.number,
        "percent": wording.percent,
        "exact": wording.exact,
        "micros": wording.micros,
        "exact_money": wording.exact_money,
        "month": wording.month,
        "program": program_name,
        "instant": wording.instant,
        "ago": wording.ago,
        "day": wording.day,
        "plain": sentences.plain,
        "qr": qr,
    }
    environment.filters.update(filters)
    environment.filters.update(book_words.FILTERS)
    return environment


def _counting(ngettext: Callable[..., str], language: str) -> Callable[..., str]:
    """The same, with its %(num)s written as the language writes numbers."""

    @pass_context
    def count(context: Context, one: str, many: str, num: int, **words: object) -> str:
        return ngettext(context, one, many, num, num=number_text(num, language), **words)

    return count
