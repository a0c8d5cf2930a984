"""What the ledger decides: pure functions from a book and a chain to an outcome. Total, no I/O, no clock of its own.

The order of the refusals is that of `Reason`. Both ledgers, in memory and in PostgreSQL, decide with this code.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from plaudit.foundation.ids import derive_id
from plaudit.ledger.book import Book, expires_at
from plaudit.ledger.model import (
    MAX_AMOUNT,
    MAX_CHAIN,
    MAX_HOLD_SECONDS,
    NIL,
    WHOLE,
    Account,
    Balances,
    Kind,
    Limit,
    Outcome,
    Posted,
    Record,
    Refused,
    Transfer,
)
from plaudit.ledger.reasons import AccountReason, Reason

MAX_CODE = 2**16 - 1
MAX_REF_64 = 2**63 - 1
MAX_REF_32 = 2**31 - 1
_ID_MAX = UUID(int=2**128 - 1)

_ALREADY_ENDED = {
    Kind.POST: Reason.PENDING_TRANSFER_ALREADY_POSTED,
    Kind.VOID: Reason.PENDING_TRANSFER_ALREADY_VOIDED,
    Kind.EXPIRE: Reason.PENDING_TRANSFER_EXPIRED,
}


# The form, which needs no look at the ledger.


def take_chain(chain: Iterable[Transfer]) -> Sequence[Transfer] | Refused:
    """The chain as a sequence whose form is right, or the first thing that is wrong with its form.

    Raises TypeError for a number that isn't an int or an id that isn't a UUID: that is a bug, not a refusal.
    """
    if isinstance(chain, Sequence):
        if len(chain) > MAX_CHAIN:
            return Refused(Reason.CHAIN_TOO_LONG, MAX_CHAIN)
        taken = tuple(chain)
    else:
        taken = tuple(islice(chain, MAX_CHAIN + 1))
    if not taken:
        return Refused(Reason.CHAIN_EMPTY)
    if len(taken) > MAX_CHAIN:
        return Refused(Reason.LINKED_EVENT_CHAIN_OPEN, MAX_CHAIN)
    for index, transfer in enumerate(taken):
        if not _has_right_types(transfer):
            raise TypeError(f"a transfer's numbers are ints and its ids UUIDs: {transfer}")
        if reason := _fault_of_form(transfer):
            return Refused(reason, index)
    return taken


def _has_right_types(transfer: Transfer) -> bool:
    """A float that slipped past the type checker stops here, in the call that brought it, not in a batch."""
    return (
        type(transfer.kind) is Kind
        and type(transfer.amount) is int
        and _is_number(transfer.code)
        and type(transfer.hold_seconds) is int
        and type(transfer.ref_64) is int
        and type(transfer.ref_32) is int
        and _is_id(transfer.id)
        and _is_id(transfer.debit_account)
        and _is_id(transfer.credit_account)
        and (transfer.hold_id is None or _is_id(transfer.hold_id))
        and (transfer.ref_128 is None or _is_id(transfer.ref_128))
    )


def _is_id(value: object) -> bool:
    return isinstance(value, UUID)


def _is_number(value: object) -> bool:
    """An int, or one with a name: codes are often the members of an IntEnum."""
    return isinstance(value, int) and not isinstance(value, bool)


def _fault_of_form(transfer: Transfer) -> Reason | None:
    kind, id = transfer.kind, transfer.id.int
    if kind is Kind.EXPIRE:
        return Reason.RESERVED_FLAG
    if id == 0:
        return Reason.ID_MUST_NOT_BE_ZERO
    if id == _ID_MAX.int:
        return Reason.ID_MUST_NOT_BE_INT_MAX
    moves = kind is Kind.TRANSFER or kind is Kind.HOLD
    fault = _fault_of_movement(transfer) if moves else _fault_of_ending(transfer)
    return fault or _fault_of_numbers(transfer, moves=moves)


def _fault_of_movement(transfer: Transfer) -> Reason | None:
    debit, credit = transfer.debit_account.int, transfer.credit_account.int
    if debit == 0:
        return Reason.DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if credit == 0:
        return Reason.CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO
    if debit == credit:
        return Reason.ACCOUNTS_MUST_BE_DIFFERENT
    if transfer.hold_id is not None:
        return Reason.PENDING_ID_MUST_BE_ZERO
    if transfer.hold_seconds and transfer.kind is not Kind.HOLD:
        return Reason.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
    return None


def _fault_of_ending(transfer: Transfer) -> Reason | None:
    if transfer.debit_account == transfer.credit_account != NIL:
        return Reason.ACCOUNTS_MUST_BE_DIFFERENT
    if transfer.hold_id is None or transfer.hold_id == NIL:
        return Reason.PENDING_ID_MUST_NOT_BE_ZERO
    if transfer.hold_id == transfer.id:
        return Reason.PENDING_ID_MUST_BE_DIFFERENT
    if transfer.hold_seconds:
        return Reason.TIMEOUT_RESERVED_FOR_PENDING_TRANSFER
    return None


def _fault_of_numbers(transfer: Transfer, *, moves: bool) -> Reason | None:
    if not 0 < transfer.amount <= MAX_AMOUNT:
        return _fault_of_amount(transfer.amount)
    if transfer.code == 0 and moves:
        return Reason.CODE_MUST_NOT_BE_ZERO
    if not 0 <= transfer.code <= MAX_CODE:
        return Reason.CODE_OUT_OF_RANGE
    if not (0 <= transfer.ref_64 <= MAX_REF_64 and 0 <= transfer.ref_32 <= MAX_REF_32):
        return Reason.REFERENCE_OUT_OF_RANGE
    if not 0 <= transfer.hold_seconds <= MAX_HOLD_SECONDS:
        return Reason.OVERFLOWS_TIMEOUT
    return None


def _fault_of_amount(amount: int) -> Reason:
    if amount == 0:
        return Reason.AMOUNT_MUST_NOT_BE_ZERO
    return Reason.AMOUNT_MUST_NOT_BE_NEGATIVE if amount < 0 else Reason.AMOUNT_EXCEEDS_MAXIMUM


# The chain, as the ledger stands.


def decide(book: Book, chain: Sequence[Transfer], at: datetime) -> Outcome:
    """What comes of a chain (whose form `take_chain` found right) at the instant `at`. The book stays as it is.

    Every transfer of a chain sees what those before it did. A chain all of whose transfers exist already is answered
    as it was then, with the balances of then; one of which only some exist is refused.
    """
    if len(chain) == 1 and chain[0].id not in book.records:
        made = _record(book, chain[0], at)
        return Posted((made,)) if isinstance(made, Record) else Refused(made)
    if any(transfer.id in book.records for transfer in chain):
        return _decide_again(book, chain)
    fork = book.fork()
    records: list[Record] = []
    for index, transfer in enumerate(chain):
        existing = fork.records.get(transfer.id)
        if existing is not None:
            return Refused(_difference(fork, existing, transfer) or Reason.EXISTS, index)
        made = _record(fork, transfer, at)
        if isinstance(made, Reason):
            return Refused(made, index)
        fork.enter((made,))
        records.append(made)
    return Posted(tuple(records))


def _decide_again(book: Book, chain: Sequence[Transfer]) -> Outcome:
    existing = [book.records.get(transfer.id) for transfer in chain]
    for index, (record, transfer) in enumerate(zip(existing, chain, strict=True)):
        if record is not None and (reason := _difference(book, record, transfer)):
            return Refused(reason, index)
    records = tuple(record for record in existing if record is not None)
    if len(records) == len(chain) == len({transfer.id for transfer in chain}):
        return Posted(records)
    return Refused(Reason.EXISTS, next(index for index, record in enumerate(existing) if record is not None))


def _difference(book: Book, existing: Record, wish: Transfer) -> Reason | None:
    """The first field in which the wish differs from what its id already stands for."""
    was = existing.transfer
    if wish.kind is not was.kind:
        return Reason.EXISTS_WITH_DIFFERENT_FLAGS
    if wish.hold_id != was.hold_id:
        return Reason.EXISTS_WITH_DIFFERENT_PENDING_ID
    if was.hold_id is not None:
        wish = _completed(wish, book.records[was.hold_id].transfer)
    if wish == was:
        return None
    pairs = (
        (wish.hold_seconds, was.hold_seconds, Reason.EXISTS_WITH_DIFFERENT_TIMEOUT),
        (wish.debit_account, was.debit_account, Reason.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID),
        (wish.credit_account, was.credit_account, Reason.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID),
        (wish.amount, was.amount, Reason.EXISTS_WITH_DIFFERENT_AMOUNT),
        (wish.ref_128, was.ref_128, Reason.EXISTS_WITH_DIFFERENT_USER_DATA_128),
        (wish.ref_64, was.ref_64, Reason.EXISTS_WITH_DIFFERENT_USER_DATA_64),
        (wish.ref_32, was.ref_32, Reason.EXISTS_WITH_DIFFERENT_USER_DATA_32),
        (wish.code, was.code, Reason.EXISTS_WITH_DIFFERENT_CODE),
    )
    return next(reason for wished, stands, reason in pairs if wished != stands)


# One transfer.


def _record(book: Book, transfer: Transfer, at: datetime) -> Record | Reason:
    if transfer.hold_id is not None:
        return _record_ending(book, transfer, transfer.hold_id, at)
    debit = book.accounts.get(transfer.debit_account.int)
    if debit is None:
        return Reason.DEBIT_ACCOUNT_NOT_FOUND
    credit = book.accounts.get(transfer.credit_account.int)
    if credit is None:
        return Reason.CREDIT_ACCOUNT_NOT_FOUND
    if debit.ledger != credit.ledger:
        return Reason.ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER
    if debit.closed:
        return Reason.DEBIT_ACCOUNT_ALREADY_CLOSED
    if credit.closed:
        return Reason.CREDIT_ACCOUNT_ALREADY_CLOSED
    before_debit, before_credit = book.balances[debit.id.int], book.balances[credit.id.int]
    if reason := _excess(debit, before_debit, credit, before_credit, transfer.amount):
        return reason
    return _moved(book, transfer, at, before_debit, before_credit)


def _excess(
    debit: Account, debit_balances: Balances, credit: Account, credit_balances: Balances, amount: int
) -> Reason | None:
    debits = debit_balances.debits_posted + debit_balances.debits_pending + amount
    if debits > MAX_AMOUNT:
        return Reason.OVERFLOWS_DEBITS
    credits = credit_balances.credits_posted + credit_balances.credits_pending + amount
    if credits > MAX_AMOUNT:
        return Reason.OVERFLOWS_CREDITS
    if debit.limit is Limit.DEBITS_MUST_NOT_EXCEED_CREDITS and debits > debit_balances.credits_posted:
        return Reason.EXCEEDS_CREDITS
    if credit.limit is Limit.CREDITS_MUST_NOT_EXCEED_DEBITS and credits > credit_balances.debits_posted:
        return Reason.EXCEEDS_DEBITS
    return None


def _moved(book: Book, transfer: Transfer, at: datetime, debit: Balances, credit: Balances) -> Record:
    amount = transfer.amount
    if transfer.kind is Kind.TRANSFER:
        debit_after = Balances(
            debit.debits_posted + amount, debit.debits_pending, debit.credits_posted, debit.credits_pending
        )
        credit_after = Balances(
            credit.debits_posted, credit.debits_pending, credit.credits_posted + amount, credit.credits_pending
        )
    else:
        debit_after = Balances(
            debit.debits_posted, debit.debits_pending + amount, debit.credits_posted, debit.credits_pending
        )
        credit_after = Balances(
            credit.debits_posted, credit.debits_pending, credit.credits_posted, credit.credits_pending + amount
        )
    return Record(book.timestamp + 1, at, transfer, debit_after, credit_after)


# The end of a hold.


def _record_ending(book: Book, transfer: Transfer, hold_id: UUID, at: datetime) -> Record | Reason:
    hold = book.records.get(hold_id)
    if hold is None:
        return Reason.PENDING_TRANSFER_NOT_FOUND
    if hold.transfer.kind is not Kind.HOLD:
        return Reason.PENDING_TRANSFER_NOT_PENDING
    transfer = _completed(transfer, hold.transfer)
    if reason := _mismatch(transfer, hold.transfer):
        return reason
    if (how := book.ended.get(hold_id)) is not None:
        return _ALREADY_ENDED[how]
    if (over := expires_at(hold)) is not None and over <= at:
        return Reason.PENDING_TRANSFER_EXPIRED
    if transfer.kind is Kind.POST:
        if book.accounts[transfer.debit_account.int].closed:
            return Reason.DEBIT_ACCOUNT_ALREADY_CLOSED
        if book.accounts[transfer.credit_account.int].closed:
            return Reason.CREDIT_ACCOUNT_ALREADY_CLOSED
    return _released(book, transfer, hold.transfer.amount, at)


def _completed(transfer: Transfer, hold: Transfer) -> Transfer:
    """A post or void in full: what it leaves out is the hold's."""
    return Transfer(
        transfer.id,
        hold.debit_account if transfer.debit_account == NIL else transfer.debit_account,
        hold.credit_account if transfer.credit_account == NIL else transfer.credit_account,
        hold.amount if transfer.amount == WHOLE else transfer.amount,
        transfer.code or hold.code,
        transfer.kind,
        transfer.hold_id,
        transfer.hold_seconds,
        hold.ref_128 if transfer.ref_128 is None else transfer.ref_128,
        transfer.ref_64 or hold.ref_64,
        transfer.ref_32 or hold.ref_32,
    )


def _mismatch(transfer: Transfer, hold: Transfer) -> Reason | None:
    if transfer.debit_account != hold.debit_account:
        return Reason.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID
    if transfer.credit_account != hold.credit_account:
        return Reason.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID
    if transfer.code != hold.code:
        return Reason.PENDING_TRANSFER_HAS_DIFFERENT_CODE
    if transfer.amount > hold.amount:
        return Reason.EXCEEDS_PENDING_TRANSFER_AMOUNT
    if transfer.kind is Kind.VOID and transfer.amount < hold.amount:
        return Reason.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT
    return None


def _released(book: Book, ending: Transfer, held: int, at: datetime) -> Record:
    """The hold leaves the pending counters whole; what is posted of it enters the posted ones."""
    posted = ending.amount if ending.kind is Kind.POST else 0
    debit, credit = book.balances[ending.debit_account.int], book.balances[ending.credit_account.int]
    return Record(
        book.timestamp + 1,
        at,
        ending,
        Balances(
            debit.debits_posted + posted, debit.debits_pending - held, debit.credits_posted, debit.credits_pending
        ),
        Balances(
            credit.debits_posted, credit.debits_pending, credit.credits_posted + posted, credit.credits_pending - held
        ),
    )


def expire(book: Book, hold: Record, at: datetime) -> Record:
    """The ledger's own transfer that ends an open hold whose time is over, with an id that nobody has used."""
    id = expiry_id(hold.transfer.id)
    while id in book.records:
        id = expiry_id(id)
    ending = Transfer(id, NIL, NIL, WHOLE, 0, Kind.EXPIRE, hold.transfer.id)
    return _released(book, _completed(ending, hold.transfer), hold.transfer.amount, at)


def expiry_id(id: UUID) -> UUID:
    """The id of the transfer that expires the hold with this id."""
    return derive_id(id, "expire")


# Accounts.


def require_types(account: Account) -> None:
    """Raise TypeError for an account whose numbers aren't ints or whose ids aren't UUIDs: a bug, not a refusal."""
    numbers = _is_number(account.ledger) and _is_number(account.code) and type(account.limit) is Limit
    if not (numbers and _is_id(account.id) and (account.ref_128 is None or _is_id(account.ref_128))):
        raise TypeError(f"an account's numbers are ints, its ids UUIDs, and its limit a Limit: {account}")


def decide_account(existing: Account | None, wish: Account) -> AccountReason | None:
    """Why the account can't be opened, or None when it can, or is already as wished."""
    if wish.id == NIL:
        return AccountReason.ID_MUST_NOT_BE_ZERO
    if wish.id == _ID_MAX:
        return AccountReason.ID_MUST_NOT_BE_INT_MAX
    if wish.ledger == 0:
        return AccountReason.LEDGER_MUST_NOT_BE_ZERO
    if not 0 < wish.ledger <= MAX_REF_32:
        return AccountReason.LEDGER_OUT_OF_RANGE
    if wish.code == 0:
        return AccountReason.CODE_MUST_NOT_BE_ZERO
    if not 0 < wish.code <= MAX_CODE:
        return AccountReason.CODE_OUT_OF_RANGE
    return None if existing is None else _account_difference(existing, wish)


def _account_difference(existing: Account, wish: Account) -> AccountReason | None:
    if wish.limit is not existing.limit:
        return AccountReason.EXISTS_WITH_DIFFERENT_FLAGS
    if wish.ref_128 != existing.ref_128:
        return AccountReason.EXISTS_WITH_DIFFERENT_USER_DATA_128
    if wish.ledger != existing.ledger:
        return AccountReason.EXISTS_WITH_DIFFERENT_LEDGER
    if wish.code != existing.code:
        return AccountReason.EXISTS_WITH_DIFFERENT_CODE
    return None
