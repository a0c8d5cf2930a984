"""What batches can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, NotFound


class NoSuchBatch(NotFound):
    """There is no batch with this id."""

    code = "no_such_batch"
    title = "There is no such batch."


class NoSuchBankFile(NotFound):
    """No such file was uploaded."""

    code = "no_such_bank_file"
    title = "There is no such file."


class NothingToPay(Conflict):
    """No approved payout waits for this rail and currency, or none that could be carried."""

    code = "nothing_to_pay"
    title = "Nothing waits to be paid that way."


class TooManyFiles(Conflict):
    """A bank tells the ACH files of a day apart by one of 36 letters and digits."""

    code = "too_many_files"
    title = "There were 36 files on this day already: no more can be told apart."


class BatchHasLeft(Conflict):
    """The file of the batch was fetched, or a provider may have taken it: it may be paid, so it can't be discarded."""

    code = "batch_has_left"
    title = "This batch may have left the house: only what the bank says can end it."


class BatchIsOver(Conflict):
    """Nothing can be changed about a batch that is done or was discarded."""

    code = "batch_is_over"
    title = "This batch is over."


class NotSentByHand(Conflict):
    """A wallet's batch is sent by the worker."""

    code = "not_sent_by_hand"
    title = "This batch is sent by itself."
