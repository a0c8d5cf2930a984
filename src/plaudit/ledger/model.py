"""What the ledger is made of: accounts, transfers, balances and what came of a chain. Frozen values, no I/O."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from msgspec import Struct

from plaudit.ledger.reasons import Reason

MAX_AMOUNT = 2**63 - 1
"""The largest amount and the largest counter: a signed 64-bit integer of the asset's smallest unit."""

WHOLE = MAX_AMOUNT
"""The amount that posts or voids all of a hold. Zero doesn't: an amount that was computed wrong must not take all."""

MAX_CHAIN = 500
"""The most transfers in one chain."""

MAX_HOLD_SECONDS = 2**32 - 1
"""The longest time after which a hold may expire: 136 years, TigerBeetle's limit."""

NIL = UUID(int=0)
"""The id that is no id. In a post or a void, an account left NIL is the hold's."""


class Limit(IntEnum):
    """What an account may never do. Pending debits and credits count as if they were posted."""

    NONE = 0
    DEBITS_MUST_NOT_EXCEED_CREDITS = 1
    """A wallet: it can't spend what it hasn't got."""
    CREDITS_MUST_NOT_EXCEED_DEBITS = 2
    """Its mirror: what is owed can't be paid back twice."""


class Kind(IntEnum):
    """What a transfer does to the counters."""

    TRANSFER = 0
    """Debits and credits at once."""
    HOLD = 1
    """Pends on both accounts until it is posted, voided, or expires."""
    POST = 2
    """Ends a hold by transferring all of it or a part; the rest is released."""
    VOID = 3
    """Ends a hold by releasing all of it."""
    EXPIRE = 4
    """Like a void, but made by the ledger itself when the time of the hold is over."""


class Account(Struct, frozen=True, gc=False):
    """An account, as it is opened. `ledger` is the asset: 1 for coins, else an ISO 4217 number; `code` what kind it is.

    `ref_128` is for the caller, for example whose account it is. A closed account takes no new transfers and no posts.
    """

    id: UUID
    ledger: int
    code: int
    limit: Limit = Limit.NONE
    ref_128: UUID | None = None
    closed: bool = False


class Balances(Struct, frozen=True, gc=False):
    """The four counters of an account, in the smallest unit of its asset. They never go below zero."""

    debits_posted: int = 0
    debits_pending: int = 0
    credits_posted: int = 0
    credits_pending: int = 0

    @property
    def spendable(self) -> int:
        """What a wallet can still spend: posted credits less all debits, those held included."""
        return self.credits_posted - self.debits_posted - self.debits_pending

    @property
    def net_debits(self) -> int:
        """Posted debits less posted credits: what an asset account holds."""
        return self.debits_posted - self.credits_posted


ZERO = Balances()


class Transfer(Struct, frozen=True, gc=False):
    """A wish to move `amount` from `debit_account` to `credit_account`, with an id that the caller makes once.

    Amounts are whole numbers of the asset's smallest unit. `code` says why (1 to 65,535); `ref_128`, `ref_64` (0 to
    2^63-1) and `ref_32` (0 to 2^31-1) are for the caller. `hold_id` and `hold_seconds` belong to holds: see
    `make_hold`, `make_post` and `make_void`.
    """

    id: UUID
    debit_account: UUID
    credit_account: UUID
    amount: int
    code: int
    kind: Kind = Kind.TRANSFER
    hold_id: UUID | None = None
    hold_seconds: int = 0
    ref_128: UUID | None = None
    ref_64: int = 0
    ref_32: int = 0


class Record(Struct, frozen=True, gc=False):
    """A transfer as it stands in the ledger for ever, with the balances of both its accounts just after it.

    `timestamp` numbers all transfers from 1 without a gap, in the order of their commits; `at` is the instant (UTC),
    which never goes back from one timestamp to the next.
    """

    timestamp: int
    at: datetime
    transfer: Transfer
    debit_balances: Balances
    credit_balances: Balances

    def balances_of(self, account: UUID) -> Balances:
        """The balances of one of the two accounts just after this transfer. KeyError when it is neither."""
        if account == self.transfer.debit_account:
            return self.debit_balances
        if account == self.transfer.credit_account:
            return self.credit_balances
        raise KeyError(account)


class Posted(Struct, frozen=True, gc=False):
    """The whole chain is in the ledger: since now, or since an earlier call with the same ids."""

    records: tuple[Record, ...]

    def balances_of(self, account: UUID) -> Balances:
        """The balances of an account just after the last transfer of this chain that touched it."""
        for record in reversed(self.records):
            if account in (record.transfer.debit_account, record.transfer.credit_account):
                return record.balances_of(account)
        raise KeyError(account)


class Refused(Struct, frozen=True, gc=False):
    """Nothing of the chain happened. `index` is the place in the chain of the transfer that is to blame, from 0."""

    reason: Reason
    index: int = 0


Outcome = Posted | Refused


def make_hold(transfer: Transfer, *, seconds: int = 0) -> Transfer:
    """The same transfer as a hold, which expires after `seconds`, or never when that is 0."""
    return Transfer(
        transfer.id,
        transfer.debit_account,
        transfer.credit_account,
        transfer.amount,
        transfer.code,
        Kind.HOLD,
        None,
        seconds,
        transfer.ref_128,
        transfer.ref_64,
        transfer.ref_32,
    )


def make_post(id: UUID, hold_id: UUID, amount: int = WHOLE) -> Transfer:
    """Posts a hold, all of it or `amount`; the rest is released. Accounts, code and references are the hold's."""
    return Transfer(id, NIL, NIL, amount, 0, Kind.POST, hold_id)


def make_void(id: UUID, hold_id: UUID) -> Transfer:
    """Releases a hold. Accounts, amount, code and references are the hold's."""
    return Transfer(id, NIL, NIL, WHOLE, 0, Kind.VOID, hold_id)


class Filter(Struct, frozen=True):
    """Which transfers: all that are given must hold. Times are instants in UTC, `since` included, `before` not.

    `account` and `ref_128` are found by an index, and so is a rare `code`; a common one by walking from the end that is
    read. `ref_64` and `ref_32` narrow what those find, and alone walk over everything.
    """

    account: UUID | None = None
    code: int | None = None
    ref_128: UUID | None = None
    ref_64: int | None = None
    ref_32: int | None = None
    since: datetime | None = None
    before: datetime | None = None

    def admits(self, record: Record) -> bool:
        """Whether a record is one of those."""
        transfer = record.transfer
        return (
            (self.account is None or self.account in (transfer.debit_account, transfer.credit_account))
            and (self.code is None or self.code == transfer.code)
            and (self.ref_128 is None or self.ref_128 == transfer.ref_128)
            and (self.ref_64 is None or self.ref_64 == transfer.ref_64)
            and (self.ref_32 is None or self.ref_32 == transfer.ref_32)
            and (self.since is None or record.at >= self.since)
            and (self.before is None or record.at < self.before)
        )


EVERYTHING = Filter()


class AccountFilter(Struct, frozen=True):
    """Which accounts: all that are given must hold."""

    ledger: int | None = None
    code: int | None = None
    ref_128: UUID | None = None

    def admits(self, account: Account) -> bool:
        """Whether an account is one of those."""
        return (
            (self.ledger is None or self.ledger == account.ledger)
            and (self.code is None or self.code == account.code)
            and (self.ref_128 is None or self.ref_128 == account.ref_128)
        )


EVERY_ACCOUNT = AccountFilter()


def sum_balances(all_balances: Iterable[Balances]) -> Balances:
    """The four counters added up, over any number of accounts."""
    sums = [0, 0, 0, 0]
    for balances in all_balances:
        sums[0] += balances.debits_posted
        sums[1] += balances.debits_pending
        sums[2] += balances.credits_posted
        sums[3] += balances.credits_pending
    return Balances(*sums)
