"""Who may receive gifts. The rules are rows with the day from which they hold; operators set them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.people import operators
from plaudit.people.errors import NoSuchPerson
from plaudit.rooms.eligibility_rules import Facts, Kind, Requirement, Rule, check, is_eligible, take_rule


class SetRule(Struct, frozen=True, kw_only=True):
    """A rule as it was set, and when."""

    kind: Kind
    region: str
    value: int
    holds_from: date
    set_at: datetime


async def get_requirements(db: Database, person_id: UUID, *, now: datetime) -> list[Requirement]:
    """Each requirement for receiving gifts, and how it stands for this person. Raises NoSuchPerson."""
    async with db.transaction() as tx:
        facts = await _get_facts(tx, person_id, most_followers=None)
        return check(facts, await _list_rules(tx, facts.region), now.date())


async def may_receive(db: Database, person_id: UUID, now: datetime) -> bool:
    """Whether this person may receive gifts now; nobody may whom there isn't.

    Asked for gifts on their way, so a star's followers are counted only as far as any rule could ask for.
    """
    async with db.transaction() as tx:
        most = await tx.value(
            int, "select coalesce(max(value), 0) from rooms.requirements where kind = 'least_followers'"
        )
        try:
            facts = await _get_facts(tx, person_id, most_followers=most)
        except NoSuchPerson:
            return False
        return is_eligible(check(facts, await _list_rules(tx, facts.region), now.date()))


async def set_rule(db: Database, rule: Rule, *, by: UUID, now: datetime) -> SetRule:
    """Set a rule from today or a later day on; of two for the same day the later one counts.

    Raises Invalid naming the field, or RuleInThePast.
    """
    rule = take_rule(rule, today=now.date())
    async with db.transaction() as tx:
        await tx.execute(
            """
            insert into rooms.requirements (kind, region, value, holds_from, set_at, set_by)
            values (%(kind)s, %(region)s, %(value)s, %(holds_from)s, %(now)s, %(by)s)
            """,
            {**msgspec.structs.asdict(rule), "now": now, "by": by},
        )
        await operators.note_act(tx, by, "requirement_set", rule.kind.value, msgspec.structs.asdict(rule), now=now)
    return SetRule(**msgspec.structs.asdict(rule), set_at=now)


async def list_rules(db: Database) -> Sequence[SetRule]:
    """Every rule that counts or counted, by kind and region, newest first, without those that were replaced."""
    async with db.transaction() as tx:
        return await tx.all(
            SetRule,
            """
            select distinct on (kind, region, holds_from) kind, region, value, holds_from, set_at
            from rooms.requirements order by kind, region, holds_from desc, number desc
            """,
        )


async def _list_rules(tx: Transaction, region: str) -> list[Rule]:
    """In the order in which they were set."""
    return await tx.all(
        Rule,
        """
        select kind, region, value, holds_from from rooms.requirements
        where region in (%(region)s, '') order by number
        """,
        {"region": region},
    )


async def _get_facts(tx: Transaction, person_id: UUID, *, most_followers: int | None) -> Facts:
    """What is so about a person; followers are counted up to `most_followers` if it isn't None."""
    facts = await tx.find(
        Facts,
        """
        select p.region, p.birth_on, c.person_id is not null as is_creator,
            coalesce(c.verified_at is not null, false) as is_verified,
            (select count(*) from (
                select from people.follows where followed_id = p.id limit %(most)s
            ) as counted) as followers,
            array(
                select reason from rooms.violations where person_id = p.id and closed_at is null order by opened_at, id
            ) as open_violations
        from people.people p left join people.creators c on c.person_id = p.id
        where p.id = %(id)s
        """,
        {"id": person_id, "most": most_followers},
    )
    if facts is None:
        raise NoSuchPerson
    return facts
