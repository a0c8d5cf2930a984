"""What may be said: plain text of some length, and without the words that a creator has blocked. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from plaudit.foundation.errors import Invalid
from plaudit.rooms.talk_errors import WordNotAllowed

CHAT_LIMIT = 200
MESSAGE_LIMIT = 1000
WORD_LIMIT = 40
MOST_BLOCKED_WORDS = 200
LONGEST_MUTE_MINUTES = 60 * 24 * 365

# Controls, halves of characters, line and paragraph separators, and places that Unicode hasn't given out.
_NEVER = frozenset(("Cc", "Cs", "Zl", "Zp", "Cn"))
# They turn the direction of what follows, so that a text reads as another. (Joiners, which emoji need, may stay.)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# How much may stand between the letters of a word that somebody tries to hide.
_BETWEEN_LETTERS = r"[\W_]{0,3}"


def take_line(text: str) -> str:
    """A line of chat: 1 to 200 characters of plain text after trimming. Raises Invalid."""
    return _take_text(text, CHAT_LIMIT, allowed="")


def take_message(text: str) -> str:
    """A direct message: 1 to 1,000 characters of plain text after trimming; lines may break. Raises Invalid."""
    return _take_text(text.replace("\r\n", "\n"), MESSAGE_LIMIT, allowed="\n")


def _take_text(text: str, limit: int, *, allowed: str) -> str:
    normal = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(normal) <= limit or not any(map(_is_seen, normal)):
        raise Invalid(f"This is a text of 1 to {limit:,} characters.", field="text")
    if not all(letter in allowed or _is_plain(letter) for letter in normal):
        raise Invalid("This is plain text: control characters have no place in it.", field="text")
    return normal


def _is_plain(letter: str) -> bool:
    return unicodedata.category(letter) not in _NEVER and letter not in _TURNS


def _is_seen(letter: str) -> bool:
    # A text of joiners and marks alone would be an empty line on the screen.
    return unicodedata.category(letter)[0] in "LNPS"


def take_word(word: str) -> str:
    """A word to block, in the form in which it is kept: letters and digits in folded case. Raises Invalid."""
    folded = "".join(letter for letter in _fold(word) if letter.isalnum())
    if not 1 <= len(folded) <= WORD_LIMIT:
        raise Invalid(f"A blocked word has 1 to {WORD_LIMIT} letters or digits.", field="word")
    return folded


def take_minutes(minutes: int | None) -> int | None:
    """For how long somebody is muted; None is until somebody unmutes them. Raises Invalid."""
    if minutes is not None and not 1 <= minutes <= LONGEST_MUTE_MINUTES:
        raise Invalid(
            f"Somebody is muted for 1 to {LONGEST_MUTE_MINUTES:,} minutes, or without an end.", field="minutes"
        )
    return minutes


def refuse_blocked_words(text: str, words: Sequence[str]) -> None:
    """Raises WordNotAllowed when one of the words stands in the text as a whole word, whatever its case.

    It is found with something between its letters, too (`w-o-r-d`), and not inside of another word.
    """
    if words and _pattern_of(tuple(words)).search(_fold(text)):
        raise WordNotAllowed


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1_000)
def _pattern_of(words: tuple[str, ...]) -> re.Pattern[str]:
    hidden = "|".join(_BETWEEN_LETTERS.join(map(re.escape, word)) for word in words)
    return re.compile(rf"(?<![^\W_])(?:{hidden})(?![^\W_])")
