"""Names and sentences in the few characters that banks carry, written over from any script and never blanked."""

import re

from anyascii import anyascii

from plaudit.providers.payouts import CannotInstruct

# The EPC's basic Latin character set (EPC217-08), which every bank of SEPA must take.
_NOT_SEPA = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")
_NOT_ACH = re.compile(r"[^A-Za-z0-9/\-?:().,'+&#$@ ]+")
_SPACES = re.compile(r" {2,}")
_SLASHES = re.compile(r"/{2,}")


def sepa_text(text: str, *, most: int, what: str = "name") -> str:
    """The text in the character set of SEPA, cut to `most` characters.

    A field may not begin or end with a slash, nor have two of them in a row. Raises CannotInstruct, naming `what`, when
    nothing is left: a bank mustn't be asked to pay nobody.
    """
    slashes = _SLASHES.sub("/", _latin(text, _NOT_SEPA))
    return _cut(slashes.strip("/ "), most, what)


def ach_text(text: str, *, most: int, what: str = "name") -> str:
    """The text in capital letters of ASCII, cut to `most` characters. Raises CannotInstruct when nothing is left."""
    return _cut(_latin(text, _NOT_ACH).upper(), most, what)


def _latin(text: str, unwanted: re.Pattern[str]) -> str:
    return _SPACES.sub(" ", unwanted.sub(" ", anyascii(text))).strip()


def _cut(plain: str, most: int, what: str) -> str:
    short = plain[:most].rstrip("/ ")
    if not any(letter.isalnum() for letter in short):
        raise CannotInstruct(f"Nothing of the {what} can be written in the letters that banks take.")
    return short
