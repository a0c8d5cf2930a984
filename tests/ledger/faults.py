"""What can be wrong with the form of a transfer: for each reason the fields that make a sound one faulty."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace

from plaudit.ledger import MAX_AMOUNT, Kind, Reason, Transfer
from plaudit.ledger.model import MAX_HOLD_SECONDS, NIL
from tests.ledger.building import WALLET, a_hold, a_transfer, named

Fields = dict[str, Any]

SOUND = a_transfer("sound")
SOUND_HOLD = a_hold("sound hold", seconds=30)
SOUND_POST = Transfer(named("sound post"), NIL, NIL, 40, 0, Kind.POST, named("a hold"))
SOUND_VOID = replace(SOUND_POST, kind=Kind.VOID)

NUMBERS_OF_ALL: dict[Reason, Fields] = {
    Reason.RESERVED_FLAG: {"kind": Kind.EXPIRE},
    Reason.ID_MUST_NOT_BE_ZERO: {"id": NIL},
    Reason.ID_MUST_NOT_BE_INT_MAX: {"id": UUID(int=2**128 - 1)},
    Reason.AMOUNT_MUST_NOT_BE_ZERO: {"amount": 0},
    Reason.AMOUNT_MUST_NOT_BE_NEGATIVE: {"amount": -1},
    Reason.AMOUNT_EXCEEDS_MAXIMUM: {"amount": MAX_AMOUNT + 1},
    Reason.CODE_OUT_OF_RANGE: {"code": 65_536},
    Reason.REFERENCE_OUT_OF_RANGE: {"ref_64": -1},
}
MOVEMENT = NUMBERS_OF_ALL | {
    Reason.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO: {"debit_account": NIL},
    Reason.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO: {"credit_account": NIL},
    Reason.ACCOUNTS_MUST_BE_DIFFERENT: {"credit_account": WALLET},
    Reason.PENDING_ID_MUST_BE_ZERO: {"hold_id": named("a hold")},
    Reason.CODE_MUST_NOT_BE_ZERO: {"code": 0},
}
FAULTS_OF_A_TRANSFER = MOVEMENT | {Reason.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER: {"hold_seconds": 30}}
FAULTS_OF_A_HOLD = MOVEMENT | {Reason.OVERFLOWS_TIMEOUT: {"hold_seconds": MAX_HOLD_SECONDS + 1}}
FAULTS_OF_A_POST = NUMBERS_OF_ALL | {
    Reason.ACCOUNTS_MUST_BE_DIFFERENT: {"debit_account": WALLET, "credit_account": WALLET},
    Reason.PENDING_ID_MUST_NOT_BE_ZERO: {"hold_id": None},
    Reason.PENDING_ID_MUST_BE_DIFFERENT: {"hold_id": SOUND_POST.id},
    Reason.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER: {"hold_seconds": 30},
}
