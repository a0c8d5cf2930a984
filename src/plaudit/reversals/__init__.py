"""What is given back: refunds of coins that weren't spent, and disputes, which also take back what was.

`refunds` is for fans, `refunding` its steps; `disputing` are a dispute's steps and `unwinding` those of a lost one;
`holds` sets coins of a lot apart; `inbox` is what providers told, `jobs` what happens later, `taken` what creators are
told, `purchases` what fans bought, and `operating` what operators see. All of them work with a `Reversing`.
"""

from plaudit.reversals import disputing, inbox, jobs, operating, purchases, refunding, refunds, taken, unwinding
from plaudit.reversals.model import (
    Dispute,
    DisputeFile,
    Refund,
    Refundable,
    RefundFile,
    RefundState,
    Reversing,
    Unwinding,
    Unwound,
)
from plaudit.reversals.taken import list_unwound

__all__ = [
    "Dispute",
    "DisputeFile",
    "Refund",
    "RefundFile",
    "RefundState",
    "Refundable",
    "Reversing",
    "Unwinding",
    "Unwound",
    "disputing",
    "inbox",
    "jobs",
    "list_unwound",
    "operating",
    "purchases",
    "refunding",
    "refunds",
    "taken",
    "unwinding",
]
