"""The transfers, read once in order: does each balance follow from the one before, and is nothing missing or made up?

Pure: rows go in, findings come out. Rows carry ids as bytes and instants as PostgreSQL's microseconds, because turning
ten million of them into objects would take longer than everything else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from plaudit.ledger.findings import Code, Finding, Findings
from plaudit.ledger.model import Kind, Limit

MAX_REMEMBERED = 200_000
"""How many accounts a history remembers before it starts afresh (some 70 MB); the others are looked up again."""

Row = tuple[Any, ...]
"""timestamp, at, kind, amount, both accounts, 4 balances of the debit side, 4 of the credit side, hold_id, id, code,
hold_seconds."""

Four = tuple[int, int, int, int]
"""The counters in the order of `Balances`."""

COUNTERS: tuple[str, ...] = ("debits_posted", "debits_pending", "credits_posted", "credits_pending")
NOTHING: Four = (0, 0, 0, 0)

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_NEVER = 2**63 - 1
_KINDS = range(min(Kind), max(Kind) + 1)
# As plain numbers: looking up a member of an enum for each of ten million rows takes longer than comparing does.
_TRANSFER = int(Kind.TRANSFER)
_WALLET = int(Limit.DEBITS_MUST_NOT_EXCEED_CREDITS)
_MIRROR = int(Limit.CREDITS_MUST_NOT_EXCEED_DEBITS)


class Hold(NamedTuple):
    """What a transfer ends. `first_ending` is the timestamp of the first transfer that ends it."""

    id: bytes
    timestamp: int
    at: int
    kind: int
    amount: int
    debit_account: bytes
    credit_account: bytes
    code: int
    seconds: int
    first_ending: int

    @property
    def expires_at(self) -> int:
        """In microseconds, like `at`."""
        return self.at + self.seconds * 1_000_000 if self.seconds else _NEVER


class Known(NamedTuple):
    """What is known of an account: its asset (None: there is no such account), its limit, its balances so far."""

    id: bytes
    asset: int | None
    limit: int | None
    balances: Four


class Seen(NamedTuple):
    """By what a transfer is known again."""

    timestamp: int
    id: bytes
    at: int


BEGINNING = Seen(0, bytes(16), -(2**63))
"""Before the first transfer."""


class History:
    """Reads on from the transfer that was seen last, and notes in `findings` what is off."""

    def __init__(self, findings: Findings, seen: Seen = BEGINNING, *, remember: int = MAX_REMEMBERED) -> None:
        self.timestamp, self._last_id, self.at = seen
        self.transfers = 0
        self.findings = findings
        self._remember = remember
        self.drift: dict[bytes, Four] = {}
        """By how much the transfers of an account sum to more than the balances stored with the last of them."""
        self._assets: dict[bytes, int | None] = {}
        self._limits: dict[bytes, int | None] = {}
        self._balances: dict[bytes, Four] = {}

    @property
    def seen(self) -> Seen:
        """The last transfer that was read."""
        return Seen(self.timestamp, self._last_id, self.at)

    def unknown_accounts(self, rows: Sequence[Row]) -> list[bytes]:
        """The accounts of these rows that must be learnt before the rows are read."""
        if len(self._balances) > self._remember:
            self._assets.clear()
            self._limits.clear()
            self._balances.clear()
        touched = {row[4] for row in rows}
        touched.update(row[5] for row in rows)
        return [account for account in touched if account not in self._balances]

    def learn(self, accounts: Iterable[Known]) -> None:
        """Take over what is known of accounts as of the last transfer read."""
        for account in accounts:
            self._assets[account.id] = account.asset
            self._limits[account.id] = account.limit
            self._balances[account.id] = account.balances

    def read(self, rows: Sequence[Row], holds: Mapping[bytes, Hold]) -> None:
        """Judge the next transfers, in the order of their timestamps; `holds` are those that they end."""
        balances, assets, limits = self._balances, self._assets, self._limits
        for row in rows:
            timestamp, at, kind, amount, debit, credit = row[:6]
            if timestamp != self.timestamp + 1 or at < self.at:
                self._note_order(row)
            self.timestamp, self.at = timestamp, at
            if assets[debit] != assets[credit] or assets[debit] is None:
                self._note_accounts(row)
            if amount <= 0 or debit == credit or kind or row[14] or row[17]:
                self._look_closer(row)
            posted, pending = (amount, 0) if kind == _TRANSFER else self._effect(row, holds)
            debits, debits_pending, credits, credits_pending = balances[debit]
            after = balances[debit] = row[6:10]
            if after != (expected := (debits + posted, debits_pending + pending, credits, credits_pending)):
                self._note_difference(row, debit, expected, after)
            if limits[debit] == _WALLET and after[1] > after[2] - after[0]:
                self._note_limit(row, debit, after)
            debits, debits_pending, credits, credits_pending = balances[credit]
            after = balances[credit] = row[10:14]
            if after != (expected := (debits, debits_pending, credits + posted, credits_pending + pending)):
                self._note_difference(row, credit, expected, after)
            if limits[credit] == _MIRROR and after[3] > after[0] - after[2]:
                self._note_limit(row, credit, after)
        self.transfers += len(rows)
        if rows:
            self._last_id = rows[-1][15]

    def end(self, clock_timestamp: int, clock_at: int) -> None:
        """Compare where the history ends with where the ledger's clock stands."""
        if clock_timestamp > self.timestamp:
            self._note_gap(self.timestamp + 1, clock_timestamp)
        if clock_timestamp < self.timestamp:
            sentence = (
                f"The last transfer has the timestamp {self.timestamp}, but the clock stands at {clock_timestamp}."
            )
            expected, found = {"timestamp": self.timestamp}, {"timestamp": clock_timestamp}
            self._add(Code.CLOCK_DIFFERS, sentence, timestamp=self.timestamp, expected=expected, found=found)
        if clock_at < self.at:
            sentence = f"The last transfer is of {instant(self.at)}, but the clock stands at {instant(clock_at)}."
            expected, found = {"at": instant(self.at)}, {"at": instant(clock_at)}
            self._add(Code.CLOCK_DIFFERS, sentence, timestamp=self.timestamp, expected=expected, found=found)

    # What a transfer does to both its accounts: (posted, pending).

    def _effect(self, row: Row, holds: Mapping[bytes, Hold]) -> tuple[int, int]:
        kind, amount, hold_id = row[2], row[3], row[14]
        if kind == Kind.HOLD or hold_id is None:
            return (0, amount) if kind == Kind.HOLD else (amount, 0)
        hold = holds.get(hold_id)
        if hold is None or hold.kind != Kind.HOLD or hold.timestamp >= row[0]:
            sentence = f"Transfer {row[0]} ends the hold {UUID(bytes=hold_id)}, which isn't there."
            self._note(Code.HOLD_MISSING, row, sentence)
            return (amount, -amount) if kind == Kind.POST else (0, -amount)
        for fault in _faults_of_ending(row, hold):
            self._note(Code.HOLD_ENDED_WRONGLY, row, f"Transfer {row[0]} ends the hold {hold.timestamp}, {fault}.")
        if hold.first_ending != row[0]:
            sentence = (
                f"Transfer {row[0]} ends the hold {hold.timestamp}, which transfer {hold.first_ending} had ended."
            )
            self._note(Code.HOLD_ENDED_TWICE, row, sentence)
        return (amount if kind == Kind.POST else 0), -hold.amount

    # What is off.

    def _note_order(self, row: Row) -> None:
        timestamp, at = row[:2]
        if timestamp != self.timestamp + 1:
            self._note_gap(self.timestamp + 1, timestamp - 1)
        if at < self.at:
            before, found = instant(self.at), instant(at)
            sentence = f"Transfer {timestamp} is of {found}, earlier than the one before it, of {before}."
            self._note(Code.TIME_GOES_BACK, row, sentence, expected={"at": before}, found={"at": found})

    def _note_gap(self, first: int, last: int) -> None:
        which = f"Transfer {first} is" if first == last else f"Transfers {first} to {last} are"
        self._add(Code.TIMESTAMP_MISSING, f"{which} missing.", timestamp=first, expected={"last": last})

    def _note_accounts(self, row: Row) -> None:
        assets = [self._assets[account] for account in row[4:6]]
        for account, asset in zip(row[4:6], assets, strict=True):
            if asset is None:
                sentence = f"Transfer {row[0]} names the account {UUID(bytes=account)}, which isn't there."
                self._note(Code.ACCOUNT_MISSING, row, sentence, account=UUID(bytes=account))
        if None not in assets:
            sentence = f"Transfer {row[0]} is between an account of asset {assets[0]} and one of asset {assets[1]}."
            self._note(Code.ASSETS_MIXED, row, sentence, expected={"asset": assets[0]}, found={"asset": assets[1]})

    def _look_closer(self, row: Row) -> None:
        if not _is_ill_formed(row):
            return
        found = {"kind": row[2], "amount": row[3], "hold_seconds": row[17]}
        numbers = ", ".join(f"{name} {number}" for name, number in found.items())
        ends = "ends a hold" if row[14] else "ends no hold"
        sentence = f"Transfer {row[0]} can't be as it is: it has {numbers} and {ends}."
        self._note(Code.TRANSFER_ILL_FORMED, row, sentence, found=found)

    def _note_difference(self, row: Row, account: bytes, expected: Four, stored: Four) -> None:
        drift = self.drift.pop(account, NOTHING)
        truth = plus(expected, drift)
        if truth == stored:
            # Only the balances before were changed, which was noted there: these are right again.
            return
        if len(self.drift) < MAX_REMEMBERED:
            self.drift[account] = minus(truth, stored)
        wrong = differing(expected, stored)
        sentence = (
            f"After transfer {row[0]}, account {UUID(bytes=account)} should have {told(expected, wrong)}; "
            f"stored is {told(stored, wrong)}."
        )
        self._note(
            Code.HISTORY_DIFFERS,
            row,
            sentence,
            account=UUID(bytes=account),
            expected={name: expected[COUNTERS.index(name)] for name in wrong},
            found={name: stored[COUNTERS.index(name)] for name in wrong},
        )

    def _note_limit(self, row: Row, account: bytes, after: Four) -> None:
        sentence = f"After transfer {row[0]}, account {UUID(bytes=account)} breaks its limit: {told(after, COUNTERS)}."
        found = dict(zip(COUNTERS, after, strict=True))
        self._note(Code.LIMIT_BROKEN, row, sentence, account=UUID(bytes=account), found=found)

    def _note(self, code: Code, row: Row, sentence: str, **more: Any) -> None:
        self._add(code, sentence, timestamp=row[0], transfer=UUID(bytes=row[15]), **more)

    def _add(self, code: Code, sentence: str, **more: Any) -> None:
        self.findings.add(Finding(code=code, sentence=sentence, **more))


def _is_ill_formed(row: Row) -> bool:
    _, _, kind, amount, debit, credit = row[:6]
    hold_id, seconds = row[14], row[17]
    ends = kind in (Kind.POST, Kind.VOID, Kind.EXPIRE)
    return (
        kind not in _KINDS
        or amount <= 0
        or debit == credit
        or ends != (hold_id is not None)
        or seconds < 0
        or (seconds > 0 and kind != Kind.HOLD)
    )


def _faults_of_ending(row: Row, hold: Hold) -> Iterator[str]:
    _, at, kind, amount, debit, credit = row[:6]
    if (debit, credit) != (hold.debit_account, hold.credit_account):
        yield "which is between other accounts"
    if row[16] != hold.code:
        yield f"whose code is {hold.code}, with the code {row[16]}"
    if amount > hold.amount or (kind != Kind.POST and amount != hold.amount):
        yield f"of the amount {hold.amount}, with the amount {amount}"
    if (kind == Kind.EXPIRE) != (at >= hold.expires_at):
        yield "before its time was over" if kind == Kind.EXPIRE else "when its time was over"


def plus(one: Four, other: Four) -> Four:
    """The sum, counter by counter."""
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def minus(one: Four, other: Four) -> Four:
    """The difference, counter by counter."""
    return one[0] - other[0], one[1] - other[1], one[2] - other[2], one[3] - other[3]


def differing(expected: Four, found: Four) -> list[str]:
    """The names of the counters that differ."""
    return [name for name, one, other in zip(COUNTERS, expected, found, strict=True) if one != other]


def told(four: Four, names: Sequence[str]) -> str:
    """Some of the counters in words."""
    return ", ".join(f"{name} {four[COUNTERS.index(name)]}" for name in names)


def instant(microseconds: int) -> datetime:
    """The instant that PostgreSQL stores as these microseconds; what no datetime can hold becomes the nearest."""
    try:
        return _POSTGRES_EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return _LATEST if microseconds > 0 else _EARLIEST
