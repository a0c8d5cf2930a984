"""The second factor: a code from an authenticator app, begun, confirmed, used once each, and removed."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.errors import Invalid
from plaudit.people import attempts, codes, queries
from plaudit.people.attempts import Counted
from plaudit.people.errors import NoSecondFactor, SecondFactorNeeded, SecondFactorThere, WrongCode, WrongCredentials
from plaudit.people.hashing import Hasher, hash_token
from plaudit.people.model import Credentials


class Begun(Struct, frozen=True, kw_only=True):
    """What an authenticator app needs; `uri` is for a QR code."""

    secret: str
    uri: str


class Proof(Struct, frozen=True, kw_only=True):
    """What shows that the holder of a token is the person: the password, a code, or both."""

    password: str | None = None
    code: str | None = None


class _Pending(Struct, frozen=True):
    sealed_secret: bytes
    last_step: int
    is_confirmed: bool


async def need_code(db: Database, credentials: Credentials, code: str | None, counted: tuple[Counted, ...]) -> None:
    """Raises SecondFactorNeeded when a code is missing. No wrong attempt then: nothing was guessed."""
    if credentials.sealed_secret is None or code is not None:
        return
    async with db.transaction() as tx:
        await attempts.forgive(tx, *counted)
    raise SecondFactorNeeded


async def use_code(
    tx: Transaction, hasher: Hasher, credentials: Credentials, code: str | None, *, now: datetime
) -> None:
    """Take the code, from the app or from the recovery codes, so that it can't be taken again; raises WrongCode."""
    if credentials.sealed_secret is None:
        return
    secret = hasher.unseal(credentials.sealed_secret, credentials.person_id)
    if not await _is_used(tx, credentials, secret, code or "", now=now):
        raise WrongCode


async def _is_used(tx: Transaction, credentials: Credentials, secret: str, code: str, *, now: datetime) -> bool:
    step = codes.step_of(secret, code, now=now, after=credentials.last_step)
    if step is not None:
        return await _advance(tx, credentials.person_id, step)
    taken = await tx.execute(
        "delete from people.recovery_codes where person_id = %(person_id)s and code_hash = %(code_hash)s",
        {"person_id": credentials.person_id, "code_hash": _hash(code)},
    )
    return taken == 1


async def _advance(tx: Transaction, person_id: UUID, step: int) -> bool:
    """Whether nobody was quicker with the same code."""
    return (
        await tx.execute(
            """
            update people.second_factors set last_step = %(step)s
            where person_id = %(person_id)s and last_step < %(step)s and confirmed_at is not null
            """,
            {"person_id": person_id, "step": step},
        )
        == 1
    )


async def is_on(db: Database, person_id: UUID) -> bool:
    """Whether signing in asks this person for a code."""
    async with db.transaction() as tx:
        return await tx.value(
            bool,
            """
            select exists (
                select from people.second_factors where person_id = %(id)s and confirmed_at is not null)
            """,
            {"id": person_id},
        )


async def begin(db: Database, hasher: Hasher, person_id: UUID, password: str, *, now: datetime) -> Begun:
    """Make a secret for the app; it counts from `confirm` on, and beginning again makes another.

    Raises TooManyAttempts, WrongCredentials or SecondFactorThere.
    """
    credentials = await prove(db, hasher, person_id, Proof(password=password), now=now)
    secret = codes.new_secret()
    async with db.transaction() as tx:
        begun = await tx.execute(
            """
            insert into people.second_factors as f (person_id, sealed_secret, begun_at)
            values (%(person_id)s, %(sealed)s, %(now)s)
            on conflict (person_id) do update set sealed_secret = excluded.sealed_secret, begun_at = excluded.begun_at
            where f.confirmed_at is null
            """,
            {"person_id": person_id, "sealed": hasher.seal(secret, person_id), "now": now},
        )
    if not begun:
        raise SecondFactorThere
    return Begun(secret=secret, uri=codes.provisioning_uri(secret, credentials.email))


async def confirm(db: Database, hasher: Hasher, person_id: UUID, code: str, *, now: datetime) -> list[str]:
    """The app shows right codes: from now on they are asked for. Gives the recovery codes, this one time.

    Raises TooManyAttempts, NoSecondFactor, SecondFactorThere or WrongCode.
    """
    counted = attempts.by_proof(person_id)
    await attempts.count_attempt(db, counted, now=now)
    recovery = codes.new_recovery_codes()
    async with db.transaction() as tx:
        step = await _confirmed_step(tx, hasher, person_id, code, now=now)
        await tx.execute(
            "update people.second_factors set confirmed_at = %(now)s, last_step = %(step)s where person_id = %(id)s",
            {"id": person_id, "now": now, "step": step},
        )
        await _store_recovery(tx, person_id, recovery)
        await attempts.forget_all(tx, counted)
    return recovery


async def _confirmed_step(tx: Transaction, hasher: Hasher, person_id: UUID, code: str, *, now: datetime) -> int:
    pending = await tx.find(
        _Pending,
        """
        select sealed_secret, last_step, confirmed_at is not null as is_confirmed
        from people.second_factors where person_id = %(id)s for update
        """,
        {"id": person_id},
    )
    if pending is None:
        raise NoSecondFactor
    if pending.is_confirmed:
        raise SecondFactorThere
    secret = hasher.unseal(pending.sealed_secret, person_id)
    step = codes.step_of(secret, code, now=now, after=pending.last_step)
    if step is None:
        raise WrongCode
    return step


async def _store_recovery(tx: Transaction, person_id: UUID, recovery: list[str]) -> None:
    await tx.execute(
        """
        insert into people.recovery_codes (person_id, code_hash)
        select %(person_id)s, unnest(%(hashes)s::bytea[])
        """,
        {"person_id": person_id, "hashes": [_hash(code) for code in recovery]},
    )


async def remove(db: Database, hasher: Hasher, person_id: UUID, proof: Proof, *, now: datetime) -> None:
    """Sign in with the password alone again. It takes a code of the app, or a recovery code: else it guards nothing.

    Raises Invalid, SecondFactorNeeded, TooManyAttempts, WrongCredentials, WrongCode or NoSecondFactor.
    """
    if proof.password is not None and proof.code is None and await is_on(db, person_id):
        raise SecondFactorNeeded
    await prove(db, hasher, person_id, proof, now=now)
    async with db.transaction() as tx:
        await tx.execute("delete from people.recovery_codes where person_id = %(id)s", {"id": person_id})
        removed = await tx.execute("delete from people.second_factors where person_id = %(id)s", {"id": person_id})
        if not removed:
            raise NoSecondFactor


async def prove(db: Database, hasher: Hasher, person_id: UUID, proof: Proof, *, now: datetime) -> Credentials:
    """Who holds the token knows the password, or has a code of the second factor; what is sent must be right.

    Raises Invalid, TooManyAttempts, WrongCredentials, NoSecondFactor or WrongCode.
    """
    if proof.password is None and proof.code is None:
        raise Invalid("Send your password or a code.", field="password")
    counted = attempts.by_proof(person_id)
    await attempts.count_attempt(db, counted, now=now)
    async with db.transaction() as tx:
        person = await queries.get_person(tx, person_id)
        credentials = await queries.find_credentials(tx, person.email)
    if credentials is None:
        raise WrongCredentials
    if proof.password is not None:
        await _prove_by_password(hasher, credentials, proof.password)
    async with db.transaction() as tx:
        if proof.code is not None:
            await _prove_by_code(tx, hasher, credentials, proof.code, now=now)
        await attempts.forget_all(tx, counted)
    return credentials


async def _prove_by_password(hasher: Hasher, credentials: Credentials, password: str) -> None:
    if not await hasher.matches(credentials.hash, password):
        raise WrongCredentials("This is not your password.")


async def _prove_by_code(
    tx: Transaction, hasher: Hasher, credentials: Credentials, code: str, *, now: datetime
) -> None:
    if credentials.sealed_secret is None:
        raise NoSecondFactor
    await use_code(tx, hasher, credentials, code, now=now)


def _hash(recovery_code: str) -> bytes:
    return hash_token(codes.normal_recovery_code(recovery_code))
