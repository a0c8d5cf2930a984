"""What goes over the wire: bodies that are read (unknown fields are refused) and objects that are answered."""

from datetime import date, datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from plaudit.people import Change, Person, Profile, Relation, Role, Scope, Session, Visitor, Wish
from plaudit.people.actions import SignIn
from plaudit.people.model import Acquaintance, Application, SignedIn
from plaudit.people.passwords import NewPassword
from plaudit.people.second_factor import Begun, Proof
from plaudit.people.sessions import make_visitor
from plaudit.web.api import fields


class SignUpBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody new."""

    email: fields.Email
    password: fields.NewPassword
    handle: fields.AtName
    birth_on: date
    region: fields.Region

    def wish(self) -> Wish:
        """As the people package takes it."""
        return Wish(
            email=self.email,
            password=self.password,
            handle=self.handle,
            birth_on=self.birth_on,
            region=self.region,
        )


class SignInBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`code` is needed with a second factor; `scopes` asks for a session that may do less than its person."""

    email: str
    password: str
    code: str | None = None
    scopes: list[Scope] | None = None

    def wish(self) -> SignIn:
        """As the people package takes it."""
        scopes = None if self.scopes is None else tuple(self.scopes)
        return SignIn(email=self.email, password=self.password, code=self.code, scopes=scopes)


class PasswordBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One's own password, to prove who one is."""

    password: str


class CodeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code from the authenticator app."""

    code: str


class ProofBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code from the app or from the recovery codes; the password alone where no second factor is on."""

    password: str | None = None
    code: str | None = None

    def proof(self) -> Proof:
        """As the people package takes it."""
        return Proof(password=self.password, code=self.code)


class NewPasswordBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password that one has, and the one that one wants."""

    password: str
    new_password: fields.NewPassword

    def wish(self) -> NewPassword:
        """As the people package takes it."""
        return NewPassword(old=self.password, new=self.new_password)


class ResetBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to send the letter."""

    email: str


class FinishedResetBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code from the letter, and a new password."""

    token: str
    password: fields.NewPassword


class ChangeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one may change about oneself; what is left out stays."""

    display_name: str | UnsetType = UNSET
    picture_url: str | UnsetType | None = UNSET
    region: fields.Region | UnsetType = UNSET
    currency: fields.Currency | UnsetType = UNSET
    birth_on: date | UnsetType = UNSET

    def change(self) -> Change:
        """As the people package takes it."""
        return Change(
            display_name=self.display_name,
            picture_url=self.picture_url,
            region=self.region,
            currency=self.currency,
            birth_on=self.birth_on,
        )


class ApplicationBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a future creator says of themselves."""

    about: str = ""


class Me(Struct, frozen=True, kw_only=True):
    """Oneself; `scopes` are what this session may be used for."""

    id: UUID
    handle: str
    email: str
    display_name: str
    picture_url: str | None
    region: str
    currency: str
    birth_on: date | None
    birth_is_verified: bool
    roles: list[Role]
    scopes: list[Scope]
    joined_at: datetime


class SignedInAnswer(Struct, frozen=True, kw_only=True):
    """The token goes into `Authorization: Bearer`, and is shown this one time."""

    token: str
    expires_at: datetime
    person: Me


class SessionAnswer(Struct, frozen=True, kw_only=True):
    """An open session; `is_this_one` is the one that asks."""

    id: UUID
    user_agent: str
    scopes: list[Scope] | None
    first_seen_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_this_one: bool


class SessionList(Struct, frozen=True, kw_only=True):
    """All open sessions, the last seen first; there is never a next page."""

    items: list[SessionAnswer]
    next: None = None


class BegunAnswer(Struct, frozen=True, kw_only=True):
    """For the authenticator app: the secret to type, or the URI as a QR code."""

    secret: str
    uri: str


class RecoveryCodes(Struct, frozen=True, kw_only=True):
    """Each signs in once without the app. They are shown this one time."""

    recovery_codes: list[str]


class ProfileAnswer(Struct, frozen=True, kw_only=True):
    """Somebody as everyone sees them; `you` is what lies between them and who asks, if that is somebody else."""

    id: UUID
    handle: str
    display_name: str
    picture_url: str | None
    joined_at: datetime
    is_creator: bool
    followers: int
    following: int
    you: Relation | None


class AcquaintanceList(Struct, frozen=True, kw_only=True):
    """A page, the newest first; `next` goes into `after`, and is null on the last page."""

    items: list[Acquaintance]
    next: str | None


class ApplicationAnswer(Struct, frozen=True, kw_only=True):
    """When somebody applied to be a creator, and with which words."""

    about: str
    applied_at: datetime


def show_me(person: Person, visitor: Visitor) -> Me:
    """A person for their own eyes."""
    return Me(
        id=person.id,
        handle=person.handle,
        email=person.email,
        display_name=person.display_name,
        picture_url=person.picture_url,
        region=person.region,
        currency=person.currency,
        birth_on=person.birth_on,
        birth_is_verified=person.birth_verified_at is not None,
        roles=list(person.roles),
        scopes=sorted(visitor.scopes),
        joined_at=person.joined_at,
    )


def show_signed_in(signed_in: SignedIn) -> SignedInAnswer:
    """A fresh session with its token."""
    me = show_me(signed_in.person, make_visitor(signed_in.person, signed_in.session))
    return SignedInAnswer(token=signed_in.token, expires_at=signed_in.session.expires_at, person=me)


def show_sessions(sessions: list[Session], *, present: UUID) -> SessionList:
    """The sessions of one person; `present` is the id of the one that asks."""
    return SessionList(
        items=[
            SessionAnswer(
                id=session.id,
                user_agent=session.user_agent,
                scopes=None if session.scopes is None else list(session.scopes),
                first_seen_at=session.first_seen_at,
                last_seen_at=session.last_seen_at,
                expires_at=min(session.idle_until, session.expires_at),
                is_this_one=session.id == present,
            )
            for session in sessions
        ]
    )


def show_begun(begun: Begun) -> BegunAnswer:
    """What the authenticator app needs."""
    return BegunAnswer(secret=begun.secret, uri=begun.uri)


def show_profile(profile: Profile, relation: Relation | None) -> ProfileAnswer:
    """Somebody for everyone's eyes."""
    return ProfileAnswer(
        id=profile.id,
        handle=profile.handle,
        display_name=profile.display_name,
        picture_url=profile.picture_url,
        joined_at=profile.joined_at,
        is_creator=profile.is_creator,
        followers=profile.followers,
        following=profile.following,
        you=relation,
    )


def show_application(application: Application) -> ApplicationAnswer:
    """An application as its writer sees it."""
    return ApplicationAnswer(about=application.about, applied_at=application.applied_at)
