"""One Plaudit a directory: a lock that the kernel lets go of when its holder is gone, however it went."""

import fcntl
import os
from pathlib import Path

from plaudit.foundation.errors import DataDirectoryInUse


class DirectoryLock:
    """An exclusive lock on a file, which holds the pid of whoever has it. The file stays; only the lock counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take it at once, or raise DataDirectoryInUse with the holder's pid and the directory."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataDirectoryInUse(self._sentence(holder)) from None
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go of it; nothing happens when it isn't held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _sentence(self, holder: str) -> str:
        who = f"Plaudit with pid {holder}" if holder else "Another Plaudit"
        return (
            f"{who} already runs on {self._path.parent}: stop it first, "
            "or set PLAUDIT_DATA_DIR to another directory for a second one."
        )
