"""What giving back can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, NotFound, PlauditError, Unavailable


class NoSuchRefund(NotFound):
    """The refund isn't there, or isn't yours."""

    code = "no_such_refund"
    title = "You have no such refund."


class NoSuchDispute(NotFound):
    """There is no dispute with this id."""

    code = "no_such_dispute"
    title = "There is no such dispute."


class RefundTooLate(Conflict):
    """The days in which coins can be given back are over."""

    code = "refund_too_late"
    title = "The days in which these coins could be given back are over."


class NotBoughtYet(Conflict):
    """Only what was paid can be given back."""

    code = "not_bought_yet"
    title = "This purchase isn't paid, or its coins aren't there yet."


class NothingLeftToRefund(Conflict):
    """Every coin of the purchase was spent or given back, or what is left is worth less than the smallest unit."""

    code = "nothing_left_to_refund"
    title = "Nothing of this purchase is left to give back."


class TopUpDisputed(Conflict):
    """The payment is disputed: what comes back is for the bank to say."""

    code = "top_up_disputed"
    title = "This payment is disputed at the bank, which decides about it."


class RefundUnderWay(Conflict):
    """There is a refund of this purchase already."""

    code = "refund_under_way"
    title = "This purchase is being refunded already."


class ReversalRefused(PlauditError):
    """The ledger refused a chain of a refund or a dispute, which it never should."""

    code = "reversal_refused"
    title = "The ledger refused a part of a refund or of a dispute."
    status = 500


class StillSettling(Unavailable):
    """What the fan is spending just now isn't settled yet; it is in a moment."""

    code = "still_settling"
    title = "Coins are being spent just now; try again in a moment."
