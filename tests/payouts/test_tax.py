"""Tax forms, what is withheld, and the year's reports."""

import csv
from datetime import timedelta
from io import StringIO

import pytest

from plaudit.foundation.errors import Invalid
from plaudit.foundation.ids import new_id
from plaudit.ledger.chart import AccountCode
from plaudit.payouts import Method, Payout, steps, tax_reports
from plaudit.payouts.tax_ids import mask_tax_id, take_tax_id
from tests.payouts.conftest import Creator, House

DOLLARS = 100


async def pay(house: House, ada: Creator, method: Method, minor: int) -> Payout:
    payout = await house.ask(ada, method, minor)
    if payout.state == "requested":
        await house.approve(payout)
    await steps.submit(house.desk, payout.id, batch_id=new_id(), now=house.now)
    return await steps.mark_paid(house.desk, payout.id, reference="r", at=house.now)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.parametrize(
    ("tax_id", "residence", "plain"),
    [
        ("123-45-6789", "US", "123456789"),
        ("36 574 261 809", "DE", "36574261809"),
        ("ab 12 34", "JP", "AB1234"),
        ("", "DE", None),
        (None, "US", None),
    ],
)
def test_a_tax_id_is_taken_in_one_form(tax_id: str | None, residence: str, plain: str | None):
    assert take_tax_id(tax_id, residence) == plain


@pytest.mark.parametrize(
    ("tax_id", "residence"),
    [("36574261800", "DE"), ("000-00-0000", "US"), ("12", "US"), ("١٢٣٤٥٦٧٨٩", "US"), ("!", "JP"), ("9" * 50, "JP")],
)
def test_what_can_be_no_tax_id_is_refused(tax_id: str, residence: str):
    with pytest.raises(Invalid) as wrong:
        take_tax_id(tax_id, residence)

    assert wrong.value.field == "tax_id"


def test_a_tax_id_is_shown_in_part():
    assert (mask_tax_id("123456789"), mask_tax_id("1234567"), mask_tax_id(None)) == ("•••• 6789", "•••• 67", "")


async def test_without_a_tax_id_a_quarter_is_withheld_and_comes_back_with_the_payout(house: House):
    ada = await house.creator()
    await house.fund(ada, 200 * DOLLARS)
    method = await house.usable_method(ada)
    await house.sign_tax_form(ada, tax_id=None)

    payout = await pay(house, ada, method, 100 * DOLLARS)

    assert (payout.withheld_minor, payout.paid_minor) == (24 * DOLLARS, 75 * DOLLARS)
    assert await house.balance(AccountCode.TAX_WITHHELD, "USD") == 24 * DOLLARS * 10_000
    await steps.mark_returned(house.desk, payout.id, reason="account_closed", at=house.now)
    assert await house.balance(AccountCode.TAX_WITHHELD, "USD") == 0
    assert await house.available(ada) == 199 * DOLLARS * 10_000


async def test_the_reports_have_each_creator_with_months_or_quarters_and_leave_out_what_came_back(house: House):
    ada, bea = await house.creator(), await house.creator(region="DE")
    for creator in (ada, bea):
        await house.fund(creator, 1_000 * DOLLARS)
    of_ada, of_bea = await house.usable_method(ada), await house.usable_method(bea)
    await house.sign_tax_form(ada)
    await house.sign_tax_form(bea, residence="DE", tax_id="36574261809")
    await pay(house, ada, of_ada, 100 * DOLLARS)
    await pay(house, bea, of_bea, 40 * DOLLARS)
    house.clock.move(timedelta(days=60))
    await pay(house, ada, of_ada, 50 * DOLLARS + 5)
    back = await pay(house, bea, of_bea, 30 * DOLLARS)
    await pay(house, bea, of_bea, 20 * DOLLARS)
    await steps.mark_returned(house.desk, back.id, reason="account_closed", at=house.now)
    operator = await house.operator()

    american = rows_of(await tax_reports.export_tax(house.desk, operator, 2026, "1099k", now=house.now))
    european = rows_of(await tax_reports.export_tax(house.desk, operator, 2026, "dac7", now=house.now))

    (one,) = american
    assert (one["handle"], one["payee_name"], one["tin"]) == (ada.handle, "Ada Lovelace", "123456789")
    assert (one["gross_amount"], one["number_of_payments"], one["above_threshold"]) == ("150.05", "2", "no")
    assert (one["march"], one["may"], one["june"]) == ("100.00", "50.05", "0.00")
    (two,) = european
    assert (two["handle"], two["residence"], two["tin"], two["birth_date"]) == (
        bea.handle,
        "DE",
        "36574261809",
        "1990-05-17",
    )
    assert (two["q1_consideration"], two["q1_activities"], two["q1_fees"]) == ("40.00", "1", "1.00")
    assert (two["q2_consideration"], two["q2_activities"], two["consideration"]) == ("20.00", "1", "60.00")
    assert rows_of(await tax_reports.make_report(house.desk.db, house.desk.vault, 2025, "1099k")) == []


async def test_a_form_is_good_until_the_end_of_the_third_year_after(house: House):
    ada = await house.creator()
    await house.fund(ada, 2_000 * DOLLARS)
    method = await house.usable_method(ada)
    await house.sign_tax_form(ada, tax_id=None)
    house.clock.move(timedelta(days=365 * 4))

    payout = await house.ask(ada, method, 100 * DOLLARS)

    assert (payout.form, payout.withheld_minor) == (None, 0)


def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_stays_text():
    assert tax_reports.harmless("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert tax_reports.harmless("Ada") == "Ada"
