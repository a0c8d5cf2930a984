"""What talking, and receiving gifts, can be refused for: leaves of the one tree in foundation/errors.py."""

from plaudit.foundation.errors import Invalid, NotFound, PlauditError


class IsMuted(PlauditError):
    """The room's creator or a moderator has muted this person."""

    code = "muted"
    title = "You are muted in this room."
    status = 403


class WordNotAllowed(PlauditError):
    """The text holds a word that the creator has blocked; which one isn't told, so that nobody tries around it."""

    code = "word_not_allowed"
    title = "This has a word in it that isn't welcome in this room."
    status = 422
    field = "text"


class _TooFast(PlauditError):
    status = 429

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"{self.title} Go on in {retry_after_seconds} seconds.")
        self.retry_after_seconds = retry_after_seconds


class ChatTooFast(_TooFast):
    """More lines of chat in a few seconds than anybody can read."""

    code = "chat_too_fast"
    title = "You write faster than the room can read."


class LikesTooFast(_TooFast):
    """More calls with likes in a few seconds than a hand can send."""

    code = "likes_too_fast"
    title = "You send likes too fast; send several in one call."


class NotAModerator(PlauditError):
    """Only the creator, their moderators and operators may do this."""

    code = "not_a_moderator"
    title = "Only the creator, a moderator of theirs or an operator may do this."
    status = 403


class CannotMuteCreator(PlauditError):
    """A creator always has a say in their own room."""

    code = "cannot_mute_creator"
    title = "A creator can't be muted in their own room."
    status = 422


class NoSuchLine(NotFound):
    """There is no such line of chat in this live."""

    code = "no_such_line"
    title = "There is no such line in this chat."


class TooManyBlockedWords(Invalid):
    """A creator can't block more words."""

    code = "too_many_blocked_words"
    title = "This is more blocked words than a creator can have."


class NoSuchViolation(NotFound):
    """There is no such violation."""

    code = "no_such_violation"
    title = "There is no such violation."


class RuleInThePast(Invalid):
    """A requirement holds from today on or from a later day: what was decided by the rules of a day stays decided."""

    code = "rule_in_the_past"
    title = "A rule can't begin in the past."


class CannotBeAnonymous(PlauditError):
    """Who is written to sees who writes, so a gift in a direct message has a sender."""

    code = "cannot_be_anonymous"
    title = "A gift in a direct message can't be anonymous."
    status = 422
