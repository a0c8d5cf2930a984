"""Where money can go: whose account it must be, what proves it, and who ever sees the details."""

from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier

from plaudit.foundation.errors import IdReused, Invalid
from plaudit.foundation.ids import new_id
from plaudit.foundation.logs import configure_logs, get_logger
from plaudit.payouts import AchDetails, Details, MethodWish, SepaDetails, WalletDetails, methods
from plaudit.payouts.details import check_details, is_routing_number
from plaudit.payouts.errors import (
    MethodNotVerified,
    NameDiffers,
    NameNotVerified,
    NoSuchMethod,
    TooManyCodes,
    WrongMethodCode,
)
from plaudit.payouts.names import is_same_name, to_ascii
from plaudit.people import second_factor
from plaudit.people.errors import SecondFactorNeeded, WrongCode
from plaudit.people.second_factor import Proof
from tests.payouts.conftest import NAME, Creator, House

IBAN = "DE89370400440532013000"


def a_wish(creator: Creator, details: Details | None = None, **more: str) -> MethodWish:
    details = details or SepaDetails(holder_name=NAME, iban=IBAN)
    return MethodWish(id=new_id(), person_id=creator.id, details=details, currency="USD", code=more.get("code"))


@pytest.mark.parametrize(
    ("holder", "verified"),
    [
        ("ADA LOVELACE", "Ada Lovelace"),
        ("Lovelace, Ada", "Ada Lovelace"),
        ("Ada Lovelace", "Ada King Lovelace"),
        ("Jurgen Gross", "Jürgen Groß"),
        ("JUERGEN GROSS", "Jürgen Groß"),
        ("SOEREN AABYE", "Søren Åbye"),
        ("OBRIEN SEAN", "Seán O’Brien"),
        ("Anna Smith-Jones", "Anna SmithJones"),
        ("Vladimir Petrov", "Владимир Петров"),
        ("Dr. Ada Lovelace", "Ada Lovelace"),
    ],
)
def test_a_name_is_the_same_however_a_bank_writes_it(holder: str, verified: str):
    assert is_same_name(holder, verified)


@pytest.mark.parametrize(
    ("holder", "verified"),
    [
        ("Ada", "Ada Lovelace"),
        ("Ada Byron", "Ada Lovelace"),
        ("Ada Ada Lovelace", "Ada Lovelace"),
        ("", "Ada Lovelace"),
        ("Ada Lovelace", ""),
        ("Eve Lovelace", "Ada Lovelace"),
        ("Ada Lovelace Mallory", "Ada Lovelace"),
    ],
)
def test_a_name_of_somebody_else_is_not_the_same(holder: str, verified: str):
    assert not is_same_name(holder, verified)


@given(name=st.text(min_size=1, max_size=70))
def test_whatever_a_name_is_made_of_it_can_be_compared_and_written_in_ascii(name: str):
    assert is_same_name(name, name) in (True, False)
    assert to_ascii(name).isascii()


@pytest.mark.parametrize("digits", ["021000021", "011000015", "121000358"])
def test_routing_numbers_of_real_banks_are_right(digits: str):
    assert is_routing_number(digits)


@pytest.mark.parametrize("digits", ["021000022", "000000000", "991000358", "12100035", "٠٢١٠٠٠٠٢١"])
def test_other_digits_are_no_routing_number(digits: str):
    assert not is_routing_number(digits)


@given(place=st.integers(0, 8), add=st.integers(1, 9))
def test_one_wrong_digit_never_makes_another_routing_number(place: int, add: int):
    right = "021000021"
    wrong = right[:place] + str((int(right[place]) + add) % 10) + right[place + 1 :]

    assert not is_routing_number(wrong)


@given(place=st.integers(4, 21), add=st.integers(1, 9))
def test_one_wrong_digit_never_makes_another_iban(place: int, add: int):
    wrong = IBAN[:place] + str((int(IBAN[place]) + add) % 10) + IBAN[place + 1 :]

    with pytest.raises(Invalid):
        check_details(SepaDetails(holder_name=NAME, iban=wrong), currency="EUR")


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (SepaDetails(holder_name=NAME, iban="BR1800360305000010009795493C1"), "iban"),
        (SepaDetails(holder_name=NAME, iban="💶"), "iban"),
        (SepaDetails(holder_name=NAME, iban=IBAN, bic="NO BIC AT ALL"), "bic"),
        (SepaDetails(holder_name="\0\0", iban=IBAN), "holder_name"),
        (AchDetails(holder_name=NAME, routing="021000022", account="12345678"), "routing"),
        (AchDetails(holder_name=NAME, routing="021000021", account="12"), "account"),
        (WalletDetails(holder_name=NAME, email="nobody"), "email"),
    ],
)
def test_details_that_can_not_be_right_are_refused_by_their_field(details: Details, field: str):
    with pytest.raises(Invalid) as wrong:
        check_details(details, currency="EUR")

    assert wrong.value.field == field


async def test_a_method_must_be_the_verified_person_s_own(house: House):
    unnamed, ada = await house.creator(legal_name=None), await house.creator()

    with pytest.raises(NameNotVerified):
        await methods.add_method(house.desk, a_wish(unnamed), now=house.now)
    with pytest.raises(NameDiffers):
        await methods.add_method(
            house.desk, a_wish(ada, SepaDetails(holder_name="Eve Mallory", iban=IBAN)), now=house.now
        )


async def test_adding_a_method_takes_a_fresh_code_of_the_second_factor(house: House):
    ada = await house.creator()
    code = ada.code()

    with pytest.raises(SecondFactorNeeded):
        await methods.add_method(house.desk, a_wish(ada), now=house.now)
    with pytest.raises(WrongCode):
        await methods.add_method(house.desk, a_wish(ada, code="000000"), now=house.now)
    await methods.add_method(house.desk, a_wish(ada, code=code), now=house.now)
    with pytest.raises(WrongCode):
        await methods.add_method(house.desk, a_wish(ada, code=code), now=house.now)


async def test_who_has_no_second_factor_is_told_to_set_one_up(house: House):
    ada = await house.creator()
    proof = Proof(password="correct horse battery", code=ada.code())
    await second_factor.remove(house.desk.db, house.desk.hasher, ada.id, proof, now=house.now)

    with pytest.raises(SecondFactorNeeded, match="Set up a second factor"):
        await methods.add_method(house.desk, a_wish(ada, code="123456"), now=house.now)


async def test_the_same_method_again_is_the_same_one_and_another_under_its_id_is_refused(house: House):
    ada = await house.creator()
    wish = a_wish(ada, code=ada.code())
    first = await methods.add_method(house.desk, wish, now=house.now)

    again = await methods.add_method(house.desk, wish, now=house.now)

    assert again == first
    other = MethodWish(
        id=wish.id,
        person_id=ada.id,
        details=SepaDetails(holder_name=NAME, iban="FR1420041010050500013M02606"),
        currency="EUR",
    )
    with pytest.raises(IdReused):
        await methods.add_method(house.desk, other, now=house.now)


async def test_a_code_may_be_tried_five_times_and_is_good_for_half_an_hour(house: House):
    ada = await house.creator()
    await house.fund(ada, 10_000)
    method = await methods.add_method(house.desk, a_wish(ada, code=ada.code()), now=house.now)
    right = await house.last_code(ada.email)
    wrong = "000000" if right != "000000" else "000001"

    for _ in range(5):
        with pytest.raises(WrongMethodCode):
            await methods.verify_method(house.desk, method.id, wrong, of=ada.id, now=house.now)
    with pytest.raises(TooManyCodes):
        await methods.verify_method(house.desk, method.id, right, of=ada.id, now=house.now)
    with pytest.raises(TooManyCodes):
        await methods.resend_code(house.desk, method.id, of=ada.id, now=house.now)

    late = await methods.add_method(house.desk, a_wish(ada, code=ada.code()), now=house.now)
    right = await house.last_code(ada.email)
    house.clock.move(timedelta(minutes=31))
    with pytest.raises(WrongMethodCode):
        await methods.verify_method(house.desk, late.id, right, of=ada.id, now=house.now)
    with pytest.raises(MethodNotVerified):
        house.clock.move(timedelta(days=3))
        await house.ask(ada, late, 5_000)


async def test_another_code_takes_the_place_of_the_one_before(house: House):
    ada = await house.creator()
    method = await methods.add_method(house.desk, a_wish(ada, code=ada.code()), now=house.now)
    before = await house.last_code(ada.email)
    house.clock.move(timedelta(seconds=1))

    await methods.resend_code(house.desk, method.id, of=ada.id, now=house.now)

    after = await house.last_code(ada.email)
    if before != after:
        with pytest.raises(WrongMethodCode):
            await methods.verify_method(house.desk, method.id, before, of=ada.id, now=house.now)
    verified = await methods.verify_method(house.desk, method.id, after, of=ada.id, now=house.now)
    assert verified.verified_at == house.now


async def test_a_retired_method_takes_no_new_payout_and_a_stranger_s_is_nobody_s(house: House):
    ada, eve = await house.creator(), await house.creator()
    await house.fund(ada, 10_000)
    await house.fund(eve, 10_000)
    method = await house.usable_method(ada)
    with pytest.raises(NoSuchMethod):
        await house.ask(eve, method, 5_000)
    with pytest.raises(NoSuchMethod):
        await methods.retire_method(house.desk, method.id, of=eve.id, now=house.now)

    await methods.retire_method(house.desk, method.id, of=ada.id, now=house.now)
    await methods.retire_method(house.desk, method.id, of=ada.id, now=house.now)

    assert await methods.list_methods(house.desk, ada.id) == []
    with pytest.raises(NoSuchMethod):
        await house.ask(ada, method, 5_000)


async def test_no_detail_is_in_the_log(house: House):
    written = StringIO()
    configure_logs(level="debug", form="json", stream=written)
    ada = await house.creator()
    await house.fund(ada, 10_000)
    details = AchDetails(holder_name=NAME, routing="021000021", account="987654321")
    method = await house.usable_method(ada, details)
    with pytest.raises(NameDiffers):
        await methods.add_method(
            house.desk,
            a_wish(ada, AchDetails(holder_name="Eve", routing="021000021", account="987654321")),
            now=house.now,
        )
    await house.ask(ada, method, 5_000)
    get_logger(__name__).error("a method", method=method)

    assert "a method" in written.getvalue()
    for secret in ("021000021", "987654321"):
        assert secret not in written.getvalue()


def every_row(database_url: str) -> str:
    """The whole database as text."""
    with psycopg.connect(database_url) as line:
        tables = line.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        return "".join(
            str(line.execute(SQL("select t::text from {} t").format(Identifier(*table))).fetchall()) for table in tables
        )


async def test_no_detail_is_in_the_open_anywhere_in_the_database(house: House, database_url: str):
    ada = await house.creator()
    await house.fund(ada, 100_000)
    await house.usable_method(ada, SepaDetails(holder_name=NAME, iban=IBAN))
    details = AchDetails(holder_name=NAME, routing="021000021", account="987654321")
    method = await house.usable_method(ada, details)
    await house.ask(ada, method, 5_000)
    await house.sign_tax_form(ada)

    rows = every_row(database_url)
    for secret in (IBAN, "370400440532013000", "021000021", "987654321", "123-45-6789", "123456789"):
        assert secret not in rows
    assert "•••• 4321" in rows
