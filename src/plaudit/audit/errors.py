"""What operators' acts on the books can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, NotFound


class NoSuchCase(NotFound):
    """There is no case with this number."""

    code = "no_such_case"
    title = "There is no such case."


class CaseClosed(Conflict):
    """Somebody closed the case before."""

    code = "case_closed"
    title = "This case was closed before."
