"""Papers: CSV in which no cell is a formula, and PDF whatever somebody is called."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from plaudit.earnings.statement_model import (
    CoinsOfMonth,
    DayOfGifts,
    FanOfMonth,
    InCurrency,
    Movement,
    OtherFans,
    Statement,
    encode,
    make_position,
)
from plaudit.earnings.statements import Told
from plaudit.foundation.ids import new_id
from plaudit.rooms.model import Face
from plaudit.web.papers.pdf import Paper, write_statement_pdf
from plaudit.web.papers.sheet import in_units, write_sheet
from plaudit.web.papers.statement_sheet import write_statement_sheet

FAN = new_id()


def a_month(*, fans: int = 1, days: int = 1, currency: str = "USD") -> Told:
    part = InCurrency(
        currency=currency,
        opening=make_position(),
        movements=(Movement(kind="settlement", count=3, change=make_position(pending=1_234_567)),),
        closing=make_position(pending=1_234_567),
        on_its_way=0,
        days=tuple(DayOfGifts(day=date(2026, 3, 1), gifts=1, coins=2, value=30_000, share=1_000) for _ in range(days)),
        fans=tuple(FanOfMonth(fan=FAN, gifts=1, coins=2, share=1_000) for _ in range(fans)),
        other_fans=OtherFans(fans=2, gifts=3, coins=4, share=5),
    )
    statement = Statement(
        version=1,
        person_id=new_id(),
        month="2026-03",
        since=datetime(2026, 3, 1, tzinfo=UTC),
        until=datetime(2026, 4, 1, tzinfo=UTC),
        ledger_up_to=1_234,
        coins=CoinsOfMonth(opening=0, received=2, settled=2, closing=0),
        currencies=(part,),
    )
    return Told(
        statement=statement, content=encode(statement), sha256="ab" * 32, made_at=datetime(2026, 4, 1, tzinfo=UTC)
    )


def text_of(told: Told, name: str, language: str = "en") -> str:
    paper = Paper(house="Plaudit", name=name, handle="ada", currency="USD", language=language)
    content = write_statement_pdf(paper, told, {FAN: Face(handle="fan", name=name, picture_url=None)})
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", '=HYPERLINK("x")', "＝1"])
def test_text_that_begins_like_a_formula_is_only_text(text: str):
    content = write_sheet(["name"], [[text]])

    (row,) = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]
    assert row == [f"'{text}"]


def test_numbers_stay_numbers_and_text_stays_text():
    content = write_sheet(["a", "b"], [[-5, Decimal("-0.000001")], ['He said "1,2"', "Zoë\nLine"], [None, "plain"]])

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == 'a,b\r\n-5,-0.000001\r\n"He said ""1,2""","Zoë\nLine"\r\n,plain\r\n'


@pytest.mark.parametrize(("currency", "expected"), [("USD", "1.234567"), ("JPY", "123.4567"), ("KWD", "0.1234567")])
def test_amounts_are_told_to_their_last_digit(currency: str, expected: str):
    assert f"{in_units(1_234_567, currency):f}" == expected


def test_a_fan_who_is_called_like_a_formula_does_no_harm():
    face = Face(handle="fan", name='=cmd|"/c calc"!A1', picture_url=None)

    content = write_statement_sheet(a_month(), {FAN: face}).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(content)))
    assert {len(row) for row in rows} == {13}
    assert [row["name"] for row in rows if row["section"] == "gifts_by_fan"] == [
        '\'=cmd|"/c calc"!A1 (@fan)',
        "2 others",
    ]


@pytest.mark.parametrize("name", ["Đặng Łukasz Žižek", "Αλέξανδρος Ἀθηνᾶ", "Дмитрий Їжак", "<b>Tom</b> & Co"])
def test_names_with_accents_in_greek_and_in_cyrillic_are_written(name: str):
    assert name in text_of(a_month(), name).replace("\n", " ")


@pytest.mark.parametrize("name", ["山田太郎", "محمد", "🎉🎉"])
def test_where_letters_are_missing_the_handle_stands_for_the_name(name: str):
    said = text_of(a_month(), name)

    assert "Statement · @ada" in said
    assert "@fan" in said


def test_a_long_month_goes_on_on_further_pages_each_with_the_hash():
    told = a_month(fans=60, days=31)

    said = text_of(told, "Ada")

    assert said.count("ab" * 32) == said.count("Page ") >= 3
    assert said.count("Ledger up to transfer 1,234") == said.count("Page ")


def test_the_same_month_in_the_same_language_is_the_same_file():
    paper = Paper(house="Plaudit", name="Ada", handle="ada", currency="USD", language="de")
    told = a_month()

    assert write_statement_pdf(paper, told, {}) == write_statement_pdf(paper, told, {})
