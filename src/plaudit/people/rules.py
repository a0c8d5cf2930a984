"""What is right for an e-mail address, a handle, a password, a birth date …: pure decisions, each refusal named."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET

from plaudit.foundation.currencies import CURRENCIES
from plaudit.foundation.errors import Invalid
from plaudit.people.errors import BirthDateVerified, NoSuchPerson, ScopeNotAllowed, TooYoung
from plaudit.people.model import Change, Person, Scope, Session, Wish
from plaudit.people.regions import CURRENCY_BY_REGION

# A phone that is used every other week stays signed in; one that was lost doesn't for ever.
IDLE = timedelta(days=14)
# A token that leaked without anyone noticing is worth nothing after a season.
ABSOLUTE = timedelta(days=90)
# `last seen` is written at most this often, so that a busy program costs the database nothing.
SEEN_EVERY = timedelta(minutes=1)
# Long enough for a letter that lands in the spam folder, short enough for one that lies around.
RESET_VALID = timedelta(hours=1)

PASSWORD_LENGTH = range(10, 257)
NAME_LIMIT = 50
LEGAL_NAME_LIMIT = 70
ABOUT_LIMIT = 500
USER_AGENT_LIMIT = 200
OLDEST_YEARS = 120

# Words in the paths of our own pages, and names that would let somebody speak for the house.
RESERVED_HANDLES = frozenset(
    """
    about account accounts admin administrator anonymous api app billing blocks creator creators demo docs everyone
    followers following gift gifts guest health help legal live lives login logout mail me metrics moderator nobody null
    official openapi operator operators owner password payments payouts people plaudit postmaster privacy ready root
    sandbox security session sessions settings shop sign_in sign_out sign_up signin signup staff static status support
    system team terms undefined v1 wallet webmaster www you
    """.split()
)

_EMAIL = re.compile(r"[^@\s<>()\[\],;:\\\"]{1,64}@(?:[^@\s.<>()\[\],;:\\\"]{1,63}\.)+[^@\s.<>()\[\],;:\\\"]{2,63}")
_HANDLE = re.compile(r"[a-z0-9_]{3,24}")


def take_wish(wish: Wish, *, today: date, minimum_age: int) -> Wish:
    """The wish in its normal form. Raises Invalid naming the field, or TooYoung."""
    email, handle = take_email(wish.email), take_handle(wish.handle)
    region = take_region(wish.region)
    take_password(wish.password, email=email, handle=handle)
    if wish.birth_on is not None:
        take_birth_on(wish.birth_on, today=today, minimum_age=minimum_age)
    return msgspec.structs.replace(wish, email=email, handle=handle, region=region)


def normal_email(email: str) -> str:
    """The one form in which an address is kept and looked for; it isn't judged here."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def take_email(email: str, *, field: str = "email") -> str:
    """The address in its one form. Only a letter can show that it exists, so little is asked of it."""
    normal = normal_email(email)
    printable = all(letter.isprintable() for letter in normal)
    if len(normal) > 254 or not printable or normal != normal.lower() or not _EMAIL.fullmatch(normal):
        raise Invalid("This is not an e-mail address: it must look like name@example.org.", field=field)
    return normal


def take_handle(handle: str) -> str:
    """The handle in lower case."""
    normal = handle.lower()
    if not _HANDLE.fullmatch(normal):
        raise Invalid("A handle has 3 to 24 of the letters a to z, digits and _.", field="handle")
    if normal in RESERVED_HANDLES:
        raise Invalid("This handle is reserved; choose another one.", field="handle")
    return normal


def take_known_handle(handle: str) -> str:
    """The handle as it is looked for; raises NoSuchPerson when nobody can have it."""
    if not _HANDLE.fullmatch(handle.lower()):
        raise NoSuchPerson
    return handle.lower()


def take_password(password: str, *, email: str, handle: str, field: str = "password") -> None:
    """A password is long enough, and isn't what everyone knows of this person."""
    if len(password) not in PASSWORD_LENGTH:
        raise Invalid("A password has 10 to 256 characters.", field=field)
    if not is_storable(password):
        raise Invalid("A password can't hold half of a character pair.", field=field)
    if password.strip().lower() in {email, handle, email.partition("@")[0]}:
        raise Invalid("A password can't be your e-mail address or your handle.", field=field)


def is_storable(text: str) -> bool:
    """Whether the text can be written as UTF-8 and kept by PostgreSQL."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def take_region(region: str) -> str:
    """An ISO 3166-1 alpha-2 code in capitals."""
    if region.upper() not in CURRENCY_BY_REGION:
        raise Invalid("There is no such region: ISO 3166-1 codes look like DE or US.", field="region")
    return region.upper()


def take_currency(currency: str) -> str:
    """An ISO 4217 code in capitals."""
    if currency.upper() not in CURRENCIES:
        raise Invalid("There is no such currency: ISO 4217 codes look like EUR or USD.", field="currency")
    return currency.upper()


def take_birth_on(birth_on: date, *, today: date, minimum_age: int) -> None:
    """A date in the past of somebody who may be alive, and old enough for the region; else Invalid or TooYoung."""
    if birth_on > today:
        raise Invalid("A birth date lies in the past.", field="birth_on")
    if age_on(today, birth_on) > OLDEST_YEARS:
        raise Invalid(f"Nobody is older than {OLDEST_YEARS} years.", field="birth_on")
    if age_on(today, birth_on) < minimum_age:
        raise TooYoung(f"In your region one must be {minimum_age} years old to join.")


def age_on(day: date, birth_on: date) -> int:
    """Full years. Who was born on 29 February becomes a year older on 1 March of other years."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def take_display_name(name: str) -> str:
    """One line of 1 to 50 characters that can be seen."""
    normal = unicodedata.normalize("NFC", name).strip()
    if not 1 <= len(normal) <= NAME_LIMIT or not normal.isprintable():
        raise Invalid(f"A name is one line of 1 to {NAME_LIMIT} characters.", field="display_name")
    return normal


def take_picture_url(url: str | None) -> str | None:
    """The https address of a picture, or None."""
    if url is not None and not _is_https(url):
        raise Invalid("A picture is given as an address that begins with https://.", field="picture_url")
    return url


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        reachable = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False
    return reachable and len(url) <= 500 and url.isascii() and url.isprintable() and " " not in url


def take_about(about: str) -> str:
    """What somebody says of themselves: several lines, at most 500 characters."""
    if len(about) > ABOUT_LIMIT or not is_storable(about):
        raise Invalid(f"At most {ABOUT_LIMIT} characters.", field="about")
    return about.strip()


def take_legal_name(name: str) -> str:
    """The name of somebody's papers, on one line, of 2 to 70 characters."""
    plain = " ".join(name.split())
    if not 2 <= len(plain) <= LEGAL_NAME_LIMIT or not plain.isprintable() or not is_storable(plain):
        raise Invalid(f"A legal name has 2 to {LEGAL_NAME_LIMIT} characters.", field="legal_name")
    return plain


def change_person(person: Person, change: Change, *, today: date, minimum_age: int) -> Person:
    """The person after the change. `minimum_age` is the new region's.

    Raises Invalid, TooYoung, or BirthDateVerified.
    """
    new = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    takers = {
        "display_name": take_display_name,
        "picture_url": take_picture_url,
        "region": take_region,
        "currency": take_currency,
    }
    for name in new.keys() & takers.keys():
        new[name] = takers[name](new[name])
    if "birth_on" in new and new["birth_on"] != person.birth_on:
        if person.birth_verified_at is not None:
            raise BirthDateVerified
        take_birth_on(new["birth_on"], today=today, minimum_age=minimum_age)
    return msgspec.structs.replace(person, **new)


def scopes_of(person: Person) -> frozenset[Scope]:
    """Everything that this person may do."""
    own = {Scope.READ, Scope.SPEND}
    if person.is_creator:
        own.add(Scope.CREATE)
    if person.is_operator:
        own.add(Scope.OPERATE)
    return frozenset(own)


def take_scopes(asked: Iterable[Scope] | None, person: Person) -> tuple[Scope, ...] | None:
    """The scopes of a new session; None stands for whatever the person may do. Raises ScopeNotAllowed."""
    if asked is None:
        return None
    wanted = set(asked)
    if beyond := sorted(wanted - scopes_of(person)):
        raise ScopeNotAllowed(f"You may not have the scope {beyond[0].value!r}.")
    return tuple(sorted(wanted))


def is_over(session: Session, now: datetime) -> bool:
    """Whether nobody may come in with this session any more."""
    return now >= session.idle_until or now >= session.expires_at
