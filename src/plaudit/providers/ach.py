"""ACH: credits to accounts in the United States as NACHA files, and reading the bank's returns and corrections.

The library counts entries, hashes and blocks. Two fields it fills in a way that isn't ours are written over: the trace
numbers, which it begins anew in each file, so that a return days later couldn't be told from another's; and the
immediate origin, which many banks want to be an id of theirs and not a routing number.
"""

import re
from typing import Any, cast
from uuid import UUID

from achkit import AchError, AchFile, is_valid_routing, validate

from plaudit.providers.ach_returns import read_returns
from plaudit.providers.payouts import (
    BankReport,
    BatchFile,
    BatchOrder,
    CannotInstruct,
    HouseAccount,
    HouseAccountMissing,
    Instruction,
    References,
    UsAccount,
    batch_reference,
)
from plaudit.providers.plain_text import ach_text

_MOST_MINOR = 9_999_999_999
_ACCOUNT = re.compile(r"[A-Za-z0-9 -]{1,17}")
_TRACES = 10_000_000
# Written at the receiver's bank beside the amount; a bank knows payments to people by it (ten characters).
_DESCRIPTION = "PAYOUT"
_ORIGIN, _TRACE, _ADDENDUM_TRACE = slice(13, 23), slice(79, 94), slice(87, 94)


class Ach:
    """The rail for dollars to accounts in the United States. See `FileRail` for what it does."""

    most_items = 10_000

    def refer(self, payout_id: UUID, number: int, house: HouseAccount) -> References:
        """See `Rail.refer`. An entry has room for fifteen characters: too few for our ids, so it has its number."""
        del payout_id
        return References(end_to_end_id=f"PL{number:013d}", trace=_trace(_House(house).odfi, number))

    def check(self, instruction: Instruction) -> None:
        """See `Rail.check`. ACH carries US dollars only, up to 99,999,999.99."""
        _check(instruction)

    def write(self, order: BatchOrder) -> BatchFile:
        """See `Rail.write`. Entries stand in the order of their trace numbers, as the rules of NACHA want it."""
        house = _House(order.house)
        entries = sorted(order.instructions, key=lambda each: _trace(house.odfi, each.number))
        lines = _render(order, house, entries).splitlines()
        lines[0] = _over(lines[0], _ORIGIN, house.origin.rjust(10))
        content = "".join(f"{line}\n" for line in _with_traces(lines, house.odfi, entries))
        found = validate(content)
        assert found["ok"], f"a NACHA file of ours adds up: {found['errors'][:3]}"
        name = f"ach-{order.made_at:%Y%m%d-%H%M}-{batch_reference(order.id)[-6:]}.txt"
        return BatchFile(name=name, content=content.encode("ascii"))

    def read(self, content: bytes) -> BankReport:
        """See `FileRail.read`: a file of returns (R01 and its like) and of notifications of change (C01)."""
        return read_returns(content)


class _House:
    """The ids of the house at its bank, all of them there."""

    def __init__(self, account: HouseAccount) -> None:
        parts = (account.company_id, account.odfi, account.destination)
        if None in parts:
            raise HouseAccountMissing("The ids by which the bank knows the house in ACH files aren't all set.")
        self.company_id, self.odfi, self.destination = (part or "" for part in parts)
        self.origin = account.origin or self.odfi
        self.name = ach_text(account.name, most=23)
        self.destination_name = ach_text(account.destination_name or self.destination, most=23)


def _check(instruction: Instruction) -> UsAccount:
    account, amount = instruction.account, instruction.amount
    if not isinstance(account, UsAccount):
        raise CannotInstruct("ACH pays to an account in the United States.")
    if amount.currency.code != "USD":
        raise CannotInstruct(f"ACH carries US dollars, not {amount.currency.code}.")
    if not 0 < amount.minor <= _MOST_MINOR:
        raise CannotInstruct("ACH carries from 0.01 to 99,999,999.99 dollars at once.")
    if not (account.routing.isascii() and account.routing.isdigit() and is_valid_routing(account.routing)):
        raise CannotInstruct("The routing number isn't one: its check digit doesn't fit.")
    if not _ACCOUNT.fullmatch(account.account):
        raise CannotInstruct("An account number has up to seventeen letters and digits.")
    ach_text(instruction.creditor, most=22)
    return account


def _render(order: BatchOrder, house: _House, entries: list[Instruction]) -> str:
    file = AchFile.create(
        origin_dfi=house.odfi,
        company_id=house.company_id,
        destination_routing=house.destination,
        destination_name=house.destination_name,
        origin_name=house.name,
        file_id_modifier=order.modifier,
        creation_date=order.made_at,
    )
    batch: Any = cast("Any", file).batch(
        sec="PPD",
        description=_DESCRIPTION,
        effective_date=order.pay_on.isoformat(),
        company_name=house.name[:16].rstrip(),
        company_id=house.company_id,
    )
    for each in entries:
        account = _check(each)
        batch.credit(
            name=ach_text(each.creditor, most=22),
            routing=account.routing,
            account=account.account,
            amount_cents=each.amount.minor,
            account_type="savings" if account.is_savings else "checking",
            id_number=each.end_to_end_id,
            addenda=ach_text(each.remittance, most=80, what="remittance text"),
        )
    try:
        return file.render()
    except AchError as problem:
        # The largest sum that fits a file's total: the batch has to be made of fewer payments.
        raise CannotInstruct(f"These payments don't fit one ACH file ({problem}).") from problem


def _with_traces(lines: list[str], odfi: str, entries: list[Instruction]) -> list[str]:
    waiting = iter(entries)
    trace, written = "", list[str]()
    for line in lines:
        if line.startswith("6"):
            trace = _trace(odfi, next(waiting).number)
            written.append(_over(line, _TRACE, trace))
        elif line.startswith("7"):
            written.append(_over(line, _ADDENDUM_TRACE, trace[-7:]))
        else:
            written.append(line)
    return written


def _trace(odfi: str, number: int) -> str:
    return f"{odfi[:8]}{number % _TRACES:07d}"


def _over(line: str, place: slice, text: str) -> str:
    assert len(text) == place.stop - place.start, "a field of a NACHA record has its length"
    return line[: place.start] + text + line[place.stop :]
