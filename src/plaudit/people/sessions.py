"""Who a token belongs to: asked for with every request, so this program remembers the answer for a few seconds."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.renewal import Renewal
from plaudit.people import queries, rules
from plaudit.people.errors import NotSignedIn
from plaudit.people.hashing import hash_token
from plaudit.people.model import Person, Session, Visitor

# A session that was ended through another process is refused here at most this much later; one that was ended through
# this process, at once.
REMEMBERED = timedelta(seconds=5)
# Who still sends requests after this is asked for anew before that, together with others, while they go on.
_RENEWED_AFTER = timedelta(seconds=3)
MOST_REMEMBERED = 50_000


class _Known(Struct, frozen=True):
    visitor: Visitor
    asked_at: datetime
    until: datetime


class Sessions:
    """Finds the visitor of a token, from memory or from the database. One for a process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[bytes, _Known] = {}
        self._forgotten = 0
        self._renewal = Renewal(self._renew)

    async def get_visitor(self, token: str) -> Visitor:
        """Who this is. Raises NotSignedIn when the token is unknown, was revoked, or is over."""
        return self.recall(token) or await self._look_up(hash_token(token))

    def recall(self, token: str) -> Visitor | None:
        """Who this is, if the token was good a moment ago, so that it costs no database; None if that isn't known."""
        token_hash = hash_token(token)
        known, now = self._known.get(token_hash), self._clock.now()
        if known is None or now >= known.until:
            return None
        if now >= known.asked_at + _RENEWED_AFTER:
            self._renewal.ask(token_hash)
        return known.visitor

    def forget(self, person_id: UUID) -> None:
        """Something about this person or their sessions changed: ask the database next time."""
        self._known = {key: known for key, known in self._known.items() if known.visitor.person_id != person_id}
        self._forgotten += 1

    async def _look_up(self, token_hash: bytes) -> Visitor:
        self._known.pop(token_hash, None)
        forgotten = self._forgotten
        known = (await self._read([token_hash])).get(token_hash)
        if known is None:
            raise NotSignedIn
        # What was read before somebody changed may be of before the change.
        if forgotten == self._forgotten:
            self._remember(token_hash, known)
        return known.visitor

    async def _renew(self, token_hashes: Collection[bytes]) -> None:
        before = {token_hash: self._known.get(token_hash) for token_hash in token_hashes}
        found = await self._read(token_hashes)
        for token_hash, known in before.items():
            # Another one, or none any more: somebody was forgotten meanwhile, or looked up.
            if known is not None and self._known.get(token_hash) is known:
                del self._known[token_hash]
                if token_hash in found:
                    self._remember(token_hash, found[token_hash])

    async def _read(self, token_hashes: Collection[bytes]) -> dict[bytes, _Known]:
        """What the database says of those whose sessions aren't over."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            found = await queries.list_sessions_of_tokens(tx, token_hashes)
            sessions = [session for session in found if not rules.is_over(session, now)]
            await _note_seen(tx, sessions, now)
            people = await queries.list_people(tx, {session.person_id for session in sessions}) if sessions else []
        by_id = {person.id: person for person in people}
        return {
            session.token_hash: _Known(
                make_visitor(by_id[session.person_id], session),
                now,
                min(now + REMEMBERED, session.idle_until, session.expires_at),
            )
            for session in sessions
        }

    def _remember(self, token_hash: bytes, known: _Known) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known = _newer_half(self._known)
        self._known[token_hash] = known


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


async def _note_seen(tx: Transaction, sessions: Sequence[Session], now: datetime) -> None:
    due = [session.id for session in sessions if now - session.last_seen_at >= rules.SEEN_EVERY]
    if due:
        await queries.note_seen(tx, due, now=now, idle_until=now + rules.IDLE)


def _newer_half(known: Mapping[bytes, _Known]) -> dict[bytes, _Known]:
    # Dictionaries keep the order of insertion, and whoever is looked up again was inserted again.
    return dict(list(known.items())[len(known) // 2 :])
