"""The key that this installation signs with: the setting, or a random one that is made once and kept."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from plaudit.foundation.embedded.files import sync_directory
from plaudit.foundation.errors import BadSetting
from plaudit.foundation.settings import Settings

FILE = "secret.key"


def find_secret_key(settings: Settings) -> str:
    """The key; programs that make it at the same moment get the same one. Raises BadSetting when it can't be kept."""
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.data_dir / FILE
    try:
        if not path.exists():
            _keep_new_key(path)
        return path.read_text("ascii").strip()
    except OSError as problem:
        raise BadSetting(
            f"The key that signs can't be kept in {path} ({problem.strerror}): "
            "choose a PLAUDIT_DATA_DIR that can be written, or set PLAUDIT_SECRET_KEY."
        ) from problem


def _keep_new_key(path: Path) -> None:
    """Written whole (mode 0600) under another name first; the name that counts is given to one file only, for ever."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, fresh = tempfile.mkstemp(prefix=f"{FILE}.", dir=path.parent)
    try:
        with os.fdopen(file, "w", encoding="ascii") as writer:
            writer.write(f"{secrets.token_urlsafe(32)}\n")
            writer.flush()
            os.fsync(writer.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        Path(fresh).unlink()
    sync_directory(path.parent)
