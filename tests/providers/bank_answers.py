"""What banks send, written by hand as banks write it: pain.002, camt.053 and files of ACH returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

CAMT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
PAIN002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
HOUSE_IBAN = "DE89370400440532013000"


@dataclass(frozen=True)
class Entry:
    """One line of a statement. `reason` makes a credit a return; `batch` books a whole batch without its payments."""

    amount: str
    ids: Sequence[str] = ()
    reference: str = "REF-1"
    currency: str = "EUR"
    is_debit: bool = True
    on: str = "2026-03-05"
    reason: str | None = None
    batch: str | None = None
    status: str = "BOOK"
    each: str | None = None


def camt053(*entries: Entry, id: str = "STMT-1") -> bytes:
    lines = "".join(_entry(entry) for entry in entries)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{CAMT}"><BkToCstmrStmt>
<GrpHdr><MsgId>MSG-{id}</MsgId><CreDtTm>2026-03-05T18:00:00+01:00</CreDtTm></GrpHdr>
<Stmt><Id>{id}</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-03-05T18:00:00+01:00</CreDtTm>
<Acct><Id><IBAN>{HOUSE_IBAN}</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-03-05</Dt></Dt></Bal>
{lines}</Stmt></BkToCstmrStmt></Document>""".encode()


def _entry(entry: Entry) -> str:
    direction = "DBIT" if entry.is_debit else "CRDT"
    batch = f"<Btch><PmtInfId>{entry.batch}</PmtInfId></Btch>" if entry.batch else ""
    details = batch + "".join(_detail(entry, name, direction) for name in entry.ids)
    return f"""<Ntry><Amt Ccy="{entry.currency}">{entry.amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>
<Sts><Cd>{entry.status}</Cd></Sts><BookgDt><Dt>{entry.on}</Dt></BookgDt><AcctSvcrRef>{entry.reference}</AcctSvcrRef>
<BkTxCd/>{f"<NtryDtls>{details}</NtryDtls>" if details else ""}</Ntry>
"""


def _detail(entry: Entry, name: str, direction: str) -> str:
    amount = f'<Amt Ccy="{entry.currency}">{entry.each}</Amt>' if entry.each else ""
    returned = f"<RtrInf><Rsn><Cd>{entry.reason}</Cd></Rsn></RtrInf>" if entry.reason else ""
    indicator = f"<CdtDbtInd>{direction}</CdtDbtInd>" if entry.each else ""
    return f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>{amount}{indicator}{returned}</TxDtls>"


def pain002(batch: str, *, status: str = "PART", items: Sequence[tuple[str, str, str | None]] = ()) -> bytes:
    """A status report on a batch; `items` are (EndToEndId, status, reason)."""
    told = "".join(_told(*item) for item in items)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{PAIN002}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>STATUS-1</MsgId><CreDtTm>2026-03-04T09:30:00Z</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>{batch}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
<GrpSts>{status}</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch}</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts>{told}</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>""".encode()


def _told(name: str, status: str, reason: str | None) -> str:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId><TxSts>{status}</TxSts>{why}</TxInfAndSts>"


@dataclass(frozen=True)
class Return:
    """One entry that comes back (`code` R03), or that should be written differently (C01, with `corrected`)."""

    name: str
    trace: str
    cents: int
    code: str
    corrected: str = ""


def ach_returns(*entries: Return, made_on: date = date(2026, 3, 9)) -> bytes:
    """A bank's file, each field at its column as NACHA's rules have it."""
    rows = [f"101 091000019 021000021{made_on:%y%m%d}0715A094101{'OUR BANK':23}{'THEIR BANK':23}{'':8}"]
    batches = [
        [each for each in entries if each.code.startswith("R")],
        [each for each in entries if each.code.startswith("C")],
    ]
    number, blocks = 0, list[list[str]]()
    for kind, batch in zip(("PPD", "COR"), batches, strict=True):
        if batch:
            number += 1
            blocks.append(_batch(kind, batch, number, made_on))
    rows += [row for block in blocks for row in block]
    count = 2 * len(entries)
    hashed = 9_100_001 * len(entries)
    credits = sum(each.cents for each in entries)
    filler = -(len(rows) + 1) % 10
    total = (len(rows) + 1 + filler) // 10
    rows.append(f"9{number:06d}{total:06d}{count:08d}{hashed % 10**10:010d}{0:012d}{credits:012d}{'':39}")
    return "".join(f"{row}\n" for row in [*rows, *["9" * 94] * filler]).encode("ascii")


def _batch(kind: str, entries: Sequence[Return], number: int, made_on: date) -> list[str]:
    odfi = "02100002"
    head = (
        f"5220{'PLAUDIT':16}{'':20}{'1234567890':10}{kind}{'PAYOUT':10}{'':6}{made_on:%y%m%d}{'':3}1{odfi}{number:07d}"
    )
    rows = [head]
    for place, each in enumerate(entries, start=1):
        own = f"{odfi}{place:07d}"
        rows.append(f"621091000019{'123456789':17}{each.cents:010d}{each.name:15}{'ADA LOVELACE':22}  1{own}")
        if each.code.startswith("R"):
            rows.append(f"799{each.code}{each.trace:15}{'':6}{'02100002'}{'':44}{own}")
        else:
            rows.append(f"798{each.code}{each.trace:15}{'':6}{'02100002'}{each.corrected:29}{'':15}{own}")
    hashed, cents = 9_100_001 * len(entries), sum(each.cents for each in entries)
    rows.append(
        f"8220{2 * len(entries):06d}{hashed:010d}{0:012d}{cents:012d}{'1234567890':10}{'':19}{'':6}{odfi}{number:07d}"
    )
    return rows
