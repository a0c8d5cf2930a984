"""Who a child runs as. PostgreSQL refuses root, so root has to be someone else for it."""

import os
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a child comes by its identity."""

    KEEP = "keep"
    """It stays who we are."""
    NAMESPACE = "namespace"
    """An ordinary user inside a user namespace, root outside: every file stays root's and every directory open."""
    USER = "user"
    """An ordinary user of this machine, who must own the files and can pass only where everyone can."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user and how to become that user; the ids mean nothing when the way is `KEEP`."""

    way: Way = Way.KEEP
    uid: int = 0
    gid: int = 0
    name: str = ""

    @property
    def spelled(self) -> str:
        """As the launcher reads it."""
        return f"{self.way}:{self.uid}:{self.gid}"

    @property
    def owner(self) -> tuple[int, int]:
        """The uid and gid, seen from here, that this identity's files have."""
        return (self.uid, self.gid) if self.way is Way.USER else (os.geteuid(), os.getegid())


KEEP = Identity()
