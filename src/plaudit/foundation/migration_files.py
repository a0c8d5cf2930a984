"""Migration files as they lie in their folder: numbers, checksums, and where each statement begins."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from plaudit.foundation.errors import MigrationFailed

_FILE_NAME = re.compile(r"(?P<number>(?!0000)\d{4})_[a-z0-9_]+\.sql")

# What may hide a semicolon, and the semicolon itself. A comment in a comment is not looked for.
_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?\*/ )
    | \b[eE]'(?:[^'\\]|\\.|'')*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | (?P<dollar>\$(?:[A-Za-z_]\w*)?\$).*?(?P=dollar)
    | (?P<end>;)
    | (?P<space>\s+)
    | \w[\w$]* | .
    """,
    re.DOTALL | re.VERBOSE,
)
_ENDS_A_TRANSACTION = re.compile(
    r"(begin|start\s+transaction|commit|end|rollback|abort|prepare\s+transaction)\b", re.IGNORECASE
)


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement of a file and the line on which it begins, counted from 1."""

    sql: str
    line: int

    def line_at(self, position: int) -> int:
        """The file's line of the statement's character number `position`, which PostgreSQL counts from 1."""
        return self.line + self.sql.count("\n", 0, position - 1)


class Migration(msgspec.Struct, frozen=True):
    """One file: `number` is its first four digits, `checksum` the SHA-256 of its text with plain line ends."""

    number: int
    name: str
    checksum: str
    statements: tuple[Statement, ...]


def migrations_folder() -> Path:
    """Where the files lie: inside the installed package, or at the root of the repository that it runs from."""
    package = Path(__file__).parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def read_migrations(folder: Path) -> list[Migration]:
    """Every `*.sql` of `folder`, by number.

    Raises MigrationFailed, naming the file, when one is ill-named, used twice or missing in between, or when there is
    none at all.
    """
    migrations = [_read(path) for path in sorted(folder.glob("*.sql"))]
    if not migrations:
        raise MigrationFailed(f"There are no migrations in {folder}.")
    for expected, migration in enumerate(migrations, start=1):
        if migration.number < expected:
            raise MigrationFailed(f"{migration.name} has the number of {migrations[expected - 2].name}.")
        if migration.number > expected:
            raise MigrationFailed(f"{migration.name} comes after a gap: there is no {expected:04}_….sql.")
    return migrations


def _read(path: Path) -> Migration:
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        raise MigrationFailed(f"{path.name} is not named like 0001_what_it_does.sql.")
    # A checkout on Windows may turn line ends into CR LF: the same migration all the same.
    try:
        text = path.read_bytes().decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise MigrationFailed(f"{path.name} is not written in UTF-8.") from error
    statements = tuple(split_statements(text))
    for statement in statements:
        if _ENDS_A_TRANSACTION.match(statement.sql):
            raise MigrationFailed(
                f"{path.name}, line {statement.line}: a migration is one transaction already and doesn't begin or end "
                "any itself."
            )
    return Migration(int(match["number"]), path.name, sha256(text.encode()).hexdigest(), statements)


def split_statements(text: str) -> Iterator[Statement]:
    """The statements of `text`, without their semicolons and the comments before them."""
    begin: int | None = None
    for token in _TOKEN.finditer(text):
        if begin is not None and token["end"]:
            yield _statement(text, begin, token.start())
            begin = None
        elif begin is None and not (token["end"] or token["comment"] or token["space"]):
            begin = token.start()
    if begin is not None:
        yield _statement(text, begin, len(text))


def _statement(text: str, begin: int, end: int) -> Statement:
    return Statement(text[begin:end], text.count("\n", 0, begin) + 1)
