"""How Beancount and hledger want a journal written. Each writes text; neither knows where it goes."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol

from plaudit.audit.export_rules import (
    Entry,
    ExportWish,
    Format,
    Line,
    Opening,
    digits_of,
    name_asset,
    name_code,
    write_amount,
)


class Dialect(Protocol):
    """One format: the parts of a file, in their order."""

    def write_head(self, wish: ExportWish, opening: Opening) -> Iterator[str]:
        """Comments, commodities, accounts and opening balances."""
        ...

    def write_entry(self, entry: Entry) -> Iterator[str]:
        """One entry of the journal."""
        ...

    def write_end(self, wish: ExportWish, balances: Sequence[Line]) -> Iterator[str]:
        """What every account must come to, for the program that reads the file to check."""
        ...


def dialect_of(wanted: Format) -> Dialect:
    """The dialect of a format."""
    return Beancount() if wanted is Format.BEANCOUNT else Hledger()


def _comments(wish: ExportWish, opening: Opening) -> Iterator[str]:
    yield f"; The books from {wish.first_on} to {wish.last_on}, both days included (UTC).\n"
    yield "; Debits are positive, credits negative; the last decimal place is one ten-thousandth of a minor unit.\n"
    yield f"; Holds aren't posted, and nothing of them is in here; {opening.open_holds} were open at the writing.\n"


class Beancount:
    """The language of Beancount 3 (and 2)."""

    def write_head(self, wish: ExportWish, opening: Opening) -> Iterator[str]:
        """See `Dialect`."""
        yield from _comments(wish, opening)
        yield f'option "title" "Plaudit, {wish.first_on} to {wish.last_on}"\n'
        for asset in opening.assets:
            yield f"{wish.opened_on} commodity {name_asset(asset)}\n"
        for account, assets in opening.accounts:
            yield f"{wish.opened_on} open {account} {','.join(map(name_asset, assets))}".rstrip() + "\n"
        if opening.balances:
            yield f'\n{wish.opened_on} * "Opening balances"\n'
            yield from map(_posting, opening.balances)

    def write_entry(self, entry: Entry) -> Iterator[str]:
        """See `Dialect`."""
        yield f'\n{entry.on} * "{name_code(entry.code)}"\n'
        yield f"  transfers: {entry.transfers}\n  first: {entry.first_timestamp}\n  last: {entry.last_timestamp}\n"
        if entry.reference:
            yield f'  reference: "{entry.reference}"\n'
        yield from map(_posting, entry.lines)

    def write_end(self, wish: ExportWish, balances: Sequence[Line]) -> Iterator[str]:
        """See `Dialect`. A balance is that of the morning, so it is the next one's."""
        yield "\n"
        on = wish.last_on + timedelta(days=1)
        for line in balances:
            number, commodity = write_amount(line.amount, line.asset).split()
            yield f"{on} balance {line.account} {number} ~ 0 {commodity}\n"


class Hledger:
    """The journal format of hledger."""

    def write_head(self, wish: ExportWish, opening: Opening) -> Iterator[str]:
        """See `Dialect`."""
        yield from _comments(wish, opening)
        for asset in opening.assets:
            yield f"commodity 1000.{'0' * digits_of(asset)} {name_asset(asset)}\n"
        for account, _ in opening.accounts:
            yield f"account {account}\n"
        if opening.balances:
            yield f"\n{wish.opened_on} Opening balances\n"
            yield from map(_posting, opening.balances)

    def write_entry(self, entry: Entry) -> Iterator[str]:
        """See `Dialect`."""
        about = f"transfers: {entry.transfers}, first: {entry.first_timestamp}, last: {entry.last_timestamp}"
        reference = f", reference: {entry.reference}" if entry.reference else ""
        yield f"\n{entry.on} ({entry.code}) {name_code(entry.code)}  ; {about}{reference}\n"
        yield from map(_posting, entry.lines)

    def write_end(self, wish: ExportWish, balances: Sequence[Line]) -> Iterator[str]:
        """See `Dialect`. Assertions are looked at in the order of days, then of lines: these come last."""
        if balances:
            yield f"\n{wish.last_on} Closing balances\n"
        for line in balances:
            yield f"  {line.account}  {write_amount(0, line.asset)} = {write_amount(line.amount, line.asset)}\n"


def _posting(line: Line) -> str:
    return f"  {line.account}  {write_amount(line.amount, line.asset)}\n"
