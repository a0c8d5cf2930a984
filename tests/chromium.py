"""The browser that tests drive: one that the machine has, else the one that Playwright brought."""

import shutil
from pathlib import Path

import pytest

# On Debian `chromium` is the package's own program; Ubuntu and others have other names for it.
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
HOW_TO_GET_ONE = (
    "These tests need a Chromium. Get one with `apt-get install chromium`, "
    "or with `.venv/bin/playwright install chromium`."
)


def find_chromium(playwrights_own: str) -> str:
    """The path of a Chromium; `playwrights_own` is where Playwright would have put one. Fails the test without any."""
    installed = next((found for name in NAMES if (found := shutil.which(name))), None)
    if installed:
        return installed
    if Path(playwrights_own).is_file():
        return playwrights_own
    pytest.fail(HOW_TO_GET_ONE, pytrace=False)
