"""Running `plaudit` as a person would: another program, with its own environment."""

import os
import subprocess
import sys
from pathlib import Path

from plaudit.foundation.settings import own_environ

COMMAND = [sys.executable, "-P", "-m", "plaudit.cli"]


def environ(**variables: str) -> dict[str, str]:
    """The environment without settings of the person who runs the tests, and with `variables`."""
    return {**own_environ(os.environ), "COLUMNS": "120", **variables}


def run(*words: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run to the end, at most a minute."""
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, env=environ(**variables), capture_output=True, text=True, timeout=60, check=False
    )
