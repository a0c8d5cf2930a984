"""Signing up, in and out."""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.ids import new_id
from plaudit.people import attempts, queries, rules, second_factor
from plaudit.people.attempts import Counted
from plaudit.people.errors import NoSuchSession, WrongCredentials
from plaudit.people.hashing import Hasher, hash_token, new_token
from plaudit.people.model import Caller, Credentials, Person, Scope, Session, SignedIn, Wish
from plaudit.people.regions import CURRENCY_BY_REGION


async def sign_up(db: Database, hasher: Hasher, wish: Wish, *, caller: Caller, now: datetime) -> SignedIn:
    """Make a person, and open their first session.

    Raises Invalid naming the field, TooYoung, EmailTaken or HandleTaken.
    """
    # Judged first without a database, so that nonsense costs nothing; the region's minimum age comes from there.
    wish = rules.take_wish(wish, today=now.date(), minimum_age=0)
    async with db.transaction() as tx:
        minimum_age = await queries.get_minimum_age(tx, wish.region, today=now.date())
    wish = rules.take_wish(wish, today=now.date(), minimum_age=minimum_age)
    hashed = await hasher.hash(wish.password)
    async with db.transaction() as tx:
        person = await add_person(tx, wish, hashed, now=now)
        return await _open_session(tx, person, caller, scopes=None, now=now)


async def add_person(tx: Transaction, wish: Wish, hashed: str, *, now: datetime) -> Person:
    """Store a wish that `rules.take_wish` has let through, with the hash of its password."""
    person = Person(
        id=new_id(),
        email=wish.email,
        handle=wish.handle,
        display_name=wish.handle,
        picture_url=None,
        region=wish.region,
        currency=CURRENCY_BY_REGION[wish.region],
        birth_on=wish.birth_on,
        birth_verified_at=None,
        joined_at=now,
    )
    await queries.add_person(tx, person)
    await queries.store_password(tx, person.id, hashed, now=now)
    return person


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody signs in with; `scopes` of None asks for everything that they may do."""

    email: str
    password: str
    code: str | None = None
    scopes: tuple[Scope, ...] | None = None


async def sign_in(db: Database, hasher: Hasher, wish: SignIn, *, caller: Caller, now: datetime) -> SignedIn:
    """Open a session for whoever knows the password, and has the second factor where there is one.

    Raises TooManyAttempts, WrongCredentials, SecondFactorNeeded, WrongCode or ScopeNotAllowed, in this order.
    """
    email = rules.normal_email(wish.email)
    counted = (attempts.by_account(email), attempts.by_address(caller.address))
    await attempts.count_attempt(db, *counted, now=now)
    credentials = await _verified(db, hasher, email, wish.password)
    await second_factor.need_code(db, credentials, wish.code, counted)
    fresh = await hasher.hash(wish.password) if hasher.is_outdated(credentials.hash) else None
    async with db.transaction() as tx:
        if not await queries.is_hash_still(tx, credentials.person_id, credentials.hash):
            raise WrongCredentials
        await second_factor.use_code(tx, hasher, credentials, wish.code, now=now)
        person = await queries.get_person(tx, credentials.person_id)
        scopes = rules.take_scopes(wish.scopes, person)
        await _tidy_up(tx, credentials, counted, fresh, now=now)
        return await _open_session(tx, person, caller, scopes=scopes, now=now)


async def _verified(db: Database, hasher: Hasher, email: str, password: str) -> Credentials:
    credentials = None
    if rules.is_storable(email):
        async with db.transaction() as tx:
            credentials = await queries.find_credentials(tx, email)
    # Also when there is nobody: an answer that comes quicker would tell.
    right = await hasher.matches(credentials.hash if credentials else None, password)
    if credentials is None or not right:
        raise WrongCredentials
    return credentials


async def _tidy_up(
    tx: Transaction, credentials: Credentials, counted: tuple[Counted, Counted], fresh: str | None, *, now: datetime
) -> None:
    account, address = counted
    await attempts.forget_all(tx, account)
    await attempts.forgive(tx, address)
    await queries.delete_dead_sessions(tx, credentials.person_id, now=now)
    if fresh is not None:
        await queries.replace_hash(tx, credentials.person_id, old=credentials.hash, new=fresh)


async def _open_session(
    tx: Transaction, person: Person, caller: Caller, *, scopes: tuple[Scope, ...] | None, now: datetime
) -> SignedIn:
    token = new_token()
    session = Session(
        id=new_id(),
        person_id=person.id,
        scopes=scopes,
        user_agent=caller.user_agent[: rules.USER_AGENT_LIMIT],
        first_seen_at=now,
        last_seen_at=now,
        idle_until=now + rules.IDLE,
        expires_at=now + rules.ABSOLUTE,
    )
    await queries.add_session(tx, session, hash_token(token))
    return SignedIn(token=token, person=person, session=session)


async def list_sessions(db: Database, person_id: UUID, *, now: datetime) -> list[Session]:
    """The person's open sessions, the last seen first."""
    async with db.transaction() as tx:
        return await queries.list_sessions(tx, person_id, now=now)


async def end_session(db: Database, session_id: UUID, *, of: UUID) -> None:
    """Revoke one session of this person's. Raises NoSuchSession; `Sessions.forget` the person afterwards."""
    async with db.transaction() as tx:
        if not await queries.delete_session(tx, session_id, of=of):
            raise NoSuchSession
