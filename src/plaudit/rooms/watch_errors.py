"""Why somebody can't watch, beside what tokens.py says: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import PlauditError

UNSENT_LIMIT_BYTES = 256 * 1024
"""Who lets more than this wait is too slow."""


class TooManyConnections(PlauditError):
    """This address has as many connections as one may have."""

    code = "too_many_connections"
    title = "Your network address has too many connections. Close one, or try again later."
    status = 429
    retry_after_seconds = 30


class TooSlow(PlauditError):
    """The viewer doesn't read what is written."""

    code = "too_slow"
    title = "You read more slowly than things happen. Come back and you get what you missed."
    status = 503
