from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from plaudit.coins import Buyer, Lot
from plaudit.coins import top_up_queries as queries
from plaudit.coins.model import Quote, Tax, Wish
from plaudit.coins.rules import make_top_up
from plaudit.earnings import Rate
from plaudit.earnings.proposal_queries import add_proposal, add_rate, store_decision
from plaudit.earnings.proposal_rules import Proposal, decide
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.ids import new_id
from plaudit.foundation.money import Money

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    async with Database.open(database_url) as db:
        yield db


def a_rate(share_bps: int | None = 5_000, *, fixed: int | None = None, valid_from: datetime = LONG_AGO) -> Rate:
    """Half of what was paid, for all, unless it says otherwise; `fixed` is for dollars."""
    currency = "" if fixed is None else "USD"
    share = share_bps if fixed is None else None
    return Rate(
        region="", currency=currency, tier="standard", share_bps=share, micros_per_coin=fixed, valid_from=valid_from
    )


def a_lot(buyer: Buyer, first_coin: int, coins: int, micros: int, currency: str = "USD") -> Lot:
    return Lot(
        id=new_id(),
        person_id=buyer.person_id,
        first_coin=first_coin,
        coins=coins,
        value_micros=micros,
        currency=currency,
        region="US",
        pack=None,
        provider="sandbox",
        opened_at=NOW,
    )


async def set_rate(db: Database, rate: Rate) -> None:
    """As two operators do, long before it holds; what is set by them stays."""
    asked_at = rate.valid_from - timedelta(days=2)
    async with db.transaction() as tx:
        one, other = [await an_operator(tx) for _ in range(2)]
        proposal = Proposal(
            **msgspec.structs.asdict(rate), id=new_id(), reason="A test.", proposed_by=one, proposed_at=asked_at
        )
        await add_proposal(tx, proposal)
        decided = decide(proposal, other, approved=True, because="", now=asked_at)
        await store_decision(tx, decided)
        await add_rate(tx, decided)


async def an_operator(tx: Transaction) -> UUID:
    """Somebody who may set rates."""
    id = new_id()
    await tx.execute(
        """
        insert into people.people (id, email, handle, display_name, region, currency, operator_since, joined_at)
        values (%(id)s, %(email)s, %(handle)s, 'Olga', 'US', 'USD', %(since)s, %(since)s)
        """,
        {"id": id, "email": f"{id.hex}@example.org", "handle": f"olga_{id.hex[-12:]}", "since": LONG_AGO},
    )
    return id


async def open_lots(db: Database, buyer: Buyer, *lots: Lot) -> None:
    """Each with the top-up that it comes from."""
    async with db.transaction() as tx:
        for lot in lots:
            await queries.add_top_up(tx, make_top_up(*_bought(lot, lot.id), buyer, now=NOW))
            await queries.add_lot(tx, lot)


def _bought(lot: Lot, id: UUID) -> tuple[Wish, Quote]:
    price = Money(max(lot.value_micros // 10_000, 1), get_currency(lot.currency))
    tax = Money(0, get_currency(lot.currency))
    quote = Quote(pack=None, coins=lot.coins, net=price, tax=tax, tax_rule=Tax(name="", rate_bps=0))
    return Wish(id=id, provider=lot.provider, coins=lot.coins), quote
