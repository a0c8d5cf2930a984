"""The people of the demo move in: fans, creators who are verified and may receive, the operator, and who follows whom.

Everything here may be done again, and changes nothing then.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product
from random import Random

from plaudit.demo.cast import CREATORS, FAN, LOGINS, OPERATOR, PLAYED, Creator, Member, make_fans
from plaudit.demo.errors import WorldTaken
from plaudit.demo.house import House, person_of, session_of
from plaudit.foundation.database import Database
from plaudit.people import Hasher, operators, queries
from plaudit.people.following_queries import add_follow
from plaudit.people.hashing import hash_token, new_token
from plaudit.people.model import Application
from plaudit.rooms import eligibility
from plaudit.rooms.eligibility_rules import Kind, Rule

LEAST_FOLLOWERS = 10
"""How many followers a creator of the demo needs: the product's own default would keep so small a world closed."""

_SEED = 7
_BETWEEN_ARRIVALS = timedelta(minutes=11)


async def find_beginning(db: Database) -> datetime | None:
    """When this database's world began; None when there is nothing in it. Raises WorldTaken when it is another's."""
    async with db.transaction() as tx:
        operator = await queries.find_person(tx, OPERATOR.id)
        is_empty = await tx.value(
            bool, "select not exists (select from people.people) and not exists (select from ledger.transfers)"
        )
    if operator is None and not is_empty:
        raise WorldTaken
    return operator.joined_at if operator else None


async def settle_people(db: Database, begun_at: datetime, *, fans: int) -> None:
    """Everyone moves in, all or none of them."""
    members = [OPERATOR, *(creator.member for creator in CREATORS), FAN, *make_fans(fans)]
    async with db.transaction() as tx:
        if await queries.find_person(tx, OPERATOR.id) is not None:
            return
        for number, member in enumerate(members):
            await queries.add_person(tx, person_of(member, begun_at + number * _BETWEEN_ARRIVALS))
        for creator in CREATORS:
            application = Application(person_id=creator.member.id, about=creator.about, applied_at=begun_at)
            await queries.add_application(tx, application)
        await queries.make_operator(tx, OPERATOR.id, now=begun_at)


async def let_creators_receive(house: House) -> None:
    """The operator asks for few followers, and verifies the three."""
    db, now = house.db, house.now
    rule = Rule(kind=Kind.LEAST_FOLLOWERS, region="", value=LEAST_FOLLOWERS, holds_from=now.date())
    known = await eligibility.list_rules(db)
    if not any(each.kind is rule.kind and each.holds_from == rule.holds_from for each in known):
        await eligibility.set_rule(db, rule, by=OPERATOR.id, now=now)
    waiting = await operators.list_creators(db, verified=False, after=None, limit=100)
    for creator in CREATORS:
        if any(each.id == creator.member.id for each in waiting):
            member = creator.member
            await operators.verify_creator(db, OPERATOR.id, member.handle, legal_name=member.name, now=now)


async def let_fans_follow(house: House, *, fans: int) -> None:
    """Each creator has the more followers, the more they draw."""
    follows = [(FAN, CREATORS[0], house.begun_at), *_choose_follows(house.begun_at, fans)]
    async with house.db.transaction() as tx:
        for member, creator, since in follows:
            await add_follow(tx, member.id, creator.member.id, now=since)


def _choose_follows(begun_at: datetime, fans: int) -> Iterator[tuple[Member, Creator, datetime]]:
    random = Random(_SEED)
    for member, creator in product(make_fans(fans), CREATORS):
        if random.random() < 0.12 * creator.draw + 0.1:
            yield member, creator, begun_at + timedelta(minutes=random.randrange(40_000))


async def keep_logins(db: Database, hasher: Hasher, *, now: datetime) -> None:
    """Whatever a visitor has changed them to: from now on the three passwords are again those that are shown."""
    for word, login in LOGINS.items():
        async with db.transaction() as tx:
            known = await queries.find_credentials(tx, login.email)
        if not await hasher.matches(known.hash if known else None, login.password):
            hashed = await hasher.hash(login.password)
            async with db.transaction() as tx:
                await queries.store_password(tx, PLAYED[word].id, hashed, now=now)


async def open_sessions(db: Database, members: Sequence[Member], *, now: datetime) -> dict[str, str]:
    """A token for each handle. The session that the demo opened for them before is over; all others stay."""
    tokens = {member.handle: new_token() for member in members}
    async with db.transaction() as tx:
        for member in members:
            session = session_of(member, now)
            await queries.delete_session(tx, session.id, of=member.id)
            await queries.add_session(tx, session, hash_token(tokens[member.handle]))
    return tokens
