"""NACHA files, as another program reads them, and what banks send back."""

from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from ach.parser import Parser
from hypothesis import given, settings
from hypothesis import strategies as st

from plaudit.foundation.currencies import get_currency
from plaudit.foundation.money import Money
from plaudit.providers.ach import Ach
from plaudit.providers.ach_returns import MOST_BYTES
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
)
from tests.providers.bank_answers import Return, ach_returns

BATCH = UUID("01959a3c-0000-7000-8000-000000000002")
NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
USD = get_currency("USD")
HOUSE = HouseAccount(
    name="Plaudit Bühnen Inc.",
    company_id="1234567890",
    odfi="021000021",
    origin="1234567890",
    destination="091000019",
    destination_name="First Bank",
)


def an_instruction(number: int = 1, *, name: str = "Ada Lovelace", minor: int = 1_250, **account: str) -> Instruction:
    to = UsAccount(routing=account.get("routing", "011401533"), account=account.get("account", "0072"))
    return Instruction(
        end_to_end_id=Ach().refer(BATCH, number, HOUSE).end_to_end_id,
        number=number,
        amount=Money(minor, USD),
        creditor=name,
        account=to,
        remittance="Payout 42 from Plaudit",
    )


def write(*instructions: Instruction, house: HouseAccount = HOUSE) -> str:
    order = BatchOrder(
        id=BATCH, house=house, instructions=instructions, made_at=NOW, pay_on=date(2026, 3, 3), modifier="B"
    )
    return Ach().write(order).content.decode("ascii")


def parsed(content: str) -> Any:
    """As the other program tells it, in dictionaries."""
    return cast("Any", Parser)(content).as_dict()


def test_another_program_reads_what_was_written():
    told = parsed(write(an_instruction(7), an_instruction(8, minor=99, name="Müller")))

    head, [batch] = told["file_header"], told["batches"]
    assert (head["immediate_org"], head["immediate_dest"]) == ("1234567890", " 091000019")
    assert (head["file_crt_date"], head["file_id_mod"]) == ("260302", "B")
    assert batch["batch_header"]["std_ent_cls_code"] == "PPD"
    assert batch["batch_header"]["company_id"] == "1234567890"
    assert batch["batch_header"]["eff_ent_date"] == "260303"
    first, second = (entry["entry_detail"] for entry in batch["entries"])
    assert (first["recv_dfi_id"] + first["check_digit"], first["dfi_acnt_num"].strip()) == ("011401533", "0072")
    assert (first["amount"], second["amount"]) == ("0000001250", "0000000099")
    assert (first["ind_id"], first["ind_name"].strip()) == ("PL0000000000007", "ADA LOVELACE")
    assert second["ind_name"].strip() == "MULLER"
    assert (first["trace_num"], second["trace_num"]) == ("021000020000007", "021000020000008")
    assert batch["entries"][0]["addenda"][0]["pmt_rel_info"].strip() == "PAYOUT 42 FROM PLAUDIT"
    assert batch["entries"][0]["addenda"][0]["ent_det_seq_num"] == "0000007"
    assert told["file_control"]["credit_amount"] == "000000001349"
    assert told["file_control"]["debit_amount"] == "000000000000"
    assert batch["batch_control"]["entadd_count"] == "000004"


def test_records_have_their_length_and_come_in_blocks_of_ten():
    lines = write(*(an_instruction(number) for number in range(1, 8))).splitlines()

    assert {len(line) for line in lines} == {94}
    assert len(lines) % 10 == 0


def test_the_same_order_always_gives_the_same_bytes():
    assert write(an_instruction()) == write(an_instruction())


def test_entries_stand_in_the_order_of_their_traces_also_where_the_numbers_begin_anew():
    content = write(an_instruction(9_999_999), an_instruction(10_000_001))

    [batch] = parsed(content)["batches"]
    traces = [entry["entry_detail"]["trace_num"] for entry in batch["entries"]]
    assert traces == ["021000020000001", "021000029999999"]
    assert [entry["entry_detail"]["ind_id"] for entry in batch["entries"]] == ["PL0000010000001", "PL0000009999999"]


def test_ten_thousand_payments_make_one_file_that_adds_up():
    told = parsed(write(*(an_instruction(number, minor=number) for number in range(1, 10_001))))

    assert told["file_control"]["credit_amount"] == f"{50_005_000:012d}"
    assert len({entry["entry_detail"]["trace_num"] for entry in told["batches"][0]["entries"]}) == 10_000


def test_savings_accounts_have_a_code_of_their_own():
    checking = an_instruction(1)
    savings = Instruction(
        end_to_end_id="PL2",
        number=2,
        amount=checking.amount,
        creditor="Ada",
        account=UsAccount(routing="011401533", account="1", is_savings=True),
        remittance="x",
    )

    [batch] = parsed(write(checking, savings))["batches"]

    assert [entry["entry_detail"]["transaction_code"] for entry in batch["entries"]] == ["22", "32"]


NAMES = {
    "Jörg Müßig": "JORG MUSSIG",
    "Щукарев Олег": "SHCHUKAREV OLEG",
    "Łucja Żółć-Kowalska Zażółć": "LUCJA ZOLC-KOWALSKA ZA",
    "AT&T #1 {x}": "AT&T #1 X",
}


def test_names_are_written_over_and_never_blanked():
    [batch] = parsed(write(*(an_instruction(n, name=name) for n, name in enumerate(NAMES, 1))))["batches"]

    assert [entry["entry_detail"]["ind_name"].strip() for entry in batch["entries"]] == list(NAMES.values())


@pytest.mark.parametrize(
    ("instruction", "sentence"),
    [
        (an_instruction(name="\u200b"), "Nothing of the name"),
        (an_instruction(minor=0), "from 0.01"),
        (an_instruction(minor=10_000_000_000), "to 99,999,999.99"),
        (an_instruction(routing="011401534"), "check digit"),
        (an_instruction(routing="٠١١٤٠١٥٣٣"), "check digit"),
        (an_instruction(account="123456789012345678"), "seventeen"),
        (an_instruction(account=""), "seventeen"),
        (an_instruction(account="12ü"), "seventeen"),
        (
            Instruction(
                end_to_end_id="E",
                number=1,
                amount=Money(1, get_currency("EUR")),
                creditor="Ada",
                account=UsAccount(routing="011401533", account="1"),
                remittance="x",
            ),
            "US dollars, not EUR",
        ),
        (
            Instruction(
                end_to_end_id="E",
                number=1,
                amount=Money(1, USD),
                creditor="Ada",
                account=BankAccount(iban="DE89370400440532013000"),
                remittance="x",
            ),
            "United States",
        ),
    ],
)
def test_what_ach_cannot_carry_is_refused_in_plain_words(instruction: Instruction, sentence: str):
    with pytest.raises(CannotInstruct, match=sentence):
        Ach().check(instruction)


def test_a_sum_that_fits_no_file_is_refused():
    most = [an_instruction(number, minor=9_999_999_999) for number in range(1, 102)]

    with pytest.raises(CannotInstruct, match="fit one ACH file"):
        write(*most)


def test_without_the_houses_ids_nothing_is_written():
    with pytest.raises(HouseAccountMissing):
        write(an_instruction(), house=HouseAccount(name="House"))


def test_returns_and_corrections_are_read_as_another_program_reads_them():
    content = ach_returns(
        Return("PL0000000000007", "021000020000007", 1_250, "R03"),
        Return("PL0000000000008", "021000020000008", 99, "R02"),
        Return("PL0000000000009", "021000020000009", 5, "C01", corrected="1918171614"),
    )
    theirs = parsed(content.decode())

    report = Ach().read(content)

    assert theirs["batches"][0]["entries"][0]["addenda"][0]["pmt_rel_info"].startswith("R03021000020000007")
    first, second = report.outcomes
    assert (first.end_to_end_id, first.trace, first.reason) == ("PL0000000000007", "021000020000007", "R03")
    assert (first.state, first.amount) == (ItemState.RETURNED, Money(1_250, USD))
    assert first.at == datetime(2026, 3, 9, 7, 15, tzinfo=UTC)
    assert second.reason == "R02"
    [correction] = report.corrections
    assert (correction.code, correction.corrected) == ("C01", "1918171614")


def test_a_file_whose_blanks_at_the_ends_of_lines_were_cut_off_is_read_too():
    content = ach_returns(Return("PL0000000000007", "021000020000007", 1_250, "R03"))
    cut = b"\r\n".join(line.rstrip() for line in content.splitlines() if not line.startswith(b"9999"))

    assert len(Ach().read(cut).outcomes) == 1


GOOD = ach_returns(Return("PL0000000000007", "021000020000007", 1_250, "R03"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "isn't an ACH file"),
        (b"hello", "isn't an ACH file"),
        ("101 Müller".encode(), "plain ASCII"),
        (b"101\x00" + b" " * 90, "plain ASCII"),
        (GOOD.replace(b"0000001250", b"0000001251", 1), "doesn't add up"),
        (GOOD.replace(b"621091", b"62109X"), "can't be read"),
        (GOOD[:94] + b"\n" + b"6" * 500, "can't be read"),
        (GOOD.replace(b"799R03", b"705R03"), "neither returns nor changes"),
        (GOOD.replace(b"260309", b"26030X"), "no date"),
        (b"101" + b" " * MOST_BYTES, "larger than 32 MiB"),
    ],
)
def test_a_file_that_no_bank_sends_is_refused_in_plain_words(content: bytes, sentence: str):
    with pytest.raises(StatusFileUnreadable, match=sentence):
        Ach().read(content)


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from([*GOOD.decode().splitlines(), "6", "7", "5", "8", "9", "x" * 94, "1" * 94]), max_size=9)
)
def test_any_lines_are_read_or_refused_and_nothing_else(lines: list[str]):
    try:
        Ach().read("\n".join([GOOD.decode()[:94], *lines]).encode())
    except StatusFileUnreadable:
        return
