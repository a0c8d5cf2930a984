"""Run the whole suite as two runs at once: most of it waits for servers, so one run leaves half of a machine idle.

Each half has servers of its own. What the first says is shown as it comes, what the second says when both are done.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent
# Measured by coverage, which slows down every server that its tests start: where the ledger's tests are.
FIRST = (
    *("audit", "bench", "cli", "coins", "earnings", "foundation", "gifts", "ledger", "payouts", "people", "providers"),
    *("reversals", "soak"),
)

_NOTHING_COLLECTED = 5


def main() -> int:
    """Both halves, with what was asked for besides; 0 when both passed."""
    first, second = _halves()
    with tempfile.TemporaryFile() as said:
        beside = subprocess.Popen(_command((), second), stdout=said, stderr=subprocess.STDOUT)
        try:
            ended = subprocess.run(_command(("coverage", "run", "-m"), first), check=False).returncode
        finally:
            # Also when this run was interrupted: it must not go on alone.
            other = beside.wait()
        said.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(said.read())
    sys.stdout.flush()
    return next((code for code in (ended, other) if code not in (0, _NOTHING_COLLECTED)), 0)


def _halves() -> tuple[list[str], list[str]]:
    entries = [entry for entry in sorted(ROOT.iterdir()) if entry.is_dir() or entry.name.startswith("test_")]
    names = [entry.name for entry in entries if not entry.name.startswith(("__", "."))]
    assert set(FIRST) <= set(names), "a folder of tests was renamed: name it in FIRST"
    first = [f"tests/{name}" for name in names if name in FIRST]
    return first, [f"tests/{name}" for name in names if name not in FIRST]


def _command(runner: tuple[str, ...], paths: list[str]) -> list[str]:
    return [sys.executable, "-m", *runner, "pytest", *sys.argv[1:], *paths]


if __name__ == "__main__":
    sys.exit(main())
