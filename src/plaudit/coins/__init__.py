"""Buying coins and what is left of them: packs, top-ups, lots, the wallet.

`top_ups` takes the wish, `inbox` what providers tell, `settling` brings coins into the wallet, `jobs` looks after what
was left; `packs`, `receipts` and `wallet` tell, and `order` who spends which lot; `operating` and `promotions` are for
operators. All of them work with a `Till`.
"""

from plaudit.coins import (
    inbox,
    jobs,
    operating,
    order,
    packs,
    promotions,
    receipts,
    rules,
    settling,
    top_ups,
    wallet,
)
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
    "operating",
    "order",
    "packs",
    "promotions",
    "receipts",
    "rules",
    "settling",
    "top_ups",
    "wallet",
]
