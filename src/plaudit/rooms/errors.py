"""What lives, and gifts in them, can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Conflict, NotFound, PlauditError


class LiveNotFound(NotFound):
    """There is no such live."""

    code = "live_not_found"
    title = "There is no such live."


class LiveHasEnded(Conflict):
    """The live is over: nothing more can be sent there, and nothing changed."""

    code = "live_has_ended"
    title = "This live has ended."


class LiveIsOn(Conflict):
    """The creator has another live that is still on."""

    code = "live_is_on"
    title = "You have a live that is on. End it before you start another."


class NotYourLive(PlauditError):
    """Only the creator whose live it is may do this."""

    code = "not_your_live"
    title = "Only the creator whose live this is may do that."
    status = 403


class CreatorMayNotReceive(PlauditError):
    """Who should get the gift can't receive gifts at present."""

    code = "creator_may_not_receive"
    title = "This person can't receive gifts at present."
    status = 403


class SenderBlocked(PlauditError):
    """One of the two has blocked the other; which one isn't told."""

    code = "sender_blocked"
    title = "You can't send gifts to this person."
    status = 403
