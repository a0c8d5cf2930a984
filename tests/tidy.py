"""The house style as far as a program can check it: `python -m tests.tidy`, and as a test in test_tidy.py.

Each rule is a function from one source file to what it finds there; `RULES` lists them. Linters check the rest.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from statistics import median

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "tests", "bench")

# Every exception that was made, with its reason: (file, name of the rule, what is excused) -> why.
_KNOWN_BY_THAT_NAME = "the setting is called data_dir, because that is what everybody looks for"
_ASYNCIOS_NAME = "asyncio calls it so"
_HTTPXS_NAME = "httpx calls it so"
_A_PERSONS_NAME = "here a handle is a noun: the name of a person in the API and on every page"
Excuses = dict[tuple[str, str, str], str]
EXCUSED: Excuses = {
    ("src/plaudit/bench/load.py", "banned_words", "data_received"): _ASYNCIOS_NAME,
    ("src/plaudit/bench/responder.py", "banned_words", "data_received"): _ASYNCIOS_NAME,
    ("src/plaudit/foundation/embedded/servers.py", "banned_words", "data_dir"): _KNOWN_BY_THAT_NAME,
    ("src/plaudit/foundation/errors.py", "banned_words", "DataDirectoryInUse"): _KNOWN_BY_THAT_NAME,
    ("src/plaudit/people/errors.py", "banned_words", "HandleTaken"): _A_PERSONS_NAME,
    ("src/plaudit/people/queries.py", "banned_words", "get_id_by_handle"): _A_PERSONS_NAME,
    ("src/plaudit/people/rules.py", "banned_words", "take_handle"): _A_PERSONS_NAME,
    ("src/plaudit/people/rules.py", "banned_words", "take_known_handle"): _A_PERSONS_NAME,
    ("src/plaudit/people/rules.py", "banned_words", "_HANDLE"): _A_PERSONS_NAME,
    ("src/plaudit/providers/sandbox_wallet.py", "banned_words", "handle_async_request"): _HTTPXS_NAME,
}

MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
MAX_POSITIONAL = 6
MAX_NESTING = 3
BANNED_WORDS = frozenset(
    "utils helpers common core base misc manager service handler data info process handle do".split()
)
DATABASE_FILES = "src/plaudit/foundation/(database|migration).*"
CLOCK_FILES = "(src/plaudit|tests)/(foundation/(test_)?(clock|ids)[.]py|(bench|cli)(/.*|[.]py))|bench/.*"
PRINTING_FILES = "src/plaudit/(bench|cli|demo)(/.*|[.]py)|tests/.*|bench/.*"
EXACT_FILES = "src/plaudit/(ledger/.*|foundation/money[.]py)"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, with slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def definitions(self) -> list[Definition]:
        return [node for node in self.nodes if isinstance(node, Definition)]

    def is_one_of(self, pattern: str) -> bool:
        return re.fullmatch(pattern, self.path) is not None


@dataclass(frozen=True)
class Finding:
    """What is wrong, on which line, and the name that an entry in EXCUSED would give it."""

    line: int
    what: str
    sentence: str


Rule = Callable[[Source], Iterable[Finding]]


def sizes(source: Source) -> Iterator[Finding]:
    if len(source.lines) > MAX_FILE_LINES:
        yield Finding(1, "file", f"the file has {len(source.lines)} lines, more than {MAX_FILE_LINES}")
    for function in source.functions:
        if (lines := length(function)) > MAX_FUNCTION_LINES:
            yield Finding(function.lineno, function.name, f"{lines} lines, more than {MAX_FUNCTION_LINES}")
        if (positional := positional_parameters(function)) > MAX_POSITIONAL:
            yield Finding(
                function.lineno, function.name, f"{positional} positional parameters, more than {MAX_POSITIONAL}"
            )
        if (depth := nesting(function.body)) > MAX_NESTING:
            yield Finding(function.lineno, function.name, f"nested {depth} deep, more than {MAX_NESTING}")


def length(function: Function) -> int:
    """Lines from `def` to the end, without decorators."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def positional_parameters(function: Function) -> int:
    """How many arguments a caller may pass by position; `self` and `cls` aren't passed by anyone."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def nesting(body: list[ast.stmt]) -> int:
    """How deep blocks lie in blocks. An `elif` is no deeper than its `if`, and a function inside starts anew."""
    return max((_depth(statement) for statement in body), default=0)


def _depth(statement: ast.stmt) -> int:
    if not isinstance(statement, BLOCKS):
        return 0
    if isinstance(statement, ast.Match):
        return 1 + max(nesting(case.body) for case in statement.cases)
    inner = [nesting(statement.body)]
    otherwise: list[ast.stmt] = getattr(statement, "orelse", [])
    is_elif = isinstance(statement, ast.If) and len(otherwise) == 1 and isinstance(otherwise[0], ast.If)
    inner.append(nesting(otherwise) - is_elif)
    if isinstance(statement, ast.Try | ast.TryStar):
        inner += [nesting(handler.body) for handler in statement.handlers]
        inner.append(nesting(statement.finalbody))
    return 1 + max(inner)


def banned_words(source: Source) -> Iterator[Finding]:
    names = [(1, PurePosixPath(part).stem) for part in PurePosixPath(source.path).parts]
    # The name of a test is a sentence, in which even "do" says something.
    names += [(node.lineno, node.name) for node in source.definitions if not node.name.startswith("test_")]
    names += [(node.lineno, node.id) for node in module_variables(source)]
    for line, name in names:
        if found := BANNED_WORDS.intersection(words_of(name)):
            yield Finding(line, name, f"{name!r} has the word {min(found)!r}, which says nothing")


def module_variables(source: Source) -> Iterator[ast.Name]:
    for statement in source.tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        yield from (target for target in targets if isinstance(target, ast.Name))


def words_of(name: str) -> list[str]:
    """The words of snake_case, CamelCase or ALL_CAPS, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)]


def no_patching(source: Source) -> Iterator[Finding]:
    mocks = re.compile(r"(unittest\.)?mock(\..*)?|pytest_mock")
    for node in source.nodes:
        names = imported_names(node)
        if isinstance(node, ast.stmt) and any(mocks.fullmatch(name) for name in names):
            yield Finding(node.lineno, names[0], "mocks prove what the test's writer believed; use the real thing")
        if isinstance(node, ast.Call) and dotted(node.func) in ("monkeypatch.setattr", "monkeypatch.delattr"):
            yield Finding(node.lineno, dotted(node.func), "our own code isn't patched: pass in what should differ")


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def dotted(node: ast.AST) -> str:
    """`a.b.c` for such an expression, and "" for any other."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def no_print(source: Source) -> Iterator[Finding]:
    if source.is_one_of(PRINTING_FILES):
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func) == "print":
            yield Finding(
                node.lineno, "print", "only the command line prints; a log says who, when and for which request"
            )


def transaction_is_the_databases(source: Source) -> Iterator[Finding]:
    if source.is_one_of(f"{DATABASE_FILES}|tests/.*"):
        return
    names = [(node.lineno, node.name) for node in source.definitions]
    names += [(node.lineno, node.arg) for node in source.nodes if isinstance(node, ast.arg)]
    names += [(node.lineno, node.id) for node in source.nodes if isinstance(node, ast.Name) and is_stored(node)]
    for line, name in names:
        if {"transaction", "transactions"}.intersection(words_of(name)):
            yield Finding(line, name, f"{name!r}: a transaction is the database's; ours are transfers and chains")


def is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


SQL = re.compile(
    r"\s*(select\b.*\bfrom|insert\s+into|update\s+\S+\s+set|delete\s+from|with\s.*\bas\s*\(|truncate\s|copy\s.*\b(from|to)"
    r"|(create|alter|drop)\s+(table|index|unique|database|schema|function|type|system|role|view|or\s+replace))\b",
    re.IGNORECASE | re.DOTALL,
)
RUNS_SQL = frozenset(("execute", "executemany", "copy", "one", "find", "all", "value"))


def no_built_sql(source: Source) -> Iterator[Finding]:
    sentence = "SQL is a literal: values go in as parameters, names through psycopg.sql"
    for node in source.nodes:
        if isinstance(node, ast.JoinedStr) and SQL.match(skeleton(node)):
            yield Finding(node.lineno, "f-string", sentence)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS_SQL:
            yield from (Finding(node.lineno, "f-string", sentence) for part in node.args[:2] if is_built_text(part))


def skeleton(node: ast.JoinedStr) -> str:
    """The text of an f-string with an x for each value."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)


def is_built_text(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return not SQL.match(skeleton(node))  # the others were found by themselves
    if isinstance(node, ast.BinOp):
        return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_format_of_text(node.func)


def is_format_of_text(function: ast.Attribute) -> bool:
    return function.attr == "format" and isinstance(function.value, ast.Constant)


WALL = re.compile(r"(.*\.)?(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))")


def now_is_passed_in(source: Source) -> Iterator[Finding]:
    if source.is_one_of(CLOCK_FILES):
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and WALL.fullmatch(dotted(node)):
            yield Finding(node.lineno, dotted(node), f"{dotted(node)} reads the wall: take `now`, or a Clock")


def no_floats_near_money(source: Source) -> Iterator[Finding]:
    """A float is fine where it is a time in seconds, or where a comment on its line says `float: why`."""
    if not source.is_one_of(EXACT_FILES):
        return
    times = {id(part) for node in source.nodes for value in times_in(node) for part in ast.walk(value)}
    suspects = [node for node in source.nodes if isinstance(node, ast.expr | ast.stmt) and id(node) not in times]
    for node in suspects:
        if is_float(node) and not re.search(r"#.*\bfloat: \w+", source.lines[node.lineno - 1]):
            yield Finding(node.lineno, "float", "a float in exact arithmetic; say why in a comment `# float: ...`")


def is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    if isinstance(node, ast.Call):
        return dotted(node.func) == "float"
    return isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)


def times_in(node: ast.AST) -> list[ast.expr]:
    """The values that stand for seconds: named `..._seconds`, or given to a call that waits."""
    if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in (
        "sleep",
        "timeout",
        "wait_for",
        "call_later",
    ):
        return node.args
    if isinstance(node, ast.keyword):
        return [node.value] * is_time(node.arg or "")
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [node.value] * all(is_time(dotted(target)) for target in targets)
    return list(defaults_that_are_times(node)) if isinstance(node, ast.arguments) else []


def defaults_that_are_times(node: ast.arguments) -> Iterator[ast.expr]:
    positional = [*node.posonlyargs, *node.args]
    pairs = [*zip(reversed(positional), reversed(node.defaults), strict=False)]
    pairs += [(name, value) for name, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value]
    return (value for name, value in pairs if is_time(name.arg))


def is_time(name: str) -> bool:
    return "seconds" in words_of(name) or name.lower().endswith("timeout")


def undocumented_doors(sources: dict[str, Source]) -> Iterator[tuple[Source, Finding]]:
    """What a package's `__init__` lets others use, and the public methods of such classes, has a docstring."""
    for door in sources.values():
        if door.is_one_of("src/plaudit/.*__init__[.]py"):
            for place, definition in behind(door, sources):
                yield from ((place, finding) for finding in without_docstring(definition))


def behind(door: Source, sources: dict[str, Source]) -> Iterator[tuple[Source, Definition]]:
    """What `door` defines, and what it imports from other files of ours, each with the file where it is defined."""
    yield from ((door, node) for node in door.tree.body if isinstance(node, Definition))
    for node in door.tree.body:
        place = (
            sources.get(f"src/{(node.module or '').replace('.', '/')}.py") if isinstance(node, ast.ImportFrom) else None
        )
        if isinstance(node, ast.ImportFrom) and place:
            names = {alias.name for alias in node.names}
            yield from (
                (place, each) for each in place.tree.body if isinstance(each, Definition) and each.name in names
            )


def without_docstring(definition: Definition, prefix: str = "") -> Iterator[Finding]:
    name = prefix + definition.name
    if definition.name.startswith("_"):
        return
    if ast.get_docstring(definition) is None:
        yield Finding(definition.lineno, name, f"{name} is for other packages to use and has no docstring")
    if isinstance(definition, ast.ClassDef):
        for inner in definition.body:
            if isinstance(inner, Function):
                yield from without_docstring(inner, f"{name}.")


RULES: tuple[Rule, ...] = (
    sizes,
    banned_words,
    no_patching,
    no_print,
    transaction_is_the_databases,
    no_built_sql,
    now_is_passed_in,
    no_floats_near_money,
)


def read_sources(root: Path = ROOT) -> dict[str, Source]:
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.py"))]
    sources = (Source(path.relative_to(root).as_posix(), path.read_text()) for path in paths)
    return {source.path: source for source in sources}


def check(sources: dict[str, Source], excused: Excuses = EXCUSED) -> list[str]:
    """One line for each thing that is wrong and not excused, and for each excuse that nothing needs any more."""
    found = [
        (source, rule.__name__, finding) for source in sources.values() for rule in RULES for finding in rule(source)
    ]
    found += [(source, "undocumented_doors", finding) for source, finding in undocumented_doors(sources)]
    unused = excused.keys() - {(source.path, rule, finding.what) for source, rule, finding in found}
    return [
        f"{source.path}:{finding.line}: {finding.sentence} [{rule}]"
        for source, rule, finding in found
        if (source.path, rule, finding.what) not in excused
    ] + [f"{path}: nothing needs the excuse for {what} any more [{rule}]" for path, rule, what in sorted(unused)]


def medians(sources: dict[str, Source]) -> str:
    functions = [length(function) for source in sources.values() for function in source.functions] or [0]
    files = [len(source.lines) for source in sources.values()] or [0]
    return (
        f"{len(files)} files, median {median(files):g} lines, longest {max(files)}; "
        f"{len(functions)} functions, median {median(functions):g} lines, longest {max(functions)}"
    )


def main() -> int:
    sources = read_sources()
    complaints = check(sources)
    print(*complaints, sep="\n", end="\n" if complaints else "")
    product = {path: source for path, source in sources.items() if path.startswith("src/")}
    print(f"tidy: src: {medians(product)}")
    print(f"tidy: src, tests and bench: {medians(sources)}")
    print(f"tidy: {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
