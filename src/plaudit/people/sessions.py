"""Who a token belongs to: asked for with every request, so this program remembers the answer for a few seconds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database, Transaction
from plaudit.people import queries, rules
from plaudit.people.errors import NotSignedIn
from plaudit.people.hashing import hash_token
from plaudit.people.model import Person, Session, Visitor

# A session that was ended through another process is refused here at most this much later; one that was ended through
# this process, at once.
REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 50_000


class _Known(Struct, frozen=True):
    visitor: Visitor
    until: datetime


class Sessions:
    """Finds the visitor of a token, from memory or from the database. One for a process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[bytes, _Known] = {}

    async def get_visitor(self, token: str) -> Visitor:
        """Who this is. Raises NotSignedIn when the token is unknown, was revoked, or is over."""
        token_hash = hash_token(token)
        now = self._clock.now()
        known = self._known.get(token_hash)
        if known is not None and now < known.until:
            return known.visitor
        return await self._look_up(token_hash, now)

    def is_remembered(self, token: str) -> bool:
        """Whether this token was good a moment ago, so that asking for it costs no database."""
        known = self._known.get(hash_token(token))
        return known is not None and self._clock.now() < known.until

    def forget(self, person_id: UUID) -> None:
        """Something about this person or their sessions changed: ask the database next time."""
        self._known = {key: known for key, known in self._known.items() if known.visitor.person_id != person_id}

    async def _look_up(self, token_hash: bytes, now: datetime) -> Visitor:
        self._known.pop(token_hash, None)
        async with self._db.transaction() as tx:
            session = await queries.find_session(tx, token_hash)
            if session is None or rules.is_over(session, now):
                raise NotSignedIn
            await _note_seen(tx, session, now)
            person = await queries.get_person(tx, session.person_id)
        visitor = make_visitor(person, session)
        self._remember(token_hash, visitor, min(now + REMEMBERED, session.idle_until, session.expires_at))
        return visitor

    def _remember(self, token_hash: bytes, visitor: Visitor, until: datetime) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known = _newer_half(self._known)
        self._known[token_hash] = _Known(visitor, until)


def make_visitor(person: Person, session: Session) -> Visitor:
    """What requests of this session may be used for: what was asked for, as far as the person still may."""
    allowed = rules.scopes_of(person)
    return Visitor(
        person_id=person.id,
        handle=person.handle,
        name=person.display_name,
        picture_url=person.picture_url,
        region=person.region,
        currency=person.currency,
        session_id=session.id,
        scopes=allowed if session.scopes is None else allowed.intersection(session.scopes),
        is_limited=session.scopes is not None,
        is_creator=person.is_creator,
        is_operator=person.is_operator,
    )


async def _note_seen(tx: Transaction, session: Session, now: datetime) -> None:
    if now - session.last_seen_at >= rules.SEEN_EVERY:
        await queries.note_seen(tx, session.id, now=now, idle_until=now + rules.IDLE)


def _newer_half(known: Mapping[bytes, _Known]) -> dict[bytes, _Known]:
    # Dictionaries keep the order of insertion, and whoever is looked up again was inserted again.
    return dict(list(known.items())[len(known) // 2 :])
