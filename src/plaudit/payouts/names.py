"""Whether two names are one person's: banks write them without accents, in capitals, or with the surname in front."""

import re
from collections.abc import Iterator

from anyascii import anyascii

# What people write where a keyboard has no such letter; anyascii itself gives the letter without its mark.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"})
_WORD = re.compile(r"[a-z0-9]+")
_TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "herr", "frau"})


def is_same_name(holder: str, verified: str) -> bool:
    """Whether `holder` is the verified name, after transliteration and in any order of its words.

    Middle names may be left out, the first and the last word of the verified name may not.
    """
    return any(_covers(held, known) for held in _spellings(holder) for known in _spellings(verified))


def to_ascii(name: str) -> str:
    """The name as old bank formats can write it: letters of ASCII, never empty for a name that has letters."""
    return anyascii(name).strip()


def _spellings(name: str) -> Iterator[tuple[str, ...]]:
    lower = name.lower()
    for spelling in (lower, lower.translate(_SPELT_OUT)):
        # An apostrophe or a dash inside a word parts it at some banks and not at others: it never counts.
        words = _WORD.findall(re.sub(r"['’`´-]", "", anyascii(spelling).lower()))
        yield tuple(word for word in words if word not in _TITLES) or tuple(words)


def _covers(held: tuple[str, ...], known: tuple[str, ...]) -> bool:
    if not held or not known:
        return False
    rest = list(known)
    for word in held:
        if word not in rest:
            return False
        rest.remove(word)
    return known[0] in held and known[-1] in held
