"""What can truly go wrong between coins and a creator's money."""

from plaudit.foundation.errors import Conflict, NotFound, PlauditError


class NoSuchProposal(NotFound):
    """No rate was proposed under this id."""

    code = "no_such_proposal"
    title = "No rate was proposed under this id."


class OwnProposal(Conflict):
    """Two people set a rate: whoever proposed it can't be the one who approves."""

    code = "own_proposal"
    title = "Somebody else has to approve what you proposed."


class ProposalDecided(Conflict):
    """It was approved or refused before, and stays so."""

    code = "proposal_decided"
    title = "This proposal was decided already."


class ProposalTooLate(Conflict):
    """What creators get changes only ahead of time."""

    code = "proposal_too_late"
    title = "This rate was to hold from an instant that is too near or past: propose it anew for a later one."


class RateAlreadySet(Conflict):
    """Another rate for the same creators begins at the very same instant."""

    code = "rate_already_set"
    title = "Another rate for the same creators begins at that instant: propose it for another one."


class NoSuchEarning(NotFound):
    """The gift isn't there, or isn't one that this person received."""

    code = "no_such_gift"
    title = "You received no gift with this id."


class NoSuchStatement(NotFound):
    """There is nothing to state for this month."""

    code = "no_such_statement"
    title = "There is no statement for this month."


class StatementDoesNotAddUp(Exception):
    """Opening and movements don't sum to the closing balance: the books are wrong, or still being read. An accident."""


class LineTooShort(PlauditError):
    """The ledger says that a fan gave coins which no lot brought: nothing is settled until somebody has looked."""

    code = "line_too_short"
    title = "A gift spends coins that no lot brought."
    status = 500


class NoSuchReserve(NotFound):
    """There is no reserve with this id."""

    code = "no_such_reserve"
    title = "There is no reserve with this id."


class NotSoMuchAvailable(Conflict):
    """The creator has less available than is to be kept back."""

    code = "not_so_much_available"
    title = "The creator hasn't got so much available."
