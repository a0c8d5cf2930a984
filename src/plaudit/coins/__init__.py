"""Buying coins and what is left of them: packs, top-ups, lots, the wallet.

`top_ups` takes the wish, `inbox` what providers tell, `settling` brings coins into the wallet, `jobs` looks after what
was left; `packs` and `wallet` tell. All of them work with a `Till`.
"""

from plaudit.coins import inbox, jobs, packs, rules, settling, top_ups, wallet
from plaudit.coins.model import Buyer, Lot, Movement, Offer, Pack, Quote, Status, Till, TopUp, Wallet, Wish

__all__ = [
    "Buyer",
    "Lot",
    "Movement",
    "Offer",
    "Pack",
    "Quote",
    "Status",
    "Till",
    "TopUp",
    "Wallet",
    "Wish",
    "inbox",
    "jobs",
    "packs",
    "rules",
    "settling",
    "top_ups",
    "wallet",
]
