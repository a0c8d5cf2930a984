"""The steps of a refund, from the wish to the money that is back, or to the coins that are.

Each may be the last before a crash: `advance` goes on from where it stands. What is decided is stored first, the ledger
or the provider is asked second, and what came of it is stored third.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from plaudit.coins import top_up_queries
from plaudit.coins.errors import NoSuchProvider
from plaudit.coins.model import TopUp
from plaudit.earnings import settlement
from plaudit.earnings.settling import Settling
from plaudit.foundation.errors import OutcomeUnknown, Unavailable
from plaudit.foundation.logs import get_logger
from plaudit.people import queries as people_queries
from plaudit.providers import RefundState as Told
from plaudit.providers import RefundWish
from plaudit.providers.payment import Refund as ToldRefund
from plaudit.reversals import chains, dispute_queries, holds, letters, rules
from plaudit.reversals import refund_queries as queries
from plaudit.reversals.errors import NothingLeftToRefund, StillSettling, TopUpDisputed
from plaudit.reversals.model import Answer, Hold, Refund, RefundState, Reversing, Sums
from plaudit.reversals.posting import get_top_up, open_all, post_all

# How long nothing is heard of a refund before its provider is asked.
POLL_AFTER = timedelta(seconds=30)
PROVIDER_REFUSED = "provider_refused"

log = get_logger(__name__)


async def advance(desk: Reversing, refund_id: UUID, *, now: datetime) -> Refund:
    """Go on as far as can be gone now. Raises what the ledger raises; the next round goes on."""
    while True:
        async with desk.db.transaction() as tx:
            refund = await queries.get_refund(tx, refund_id)
            top_up = await top_up_queries.find_top_up(tx, refund.top_up_id)
        assert top_up is not None, "top-ups are never deleted"
        after = await step(desk, refund, top_up, now=now)
        if after == refund:
            return refund


async def step(desk: Reversing, refund: Refund, top_up: TopUp, *, now: datetime) -> Refund:
    """The next step; the refund itself when it waits for somebody."""
    if refund.answer is not None and refund.ended_at is None:
        return await finish(desk, refund, top_up, now=now)
    match refund.state:
        case RefundState.ASKED:
            return await hold(desk, refund, top_up, now=now)
        case RefundState.HELD:
            return await decide(desk, refund, now=now)
        case RefundState.SENT:
            return await ask_provider(desk, refund, top_up, now=now)
        case _:
            return refund


async def hold(desk: Reversing, refund: Refund, top_up: TopUp, *, now: datetime) -> Refund:
    """Set apart the coins that are left, and their value; refused when nothing is left."""
    async with desk.db.transaction() as tx:
        found = await holds.find(tx, refund.id)
    if found is None:
        return refund
    try:
        asked, cut = await holds.settle(desk, found, top_up, lambda rest: rest, now=now)
    except StillSettling:
        return refund
    sums = rules.sum_up(top_up, coins=cut.coins, value_micros=cut.value_micros) if cut else None
    if sums is None or not (sums.total_minor and sums.value_micros):
        return await _refuse(desk, asked, NothingLeftToRefund.code, now=now)
    refund = await _note_sums(desk, refund.id, sums)
    if refund.state is not RefundState.ASKED:
        return refund
    await open_all(desk, chains.accounts_of(top_up))
    await post_all(desk, (chains.hold_value(refund, sums.value_micros),))
    async with desk.db.transaction() as tx:
        refund = await queries.lock_refund(tx, refund.id)
        if refund.state is RefundState.ASKED:
            refund = replace(refund, state=RefundState.HELD, held_at=now)
            await queries.store_refund(tx, refund)
    return refund


async def _note_sums(desk: Reversing, refund_id: UUID, sums: Sums) -> Refund:
    """The intent to hold the coins' value; from now on it isn't refused any more for having nothing left."""
    async with desk.db.transaction() as tx:
        refund = await queries.lock_refund(tx, refund_id)
        if refund.state is RefundState.ASKED and refund.coins is None:
            refund = replace(
                refund,
                coins=sums.coins,
                value_micros=sums.value_micros,
                net_minor=sums.net_minor,
                tax_minor=sums.tax_minor,
            )
            await queries.store_refund(tx, refund)
    return refund


async def decide(desk: Reversing, refund: Refund, *, now: datetime) -> Refund:
    """The provider is to be asked, unless the payment is disputed by now: then the bank decides."""
    async with desk.db.transaction() as tx:
        await get_top_up(tx, refund.top_up_id)
        refund = await queries.lock_refund(tx, refund.id)
        if refund.state is not RefundState.HELD or refund.answer is not None:
            return refund
        if await dispute_queries.is_disputed(tx, refund.top_up_id):
            refund = replace(refund, answer=Answer.NO, reason=TopUpDisputed.code)
        else:
            refund = replace(refund, state=RefundState.SENT, sent_at=now)
        await queries.store_refund(tx, refund)
    return refund


async def ask_provider(desk: Reversing, refund: Refund, top_up: TopUp, *, now: datetime) -> Refund:
    """Ask for the money, and after a while what became of it; always under the same reference."""
    async with desk.db.transaction() as tx:
        if not await queries.take_to_poll(tx, refund.id, before=now - POLL_AFTER, now=now):
            return refund
    provider = desk.till.providers.get(top_up.provider)
    if provider is None:
        raise NoSuchProvider
    assert top_up.payment_id is not None, "what is settled was paid"
    assert refund.amount is not None, "what was sent has amounts"
    wish = RefundWish(reference=refund.id, payment_id=top_up.payment_id, amount=refund.amount)
    try:
        told = await provider.find_refund(refund.id, now=now) or await provider.refund(wish, now=now)
    except (OutcomeUnknown, Unavailable) as problem:
        log.warning("a refund waits for its provider", refund=str(refund.id), code=problem.code)
        return refund
    return await take_answer(desk, told)


async def take_answer(desk: Reversing, told: ToldRefund) -> Refund:
    """What the provider said is stored. Said twice, or before it was asked, it changes nothing.

    Money that went back, and isn't as much as ours, is noted for somebody to look, and the refund waits for them; where
    none went back, the amount says nothing. Raises NotFound for a refund that isn't there.
    """
    async with desk.db.transaction() as tx:
        refund = await queries.lock_refund(tx, told.reference)
        if refund.state is not RefundState.SENT or refund.answer is not None or told.state is Told.PENDING:
            return refund
        if told.state is Told.FAILED:
            refund = replace(refund, answer=Answer.NO, reason=PROVIDER_REFUSED)
        elif told.amount != refund.amount:
            refund = replace(refund, note=f"The provider tells of {told.amount.minor} {told.amount.currency.code}.")
        else:
            refund = replace(refund, answer=Answer.YES)
        await queries.store_refund(tx, refund)
    return refund


async def finish(desk: Reversing, refund: Refund, top_up: TopUp, *, now: datetime) -> Refund:
    """Bring the answer into the books: the money is gone, or the coins are back."""
    async with desk.db.transaction() as tx:
        found = await holds.find(tx, refund.id)
    assert found is not None, "what has an answer holds coins"
    last = await post_answer(desk, refund, found, top_up)
    # What is back can be asked for again at once.
    await settlement.catch_up(Settling(desk.db, desk.ledger), timestamp=last, now=now)
    async with desk.db.transaction() as tx:
        refund = await queries.lock_refund(tx, refund.id)
        if refund.ended_at is None:
            state = RefundState.REFUNDED if refund.answer is Answer.YES else RefundState.FAILED
            refund = replace(refund, state=state, ended_at=now)
            await queries.store_refund(tx, refund)
            person = await people_queries.get_person(tx, refund.person_id)
            await desk.mail.send(tx, letters.refund_ended(refund, top_up, person.email, now=now))
    return refund


async def post_answer(desk: Reversing, refund: Refund, hold: Hold, top_up: TopUp) -> int:
    """The answer's chain is in the ledger, since now or since before; gives the timestamp of its end."""
    yes = refund.answer is Answer.YES
    chain = chains.post_refund(refund, hold, top_up) if yes else chains.void_refund(refund, hold)
    return (await post_all(desk, chain)).records[-1].timestamp


async def _refuse(desk: Reversing, asked: Hold, reason: str, *, now: datetime) -> Refund:
    """Before anything but coins was held: they come back. Nothing happens where another hold stands by now."""
    async with desk.db.transaction() as tx:
        refund = await queries.lock_refund(tx, asked.owner_id)
        found = await holds.find(tx, refund.id)
        if refund.state is not RefundState.ASKED or refund.coins is not None or found is None or found.id != asked.id:
            return refund
        await holds.drop(tx, found, now=now)
        refund = replace(refund, state=RefundState.FAILED, reason=reason, ended_at=now)
        await queries.store_refund(tx, refund)
    await holds.void(desk, found)
    return refund
