"""The one tree of what can truly go wrong. Each error has a stable code, a sentence for a person and an HTTP status."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class PlauditError(Exception):
    """The root. Catch it only at an outermost door; raise one of its leaves.

    `code` is stable and snake_case, `title` says in general what is true, `status` is the HTTP status of the problem
    details (RFC 9457) that the API answers. The exception's own text is the detail: this case, in one sentence.
    """

    code: ClassVar[str] = "plaudit_error"
    title: ClassVar[str] = "Something about this request can't be done."
    status: ClassVar[int] = 400
    retry_after_seconds: int | None = None
    """When it is worth trying again, where that is known."""
    field: str | None = None
    """The field of the request that is wrong, where it is one."""
    members: Mapping[str, object] = MappingProxyType({})
    """More for programs to go on with: extension members of the problem details, as JSON can hold them."""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.title)

    @property
    def detail(self) -> str:
        """This case in one sentence a person understands."""
        return str(self)


class Invalid(PlauditError):
    """What was sent can't be right, whatever is already there; `field` names where."""

    code = "invalid_request"
    title = "Something that was sent isn't right."
    status = 422

    def __init__(self, detail: str | None = None, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class NotFound(PlauditError):
    """What was asked for isn't there."""

    code = "not_found"
    title = "There is nothing here by that name."
    status = 404


class Conflict(PlauditError):
    """What was asked for contradicts what is already so."""

    code = "conflict"
    title = "This contradicts what is already there."
    status = 409


class IdReused(Conflict):
    """The id was used before, for something else; `field` names what differs, where that is known."""

    code = "id_reused"
    title = "This id was used before, for something else."

    def __init__(self, detail: str | None = None, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class Unavailable(PlauditError):
    """A server that is needed can't be reached, and nothing happened."""

    code = "unavailable"
    title = "A server that is needed can't be reached; nothing was changed. Try again in a moment."
    status = 503


class OutcomeUnknown(PlauditError):
    """It was sent and the answer was lost: it may have happened or not. Ask again with the same ids."""

    code = "outcome_unknown"
    title = "The answer was lost on its way: ask again with the same id to learn what happened."
    status = 503


class Overloaded(Unavailable):
    """More is waiting than can be served in time, so this was turned away at the door."""

    code = "overloaded"
    title = "More is waiting than can be served in time; nothing was changed. Try again in a moment."


class Busy(Unavailable):
    """The database was in the way of itself, and nothing happened. Trying again may well work."""

    code = "busy"
    title = "The database is busy; nothing was changed. Try again in a moment."


class TookTooLong(Busy):
    """A statement ran into its time-out and was undone."""

    code = "took_too_long"
    title = "This took too long and was stopped; nothing was changed. Try again in a moment."


class LockedByAnother(Busy):
    """A lock didn't come free within its time-out."""

    code = "locked_by_another"
    title = "Something else is working on the same; nothing was changed. Try again in a moment."


class Collided(Busy):
    """Two transactions got into each other's way (a deadlock, or no serial order), and this one gave way."""

    code = "collided"
    title = "Two changes of the same collided and this one gave way; nothing was changed. Try again."


class DiskFull(Unavailable):
    """The database's disk has no space left; what was asked for was undone."""

    code = "disk_full"
    title = "The database's disk is full; nothing was changed. It works again as soon as there is space."


class BadSetting(PlauditError):
    """A setting is unknown or ill-formed; the text names it."""

    code = "bad_setting"
    title = "A setting is unknown or ill-formed."
    status = 500


class CannotUnseal(PlauditError):
    """A secret in the database can't be read with the secret key that this program has."""

    code = "cannot_unseal"
    title = "A secret in the database was sealed with another secret key than PLAUDIT_SECRET_KEY."
    status = 500


class EmbeddedServerFailed(PlauditError):
    """An embedded server can't be started or kept running; the text says which and what to do."""

    code = "embedded_server_failed"
    title = "An embedded server can't be started."
    status = 500


class DataDirectoryInUse(EmbeddedServerFailed):
    """Another Plaudit already runs on this data directory."""

    code = "data_directory_in_use"
    title = "Another Plaudit already runs on this data directory."


class MigrationFailed(PlauditError):
    """The database's schema can't be brought to what this version needs; the text says why."""

    code = "migration_failed"
    title = "The database can't be brought to the schema of this version."
    status = 500


class UnknownCurrency(NotFound):
    """ISO 4217 has no such currency with a minor unit."""

    code = "unknown_currency"
    title = "There is no such currency."


class MixedCurrencies(PlauditError):
    """Amounts of different currencies were added or compared."""

    code = "mixed_currencies"
    title = "Amounts of different currencies can't be added or compared."
    status = 422


class FractionOfMinorUnit(PlauditError):
    """An amount that must leave the house in whole minor units isn't whole."""

    code = "fraction_of_minor_unit"
    title = "This amount is not a whole number of the currency's smallest unit."
    status = 422


class NotReady(Unavailable):
    """This program is alive, but something that it needs can't be reached; the text names it."""

    code = "not_ready"
    title = "Something that this program needs can't be reached."


class AddressTaken(PlauditError):
    """The address that a program is to listen on is taken or not ours; the text says which."""

    code = "address_taken"
    title = "A program can't listen on its address."
    status = 500


class ProgramStopped(PlauditError):
    """A program that is needed ended by itself, or didn't come up; the text says which."""

    code = "program_stopped"
    title = "A program that is needed stopped by itself."
    status = 500


class WebServerStopped(ProgramStopped):
    """The web server ended by itself, or didn't come up."""

    code = "web_server_stopped"
    title = "The web server stopped by itself."
    status = 500
