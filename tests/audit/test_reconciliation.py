from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from plaudit.audit import Code, reconciliation
from plaudit.audit.case_queries import Case
from plaudit.audit.checking import check_books
from plaudit.audit.errors import CaseClosed, NoSuchCase
from plaudit.audit.reconciliation import Compared, close_case, list_cases, run_round
from plaudit.coins import TopUp, settling
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.errors import Invalid, Unavailable
from plaudit.foundation.money import Money
from plaudit.providers import Card, ReportLine, ReportUnreadable, Sandbox, What
from plaudit.providers.reports import read_csv, write_csv
from tests.coins.conftest import NOW, Shop, open_shop
from tests.earnings.conftest import an_operator
from tests.ledger.tampering import tamper

TODAY = NOW.date()
TOMORROW = NOW + timedelta(days=1)
USD = get_currency("USD")
NO_REPORT = b"what,reference\npayment\n"


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url) as shop:
        yield shop


async def buy(shop: Shop, *, settled: bool = True) -> TopUp:
    top_up = await shop.ask(pack="pack_600")
    await shop.sandbox.pay(UUID(top_up.checkout_id or ""), Card.SUCCESS, now=NOW)
    if settled:
        payment = await shop.sandbox.find_payment(top_up.checkout_id or "", now=NOW)
        assert payment is not None
        top_up = await settling.apply_payment(shop.till, "sandbox", payment, now=NOW)
    return top_up


async def compare(shop: Shop, *, now: datetime = TOMORROW) -> list[Case]:
    await run_round(shop.till.db, shop.till.providers, now=now)
    return await list_cases(shop.till.db, is_open=None, after=None, limit=100)


async def an_operator_of(shop: Shop) -> UUID:
    async with shop.till.db.transaction() as tx:
        return await an_operator(tx)


async def test_a_day_on_which_both_say_the_same_opens_no_case(shop: Shop):
    await buy(shop)
    await buy(shop)

    (compared,) = await run_round(shop.till.db, shop.till.providers, now=TOMORROW)

    assert (compared.provider, compared.on, compared.lines, compared.opened) == ("sandbox", TODAY, 2, 0)
    assert await compare(shop) == []


async def test_a_payment_that_we_never_heard_of_is_missing(shop: Shop):
    await buy(shop)
    unheard = await buy(shop, settled=False)

    (case,) = await compare(shop)

    assert (case.kind, case.what, case.provider, case.on_date) == ("missing", "payment", "sandbox", TODAY)
    assert case.reference == f"pay_{UUID(unheard.checkout_id or '').hex}"
    assert case.ours is None
    assert case.theirs is not None
    assert (case.theirs.amount_minor, case.theirs.fee_minor, case.theirs.currency) == (1081, 62, "USD")


async def test_a_payment_that_the_provider_does_not_report_is_extra(shop: Shop):
    await buy(shop)
    await tamper(shop.till.db, "update sandbox.checkouts set state = 'failed'")

    (case,) = await compare(shop)

    assert (case.kind, case.theirs) == ("extra", None)
    assert case.ours is not None
    assert (case.ours.amount_minor, case.ours.fee_minor) == (1081, 62)


async def test_another_amount_is_different_and_both_are_told(shop: Shop):
    await buy(shop)
    await tamper(shop.till.db, "update sandbox.checkouts set amount_minor = amount_minor + 1")

    (case,) = await compare(shop)

    assert case.kind == "different"
    assert case.ours is not None
    assert case.theirs is not None
    assert (case.ours.amount_minor, case.theirs.amount_minor) == (1081, 1082)


async def test_a_payment_that_the_ledger_booked_otherwise_than_its_row_says_is_different(shop: Shop):
    await buy(shop)
    await tamper(shop.till.db, "update ledger.transfers set amount = amount - 10000 where code = 1 and timestamp = 3")

    (case,) = await compare(shop)

    assert case.kind == "different"


async def test_a_day_is_compared_once_and_a_case_opened_once(shop: Shop):
    await buy(shop, settled=False)

    first = await compare(shop)
    again = await run_round(shop.till.db, shop.till.providers, now=TOMORROW + timedelta(hours=3))
    forced = await reconciliation.reconcile(shop.till.db, "sandbox", shop.sandbox, TODAY, now=TOMORROW)

    assert again == []
    assert (forced.lines, forced.opened) == (1, 0)
    assert await list_cases(shop.till.db, is_open=True, after=None, limit=9) == first


async def test_a_report_is_asked_for_an_hour_after_midnight(shop: Shop):
    midnight = datetime(2026, 3, 2, tzinfo=UTC)

    assert await run_round(shop.till.db, shop.till.providers, now=midnight + timedelta(minutes=59)) == []
    assert len(await run_round(shop.till.db, shop.till.providers, now=midnight + timedelta(minutes=60))) == 1


async def test_what_a_provider_dates_into_the_next_day_is_no_case(shop: Shop):
    await buy(shop)
    late = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    await tamper(shop.till.db, "update coins.top_ups set paid_at = '2026-03-01T23:59:59Z'")
    await tamper(shop.till.db, "update sandbox.checkouts set ended_at = '2026-03-02T00:00:01Z'")

    cases = await compare(shop)
    cases += await compare(shop, now=late + timedelta(days=1, hours=2))

    assert cases == []


async def test_what_no_report_tells_is_extra_also_in_the_last_hour_of_a_day(shop: Shop):
    await buy(shop)
    await tamper(shop.till.db, "update coins.top_ups set paid_at = '2026-03-01T23:30:00Z'")
    await tamper(shop.till.db, "update sandbox.checkouts set state = 'failed'")

    assert await compare(shop) == []
    (case,) = await compare(shop, now=TOMORROW + timedelta(days=1))

    assert (case.kind, case.on_date) == ("extra", date(2026, 3, 2))


async def test_a_case_is_closed_once_by_somebody_who_says_why(shop: Shop):
    db = shop.till.db
    await buy(shop, settled=False)
    (case,) = await compare(shop)
    one, other = await an_operator_of(shop), await an_operator_of(shop)

    for note in ("", "  ", "x" * 1_001):
        with pytest.raises(Invalid):
            await close_case(db, one, case.id, note, now=NOW)
    closed = await close_case(db, one, case.id, " The webhook was lost. ", now=NOW)
    again = await close_case(db, one, case.id, "The webhook was lost.", now=NOW)

    assert closed == again
    assert (closed.note, closed.closed_by, closed.closed_at) == ("The webhook was lost.", one, NOW)
    with pytest.raises(CaseClosed):
        await close_case(db, other, case.id, "Me too.", now=NOW)
    with pytest.raises(NoSuchCase):
        await close_case(db, one, 99, "What?", now=NOW)
    assert await list_cases(db, is_open=True, after=None, limit=9) == []
    assert await list_cases(db, is_open=False, after=None, limit=9) == [closed]
    async with db.transaction() as tx:
        assert await tx.value(int, "select count(*) from people.operator_acts where act = 'case_closed'") == 1


async def test_the_check_of_the_books_names_a_case_until_somebody_closes_it(shop: Shop):
    db, ledger = shop.till.db, shop.till.ledger
    unheard = await buy(shop, settled=False)
    (case,) = await compare(shop)

    (finding,) = (await check_books(db, ledger, now=TOMORROW)).findings
    await close_case(db, await an_operator_of(shop), case.id, "The webhook was lost.", now=TOMORROW)

    assert finding.code is Code.REPORT_DIFFERS
    assert finding.sentence == (
        "On 2026-03-01 the provider sandbox reports 1081 minor units of USD with a fee of 62 for the payment "
        f"pay_{UUID(unheard.checkout_id or '').hex}, and we have nothing: the case {case.id} is open."
    )
    assert (await check_books(db, ledger, now=TOMORROW)).is_clean


def days_of(compared: Sequence[Compared]) -> list[int]:
    return [each.on.day for each in compared]


async def test_days_on_which_the_worker_was_away_are_compared_the_oldest_first(shop: Shop):
    db, providers = shop.till.db, shop.till.providers
    await run_round(db, providers, now=TOMORROW)
    await buy(shop, settled=False)
    await tamper(db, "update sandbox.checkouts set ended_at = '2026-03-02T12:00:00Z'")

    later = await run_round(db, providers, now=TOMORROW + timedelta(days=3))

    assert days_of(later) == [2, 3, 4]
    assert [each.opened for each in later] == [1, 0, 0]
    assert await run_round(db, providers, now=TOMORROW + timedelta(days=3, hours=1)) == []


async def test_no_day_is_compared_that_is_further_back_than_a_month(shop: Shop):
    db, providers = shop.till.db, shop.till.providers
    await run_round(db, providers, now=TOMORROW)

    later = await run_round(db, providers, now=TOMORROW + timedelta(days=60))

    assert [each.on for each in later] == [date(2026, 3, 31) + timedelta(days=number) for number in range(31)]


class Away(Sandbox):
    """A provider that can't be reached the first time that it is asked for a report."""

    asked_for: tuple[date, ...] = ()

    async def daily_report(self, day: date) -> bytes:
        self.asked_for = (*self.asked_for, day)
        if len(self.asked_for) == 1:
            raise Unavailable
        return await super().daily_report(day)


async def test_a_day_on_which_the_provider_was_away_is_compared_once_it_is_back(shop: Shop):
    db = shop.till.db
    await run_round(db, shop.till.providers, now=TOMORROW)
    away = Away(db)
    providers: Any = {"sandbox": away}

    with pytest.raises(Unavailable):
        await run_round(db, providers, now=TOMORROW + timedelta(days=2))
    back = await run_round(db, providers, now=TOMORROW + timedelta(days=3))

    assert days_of(back) == [2, 3, 4]
    assert [day.day for day in away.asked_for] == [2, 2, 3, 4]


class Garbled(Sandbox):
    """A provider whose report isn't one."""

    async def daily_report(self, day: date) -> bytes:
        del day
        return NO_REPORT


async def test_a_report_that_cannot_be_read_is_kept_and_asked_for_again(shop: Shop):
    providers: Any = {"sandbox": Garbled(shop.till.db)}

    assert await run_round(shop.till.db, providers, now=TOMORROW) == []

    async with shop.till.db.transaction() as tx:
        assert await tx.value(bytes, "select body from audit.reports") == NO_REPORT
    assert len(await run_round(shop.till.db, shop.till.providers, now=TOMORROW)) == 1


class GarbledOnce(Sandbox):
    """A provider one of whose reports isn't one."""

    async def daily_report(self, day: date) -> bytes:
        return NO_REPORT if day == TODAY else await super().daily_report(day)


async def test_a_report_that_cannot_be_read_keeps_no_later_day_waiting(shop: Shop):
    providers: Any = {"sandbox": GarbledOnce(shop.till.db)}
    await run_round(shop.till.db, providers, now=TOMORROW)

    later = await run_round(shop.till.db, providers, now=TOMORROW + timedelta(days=1))
    readable = await run_round(shop.till.db, shop.till.providers, now=TOMORROW + timedelta(days=1))

    assert days_of(later) == [2]
    assert days_of(readable) == [1]


LINE = ReportLine(what=What.REFUND, reference=str(uuid4()), amount=Money(5, USD), fee=Money(0, USD), at=NOW)


def test_a_report_reads_what_was_written():
    lines = [LINE, replace(LINE, what=What.DISPUTE_WON, reference='a "b", c', amount=Money(7, get_currency("JPY")))]

    assert [(each.what, each.reference, each.amount) for each in read_csv(write_csv(lines))] == [
        (each.what, each.reference, each.amount) for each in lines
    ]
    assert read_csv(write_csv([])) == []


@pytest.mark.parametrize("body", [b"\xff", b"what\npayment\n", write_csv([LINE]).replace(b"USD", b"XXX"),
                                  write_csv([LINE]).replace(b",5,", b",five,")])  # fmt: skip
def test_what_is_no_report_is_refused(body: bytes):
    with pytest.raises(ReportUnreadable):
        read_csv(body)
