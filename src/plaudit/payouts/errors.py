"""What payouts can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, Invalid, NotFound, PlauditError


class NoSuchMethod(NotFound):
    """The payout method isn't there, isn't yours, or was retired."""

    code = "no_such_method"
    title = "You have no such payout method."


class NoSuchPayout(NotFound):
    """The payout isn't there, or isn't yours."""

    code = "no_such_payout"
    title = "You have no such payout."


class NameNotVerified(PlauditError):
    """Nobody has verified this creator's legal name yet, so no account can be compared with it."""

    code = "name_not_verified"
    title = "Your legal name wasn't verified yet: money can only go to an account in your name."
    status = 403


class NameDiffers(Invalid):
    """The account's holder isn't the person who was verified."""

    code = "name_differs"
    title = "The holder's name must be the name that was verified."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, field="holder_name")


class MethodNotVerified(Conflict):
    """The code that was mailed hasn't been entered yet."""

    code = "method_not_verified"
    title = "Enter the code that we mailed you first."


class MethodCoolingDown(Conflict):
    """A fresh method waits before its first use, so that whoever took over an account gains nothing at once."""

    code = "method_cooling_down"
    title = "A new payout method can't be used at once."


class WrongMethodCode(PlauditError):
    """The code that was mailed is another one, or too old."""

    code = "wrong_method_code"
    title = "This isn't the code that we mailed you, or it is too old."
    status = 422


class TooManyCodes(PlauditError):
    """The code was guessed too often: only a new method has a new code."""

    code = "code_used_up"
    title = "This code was tried too often. Remove the method and add it again."
    status = 409


class NotVerifiedToBePaid(PlauditError):
    """Only a verified creator is paid."""

    code = "not_verified"
    title = "Only verified creators can be paid."
    status = 403


class NoPayoutsInCurrency(PlauditError):
    """No rules hold for payouts of this currency."""

    code = "no_payouts_in_currency"
    title = "There are no payouts in this currency."
    status = 422


class RailNotOffered(PlauditError):
    """The method's rail has no fee set for the currency of the earnings, so it isn't offered."""

    code = "rail_not_offered"
    title = "Earnings in this currency can't be paid this way."
    status = 422


class NoExchangeRate(PlauditError):
    """The earnings' currency isn't the method's, and no rate between them holds."""

    code = "no_exchange_rate"
    title = "There is no exchange rate between these currencies at the moment."
    status = 409


class BelowMinimum(Invalid):
    """A payout is worth its fee only from an amount on."""

    code = "below_minimum"
    title = "This is less than the smallest payout."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, field="amount")


class AboveDayMaximum(Conflict):
    """All payouts of a day (UTC) together may not be more than the maximum."""

    code = "above_day_maximum"
    title = "This is more than can be paid out in a day."


class NotEnoughAvailable(Conflict):
    """Less is available than was asked for; `available_micros` of the problem says how much."""

    code = "not_enough_available"
    title = "Less is available than that."

    def __init__(self, detail: str | None = None, *, available_micros: int | None = None) -> None:
        super().__init__(detail)
        if available_micros is not None:
            self.members = {"available_micros": available_micros}


class TaxFormNeeded(PlauditError):
    """From an amount on, the tax offices want to know who is paid; `form` of the problem says what is missing."""

    code = "tax_form_needed"
    title = "We need your tax details before this payout."
    status = 403

    def __init__(self, form: str) -> None:
        super().__init__()
        self.members = {"form": form}


class QuoteChanged(Conflict):
    """What was shown doesn't hold any more; ask for a new quote."""

    code = "quote_changed"
    title = "What would arrive has changed since it was shown. Look at it again."


class IllegalStep(Conflict):
    """A payout can't go from where it stands to where somebody wants it."""

    code = "illegal_step"
    title = "This payout can't go that way any more."


class AlreadyApproved(Conflict):
    """The same operator said yes before, and another one is needed."""

    code = "already_approved"
    title = "You approved this payout already; somebody else must as well."


class OwnPayout(PlauditError):
    """Nobody approves their own payout."""

    code = "own_payout"
    title = "You can't decide about your own payout."
    status = 403


class StillBeingHeld(Conflict):
    """The money isn't held yet: a moment later it is, or the payout failed."""

    code = "still_being_held"
    title = "The money of this payout is still being set aside. Try again in a moment."


class PayoutRefused(Conflict):
    """The ledger refuses the chain of a payout: somebody must look."""

    code = "payout_refused"
    title = "The ledger refuses this payout."


class RateExists(Conflict):
    """An exchange rate that holds already is never changed; another one holds from later on."""

    code = "exchange_rate_exists"
    title = "A rate of these currencies holds from this instant already."
