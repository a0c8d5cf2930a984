"""The house style holds, and each of its rules can fail."""

import textwrap

import pytest

from tests import tidy
from tests.tidy import Rule, Source


def source(text: str, path: str = "src/plaudit/gifts/rules.py") -> Source:
    return Source(path, textwrap.dedent(text))


def findings(rule: Rule, text: str, path: str = "src/plaudit/gifts/rules.py") -> list[str]:
    return [finding.what for finding in rule(source(text, path))]


def test_the_house_is_tidy():
    assert tidy.check(tidy.read_sources()) == []


def test_long_functions_long_files_long_lists_of_parameters_and_deep_nesting_are_found():
    long_function = "def long():\n" + "    pass\n" * 40
    deep = """
    def deep(x):
        if x:
            for y in x:
                with y:
                    while y:
                        pass
    """

    assert findings(tidy.sizes, long_function) == ["long"]
    assert findings(tidy.sizes, "x = 1\n" * 401) == ["file"]
    assert findings(tidy.sizes, "def wide(a, b, c, d, e, f, g): pass") == ["wide"]
    assert findings(tidy.sizes, deep) == ["deep"]


def test_what_is_within_the_sizes_is_left_alone():
    flat = """
    class Thing:
        def flat(self, a, b, c, d, e, f, *, g, h):
            if a:
                for x in a:
                    if x == 1:
                        pass
                    elif x == 2:
                        pass
                    elif x == 3:
                        pass
            def inner():
                for y in a:
                    pass
    """

    assert findings(tidy.sizes, "def just():\n" + "    pass\n" * 39) == []
    assert findings(tidy.sizes, flat) == []


@pytest.mark.parametrize(
    ("inside", "depth"),
    [
        ("if a:\n pass\nelse:\n if b:\n  pass\n else:\n  if c:\n   pass", 1),
        ("if a:\n pass\nelse:\n x = 1\n if b:\n  pass", 2),
        ("try:\n pass\nexcept E:\n if a:\n  pass", 2),
        ("try:\n pass\nfinally:\n for a in b:\n  if a:\n   pass", 3),
        ("match a:\n case 1:\n  if b:\n   pass", 2),
        ("for a in b:\n pass\nelse:\n if a:\n  pass", 2),
    ],
)
def test_nesting_is_counted_as_it_is_read(inside: str, depth: int):
    assert tidy.nesting(source(inside).tree.body) == depth


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("def do_it(): pass", "src/plaudit/gifts/rules.py"),
        ("class GiftManager: pass", "src/plaudit/gifts/rules.py"),
        ("HTTPHandler = 1", "src/plaudit/gifts/rules.py"),
        ("user_info: int = 1", "src/plaudit/gifts/rules.py"),
        ("", "src/plaudit/gifts/utils.py"),
        ("", "src/plaudit/common/rules.py"),
    ],
)
def test_names_that_say_nothing_are_found(text: str, path: str):
    assert len(findings(tidy.banned_words, text, path)) == 1


def test_a_banned_word_is_a_whole_word_of_a_name():
    fine = "def undo(): pass\nclass Database: pass\nscore = 1\ndatabases = informed = processing_fee = 2"

    assert findings(tidy.banned_words, fine) == []


@pytest.mark.parametrize(
    "text",
    [
        "from unittest import mock",
        "from unittest.mock import patch",
        "import unittest.mock",
        "import mock",
        "monkeypatch.setattr('plaudit.ledger.post', None)",
        "monkeypatch.delattr(ledger, 'post')",
    ],
)
def test_patches_and_mocks_are_found(text: str):
    assert len(findings(tidy.no_patching, text, "tests/test_gifts.py")) == 1


def test_a_test_may_set_its_environment():
    assert findings(tidy.no_patching, "monkeypatch.setenv('A', 'b')", "tests/test_gifts.py") == []


def test_print_belongs_to_the_command_line():
    assert findings(tidy.no_print, "print(1)") == ["print"]
    assert findings(tidy.no_print, "print(1)", "src/plaudit/cli/check.py") == []


def test_a_transaction_is_the_databases():
    text = "def add_transaction(transaction): ...\nclass CoinTransactions: ...\ntransaction_id = 1"

    assert len(findings(tidy.transaction_is_the_databases, text)) == 4
    assert findings(tidy.transaction_is_the_databases, text, "src/plaudit/foundation/database.py") == []
    assert (
        findings(tidy.transaction_is_the_databases, "async def f(db):\n async with db.transaction() as tx: ...") == []
    )


@pytest.mark.parametrize(
    "text",
    [
        "sql = f'select id from {table}'",
        "sql = f'insert into {table} values (1)'",
        "sql = f'UPDATE {table} SET x = 1'",
        "sql = f'drop table {table}'",
        "tx.execute(f'{verb} everything')",
        "tx.execute('select ' + column)",
        "tx.execute('select %s' % column)",
        "tx.all(Fan, 'select {}'.format(column))",
        "tx.one(Fan, f'select id from fan where id = {fan}')",
    ],
)
def test_sql_that_is_put_together_is_found_once(text: str):
    assert findings(tidy.no_built_sql, text) == ["f-string"]


def test_a_sentence_that_begins_like_sql_is_not_sql():
    fine = "x = f'select {count} gifts'\ny = f'update {name} now'\nz = tx.execute('select 1', {'a': f'{b}'})"

    assert findings(tidy.no_built_sql, fine) == []


@pytest.mark.parametrize("text", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()"])
def test_the_wall_clock_is_read_in_one_place(text: str):
    assert len(findings(tidy.now_is_passed_in, text)) == 1
    assert findings(tidy.now_is_passed_in, text, "src/plaudit/foundation/clock.py") == []
    assert findings(tidy.now_is_passed_in, "clock.now()\ntime.monotonic()") == []


@pytest.mark.parametrize("text", ["x = 0.5", "x = float(y)", "x = y / 2", "x /= 2", "def f(share=0.5): ..."])
def test_floats_near_money_are_found(text: str):
    assert findings(tidy.no_floats_near_money, text, "src/plaudit/ledger/rules.py") == ["float"]
    assert findings(tidy.no_floats_near_money, text, "src/plaudit/foundation/money.py") == ["float"]
    assert findings(tidy.no_floats_near_money, text, "src/plaudit/foundation/logs.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "x = 0.5  # float: a share of the screen, not of money",
        "DEADLINE_SECONDS = 0.5",
        "wait_seconds: float = 5_000 / 1000",
        "await asyncio.sleep(0.1)",
        "f(patience_seconds=0.5)",
        "def f(a, wait_seconds=0.5, *, timeout=1.5): ...",
    ],
)
def test_times_and_explained_floats_are_left_alone(text: str):
    assert findings(tidy.no_floats_near_money, text, "src/plaudit/ledger/rules.py") == []


def test_what_a_front_door_lets_out_has_a_docstring():
    door = source("from plaudit.gifts.actions import send, Gift, quiet\n", "src/plaudit/gifts/__init__.py")
    text = 'def send(): ...\nclass Gift:\n "A gift."\n def price(self): ...\n def _cost(self): ...\ndef inside(): ...\n'
    text += 'def quiet():\n "Says nothing."\n'
    actions = source(text, "src/plaudit/gifts/actions.py")

    found = tidy.undocumented_doors({each.path: each for each in (door, actions)})

    assert [finding.what for _, finding in found] == ["send", "Gift.price"]


def test_an_excuse_has_a_reason_and_lasts_only_while_it_is_needed():
    long = {"src/plaudit/gifts/rules.py": source("def long():\n" + "    pass\n" * 40)}
    short = {"src/plaudit/gifts/rules.py": source("x = 1")}
    excused = {("src/plaudit/gifts/rules.py", "sizes", "long"): "a table that is read from top to bottom"}

    assert tidy.check(long, excused) == []
    assert "nothing needs the excuse for long any more" in tidy.check(short, excused)[0]
    assert all(len(reason.split()) > 2 for reason in tidy.EXCUSED.values())


def test_a_finding_says_where_it_is():
    complaints = tidy.check({"src/plaudit/x.py": source("\nprint(1)", "src/plaudit/x.py")}, excused={})

    assert complaints == [
        "src/plaudit/x.py:2: only the command line prints; a log says who, when and for which request [no_print]"
    ]
