"""What a failure that psycopg reports truly means, as an error of our own tree."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg

from plaudit.foundation.errors import (
    Collided,
    DiskFull,
    LockedByAnother,
    OutcomeUnknown,
    PlauditError,
    TookTooLong,
    Unavailable,
)

_type_of_sqlstate: dict[str, type[Unavailable]] = {
    "57014": TookTooLong,  # query_canceled: statement_timeout, or somebody's pg_cancel_backend
    "55P03": LockedByAnother,  # lock_not_available: lock_timeout, or nowait
    "40P01": Collided,  # deadlock_detected
    "40001": Collided,  # serialization_failure
    "53100": DiskFull,
    "25006": Unavailable,  # read_only_sql_transaction: this server was demoted to a standby
}
# Whole classes of codes: no resources left, an operator stepped in, an error outside PostgreSQL (a bad disk).
_unavailable_classes = ("53", "57", "58")
_POSTGRES_NAME_LIMIT_BYTES = 63

_error_of_constraint: dict[str, type[PlauditError]] = {}


class UnknownConstraint(Exception):
    """A constraint was violated that no `name_constraint` mentions: a mistake in the code, not of whoever asked."""


def name_constraint(constraint: str, error: type[PlauditError]) -> None:
    """Say once, beside the query, which error a violation of the constraint named `constraint` is.

    Raises ValueError when the name already means another error, or is longer than PostgreSQL keeps (63 bytes).
    """
    if len(constraint.encode()) > _POSTGRES_NAME_LIMIT_BYTES:
        raise ValueError(f"PostgreSQL cuts names after {_POSTGRES_NAME_LIMIT_BYTES} bytes: {constraint!r}")
    known = _error_of_constraint.setdefault(constraint, error)
    if known is not error:
        raise ValueError(f"the constraint {constraint!r} already means {known.__name__}")


def is_lost(connection: psycopg.AsyncConnection[Any], error: psycopg.Error) -> bool:
    """Whether `error` means that `connection` is gone, so that the server's answer, if any, never arrives."""
    # A FATAL message is read before the end of the connection is, which may not have been noticed yet.
    return connection.closed or error.diag.severity_nonlocalized in ("FATAL", "PANIC")


def meaning_of(connection: psycopg.AsyncConnection[Any], error: psycopg.Error) -> Exception | None:
    """The error that `error` is when it came *before* COMMIT was sent; None when psycopg's own says it best."""
    if is_lost(connection, error):
        return Unavailable()
    sqlstate = error.sqlstate or ""
    if found := _type_of_sqlstate.get(sqlstate):
        return found()
    if sqlstate[:2] in _unavailable_classes:
        return Unavailable()
    if constraint := error.diag.constraint_name:
        return _meaning_of_violation(constraint, error)
    return None


def _meaning_of_violation(constraint: str, error: psycopg.Error) -> Exception:
    if named := _error_of_constraint.get(constraint):
        return named()
    return UnknownConstraint(
        f"the constraint {constraint!r} of the table {error.diag.table_name!r} was violated, and no error is known for "
        f"it: add name_constraint({constraint!r}, ...) beside the query, or keep the query from violating it"
    )


def meaning_at_commit(connection: psycopg.AsyncConnection[Any], error: psycopg.Error) -> Exception | None:
    """The error that `error` is when it came while COMMIT was under way: `OutcomeUnknown`, unless the server said no.

    A server that answers COMMIT with an error and stays on the line has undone the transaction. Anything else, even
    "terminated by an administrator", can also be said after the commit became durable.
    """
    if error.sqlstate is None or is_lost(connection, error):
        return OutcomeUnknown()
    return meaning_of(connection, error)


@contextmanager
def named_errors(connection: psycopg.AsyncConnection[Any]) -> Generator[None]:
    """Let failures of statements inside leave as errors of our tree, with psycopg's as their cause."""
    try:
        yield
    except psycopg.Error as error:
        if meaning := meaning_of(connection, error):
            raise meaning from error
        raise
