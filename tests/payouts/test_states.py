"""Which state may follow which: the rules and the database agree on every pair, and nothing goes around the steps."""

from itertools import product
from typing import LiteralString

import psycopg
import pytest

from plaudit.foundation.database_errors import UnknownConstraint
from plaudit.foundation.ids import new_id
from plaudit.payouts import State, queries
from plaudit.payouts.errors import IllegalStep
from plaudit.payouts.model import Actor, Payout, Step
from plaudit.payouts.rules import LEGAL_STEPS, require_step
from tests.payouts.conftest import House

PATHS: dict[State, list[State]] = {
    State.REQUESTED: [],
    State.APPROVED: [State.APPROVED],
    State.SUBMITTED: [State.APPROVED, State.SUBMITTED],
    State.PAID: [State.APPROVED, State.SUBMITTED, State.PAID],
    State.RETURNED: [State.APPROVED, State.SUBMITTED, State.PAID, State.RETURNED],
    State.FAILED: [State.FAILED],
    State.CANCELLED: [State.CANCELLED],
}


async def step_to(house: House, payout: Payout, after: State) -> None:
    """A step by SQL alone: only the database judges."""
    async with house.desk.db.transaction() as tx:
        number = await queries.count_steps(tx, payout.id) + 1
        await queries.add_step(
            tx,
            Step(
                payout_id=payout.id,
                number=number,
                state=after,
                at=house.now,
                actor_kind=Actor.HOUSE,
                actor_id=None,
                reason="",
            ),
        )


async def test_the_rules_and_the_database_agree_on_every_pair_of_states(house: House):
    ada = await house.creator()
    await house.fund(ada, 1_000_000)
    method = await house.usable_method(ada)
    # No rule approves by itself here.
    await house.change_rules("USD", automatic_below_minor=0)

    for before, after in product(State, State):
        payout = await house.ask(ada, method, 1_000)
        for state in PATHS[before]:
            await step_to(house, payout, state)
        if (before, after) in LEGAL_STEPS:
            require_step(before, after)
            await step_to(house, payout, after)
            now_at = after
        else:
            with pytest.raises(IllegalStep):
                require_step(before, after)
            with pytest.raises(IllegalStep):
                await step_to(house, payout, after)
            now_at = before
        async with house.desk.db.transaction() as tx:
            assert (await queries.lock_payout(tx, payout.id)).state is now_at
            await tx.execute(
                "update payouts.payouts set asked_at = asked_at - interval '2 days' where id = %(id)s",
                {"id": payout.id},
            )


@pytest.mark.parametrize(
    "statement",
    [
        "update payouts.payouts set state = 'paid'",
        "update payouts.steps set reason = 'another'",
        "delete from payouts.steps",
        "truncate payouts.steps",
        "insert into payouts.legal_steps values ('cancelled', 'paid')",
        "delete from payouts.legal_steps",
    ],
)
async def test_no_statement_goes_around_the_steps(house: House, statement: LiteralString):
    ada = await house.creator()
    await house.fund(ada, 10_000)
    method = await house.usable_method(ada)
    await house.ask(ada, method, 1_000)

    with pytest.raises((IllegalStep, UnknownConstraint)):
        async with house.desk.db.transaction() as tx:
            await tx.execute(statement)


async def test_a_payout_begins_as_requested(house: House, database_url: str):
    ada = await house.creator()
    await house.fund(ada, 10_000)
    method = await house.usable_method(ada)
    payout = await house.ask(ada, method, 1_000)

    with psycopg.connect(database_url) as line, pytest.raises(psycopg.errors.IntegrityError):
        line.execute(
            """
            insert into payouts.payouts (id, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor,
                withheld_minor, spread_micros, paid_currency, paid_minor, keeps_fee, operators, why, state, asked_at,
                state_at)
            select %s, person_id, method_id, rail, currency, amount_minor, takes_all, fee_minor, withheld_minor,
                spread_micros, paid_currency, paid_minor, keeps_fee, operators, why, 'paid', asked_at, state_at
            from payouts.payouts where id = %s
            """,
            [new_id(), payout.id],
        )
