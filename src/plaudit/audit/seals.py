"""Seals: each batch of transfers is hashed in a chain, so that what is changed afterwards is found, and named.

Whoever can rewrite the transfers can rewrite the seals after them too: only a seal that was kept elsewhere finds that.
`plaudit books seal --print` writes one to keep, `plaudit check --seals --anchor` compares with it.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from msgspec import Struct

from plaudit.audit import seal_queries as queries
from plaudit.audit.findings import Code, Finding, Findings
from plaudit.audit.seal_rules import Anchor, Seal, is_kept, judge_anchor, judge_link, judge_marks, make_seal
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Invalid

AT_ONCE = 1_000
"""How many transfers a seal covers at most."""
WAIT = timedelta(minutes=1)
"""How long a smaller number of them waits for its seal."""
_MOST_IN_A_ROUND = 500
_PAGE = 100
_AROUND = AT_ONCE

Progress = Callable[[str, int, int], None]


class SealReport(Struct, frozen=True, kw_only=True):
    """What a run over the seals found. `sealed_upto` is the last transfer that a seal covers, of `last_timestamp`."""

    seals: int
    sealed_upto: int
    last_timestamp: int
    newest: str | None
    anchors: int
    counts: Mapping[Code, int]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is off."""
        return not self.counts


async def run_round(db: Database, *, now: datetime) -> int:
    """Seal what came: whole thousands at once, and what is left once a minute. How many seals were made."""
    made = await seal_new(db, now=now, whole_only=True)
    async with db.transaction() as tx:
        newest = await queries.find_newest(tx)
    if newest is None or newest.made_at + WAIT <= now:
        made += await seal_new(db, now=now)
    return made


async def seal_new(db: Database, *, now: datetime, whole_only: bool = False, at_once: int = AT_ONCE) -> int:
    """Seal what no seal covers yet; with `whole_only`, only in seals of `at_once`. How many seals were made.

    Two programs that do it at the same time wait for each other. Raises Unavailable.
    """
    for made in range(_MOST_IN_A_ROUND):
        async with db.transaction() as tx:
            await queries.lock_seals(tx)
            last = await queries.find_newest(tx)
            first = last.last_timestamp + 1 if last else 1
            end = min(first + at_once - 1, await queries.get_last_timestamp(tx))
            if end < first or (whole_only and end < first + at_once - 1):
                return made
            found = await queries.list_digests(tx, first=first, last=end)
            await queries.add_seal(tx, make_seal(last, end, found, made_at=now))
    return _MOST_IN_A_ROUND


async def find_newest_seal(db: Database) -> Seal | None:
    """The end of the chain, to be kept elsewhere."""
    async with db.transaction() as tx:
        return await queries.find_newest(tx)


async def find_seal(db: Database, timestamp: int) -> Seal | None:
    """The seal that covers a transfer; None when none does yet."""
    async with db.transaction() as tx:
        return await queries.find_covering(tx, timestamp)


def read_anchor(text: str) -> Anchor:
    """What `Seal.text` wrote. Raises Invalid."""
    number, _, digits = text.strip().partition(":")
    try:
        anchor = Anchor(int(number), bytes.fromhex(digits))
    except ValueError:
        anchor = Anchor(0, b"")
    if anchor.number < 1 or len(anchor.hash) != 32:
        raise Invalid("An anchor is the number of a seal, a colon, and 64 hexadecimal digits.", field="anchor")
    return anchor


def _no_progress(what: str, done: int, total: int) -> None:
    del what, done, total


async def check_seals(
    db: Database, *, anchors: Sequence[Anchor] = (), progress: Progress = _no_progress, page: int = _PAGE
) -> SealReport:
    """Compare every seal with the transfers that it covers, and the anchors with their seals.

    It reads pages in short transactions of their own, since what is sealed never changes.
    """
    run = _Run(Findings())
    async with _snapshot(db) as tx:
        newest = await queries.find_newest(tx)
        for timestamp in await queries.count_before_the_first(tx):
            sentence = f"Transfer {timestamp} stands before the first one."
            finding = Finding(code=Code.SEALED_TRANSFER_INSERTED, sentence=sentence, where={"timestamp": timestamp})
            run.findings.add(finding)
        for anchor in anchors:
            for finding in judge_anchor(anchor, await queries.find_seal(tx, anchor.number)):
                run.findings.add(finding)
    more = newest is not None
    while more:
        async with _snapshot(db) as tx:
            more = await run.read_page(tx, page)
        progress("seals", run.seals, max(run.seals, newest.number if newest else 0))
    async with _snapshot(db) as tx:
        last_timestamp = await queries.get_last_timestamp(tx)
    return run.report(last_timestamp, anchors=len(anchors))


@asynccontextmanager
async def _snapshot(db: Database) -> AsyncGenerator[Transaction]:
    async with db.transaction() as tx:
        await tx.execute("set transaction isolation level repeatable read, read only")
        yield tx


class _Run:
    """One run along the chain."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.seals = 0
        self._last: Seal | None = None

    async def read_page(self, tx: Transaction, limit: int) -> bool:
        """Judge the next seals. False: there are no more."""
        seals = await queries.list_seals(tx, after=self._last.number if self._last else 0, limit=limit)
        joined = await queries.list_joined(tx, seals) if seals else []
        for seal, digests in zip(seals, joined, strict=True):
            for finding in judge_link(self._last, seal):
                self.findings.add(finding)
            if not is_kept(seal, digests):
                for finding in await _examine(tx, seal):
                    self.findings.add(finding)
            self._last, self.seals = seal, self.seals + 1
        return bool(seals)

    def report(self, last_timestamp: int, *, anchors: int) -> SealReport:
        """What it came to."""
        return SealReport(
            seals=self.seals,
            sealed_upto=self._last.last_timestamp if self._last else 0,
            last_timestamp=last_timestamp,
            newest=self._last.text if self._last else None,
            anchors=anchors,
            counts=dict(self.findings.counts),
            findings=tuple(self.findings),
        )


async def _examine(tx: Transaction, seal: Seal) -> list[Finding]:
    """Which transfers differ. Those around it are looked at too: one more or less moves all that come after."""
    first, last = max(1, seal.first_timestamp - _AROUND), seal.last_timestamp + _AROUND
    found = await queries.list_digests(tx, first=first, last=last)
    sealed = {
        mark: timestamp
        for each in await queries.list_overlapping(tx, first=first, last=last)
        for timestamp, mark in each.list_marks()
    }
    return judge_marks(seal, sealed, found)
