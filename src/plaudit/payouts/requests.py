"""Asking to be paid: the quote, the request that holds the money, and taking it back."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from plaudit.foundation.currencies import get_currency, get_currency_by_number
from plaudit.foundation.database import Transaction
from plaudit.foundation.money import Micros
from plaudit.ledger import AccountFilter, spendable
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import dated_queries, method_queries, queries, rules, steps, tax_queries
from plaudit.payouts.chains import available_account
from plaudit.payouts.errors import (
    IllegalStep,
    NoExchangeRate,
    NoPayoutsInCurrency,
    NoSuchMethod,
    NoSuchPayout,
    NotEnoughAvailable,
    NotVerifiedToBePaid,
    QuoteChanged,
    RailNotOffered,
)
from plaudit.payouts.methods import prove_second_factor
from plaudit.payouts.model import Actor, Asked, Method, PayDesk, Payee, Payout, PayoutWish, Quote, Rules, State, Step
from plaudit.payouts.rules import Terms
from plaudit.payouts.tax_model import TaxFacts
from plaudit.people.errors import SecondFactorNeeded
from plaudit.people.model import Place


class _Plan(Struct, frozen=True, kw_only=True):
    """What would happen now; nothing is stored yet."""

    payee: Payee
    method: Method
    rules: Rules
    facts: TaxFacts | None
    quote: Quote


async def get_available(desk: PayDesk, person_id: UUID, currency: str) -> Micros:
    """What somebody can withdraw now of a currency, in its internal units. Raises UnknownCurrency."""
    return Micros(await spendable(desk.ledger, available_account(person_id, get_currency(currency))))


async def list_available(desk: PayDesk, person_id: UUID) -> dict[str, Micros]:
    """What somebody can withdraw now, of every currency that they ever earned."""
    which = AccountFilter(code=AccountCode.CREATOR_AVAILABLE, ref_128=person_id)
    found = await desk.ledger.list_accounts(which, limit=200)
    return {get_currency_by_number(account.ledger).code: Micros(balances.spendable) for account, balances in found}


async def get_payee(desk: PayDesk, person_id: UUID) -> Payee:
    """Who would be paid, as far as it matters for that. Raises NotVerifiedToBePaid for who never applied."""
    async with desk.db.transaction() as tx:
        payee = await queries.find_payee(tx, person_id)
    if payee is None:
        raise NotVerifiedToBePaid
    return payee


async def quote_payout(desk: PayDesk, person_id: UUID, method_id: UUID, asked: Asked, *, now: datetime) -> Quote:
    """What would become of a payout: what goes off, what arrives and when.

    Raises what a request would be refused for, but for a missing second factor.
    """
    available = await get_available(desk, person_id, asked.currency)
    async with desk.db.transaction() as tx:
        return (await _plan(tx, person_id, method_id, asked, available, now=now)).quote


async def request_payout(desk: PayDesk, wish: PayoutWish, *, now: datetime) -> Payout:
    """Hold the money and wait for approval, or be approved by the rules. The same wish again gives the same payout.

    Raises IdReused, NotVerifiedToBePaid, NoSuchMethod, MethodNotVerified, MethodCoolingDown, NoPayoutsInCurrency,
    RailNotOffered, NoExchangeRate, BelowMinimum, NotEnoughAvailable, AboveDayMaximum, TaxFormNeeded, QuoteChanged,
    SecondFactorNeeded, WrongCode or TooManyAttempts.
    """
    async with desk.db.transaction() as tx:
        known = await queries.find_payout(tx, wish.id)
    if known is None:
        available = await get_available(desk, wish.person_id, wish.asked.currency)
        is_proven = await _prove(desk, wish, available, now=now)
        known = await _store(desk, wish, available, is_proven=is_proven, now=now)
    rules.require_same(known, wish)
    payout = await steps.finish(desk, wish.id, now=now)
    if payout.state is State.FAILED and payout.held_at is None:
        raise NotEnoughAvailable(available_micros=await get_available(desk, wish.person_id, wish.asked.currency))
    return payout


async def _prove(desk: PayDesk, wish: PayoutWish, available: Micros, *, now: datetime) -> bool:
    """Whether a code was needed, and was right. All else is looked at first: no code is used up for nothing."""
    async with desk.db.transaction() as tx:
        plan = await _plan(tx, wish.person_id, wish.method_id, wish.asked, available, now=now)
    _require_shown(plan.quote, wish)
    if plan.quote.needs_code:
        await prove_second_factor(desk, wish.person_id, wish.code, now=now)
    return plan.quote.needs_code


async def _store(desk: PayDesk, wish: PayoutWish, available: Micros, *, is_proven: bool, now: datetime) -> Payout:
    """The intent, judged again while nobody else can ask for the same person."""
    async with desk.db.transaction() as tx:
        await queries.lock_payee(tx, wish.person_id)
        known = await queries.find_payout(tx, wish.id)
        if known is not None:
            return known
        plan = await _plan(tx, wish.person_id, wish.method_id, wish.asked, available, now=now)
        _require_shown(plan.quote, wish)
        if plan.quote.needs_code and not is_proven:
            raise SecondFactorNeeded
        payout = _make_payout(wish, plan, now=now)
        if await queries.add_payout(tx, payout):
            await queries.add_step(tx, _first_step(payout))
            return payout
    # Another person was quicker with the same id: it is looked at by the caller.
    async with desk.db.transaction() as tx:
        return await queries.lock_payout(tx, wish.id)


def _require_shown(quote: Quote, wish: PayoutWish) -> None:
    if wish.shown_minor is not None and wish.shown_minor != quote.paid_minor:
        raise QuoteChanged


async def _plan(
    tx: Transaction, person_id: UUID, method_id: UUID, asked: Asked, available: Micros, *, now: datetime
) -> _Plan:
    payee, method = await queries.find_payee(tx, person_id), await method_queries.find_method(tx, method_id)
    if payee is None:
        raise NotVerifiedToBePaid
    rules.require_payee(payee)
    if method is None:
        raise NoSuchMethod
    rules.require_usable(method, of=payee, now=now)
    facts = await tax_queries.find_valid_facts(tx, person_id, now=now)
    taken = await queries.sum_taken(
        tx, person_id, asked.currency, day=rules.start_of_day(now), year=rules.start_of_year(now)
    )
    terms = await _get_terms(tx, method, facts, asked.currency, now=now)
    terms = replace(terms, today_minor=taken.today_minor, is_operator=payee.is_operator)
    has = rules.floor_available(available)
    amount = has if asked.amount_minor is None else asked.amount_minor
    quote = rules.make_quote(amount, terms, today=now.date())
    if amount > has:
        raise NotEnoughAvailable(available_micros=available)
    form = rules.form_for(payee.region)
    # Who moved, or signed for another country, signs anew.
    has_form = facts is not None and facts.form == form
    rules.require_within(amount, terms.rules, taken, form=form, has_form=has_form)
    return _Plan(payee=payee, method=method, rules=terms.rules, facts=facts, quote=quote)


async def _get_terms(tx: Transaction, method: Method, facts: TaxFacts | None, currency: str, *, now: datetime) -> Terms:
    found = await dated_queries.find_rules(tx, get_currency(currency).code, now=now)
    if found is None:
        raise NoPayoutsInCurrency
    fee = await dated_queries.find_fee(tx, method.kind, currency, now=now)
    if fee is None:
        raise RailNotOffered
    rate = None
    if method.currency != currency:
        rate = await dated_queries.find_rate(tx, currency, method.currency, now=now)
        if rate is None:
            raise NoExchangeRate(f"There is no exchange rate from {currency} to {method.currency} at the moment.")
    withheld_bps = await tax_queries.get_withheld_bps(tx, facts, now=now)
    has_paid = await queries.has_paid(tx, method.id)
    return Terms(rules=found, fee=fee, method=method, rate=rate, withheld_bps=withheld_bps, has_paid=has_paid)


def _make_payout(wish: PayoutWish, plan: _Plan, *, now: datetime) -> Payout:
    quote = plan.quote
    return Payout(
        id=wish.id,
        person_id=wish.person_id,
        method_id=wish.method_id,
        rail=quote.rail,
        currency=quote.currency,
        amount_minor=quote.amount_minor,
        takes_all=wish.asked.amount_minor is None,
        fee_minor=quote.fee_minor,
        withheld_minor=quote.withheld_minor,
        spread_micros=quote.spread_micros,
        paid_currency=quote.paid_currency,
        paid_minor=quote.paid_minor,
        rate_id=quote.rate.id if quote.rate else None,
        keeps_fee=plan.rules.keeps_fee,
        residence=plan.facts.residence if plan.facts else plan.payee.region,
        form=plan.facts.form if plan.facts else None,
        operators=quote.operators,
        why=quote.why,
        asked_at=now,
        state_at=now,
        ledger_due_at=now,
    )


def _first_step(payout: Payout) -> Step:
    return Step(
        payout_id=payout.id,
        number=1,
        state=State.REQUESTED,
        at=payout.asked_at,
        actor_kind=Actor.CREATOR,
        actor_id=payout.person_id,
        reason=payout.why,
    )


class Told(Struct, frozen=True, kw_only=True):
    """A payout with where it went and how it came there."""

    payout: Payout
    method: Method
    steps: list[Step]


async def get_payout(desk: PayDesk, payout_id: UUID, *, of: UUID) -> Told:
    """One's own payout with its steps. Raises NoSuchPayout."""
    async with desk.db.transaction() as tx:
        payout = await queries.find_payout(tx, payout_id)
        if payout is None or payout.person_id != of:
            raise NoSuchPayout
        return await _told(tx, payout)


async def list_payouts(desk: PayDesk, person_id: UUID, *, after: Place | None, limit: int) -> list[Told]:
    """One's payouts, the newest first; `after` is where the page before ended."""
    async with desk.db.transaction() as tx:
        found = await queries.list_payouts(tx, person_id, after=after, limit=limit)
        return [await _told(tx, payout) for payout in found]


async def _told(tx: Transaction, payout: Payout) -> Told:
    method = await method_queries.find_method(tx, payout.method_id)
    assert method is not None, "methods are never deleted"
    return Told(payout=payout, method=method, steps=await queries.list_steps(tx, payout.id))


async def cancel_payout(desk: PayDesk, payout_id: UUID, *, of: UUID, now: datetime) -> Told:
    """Take it back before it is sent; the money is available again. Again it changes nothing.

    Raises NoSuchPayout, or IllegalStep when it is too late, or an operator lets it wait.
    """
    async with desk.db.transaction() as tx:
        payout = await queries.lock_payout(tx, payout_id)
        if payout.person_id != of:
            raise NoSuchPayout
        if payout.paused_at is not None and payout.state in (State.REQUESTED, State.APPROVED):
            raise IllegalStep("Somebody looks at this payout: it can't be cancelled until they have.")
        if payout.state is not State.CANCELLED:
            by = steps.By(kind=Actor.CREATOR, id=of, reason="asked_for")
            await steps.take_step(desk, tx, payout, State.CANCELLED, by, at=now)
    await steps.finish(desk, payout_id, now=now)
    return await get_payout(desk, payout_id, of=of)
