"""The directory that holds PostgreSQL's databases: made whole or not at all, and healed before every start."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from plaudit.foundation.embedded.command import Command, describe_ending, run
from plaudit.foundation.embedded.failures import explain
from plaudit.foundation.embedded.files import give_to, owner_of, sync_directory, write_atomically
from plaudit.foundation.embedded.identity import Identity
from plaudit.foundation.embedded.orphans import Orphan
from plaudit.foundation.errors import EmbeddedServerFailed

SUPERUSER = "plaudit"


async def prepare_cluster(cluster: Path, *, programs: Path, major: str, identity: Identity) -> None:
    """Make the cluster unless it is there, and see that `identity` owns it and this PostgreSQL can read it.

    Whatever an unfinished attempt left is thrown away first. Raises EmbeddedServerFailed.
    """
    for unfinished in cluster.parent.glob(f"{cluster.name}.new-*"):
        shutil.rmtree(unfinished)
    if not cluster.is_dir() or not any(cluster.iterdir()):
        await _make_cluster(cluster, programs=programs, identity=identity)
        return
    _check_version(cluster, major)
    _change_owner(cluster, identity)


def find_postmaster(cluster: Path) -> Orphan | None:
    """The PostgreSQL that runs on this cluster right now, if any."""
    pid = _written_pid(cluster / "postmaster.pid")
    if pid is None:
        return None
    postmaster = Orphan(name="PostgreSQL", program="postgres", pid=pid, path=cluster)
    return postmaster if postmaster.is_running() else None


def clear_stale_locks(cluster: Path, socket_directory: Path) -> None:
    """Undo what would keep PostgreSQL from starting after a power cut. Only while no postmaster lives on the cluster.

    PostgreSQL itself discards a lock file whose pid is dead, but gives up on an empty or torn one and on a pid that by
    now belongs to someone else.
    """
    for leftover in socket_directory.glob(".s.PGSQL.*"):
        leftover.unlink()
    lock = cluster / "postmaster.pid"
    pid = _written_pid(lock)
    if pid is None:
        lock.unlink(missing_ok=True)
    elif _is_alive(pid):
        # Its own parent's pid is one that a postmaster doesn't stop at. The rest of the file stays: by it PostgreSQL
        # finds out whether a backend of the dead one still lives.
        _, *rest = lock.read_text().splitlines(keepends=True)
        write_atomically(lock, "".join([f"{os.getpid()}\n", *rest]))
        give_to(lock, owner_of(cluster))


async def _make_cluster(cluster: Path, *, programs: Path, identity: Identity) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.new-", dir=cluster.parent))
    give_to(unfinished, identity.owner)
    try:
        code, output = await run(_initdb(programs, unfinished, identity))
        if code != 0:
            raise explain(f"PostgreSQL's initdb ended with {describe_ending(code)} in {cluster.parent}.", output)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    # initdb has synced all that is inside.
    unfinished.replace(cluster)
    sync_directory(cluster.parent)


def _initdb(programs: Path, directory: Path, identity: Identity) -> Command:
    return Command(
        argv=(
            *(str(programs / "initdb"), "--pgdata", str(directory), "--username", SUPERUSER),
            # Sorted by code point, the same on every machine, and upper and lower case for all of Unicode.
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            # Who can open the socket, in a directory of mode 0700, is trusted; from the network nobody is let in.
            *("--auth-local=trust", "--auth-host=reject"),
            "--data-checksums",
        ),
        identity=identity,
    )


def _check_version(cluster: Path, major: str) -> None:
    try:
        made_by = (cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise EmbeddedServerFailed(
            f"{cluster} isn't empty, and no PostgreSQL cluster either: move it away and start again."
        ) from None
    if made_by != major:
        raise EmbeddedServerFailed(
            f"{cluster} was made by PostgreSQL {made_by}, and this is PostgreSQL {major}: carry the databases over "
            f"(pg_dump with {made_by}, then load them), or set PLAUDIT_DATA_DIR to another directory."
        )


def _change_owner(cluster: Path, identity: Identity) -> None:
    owner = cluster.stat().st_uid
    if owner == identity.owner[0]:
        return
    if os.geteuid() != 0:
        raise EmbeddedServerFailed(f"{cluster} belongs to uid {owner}: start Plaudit as that user, or chown it.")
    # From the leaves up, so that the cluster's own directory changes last and an interrupted change is taken up again.
    for directory, _, files in os.walk(cluster, topdown=False):
        for path in (*(Path(directory, name) for name in files), Path(directory)):
            give_to(path, identity.owner)


def _written_pid(lock: Path) -> int | None:
    try:
        pid = int(lock.read_text(errors="replace").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if pid > 0 else None


def _is_alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        with contextlib.suppress(PermissionError):
            os.kill(pid, 0)
        return True
    return False
