"""Earnings become money in a bank or a wallet.

`methods` says where it goes, `requests` asks for it and takes it back, `steps` brings it from state to state (for
operators' decisions, and for what rails tell), `operating` and `settings` are for operators, `tax` for the tax offices.
All of them work with a `PayDesk`.
"""

from plaudit.payouts import methods, requests, steps
from plaudit.payouts.model import (
    AchDetails,
    Actor,
    Approved,
    Asked,
    Details,
    Method,
    MethodWish,
    PayDesk,
    Payout,
    PayoutWish,
    Quote,
    Rail,
    SepaDetails,
    State,
    Step,
    WalletDetails,
)

__all__ = [
    "AchDetails",
    "Actor",
    "Approved",
    "Asked",
    "Details",
    "Method",
    "MethodWish",
    "PayDesk",
    "Payout",
    "PayoutWish",
    "Quote",
    "Rail",
    "SepaDetails",
    "State",
    "Step",
    "WalletDetails",
    "methods",
    "requests",
    "steps",
]
