"""What the random story of the ledgers is told with."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from msgspec.structs import replace

from plaudit.ledger import MAX_AMOUNT, WHOLE, Kind, Transfer
from plaudit.ledger.model import NIL
from plaudit.ledger.rules import expiry_id

ACCOUNTS = [UUID(int=0xA000 + number) for number in range(8)]
CALLERS_IDS = [UUID(int=0x1000 + number) for number in range(60)]
# What the ledger itself would call the end of the first holds: somebody may be there first.
IDS = [*CALLERS_IDS, *(expiry_id(hold) for hold in CALLERS_IDS[:4])]
REFERENCES = [None, UUID(int=0xF1), UUID(int=0xF2)]
AMOUNTS = st.sampled_from([1, 5, 10, 100, 1000, 0, -1, MAX_AMOUNT - 50, MAX_AMOUNT, MAX_AMOUNT + 1])

account_ids = st.sampled_from([*ACCOUNTS, *ACCOUNTS, *ACCOUNTS, NIL, UUID(int=0xDEAD)])
small_amounts = st.sampled_from([1, 5, 10, 100])
codes = st.sampled_from([1, 2, 2, 2, 0, 65536])
sound_transfers = st.builds(
    Transfer,
    id=st.sampled_from(IDS),
    debit_account=st.sampled_from(ACCOUNTS),
    credit_account=st.sampled_from(ACCOUNTS),
    amount=small_amounts,
    code=st.sampled_from([1, 2]),
    kind=st.sampled_from([Kind.TRANSFER, Kind.TRANSFER, Kind.HOLD]),
    ref_128=st.sampled_from(REFERENCES),
)
wild_transfers = st.builds(
    Transfer,
    id=st.sampled_from([*IDS, NIL, UUID(int=2**128 - 1)]),
    debit_account=account_ids,
    credit_account=account_ids,
    amount=AMOUNTS,
    code=codes,
    kind=st.sampled_from(Kind),
    hold_id=st.sampled_from([None, None, *IDS[:10]]),
    hold_seconds=st.sampled_from([0, 0, 30, -1, 2**32]),
    ref_128=st.sampled_from(REFERENCES),
    ref_64=st.sampled_from([0, 0, 7, 2**63, -1]),
    ref_32=st.sampled_from([0, 0, 7, 2**31]),
)
wild_endings = st.builds(
    Transfer,
    id=st.sampled_from(IDS),
    debit_account=st.sampled_from([NIL, NIL, NIL, *ACCOUNTS]),
    credit_account=st.sampled_from([NIL, NIL, NIL, *ACCOUNTS]),
    amount=st.sampled_from([WHOLE, WHOLE, 1, 5, 10, 100]),
    code=st.sampled_from([0, 0, 1, 2]),
    kind=st.sampled_from([Kind.POST, Kind.VOID]),
    hold_id=st.sampled_from(IDS),
)
expiring_holds = sound_transfers.map(lambda transfer: replace(transfer, kind=Kind.HOLD, hold_seconds=30))
transfers = st.one_of(sound_transfers, sound_transfers, expiring_holds, wild_endings, wild_transfers)

# Wishes: an id of their own, and for an ending the hold that it ends, they get when they are asked for.
NOBODY = UUID(int=0)
pairs = [(one, other) for one in ACCOUNTS[:5] for other in ACCOUNTS[:5] if one != other]


def a_movement(accounts: tuple[UUID, UUID], amount: int, hold_seconds: int | None, ref_128: UUID | None) -> Transfer:
    """A transfer, or a hold when `hold_seconds` is given."""
    debit, credit = accounts
    if hold_seconds is None:
        return Transfer(NOBODY, debit, credit, amount, 1, ref_128=ref_128, ref_64=7)
    return Transfer(NOBODY, debit, credit, amount, 1, Kind.HOLD, None, hold_seconds, ref_128)


movements = st.builds(
    a_movement,
    accounts=st.sampled_from(pairs),
    amount=st.sampled_from([1, 5, 10, 100, 400, 1_000]),
    hold_seconds=st.sampled_from([None, None, 0, 1, 30]),
    ref_128=st.sampled_from(REFERENCES),
)
endings = st.builds(
    Transfer,
    st.just(NOBODY),
    st.sampled_from([*[NIL] * 9, ACCOUNTS[0]]),
    st.sampled_from([*[NIL] * 9, ACCOUNTS[1]]),
    st.sampled_from([WHOLE, WHOLE, 1, 1, 5, 10, 101]),
    st.sampled_from([*[0] * 8, 1, 2]),
    st.sampled_from([Kind.POST, Kind.VOID]),
)
wishes = st.one_of(movements, movements, endings)
# Which of the last holds, or of the last chains.
places = st.integers(0, 4)
Slip = dict[str, Any]
SLIPS: list[Slip] = [
    {},
    {"amount": 7},
    {"code": 9},
    {"debit_account": ACCOUNTS[6]},
    {"credit_account": ACCOUNTS[7]},
    {"ref_128": UUID(int=0xF3)},
    {"ref_64": 8},
    {"ref_32": 9},
    {"kind": Kind.HOLD, "hold_id": None, "hold_seconds": 29},
]
