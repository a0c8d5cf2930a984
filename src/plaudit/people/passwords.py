"""Changing a password, and choosing a new one by mail when the old one is forgotten."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.ids import new_id
from plaudit.people import attempts, queries, rules
from plaudit.people.errors import ResetTokenInvalid
from plaudit.people.hashing import Hasher, hash_token, new_token
from plaudit.people.model import Person
from plaudit.people.second_factor import Proof, prove
from plaudit.providers import Letter, Mail


class NewPassword(Struct, frozen=True, kw_only=True):
    """The password that somebody has, and the one that they want."""

    old: str
    new: str


async def change_password(
    db: Database, hasher: Hasher, wish: NewPassword, *, person_id: UUID, session_id: UUID, now: datetime
) -> None:
    """Every other session of this person's ends; `Sessions.forget` the person afterwards.

    Raises Invalid, TooManyAttempts or WrongCredentials.
    """
    credentials = await prove(db, hasher, person_id, Proof(password=wish.old), now=now)
    rules.take_password(wish.new, email=credentials.email, handle=credentials.handle, field="new_password")
    hashed = await hasher.hash(wish.new)
    async with db.transaction() as tx:
        await queries.store_password(tx, person_id, hashed, now=now)
        await queries.delete_sessions(tx, person_id, but=session_id)
        await _forget_resets(tx, person_id)


async def ask_for_reset(db: Database, mail: Mail, email: str, *, site_url: str | None = None, now: datetime) -> None:
    """Send a letter with a token if somebody has this address, and say nothing either way.

    With a `site_url` the letter leads to the page that takes the token.
    The token is good once, for an hour, and only until the next one is asked for. Raises Invalid or TooManyAttempts.
    """
    email = rules.take_email(email)
    await attempts.count_attempt(db, attempts.by_reset(email), now=now)
    token = new_token()
    async with db.transaction() as tx:
        person_id = await queries.find_id_by_email(tx, email)
        if person_id is None:
            return
        await _forget_resets(tx, person_id)
        await tx.execute(
            """
            insert into people.password_resets (token_hash, person_id, expires_at)
            values (%(token_hash)s, %(person_id)s, %(expires_at)s)
            """,
            {"token_hash": hash_token(token), "person_id": person_id, "expires_at": now + rules.RESET_VALID},
        )
        await mail.send(tx, _letter(email, token, site_url, now=now))


async def reset_password(db: Database, hasher: Hasher, token: str, password: str, *, now: datetime) -> UUID:
    """Whoever has the letter chooses a new password; every session of theirs ends. Gives the person's id.

    A second factor stays as it is. `Sessions.forget` the person afterwards. Raises ResetTokenInvalid or Invalid.
    """
    async with db.transaction() as tx:
        person = await _person_of(tx, token, now=now)
    rules.take_password(password, email=person.email, handle=person.handle)
    hashed = await hasher.hash(password)
    async with db.transaction() as tx:
        used = await tx.execute(
            "delete from people.password_resets where token_hash = %(token_hash)s and expires_at > %(now)s",
            {"token_hash": hash_token(token), "now": now},
        )
        if not used:
            raise ResetTokenInvalid(field="token")
        await queries.store_password(tx, person.id, hashed, now=now)
        await queries.delete_sessions(tx, person.id)
        await attempts.forget_all(tx, attempts.by_account(person.email))
    return person.id


async def _person_of(tx: Transaction, token: str, *, now: datetime) -> Person:
    found = await tx.find(
        _Reset,
        "select person_id from people.password_resets where token_hash = %(token_hash)s and expires_at > %(now)s",
        {"token_hash": hash_token(token), "now": now},
    )
    if found is None:
        raise ResetTokenInvalid(field="token")
    return await queries.get_person(tx, found.person_id)


class _Reset(Struct, frozen=True):
    person_id: UUID


async def _forget_resets(tx: Transaction, person_id: UUID) -> None:
    await tx.execute("delete from people.password_resets where person_id = %(id)s", {"id": person_id})


def _letter(email: str, token: str, site_url: str | None, *, now: datetime) -> Letter:
    # What follows the # never leaves the browser, so the token is in no log and in no referrer on its way to the page.
    page = f"Choose it here:\n\n{site_url}/reset#{token}\n\nOr type this code there" if site_url else "Your code"
    body = (
        "Somebody, probably you, asked to choose a new password for your Plaudit account.\n\n"
        f"{page}, good for one hour and for one time:\n\n{token}\n\n"
        "If it wasn't you, there is nothing to be done: your password is still the same.\n"
    )
    return Letter(id=new_id(), recipient=email, subject="A new password for Plaudit", body=body, written_at=now)
