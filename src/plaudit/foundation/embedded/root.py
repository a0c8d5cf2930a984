"""Finds an identity under which a program that refuses root runs on this machine."""

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from plaudit.foundation.embedded.command import Command, run
from plaudit.foundation.embedded.identity import KEEP, Identity, Way
from plaudit.foundation.embedded.launch import UNREACHABLE
from plaudit.foundation.errors import EmbeddedServerFailed

ROOT_WAYS = (Way.NAMESPACE, Way.USER)
"""In this order: the first needs nothing from the machine's directories, the second works where namespaces don't."""

_WAY_OUT = "Or start Plaudit as an ordinary user, or set PLAUDIT_DATABASE_URL to a server of your own."
_ACCOUNTS = ("postgres", "nobody", "daemon")


async def choose_identity(
    trial: tuple[str, ...], *, programs: Path, directory: Path, ways: Sequence[Way] = ROOT_WAYS
) -> Identity:
    """The first of `ways` by which root can run `trial` and reach both paths; an ordinary user stays who it is.

    Raises EmbeddedServerFailed with a sentence for each way that was tried and what would open it.
    """
    if os.geteuid() != 0:
        return KEEP
    account = _unprivileged_account()
    refusals: list[str] = []
    for way in ways:
        identity = Identity(way, account.pw_uid, account.pw_gid, account.pw_name)
        if way is Way.USER:
            _let_pass(directory)
        code, output = await run(Command(argv=trial, identity=identity, reach=(programs, directory)))
        if code == 0:
            return identity
        refusals.append(_sentence(code, output, name=account.pw_name, programs=programs))
    raise EmbeddedServerFailed(" ".join(["PostgreSQL refuses to run as root.", *dict.fromkeys(refusals), _WAY_OUT]))


def _unprivileged_account() -> pwd.struct_passwd:
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedServerFailed(
        "PostgreSQL refuses to run as root, and this machine has no user to run it as: "
        "add one (useradd --system postgres), or start Plaudit as an ordinary user."
    )


def _let_pass(directory: Path) -> None:
    # The cluster inside is private by its own mode; whoever runs it must get there, though needn't see what else is.
    mode = directory.stat().st_mode
    directory.chmod(mode | 0o011)


def _sentence(code: int, output: str, *, name: str, programs: Path) -> str:
    if code != UNREACHABLE:
        return output
    step = Path(output)
    what, remedy = "the data directory", "set PLAUDIT_DATA_DIR to a directory below one that everyone can pass"
    if programs.is_relative_to(step):
        what, remedy = "PostgreSQL's programs", "install Plaudit's virtual environment where everyone can pass"
    return (
        f"The user {name}, who would run it, can't pass through {step} to {what}: {remedy}, "
        f"or let everyone pass (chmod o+x {step})."
    )
