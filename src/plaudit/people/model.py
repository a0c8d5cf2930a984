"""Who people are, and what they sign in with: frozen values."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType


class Scope(StrEnum):
    """What a session may be used for."""

    READ = "read"
    SPEND = "spend"
    CREATE = "create"
    OPERATE = "operate"


class Role(StrEnum):
    """What somebody is; everyone is a fan."""

    FAN = "fan"
    CREATOR = "creator"
    OPERATOR = "operator"


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody sends to sign up, as it came; `rules.take_wish` judges it."""

    email: str
    password: str
    handle: str
    birth_on: date | None
    region: str


class Person(Struct, frozen=True, kw_only=True):
    """One person, as they see themselves."""

    id: UUID
    email: str
    handle: str
    display_name: str
    picture_url: str | None
    region: str
    currency: str
    birth_on: date | None
    birth_verified_at: datetime | None
    joined_at: datetime
    is_creator: bool = False
    is_operator: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """Everything that this person is."""
        more = [Role.CREATOR] * self.is_creator + [Role.OPERATOR] * self.is_operator
        return (Role.FAN, *more)


class Change(Struct, frozen=True, kw_only=True):
    """What somebody changes about themselves; what is UNSET stays. A picture of None takes it away."""

    display_name: str | UnsetType = UNSET
    picture_url: str | UnsetType | None = UNSET
    region: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    birth_on: date | UnsetType = UNSET


class Profile(Struct, frozen=True, kw_only=True):
    """One person, as everyone sees them."""

    id: UUID
    handle: str
    display_name: str
    picture_url: str | None
    joined_at: datetime
    is_creator: bool
    followers: int
    following: int


class Relation(Struct, frozen=True, kw_only=True):
    """What lies between who looks and whom they look at."""

    following: bool
    followed_by: bool
    blocking: bool


class Acquaintance(Struct, frozen=True, kw_only=True):
    """One line of a list of people: who, and since when they follow, are followed or are blocked."""

    id: UUID
    handle: str
    display_name: str
    picture_url: str | None
    since: datetime


class Place(Struct, frozen=True, kw_only=True):
    """Where a page of acquaintances ended: the next begins after it."""

    since: datetime
    id: UUID


class Caller(Struct, frozen=True, kw_only=True):
    """From where somebody signs in: the address counts their attempts, the program's name is shown in the list."""

    address: str
    user_agent: str


class Session(Struct, frozen=True, kw_only=True):
    """One open session; its token is known only to whoever holds it."""

    id: UUID
    person_id: UUID
    scopes: tuple[Scope, ...] | None
    user_agent: str
    first_seen_at: datetime
    last_seen_at: datetime
    idle_until: datetime
    expires_at: datetime


class TokenSession(Session, frozen=True, kw_only=True):
    """A session, and the hash of its token."""

    token_hash: bytes


class Visitor(Struct, frozen=True, kw_only=True):
    """Who a request comes from, and what its session may be used for; `is_limited` when that is less than all."""

    person_id: UUID
    handle: str
    name: str
    picture_url: str | None
    region: str
    currency: str
    session_id: UUID
    scopes: frozenset[Scope]
    is_limited: bool
    is_creator: bool
    is_operator: bool


class SignedIn(Struct, frozen=True, kw_only=True):
    """A fresh session: the one time that its token is seen."""

    token: str
    person: Person
    session: Session


class Credentials(Struct, frozen=True, kw_only=True):
    """What a person signs in with, as it is stored."""

    person_id: UUID
    hash: str
    email: str
    handle: str
    sealed_secret: bytes | None
    last_step: int


class Application(Struct, frozen=True, kw_only=True):
    """Somebody's wish to be a creator."""

    person_id: UUID
    about: str
    applied_at: datetime


class Act(Struct, frozen=True, kw_only=True):
    """What an operator did, or whose things they looked at; `act` is a stable word, `subject` what it was about."""

    id: int
    operator: str
    at: datetime
    act: str
    subject: str
    detail: dict[str, Any]


class CreatorFile(Struct, frozen=True, kw_only=True):
    """A creator as operators see them; verified since `verified_at` as `legal_name`, or not yet."""

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


class PersonFile(Struct, frozen=True, kw_only=True):
    """A person as operators see them; `sessions` is how many are open. Who never applied has no `applied_at`."""

    id: UUID
    email: str
    handle: str
    display_name: str
    region: str
    currency: str
    birth_on: date | None
    birth_verified_at: datetime | None
    joined_at: datetime
    operator_since: datetime | None
    applied_at: datetime | None
    verified_at: datetime | None
    legal_name: str | None
    followers: int
    following: int
    sessions: int

    @property
    def roles(self) -> tuple[Role, ...]:
        """Everything that this person is."""
        more = [Role.CREATOR] * (self.applied_at is not None) + [Role.OPERATOR] * (self.operator_since is not None)
        return (Role.FAN, *more)
