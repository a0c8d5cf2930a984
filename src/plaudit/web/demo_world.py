"""What a running demo tells of itself in a file: where it is, and whom a visitor may sign in as."""

from pathlib import Path

import msgspec
from msgspec import Struct

from plaudit.foundation.embedded.files import write_atomically
from plaudit.foundation.settings import Settings

FILE = "demo.json"
"""It stands in the data directory, beside the file with the crowd's pace."""


class Login(Struct, frozen=True, kw_only=True):
    """What a visitor of the demo signs in with."""

    email: str
    password: str


class DemoWorld(Struct, frozen=True, kw_only=True):
    """The demo's address, and its three logins. They are no secrets: whoever sees the demo sees them."""

    url: str
    fan: Login
    creator: Login
    operator: Login


def store_world(data_dir: Path, world: DemoWorld) -> None:
    """Write it down, for programs and for the pages."""
    write_atomically(data_dir / FILE, msgspec.json.format(msgspec.json.encode(world)).decode())


def find_world(settings: Settings) -> DemoWorld | None:
    """What the demo tells; None where no demo runs, or while it still begins."""
    if settings.demo_pace_file is None:
        return None
    try:
        return msgspec.json.decode(settings.demo_pace_file.with_name(FILE).read_bytes(), type=DemoWorld)
    except (OSError, msgspec.DecodeError):
        return None
