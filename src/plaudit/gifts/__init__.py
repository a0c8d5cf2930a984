"""Gifts: what can be given, and giving it.

`sending` gives and finds what was given, `operating` is how operators change the catalogue, `rules` decides without
I/O. All of them work with a `Gifting`. Whether a creator may receive, and who is blocked, is for those above to say.
"""

from plaudit.gifts import operating, rules, sending
from plaudit.gifts.gifting import Gifting
from plaudit.gifts.model import Entry, Gift, Level, Sender, Sending, Sent, Shelf, Tier, Wish

__all__ = [
    "Entry",
    "Gift",
    "Gifting",
    "Level",
    "Sender",
    "Sending",
    "Sent",
    "Shelf",
    "Tier",
    "Wish",
    "operating",
    "rules",
    "sending",
]
