"""Where creators want their money: added with a second factor, verified by a code, used after a wait, and retired."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.foundation.errors import IdReused
from plaudit.payouts import letters, queries
from plaudit.payouts import method_queries as sql
from plaudit.payouts.details import Checked, take_details
from plaudit.payouts.errors import (
    NameNotVerified,
    NoSuchMethod,
    NotVerifiedToBePaid,
    TooManyCodes,
    WrongMethodCode,
)
from plaudit.payouts.method_queries import MethodRules
from plaudit.payouts.model import Details, Method, MethodWish, PayDesk, Payee, WalletDetails
from plaudit.payouts.rules import require_payee
from plaudit.people import second_factor
from plaudit.people.errors import SecondFactorNeeded

_DIGITS = 6


async def add_method(desk: PayDesk, wish: MethodWish, *, now: datetime) -> Method:
    """Add a bank account or a wallet, and mail its code. The same wish again gives the same method.

    Raises NotVerifiedToBePaid, NameNotVerified, Invalid naming the field, NameDiffers, IdReused, SecondFactorNeeded,
    WrongCode or TooManyAttempts.
    """
    async with desk.db.transaction() as tx:
        payee = await _get_payee(tx, wish.person_id)
        known = await sql.find_method(tx, wish.id)
        rules = await sql.get_rules(tx, now=now)
    checked = take_details(wish.details, currency=wish.currency, legal_name=payee.legal_name or "")
    if known is None:
        await prove_second_factor(desk, wish.person_id, wish.code, now=now)
        known = await _store(desk, wish.id, payee, checked, rules, now=now)
    same = known.person_id == wish.person_id and known.currency == checked.currency
    if not (same and await open_details(desk, known) == checked.details):
        raise IdReused
    return known


async def _get_payee(tx: Transaction, person_id: UUID) -> Payee:
    payee = await queries.find_payee(tx, person_id)
    if payee is None:
        raise NotVerifiedToBePaid
    require_payee(payee)
    if payee.legal_name is None:
        raise NameNotVerified
    return payee


async def prove_second_factor(desk: PayDesk, person_id: UUID, code: str | None, *, now: datetime) -> None:
    """A fresh code of the second factor, used up by this. Raises SecondFactorNeeded, WrongCode or TooManyAttempts."""
    if not await second_factor.is_on(desk.db, person_id):
        raise SecondFactorNeeded("Set up a second factor first: nobody else may send your money elsewhere.")
    if code is None:
        raise SecondFactorNeeded
    await second_factor.prove(desk.db, desk.hasher, person_id, second_factor.Proof(code=code), now=now)


async def _store(
    desk: PayDesk, method_id: UUID, payee: Payee, checked: Checked, rules: MethodRules, *, now: datetime
) -> Method:
    code = _make_code()
    method = Method(
        id=method_id,
        person_id=payee.id,
        kind=checked.rail,
        currency=checked.currency,
        holder_name=checked.details.holder_name,
        sealed=await desk.vault.close(msgspec.json.encode(checked.details).decode(), of=method_id.bytes),
        shown=checked.shown,
        created_at=now,
        usable_from=now + timedelta(seconds=rules.cooldown_seconds),
        code_hash=_hash(method_id, code),
        code_until=now + timedelta(seconds=rules.code_seconds),
    )
    recipient = checked.details.email if isinstance(checked.details, WalletDetails) else payee.email
    minutes = rules.code_seconds // 60
    async with desk.db.transaction() as tx:
        if await sql.add_method(tx, method):
            await desk.mail.send(tx, letters.write_code(recipient, method.shown, code, minutes=minutes, now=now))
            await desk.mail.send(tx, letters.write_added(payee, method))
            return method
        # Somebody was quicker with the same id.
        found = await sql.find_method(tx, method_id)
    assert found is not None, "it was there a moment ago"
    return found


def _make_code() -> str:
    return f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"


def _hash(method_id: UUID, code: str) -> bytes:
    # Six digits are quickly guessed from any hash: they are safe because they live shortly and may be tried rarely.
    return sha256(method_id.bytes + code.encode(errors="surrogatepass")).digest()


async def verify_method(desk: PayDesk, method_id: UUID, code: str, *, of: UUID, now: datetime) -> Method:
    """The code of the letter. A method that is verified stays so, whatever code is sent.

    Raises NoSuchMethod, WrongMethodCode or TooManyCodes.
    """
    async with desk.db.transaction() as tx:
        method = await _lock_own(tx, method_id, of)
        if method.verified_at is not None:
            return method
        if method.code_tries >= (await sql.get_rules(tx, now=now)).code_tries:
            raise TooManyCodes
        is_right = _is_right(method, code, now=now)
        if is_right:
            await sql.set_verified(tx, method_id, now=now)
        else:
            await sql.count_try(tx, method_id)
    # After the commit: a guess counts also when it is refused.
    if not is_right:
        raise WrongMethodCode
    return await get_method(desk, method_id, of=of)


def _is_right(method: Method, code: str, *, now: datetime) -> bool:
    if method.code_hash is None or method.code_until is None or now > method.code_until:
        return False
    return compare_digest(method.code_hash, _hash(method.id, code.replace(" ", "")))


async def resend_code(desk: PayDesk, method_id: UUID, *, of: UUID, now: datetime) -> Method:
    """Mail another code, which takes the place of the one before; the tries of all of them are counted together.

    Raises NoSuchMethod or TooManyCodes. For a verified method nothing happens.
    """
    code = _make_code()
    async with desk.db.transaction() as tx:
        method, rules = await _lock_own(tx, method_id, of), await sql.get_rules(tx, now=now)
        if method.verified_at is not None:
            return method
        if method.code_tries >= rules.code_tries:
            raise TooManyCodes
        # Each code costs a try: nobody's mailbox is flooded through us.
        await sql.count_try(tx, method_id)
        await sql.set_code(tx, method_id, _hash(method_id, code), now + timedelta(seconds=rules.code_seconds))
        payee = await _get_payee(tx, of)
        details = await open_details(desk, method)
        recipient = details.email if isinstance(details, WalletDetails) else payee.email
        minutes = rules.code_seconds // 60
        await desk.mail.send(tx, letters.write_code(recipient, method.shown, code, minutes=minutes, now=now))
    return await get_method(desk, method_id, of=of)


async def _lock_own(tx: Transaction, method_id: UUID, of: UUID) -> Method:
    method = await sql.lock_method(tx, method_id)
    if method is None or method.person_id != of or method.retired_at is not None:
        raise NoSuchMethod
    return method


async def get_method(desk: PayDesk, method_id: UUID, *, of: UUID) -> Method:
    """One's own method, retired or not. Raises NoSuchMethod."""
    async with desk.db.transaction() as tx:
        method = await sql.find_method(tx, method_id)
    if method is None or method.person_id != of:
        raise NoSuchMethod
    return method


async def list_methods(desk: PayDesk, person_id: UUID) -> list[Method]:
    """One's methods without the retired ones, the oldest first."""
    async with desk.db.transaction() as tx:
        return await sql.list_methods(tx, person_id)


async def retire_method(desk: PayDesk, method_id: UUID, *, of: UUID, now: datetime) -> None:
    """No new payout goes there; those on their way do. Again it changes nothing. Raises NoSuchMethod."""
    async with desk.db.transaction() as tx:
        method = await sql.lock_method(tx, method_id)
        if method is None or method.person_id != of:
            raise NoSuchMethod
        await sql.retire(tx, method_id, now=now)


async def open_details(desk: PayDesk, method: Method) -> Details:
    """The details as they were typed, for rails only: never log them, never show them. Raises CannotUnseal."""
    return msgspec.json.decode(await desk.vault.open(method.sealed, of=method.id.bytes), type=Details)
