"""What the people of a request can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, Invalid, NotFound, PlauditError


class NotSignedIn(PlauditError):
    """The request has no token, or one that isn't valid any more."""

    code = "not_signed_in"
    title = "Sign in first: there is no token here, or it isn't valid any more."
    status = 401


class WrongCredentials(PlauditError):
    """The e-mail address or the password is wrong; which one isn't told, so that nobody can test for accounts."""

    code = "wrong_credentials"
    title = "The e-mail address or the password is wrong."
    status = 401


class SecondFactorNeeded(PlauditError):
    """The password is right, and this account wants a code beside it."""

    code = "second_factor_needed"
    title = "This account needs a code from its authenticator app as well."
    status = 401


class WrongCode(PlauditError):
    """The code is wrong, too old, or was used before."""

    code = "wrong_code"
    title = "This code is wrong, too old, or was used before."
    status = 401


class TooManyAttempts(PlauditError):
    """Too many wrong tries for this account or from this address."""

    code = "too_many_attempts"
    title = "There were too many attempts. Wait a little before the next one."
    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"There were too many attempts. The next one is possible in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class EmailTaken(Conflict):
    """Somebody signed up with this e-mail address before."""

    code = "email_taken"
    title = "There is an account with this e-mail address already."


class HandleTaken(Conflict):
    """Somebody has this handle."""

    code = "handle_taken"
    title = "This handle belongs to somebody else."


class TooYoung(PlauditError):
    """The region's minimum age isn't reached yet."""

    code = "too_young"
    title = "You aren't old enough to join yet."
    status = 403


class BirthDateVerified(Conflict):
    """The birth date was verified and can't be changed any more."""

    code = "birth_date_verified"
    title = "Your birth date was verified and can't be changed any more."


class MissingScope(PlauditError):
    """The session was opened for less than this request needs."""

    code = "missing_scope"
    title = "This session was opened for less than this needs."
    status = 403


class ScopeNotAllowed(PlauditError):
    """Somebody asked for a scope that they may not have."""

    code = "scope_not_allowed"
    title = "You may not have this scope."
    status = 403


class OperatorsOnly(PlauditError):
    """Only an operator may do this."""

    code = "operators_only"
    title = "Only an operator may do this."
    status = 403


class CreatorsOnly(PlauditError):
    """Only a creator may do this; whoever wants to be one applies."""

    code = "creators_only"
    title = "Only a creator may do this. Apply to become one."
    status = 403


class NeverApplied(Conflict):
    """Only who applied to be a creator can be verified as one."""

    code = "never_applied"
    title = "This person never applied to be a creator."


class NoSuchPerson(NotFound):
    """Nobody has this handle, id or e-mail address."""

    code = "no_such_person"
    title = "There is nobody by that name."


class NoSuchSession(NotFound):
    """The session isn't there, or isn't yours."""

    code = "no_such_session"
    title = "You have no such session."


class NotYourself(PlauditError):
    """One can't follow or block oneself."""

    code = "not_yourself"
    title = "You can't follow or block yourself."
    status = 422


class Blocked(PlauditError):
    """One of the two has blocked the other."""

    code = "blocked"
    title = "One of you has blocked the other."
    status = 403


class SecondFactorThere(Conflict):
    """There is a confirmed second factor; it must be removed before another can begin."""

    code = "second_factor_there"
    title = "Your account has a second factor already; remove it first."


class NoSecondFactor(Conflict):
    """There is no second factor to confirm or remove."""

    code = "no_second_factor"
    title = "There is no second factor to confirm or remove."


class ResetTokenInvalid(Invalid):
    """The link to reset a password was used before, is too old, or never was."""

    code = "reset_token_invalid"
    title = "This link was used before or is too old. Ask for a new one."
