"""What goes over the wire about people, top-ups, accounts and acts, for operators."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from plaudit.coins.model import AccountFile, Purse, TopUpFile
from plaudit.foundation.currencies import get_currency_by_number
from plaudit.foundation.errors import UnknownCurrency
from plaudit.foundation.money import COIN, Money
from plaudit.ledger import Record
from plaudit.ledger.chart import AccountCode, TransferCode
from plaudit.people import Role
from plaudit.people.model import Act, CreatorFile, PersonFile
from plaudit.web.api.coin_shapes import Amount, show_amount
from plaudit.web.api.fields import LegalName
from plaudit.web.api.paging import write_place


class VerifyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator read in somebody's papers; null leaves what is known."""

    legal_name: LegalName | None = None


class CreatorAnswer(Struct, frozen=True, kw_only=True):
    """Somebody who applied to be a creator; `verified_at` is null while they wait for it.

    `legal_name` is what their papers say, where an operator wrote it down; money goes to accounts of this name only.
    """

    id: UUID
    handle: str
    display_name: str
    region: str
    birth_on: date | None
    birth_verified_at: datetime | None
    about: str
    applied_at: datetime
    verified_at: datetime | None
    legal_name: str | None
    followers: int


class CreatorList(Struct, frozen=True, kw_only=True):
    """A page, the newest application first; `next` goes into `after`, and is null on the last page."""

    items: list[CreatorAnswer]
    next: str | None


class FoundPerson(Struct, frozen=True, kw_only=True):
    """One line of what a search found."""

    id: UUID
    handle: str
    display_name: str
    email: str
    region: str
    roles: list[Role]
    joined_at: datetime


class FoundPeople(Struct, frozen=True, kw_only=True):
    """A page in the order of handles; `next` goes into `after`, and is null on the last page."""

    items: list[FoundPerson]
    next: str | None


class PurseAnswer(Struct, frozen=True, kw_only=True):
    """Somebody's coins: to spend, ever received as gifts, and the ids of the ledger's accounts of both."""

    coins: int
    received_coins: int
    account: UUID
    received_account: UUID


class PersonAnswer(Struct, frozen=True, kw_only=True):
    """Everything about a person; `sessions` is how many are open. Who never applied as a creator has no such date."""

    id: UUID
    handle: str
    display_name: str
    email: str
    region: str
    currency: str
    birth_on: date | None
    birth_verified_at: datetime | None
    roles: list[Role]
    joined_at: datetime
    operator_since: datetime | None
    applied_at: datetime | None
    verified_at: datetime | None
    followers: int
    following: int
    sessions: int
    wallet: PurseAnswer


class TopUpFileAnswer(Struct, frozen=True, kw_only=True):
    """Anybody's top-up. `status` is pending, paid (coins on their way), settled, failed or expired."""

    id: UUID
    handle: str
    status: str
    pack: str | None
    coins: int
    price: Amount
    tax: Amount
    tax_name: str
    tax_bps: int
    total: Amount
    fee: Amount | None
    region: str
    provider: str
    checkout_id: str | None
    payment_id: str | None
    asked_at: datetime
    paid_at: datetime | None
    settled_at: datetime | None


class TopUpFileList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[TopUpFileAnswer]
    next: str | None


class AccountAnswer(Struct, frozen=True, kw_only=True):
    """An account of the ledger: `asset` is COIN or a currency, `kind` the name of its code in the chart of accounts.

    Amounts are in coins, or in ten-thousandths of the currency's minor unit.
    """

    id: UUID
    asset: str
    code: int
    kind: str | None
    owner: str | None
    is_closed: bool
    debits_posted: int
    debits_pending: int
    credits_posted: int
    credits_pending: int


class TransferAnswer(Struct, frozen=True, kw_only=True):
    """A transfer as it stands for ever; `number` counts all of them, `why` is the name of its code.

    `kind` is transfer, hold, post, void or expire. The counters are the account's just after it.
    """

    number: int
    at: datetime
    id: UUID
    debit_account: UUID
    credit_account: UUID
    amount: int
    code: int
    why: str | None
    kind: str
    hold_id: UUID | None
    reference: UUID | None
    debits_posted: int
    debits_pending: int
    credits_posted: int
    credits_pending: int


class TransferList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[TransferAnswer]
    next: str | None


class ActAnswer(Struct, frozen=True, kw_only=True):
    """What an operator did; `act` is a stable word, `subject` what it was about, `detail` what else there is to say."""

    id: int
    at: datetime
    operator: str
    act: str
    subject: str
    detail: dict[str, Any]


class ActList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[ActAnswer]
    next: str | None


def show_creator(creator: CreatorFile) -> CreatorAnswer:
    """A creator for operators."""
    return CreatorAnswer(
        id=creator.id,
        handle=creator.handle,
        display_name=creator.display_name,
        region=creator.region,
        birth_on=creator.birth_on,
        birth_verified_at=creator.birth_verified_at,
        about=creator.about,
        applied_at=creator.applied_at,
        verified_at=creator.verified_at,
        legal_name=creator.legal_name,
        followers=creator.followers,
    )


def show_creators(found: Sequence[CreatorFile], limit: int) -> CreatorList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [show_creator(creator) for creator in found[:limit]]
    return CreatorList(
        items=items, next=write_place(items[-1].applied_at, items[-1].id) if len(found) > limit else None
    )


def show_found(found: Sequence[PersonFile], limit: int) -> FoundPeople:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [
        FoundPerson(
            id=person.id,
            handle=person.handle,
            display_name=person.display_name,
            email=person.email,
            region=person.region,
            roles=list(person.roles),
            joined_at=person.joined_at,
        )
        for person in found[:limit]
    ]
    return FoundPeople(items=items, next=items[-1].handle if len(found) > limit else None)


def show_person(person: PersonFile, purse: Purse) -> PersonAnswer:
    """A person for operators."""
    return PersonAnswer(
        id=person.id,
        handle=person.handle,
        display_name=person.display_name,
        email=person.email,
        region=person.region,
        currency=person.currency,
        birth_on=person.birth_on,
        birth_verified_at=person.birth_verified_at,
        roles=list(person.roles),
        joined_at=person.joined_at,
        operator_since=person.operator_since,
        applied_at=person.applied_at,
        verified_at=person.verified_at,
        followers=person.followers,
        following=person.following,
        sessions=person.sessions,
        wallet=PurseAnswer(
            coins=purse.spendable_coins,
            received_coins=purse.received_coins,
            account=purse.wallet_account,
            received_account=purse.received_account,
        ),
    )


def show_top_up_file(top_up: TopUpFile) -> TopUpFileAnswer:
    """A top-up for operators."""
    fee = None if top_up.fee_minor is None else Money(top_up.fee_minor, top_up.net.currency)
    return TopUpFileAnswer(
        id=top_up.id,
        handle=top_up.handle,
        status=top_up.status.value,
        pack=top_up.pack,
        coins=top_up.coins,
        price=show_amount(top_up.net),
        tax=show_amount(top_up.tax),
        tax_name=top_up.tax_name,
        tax_bps=top_up.tax_bps,
        total=show_amount(top_up.total),
        fee=None if fee is None else show_amount(fee),
        region=top_up.region,
        provider=top_up.provider,
        checkout_id=top_up.checkout_id,
        payment_id=top_up.payment_id,
        asked_at=top_up.asked_at,
        paid_at=top_up.paid_at,
        settled_at=top_up.settled_at,
    )


def show_top_up_files(found: Sequence[TopUpFile], limit: int) -> TopUpFileList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [show_top_up_file(top_up) for top_up in found[:limit]]
    return TopUpFileList(
        items=items, next=write_place(items[-1].asked_at, items[-1].id) if len(found) > limit else None
    )


def show_account(file: AccountFile) -> AccountAnswer:
    """An account for operators."""
    account, balances = file.account, file.balances
    return AccountAnswer(
        id=account.id,
        asset=_asset(account.ledger),
        code=account.code,
        kind=_name(AccountCode, account.code),
        owner=file.owner,
        is_closed=account.closed,
        debits_posted=balances.debits_posted,
        debits_pending=balances.debits_pending,
        credits_posted=balances.credits_posted,
        credits_pending=balances.credits_pending,
    )


def show_transfers(found: Sequence[Record], account: UUID, limit: int) -> TransferList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [_show_transfer(record, account) for record in found[:limit]]
    return TransferList(items=items, next=str(items[-1].number) if len(found) > limit else None)


def _show_transfer(record: Record, account: UUID) -> TransferAnswer:
    transfer, after = record.transfer, record.balances_of(account)
    return TransferAnswer(
        number=record.timestamp,
        at=record.at,
        id=transfer.id,
        debit_account=transfer.debit_account,
        credit_account=transfer.credit_account,
        amount=transfer.amount,
        code=transfer.code,
        why=_name(TransferCode, transfer.code),
        kind=transfer.kind.name.lower(),
        hold_id=transfer.hold_id,
        reference=transfer.ref_128,
        debits_posted=after.debits_posted,
        debits_pending=after.debits_pending,
        credits_posted=after.credits_posted,
        credits_pending=after.credits_pending,
    )


def show_acts(found: Sequence[Act], limit: int) -> ActList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = [
        ActAnswer(id=act.id, at=act.at, operator=act.operator, act=act.act, subject=act.subject, detail=act.detail)
        for act in found[:limit]
    ]
    return ActList(items=items, next=str(items[-1].id) if len(found) > limit else None)


def _asset(number: int) -> str:
    if number == COIN:
        return "COIN"
    try:
        return get_currency_by_number(number).code
    except UnknownCurrency:
        return str(number)


def _name(codes: type[AccountCode] | type[TransferCode], number: int) -> str | None:
    """The name of a code; None for one that isn't in the chart."""
    return codes(number).name.lower() if number in set(codes) else None
