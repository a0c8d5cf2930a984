"""Becomes another program, as an ordinary user, that doesn't outlive the process that asked for it.

Run as a file and alone (`python -I -S launch.py …`): importing the package around it would take longer than starting
NATS does. The arguments are the parent's pid, the number of the signal to get when that parent dies, who to be (`keep`,
`namespace:UID:GID` or `user:UID:GID`), any paths that must be reachable, `--`, and the program with its arguments.
"""

import ctypes
import errno
import os
import signal
import sys
from typing import NoReturn

# Exit codes of the launcher itself, away from those that the programs it becomes use.
NO_IDENTITY = 120
UNREACHABLE = 121
PARENT_GONE = 122
NOT_STARTED = 123

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> NoReturn:
    """Take on the identity, tie this process to its parent and become the program; never returns."""
    parent, death_signal, identity = int(argv[0]), int(argv[1]), argv[2]
    split = argv.index("--")
    reach, program = argv[3:split], argv[split + 1 :]
    os.umask(0o077)
    # Python ignores these two, and an ignored signal stays ignored in the program that it becomes.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    try:
        _become(identity)
        _die_with(parent, death_signal)
        _check_reach(reach)
        os.execv(program[0], program)
    except OSError as error:
        _give_up(NOT_STARTED, f"{program[0]} can't be started: {error.strerror}.")


def _become(identity: str) -> None:
    way, _, ids = identity.partition(":")
    if way == "keep":
        return
    uid, gid = (int(number) for number in ids.split(":"))
    if way == "namespace":
        _enter_namespace(uid, gid)
        return
    try:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError as error:
        _give_up(NO_IDENTITY, f"This root may not become another user: {error.strerror}.")


def _enter_namespace(uid: int, gid: int) -> None:
    """Root outside, `uid` inside: programs that refuse root are content, and every file stays root's."""
    libc = ctypes.CDLL(None, use_errno=True)  # os.unshare comes with Python 3.12
    was_uid, was_gid = os.geteuid(), os.getegid()
    try:
        if libc.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{uid} {was_uid} 1")
        _write("/proc/self/gid_map", f"{gid} {was_gid} 1")
    except OSError as error:
        # "No space left on device" is how the kernel says that there may be no more of them.
        why = "their number is limited to those there are" if error.errno == errno.ENOSPC else error.strerror
        _give_up(NO_IDENTITY, f"This machine grants no user namespace: {why}.")


def _write(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def _die_with(parent: int, death_signal: int) -> None:
    """Ask the kernel for a signal when the parent's thread ends; after `_become`, which would cancel the wish."""
    if sys.platform == "linux" and ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        _give_up(NOT_STARTED, "The kernel refuses to end this server together with its parent.")
    if os.getppid() != parent:
        _give_up(PARENT_GONE, "The parent ended before its server started.")


def _check_reach(paths: list[str]) -> None:
    for path in paths:
        parts = path.split("/")
        for depth in range(2, len(parts) + 1):
            step = "/".join(parts[:depth])
            if not os.access(step, os.X_OK):
                _give_up(UNREACHABLE, step)


def _give_up(code: int, sentence: str) -> NoReturn:
    os.write(2, f"{sentence}\n".encode())
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
