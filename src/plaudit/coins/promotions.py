"""Coins that an operator gives for nothing: a lot that is worth nothing, spent in its turn.

The intent first, the ledger second, marked done third.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from plaudit.coins import promotion_queries as queries
from plaudit.coins.errors import GrantRefused
from plaudit.coins.model import Till
from plaudit.coins.promotion_queries import Grant
from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import derive_id
from plaudit.foundation.logs import get_logger
from plaudit.foundation.money import COIN
from plaudit.ledger import Account, Posted, Transfer
from plaudit.ledger.chart import AccountCode, TransferCode, make_account
from plaudit.people import rules as people_rules
from plaudit.people.operators import note_act
from plaudit.people.queries import get_id_by_handle, get_person

MOST_COINS = 10_000_000
REASON_LIMIT = 200
_AT_ONCE = 100
_NAME_SPACE = UUID("de1b2c6d-3f0a-5a0e-9d4b-0f2a64e0c3b8")

log = get_logger(__name__)


class GrantWish(Struct, frozen=True, kw_only=True):
    """How many coins somebody is given, and why. The id is the operator's: the same again is the same grant."""

    id: UUID
    handle: str
    coins: int
    reason: str


async def grant(till: Till, operator_id: UUID, wish: GrantWish, *, now: datetime) -> Grant:
    """Give coins, once. Raises Invalid naming the field, NoSuchPerson, IdReused, GrantRefused, or as the ledger."""
    return await finish(till, await note_grant(till, operator_id, wish, now=now), now=now)


async def note_grant(till: Till, operator_id: UUID, wish: GrantWish, *, now: datetime) -> Grant:
    """Step one: the intent, and the act of the operator."""
    reason = _take(wish)
    async with till.db.transaction() as tx:
        person = await get_person(tx, await get_id_by_handle(tx, people_rules.take_known_handle(wish.handle)))
        wished = Grant(
            id=wish.id,
            person_id=person.id,
            coins=wish.coins,
            currency=person.currency,
            reason=reason,
            made_by=operator_id,
            made_at=now,
            posted_at=None,
        )
        if await queries.add_grant(tx, wished):
            detail = {"id": wish.id, "coins": wish.coins, "reason": reason}
            await note_act(tx, operator_id, "coins_granted", wish.handle.lower(), detail, now=now)
        found = await queries.get_grant(tx, wish.id)
    if (found.person_id, found.coins, found.reason) != (person.id, wish.coins, reason):
        raise IdReused
    return found


async def finish(till: Till, found: Grant, *, now: datetime) -> Grant:
    """Steps two and three: the ledger has it, and the grant says so."""
    if found.posted_at is not None:
        return found
    accounts = accounts_of(found)
    refusals = [reason for reason in await till.ledger.open_accounts(accounts) if reason]
    outcome = None if refusals else await till.ledger.post([make_transfer(found)])
    if not isinstance(outcome, Posted):
        raise GrantRefused(f"The grant {found.id} was refused: {outcome.reason if outcome else refusals[0]}.")
    async with till.db.transaction() as tx:
        await queries.mark_granted(tx, found.id, now=now)
        return await queries.get_grant(tx, found.id)


async def finish_pending(till: Till, *, now: datetime) -> int:
    """Finish what was left half-done; how many there were. What the ledger refuses stays, and stops no other."""
    async with till.db.transaction() as tx:
        waiting = await queries.list_unposted(tx, limit=_AT_ONCE)
    for each in waiting:
        try:
            await finish(till, each, now=now)
        except GrantRefused:
            log.exception("a grant was refused", grant=str(each.id))
    return len(waiting)


async def list_grants(till: Till, operator_id: UUID, handle: str, *, now: datetime) -> list[Grant]:
    """What somebody was ever given, the newest first; the look is an act. Raises NoSuchPerson."""
    async with till.db.transaction() as tx:
        person_id = await get_id_by_handle(tx, people_rules.take_known_handle(handle))
        await note_act(tx, operator_id, "grants_seen", handle.lower(), {"person": person_id}, now=now)
        return await queries.list_grants(tx, person_id)


def accounts_of(found: Grant) -> Sequence[Account]:
    """Where the coins come from, and where they go."""
    return (
        make_account(AccountCode.COINS_ISSUED, COIN),
        make_account(AccountCode.FAN_COINS, COIN, found.person_id),
    )


def make_transfer(found: Grant) -> Transfer:
    """The coins; `ref_128` is the grant."""
    issued, fan = (account.id for account in accounts_of(found))
    id = derive_id(_NAME_SPACE, str(found.id))
    return Transfer(id, issued, fan, found.coins, TransferCode.PROMOTION, ref_128=found.id)


def _take(wish: GrantWish) -> str:
    reason = wish.reason.strip()
    if not 1 <= wish.coins <= MOST_COINS:
        raise Invalid(f"From 1 to {MOST_COINS:,} coins can be given.", field="coins")
    if not 1 <= len(reason) <= REASON_LIMIT or not people_rules.is_storable(reason):
        raise Invalid(f"Say why, in at most {REASON_LIMIT} characters.", field="reason")
    return reason
