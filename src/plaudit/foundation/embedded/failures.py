"""What went wrong with an embedded server, as a sentence with what to do."""

import errno
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from plaudit.foundation.errors import EmbeddedServerFailed

_DISK_FULL = "The disk is full: make room and start again."

# What the servers (or the C library) write when they stop, and what to say about it.
_KNOWN = {
    "No space left on device": _DISK_FULL,
    "Disk quota exceeded": "The disk quota is used up: make room and start again.",
    "ddress already in use": "The port is taken by another program: end that program, or choose another port.",
    "Read-only file system": "The file system is read-only: set PLAUDIT_DATA_DIR to a directory that can be written.",
    "Permission denied": "A file or directory isn't accessible: look at the owner and mode of the one named below.",
    "annot allocate memory": "There isn't enough memory: lower PLAUDIT_EMBEDDED_POSTGRES_MEMORY_MB.",
}


def explain(headline: str, log: str, *, where: Path | None = None) -> EmbeddedServerFailed:
    """An error from a headline and what the server wrote, which is quoted; a known cause is put into words."""
    causes = [sentence for trace, sentence in _KNOWN.items() if trace in log]
    sentence = " ".join([headline, *causes[:1]])
    if not log:
        return EmbeddedServerFailed(sentence)
    quoted = f"The last lines of {where}:" if where else "It wrote:"
    return EmbeddedServerFailed(f"{sentence} {quoted}\n{log}")


@contextmanager
def disk_errors_explained(name: str, directory: Path) -> Generator[None]:
    """Turn an OSError of ours inside `directory` into EmbeddedServerFailed."""
    try:
        yield
    except OSError as error:
        reason = _DISK_FULL if error.errno == errno.ENOSPC else f"{error.strerror or error}."
        at = error.filename or directory
        raise EmbeddedServerFailed(f"{name} can't be started in {directory}, at {at}. {reason}") from error
