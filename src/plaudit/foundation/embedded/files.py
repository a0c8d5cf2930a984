"""Files and directories that stay whole through a power cut, and private."""

import os
import stat
from pathlib import Path

from plaudit.foundation.errors import EmbeddedServerFailed

_LONGEST_LOG_BYTES = 16 * 1024 * 1024


def write_atomically(path: Path, text: str) -> None:
    """Replace the file (mode 0600) so that a reader, even after a power cut, finds all of the old or all of the new.

    Two writers of one path at once are not told apart: hold the directory's lock.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as writer:
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())
    fresh.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory (new, renamed, removed) survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private_directory(path: Path, *, owner: tuple[int, int]) -> None:
    """Make it (mode 0700) or take it over from ourselves; raises EmbeddedServerFailed when it is someone else's.

    `owner` is the uid and gid that shall have it.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    is_known = found.st_uid in {os.geteuid(), owner[0]} or _only_root_writes(path.parent)
    if not (stat.S_ISDIR(found.st_mode) and is_known):
        raise EmbeddedServerFailed(f"{path} belongs to someone else (uid {found.st_uid}): remove it and start again.")
    give_to(path, owner)
    path.chmod(0o700)


def _only_root_writes(directory: Path) -> bool:
    """Are we root, and is everything in there what we put there? Then the uid is of an identity that we used before."""
    found = directory.stat()
    return os.geteuid() == found.st_uid == 0 and not found.st_mode & 0o022


def owner_of(path: Path) -> tuple[int, int]:
    """Its uid and gid."""
    found = path.lstat()
    return found.st_uid, found.st_gid


def give_to(path: Path, owner: tuple[int, int]) -> None:
    """Change the owner of a file or directory, not of what a link points to, unless it is so already."""
    if owner_of(path) != owner:
        os.chown(path, *owner, follow_symlinks=False)


def open_log(path: Path) -> int:
    """A descriptor that appends to a log (mode 0600); one grown above 16 MB becomes `<name>.1` first."""
    if path.exists() and path.stat().st_size > _LONGEST_LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def read_tail(path: Path, *, after: int, lines: int = 12) -> str:
    """The last lines that were written after that many bytes; empty when there is nothing."""
    try:
        with path.open("rb") as reader:
            size = reader.seek(0, os.SEEK_END)
            reader.seek(max(after, size - 64 * 1024))
            text = reader.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])
