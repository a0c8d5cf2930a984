"""What buying coins can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, Invalid, NotFound, PlauditError


class PackNotOffered(Invalid):
    """There is no such pack, or not in this region, currency and channel."""

    code = "pack_not_offered"
    title = "This pack isn't offered here."


class NoSuchTopUp(NotFound):
    """The top-up isn't there, or isn't yours."""

    code = "no_such_top_up"
    title = "You have no such top-up."


class NoReceiptYet(Conflict):
    """Only a settled top-up has a receipt."""

    code = "no_receipt_yet"
    title = "This top-up has no receipt: it isn't paid, or its coins aren't there yet."


class NoSuchAccount(NotFound):
    """The ledger has no account with this id."""

    code = "no_such_account"
    title = "The ledger has no account with this id."


class NoSuchProvider(NotFound):
    """No payment provider has this name."""

    code = "no_such_provider"
    title = "There is no payment provider by that name."


class WrongAmountPaid(PlauditError):
    """What was charged isn't what was to be paid; nothing is settled until somebody has looked."""

    code = "wrong_amount_paid"
    title = "What was charged isn't what was to be paid."
    status = 409


class PaidTwice(PlauditError):
    """A second payment came for a top-up; nothing is settled for it until somebody has looked."""

    code = "paid_twice"
    title = "A second payment came for the same top-up."
    status = 409


class SettlingRefused(PlauditError):
    """The ledger refused the chain of a top-up, which it never should."""

    code = "settling_refused"
    title = "The ledger refused to settle this top-up."
    status = 500


class SpendingUnknown(PlauditError):
    """The ledger holds a transfer that takes coins from a fan, and nothing says which: the books need a look."""

    code = "spending_unknown"
    title = "Coins left a fan's account in a way that can't be settled."
    status = 500


class GrantRefused(PlauditError):
    """The ledger refused the coins of a grant: the account is closed, most likely."""

    code = "grant_refused"
    title = "The ledger refused to give these coins."
    status = 409
