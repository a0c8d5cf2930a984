"""Every connection takes a file descriptor on each of its ends, and systems are careful with them."""

import resource

from plaudit.foundation.errors import BadSetting

_OTHERS = 500


def allow_connections(count: int) -> None:
    """Let this program, and those that it starts from now on, have so many connections. Raises BadSetting."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + _OTHERS
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise BadSetting(
            f"{count:,} connections need {needed:,} file descriptors, and this system allows {hard:,}: raise the hard "
            f"limit (`ulimit -Hn`), or ask for {max(0, hard - _OTHERS):,} at most."
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
