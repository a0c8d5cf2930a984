"""Why somebody isn't let in, beside what rooms/tokens.py and rooms/watch_errors.py say."""

from plaudit.foundation.errors import PlauditError


class OriginNotAllowed(PlauditError):
    """The page that asks belongs to somebody else."""

    code = "origin_not_allowed"
    title = "Pages of this origin may not watch here."
    status = 403


class Restarting(PlauditError):
    """The gateway is about to stop and takes nobody any more."""

    code = "restarting"
    title = "This gateway is about to restart. Try again in a moment."
    status = 503
    retry_after_seconds = 1
