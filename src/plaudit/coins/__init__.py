"""Buying coins and what is left of them: packs, top-ups, lots, the wallet.

`top_ups` takes the wish, `inbox` what providers tell, `settling` brings coins into the wallet, `jobs` looks after what
was left; `packs`, `lots`, `receipts` and `wallet` tell; `operating` is for operators. All of them work with a `Till`.
"""

from plaudit.coins import inbox, jobs, lots, operating, packs, receipts, rules, settling, top_ups, wallet
from plaudit.coins.model import (
    Buyer,
    Lot,
    Movement,
    MovementKind,
    Offer,
    Pack,
    Quote,
    Status,
    Till,
    TopUp,
    Wallet,
    Wish,
)

__all__ = [
    "Buyer",
    "Lot",
    "Movement",
    "MovementKind",
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
    "lots",
    "operating",
    "packs",
    "receipts",
    "rules",
    "settling",
    "top_ups",
    "wallet",
]
