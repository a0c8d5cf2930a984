"""How much of the ledger the tests must reach: `python -m tests.coverage_bar`, after the tests ran under coverage."""

import io
import sys

import coverage
from coverage.exceptions import NoDataError

# Where the money moves: branches and statements reached, in per cent of all.
BARS = {"src/plaudit/ledger/rules.py": 100.0, "src/plaudit/ledger/*": 95.0}


def reached(measured: coverage.Coverage, files: str) -> tuple[float, str]:
    """Per cent of statements and branches that were reached in `files`, and the table that shows what wasn't."""
    table = io.StringIO()
    percent = measured.report(include=[files], file=table, show_missing=True, skip_covered=True)
    return percent, table.getvalue()


def main() -> int:
    """Say what falls short, and nothing when nothing does, so that pytest's own closing line stays the last."""
    measured = coverage.Coverage()
    measured.load()
    failed = False
    for files, bar in BARS.items():
        try:
            percent, table = reached(measured, files)
        except NoDataError:
            print(f"coverage: nothing was measured in {files}; `make test` measures it")
            return 1
        if percent < bar:
            print(f"{table}\ncoverage: {files}: {percent:.2f} % of statements and branches; at least {bar:g} % wanted")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
