"""The catalogues of the pages, brought up to date: `make translations`.

What is said stands in the templates, in `_("...")` and its kin, and in the packages, as sentences of errors and advice.
Every text that isn't said any more leaves the catalogues, and new ones come in without a translation; tests/web/pages/
test_languages.py fails until they have one. The files hold neither dates nor lines, so that they change only when a
text does.
"""

import ast
import builtins
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, takewhile
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

from plaudit.ledger.chart import AccountCode, TransferCode
from plaudit.ledger.model import Kind
from plaudit.web.pages.languages import LANGUAGES
from plaudit.web.pages.sentences import CONTEXT

PLAUDIT = Path(__file__).parents[1] / "src" / "plaudit"
PAGES = PLAUDIT / "web" / "pages"
_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}

# Where sentences come from that a page may show. What only a terminal or a log says isn't among them.
_SPEAKING = (
    *("coins", "gifts", "people", "rooms", "earnings", "reversals", "payouts", "ledger", "web"),
    *("foundation/errors.py", "foundation/currencies.py"),
    *("providers/payouts.py", "providers/bank_xml.py", "providers/camt053.py", "providers/pain002.py"),
    *("providers/sepa.py", "providers/ach.py", "providers/ach_returns.py", "providers/plain_text.py"),
    *("audit/errors.py", "audit/reconciliation.py"),
)
_SILENT = {
    *("BadSetting", "SettlingRefused", "ReversalRefused", "SendingRefused", "WebServerStopped"),
    *("WebhookNotGenuine", "NotReady", "StatementDoesNotAddUp", "PayoutRefused"),
    *("LineTooShort", "SpendingUnknown"),
}
# Names of modules and functions whose sentences aren't raised but given.
_GIVEN = {
    "rooms/eligibility_rules.py": {"_advise"},
    "rooms/lives.py": {"ENDED_BY_CREATOR"},
    "payouts/batch_rules.py": {"_checks"},
    "web/pages/routes.py": {"_UNREADABLE", "_WORDS"},
    "web/problems.py": {"_SENTENCES", "_answer_accident"},
}
_NOTING = {"note_act", "note", "_note", "see_person"}
_FEWEST_LETTERS = 8
# Babel writes these into every catalogue; they'd say when and by whom it was made, and nothing about the texts.
_NOT_TOLD = ("Project-Id", "POT-Creation", "PO-Revision", "Generated-By", "Last-Translator", "Language-Team", "Report-")


class Text(NamedTuple):
    """Something that pages say: one text, or those for one and for many."""

    text: str | tuple[str, str]
    context: str | None
    place: str


def find_texts() -> list[Text]:
    """Everything that there is to translate, in a stable order."""
    return [
        *_texts_of_templates(),
        *_texts_of_papers(),
        *_names_in_the_books(),
        *_names_of_acts(),
        *_sentences_of_packages(),
    ]


def path_of(language: str) -> Path:
    """Where a language's catalogue is."""
    return PAGES / "locales" / f"{language}.po"


def renew(language: str, texts: Iterable[Text]) -> Catalog:
    """The catalogue with exactly these texts; the translations that it had are kept."""
    file = path_of(language).read_text(encoding="utf-8") if path_of(language).is_file() else ""
    old = read_po(io.StringIO(file), locale=language)
    # Babel would take the indentation out of the glossary on top.
    glossary = "\n".join(takewhile(lambda line: line.startswith("#"), file.splitlines()))
    new = Catalog(locale=language, fuzzy=False, header_comment=glossary)
    for each in texts:
        known = old.get(each.text[0] if isinstance(each.text, tuple) else each.text, each.context)
        # Babel leaves out what fits no plural: a text that became one needs a new translation.
        is_same = known is not None and isinstance(known.id, tuple) == isinstance(each.text, tuple)
        string = known.string if known is not None and is_same else None
        new.add(each.text, string=string, locations=[(each.place, 0)], context=each.context)
    return new


def written(catalog: Catalog) -> str:
    """The catalogue as its file holds it."""
    file = io.BytesIO()
    write_po(file, catalog, width=120, include_lineno=False, ignore_obsolete=True)
    lines = file.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(f'"{name}' for name in _NOT_TOLD)))


def forms(text: str | Sequence[str] | None) -> list[str]:
    """A text alone, or those for one and for many."""
    return [text] if isinstance(text, str) else list(text or [""])


def _texts_of_templates() -> Iterator[Text]:
    for path in sorted((PAGES / "templates").rglob("*.html")):
        with path.open("rb") as file:
            found = list(extract("jinja2.ext:babel_extract", file, DEFAULT_KEYWORDS, (), _OPTIONS))
        for _line, text, _comments, context in found:
            yield Text(text, context, path.relative_to(PAGES).as_posix())  # pyright: ignore[reportArgumentType] - two texts at most, for one and for many


def _texts_of_papers() -> Iterator[Text]:
    for path in sorted((PLAUDIT / "web" / "papers").glob("*.py")):
        with path.open("rb") as file:
            found = list(extract("python", file, DEFAULT_KEYWORDS, (), {}))
        for _line, text, _comments, context in found:
            yield Text(text, context, path.relative_to(PLAUDIT).as_posix())  # pyright: ignore[reportArgumentType] - as above


def _names_in_the_books() -> Iterator[Text]:
    for code in (*AccountCode, *TransferCode, *Kind):
        yield Text(code.name.replace("_", " ").capitalize(), "books", "ledger/chart.py")


def _names_of_acts() -> Iterator[Text]:
    """What operators are said to have done: the first text that is given to `note_act` and its kin."""
    for place, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in _NOTING:
                texts = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "act")]
                given = [arg.value for arg in texts if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                yield from (Text(act.replace("_", " ").capitalize(), "act", place) for act in given[:1])


def _sentences_of_packages() -> Iterator[Text]:
    for place, tree in _modules():
        for node in ast.walk(tree):
            yield from (Text(text, CONTEXT, place) for text in _sentences_at(node, tree, _GIVEN.get(place, set())))


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for root in _SPEAKING:
        for path in sorted((PLAUDIT / root).rglob("*.py")) if "." not in root else [PLAUDIT / root]:
            yield path.relative_to(PLAUDIT).as_posix(), ast.parse(path.read_text())


def _sentences_at(node: ast.AST, tree: ast.Module, given: set[str]) -> Iterator[str]:
    match node:
        case ast.ClassDef(body=body) if not _is_for_the_house(body):
            titles = [part for part in body if isinstance(part, ast.Assign) and "title" in _names(part)]
            yield from _strings([title.value for title in titles])
        case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=args)) if name not in _SILENT | set(dir(builtins)):
            yield from _strings([_resolve(arg, tree) for arg in args[:1]])
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"), args=args):
            yield from _strings(args[:1])
        case ast.FunctionDef() | ast.Assign() | ast.AnnAssign() if _names(node) & given:
            yield from _strings([node])
        case _:
            pass


def _names(node: ast.AST) -> set[str]:
    match node:
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()


def _is_for_the_house(body: list[ast.stmt]) -> bool:
    """An error with status 500 stops a program, and no page shows it."""
    return any(
        "status" in _names(part) and isinstance(part, ast.Assign) and ast.unparse(part.value) == "500" for part in body
    )


def _resolve(arg: ast.expr, tree: ast.Module) -> ast.expr:
    """A name of the module stands for what it was given there."""
    if isinstance(arg, ast.Name):
        for node in tree.body:
            if isinstance(node, ast.Assign) and arg.id in _names(node):
                return node.value
    return arg


def _strings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Those strings among the nodes that are sentences."""
    for node in nodes:
        match node:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Constant(value=str(text)):
                found = text
            case ast.JoinedStr():
                found = _shape_of(node)
            case _:
                yield from _strings(ast.iter_child_nodes(node))
                continue
        letters = re.sub(r"\{\w+\}|[^A-Za-z]", "", found)
        if " " in found and len(letters) >= _FEWEST_LETTERS:
            yield found


def _shape_of(node: ast.JoinedStr) -> str:
    """An f-string with a {name} for each of its values: the last word of what is written there."""
    taken: set[str] = set()
    shape = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            shape += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            words = re.findall(r"[A-Za-z]\w*", ast.unparse(part.value)) or ["value"]
            wished = words[-1].lower()
            name = next(each for n in count(1) if (each := wished if n == 1 else f"{wished}_{n}") not in taken)
            taken.add(name)
            shape += f"{{{name}}}"
    return shape


def main() -> None:
    """Write every catalogue anew, and tell how many texts still need somebody; ends with 1 when there are any."""
    texts = find_texts()
    left = 0
    for language in LANGUAGES.keys() - {"en"}:
        catalog = renew(language, texts)
        path_of(language).write_text(written(catalog), encoding="utf-8")
        missing = [message for message in catalog if message.id and not all(forms(message.string))]
        print(f"{language}: {len(catalog)} texts, {len(missing)} without a translation")
        left += len(missing)
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
