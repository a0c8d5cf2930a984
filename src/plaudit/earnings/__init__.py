"""Coins become money: rates, and what a creator gets of the coins that a fan sends.

`estimates` tells the creator's share before it is settled; `rates` holds the rates in memory; `rules` decides; and
`takings` is what creators received, gift by gift and summed.
"""

from plaudit.earnings import estimates, rates, rules, takings
from plaudit.earnings.estimates import Estimates, estimate_before, estimate_each_before, estimate_share
from plaudit.earnings.model import Estimate, Rate
from plaudit.earnings.takings import Creator, Received, Stories, Story, Sum, Takings

__all__ = [
    "Creator",
    "Estimate",
    "Estimates",
    "Rate",
    "Received",
    "Stories",
    "Story",
    "Sum",
    "Takings",
    "estimate_before",
    "estimate_each_before",
    "estimate_share",
    "estimates",
    "rates",
    "rules",
    "takings",
]
