"""Two people set a rate, ahead of time; neither of them alone, and nobody for the past."""

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from msgspec.structs import replace

from plaudit.earnings.errors import NoSuchProposal, OwnProposal, ProposalDecided, ProposalTooLate, RateAlreadySet
from plaudit.earnings.proposal_rules import LEAD, Proposal, decide, take_proposal
from plaudit.earnings.proposals import approve_rate, list_changes, propose_rate, refuse_rate
from plaudit.earnings.rates import RateTable, list_rates
from plaudit.foundation.database import Database
from plaudit.foundation.errors import IdReused, Invalid, PlauditError
from plaudit.foundation.ids import new_id
from plaudit.people.operators import list_acts
from tests.earnings.conftest import NOW, a_rate, an_operator

LATER = NOW + timedelta(days=30)


class Office:
    """Two operators."""

    def __init__(self, db: Database, ada: UUID, bob: UUID) -> None:
        self.db = db
        self.ada = ada
        self.bob = bob

    def wish(self, **different: object) -> Proposal:
        plain: dict[str, object] = {
            "id": new_id(),
            "region": "",
            "currency": "",
            "tier": "standard",
            "share_bps": 6_000,
            "micros_per_coin": None,
            "valid_from": LATER,
            "reason": "More for creators.",
            "proposed_by": self.ada,
            "proposed_at": NOW,
        }
        return Proposal(**plain | different)  # pyright: ignore[reportArgumentType] - whatever a test wishes

    async def propose(self, **different: object) -> Proposal:
        return await propose_rate(self.db, self.wish(**different), now=NOW)

    async def shares(self) -> list[int | None]:
        return [rate.share_bps for rate in await list_rates(self.db, now=NOW)]

    async def acts(self) -> list[str]:
        return [act.act for act in await list_acts(self.db, after=None, limit=20)]


@pytest.fixture
async def office(db: Database) -> Office:
    async with db.transaction() as tx:
        ada, bob = await an_operator(tx), await an_operator(tx)
    return Office(db, ada, bob)


async def test_a_rate_holds_only_after_somebody_else_approved_it(office: Office):
    proposal = await office.propose()
    before = await office.shares()
    waiting = await list_changes(office.db, is_waiting=True)

    approved = await approve_rate(office.db, office.bob, proposal.id, "As agreed.", now=NOW)

    assert before == [5_000]
    assert [(each.old and each.old.share_bps, each.proposal.share_bps) for each in waiting] == [(5_000, 6_000)]
    assert (approved.approved, approved.decided_by, approved.decided_because) == (True, office.bob, "As agreed.")
    assert await office.shares() == [5_000, 6_000]
    assert await office.acts() == ["rate_approved", "rate_proposed"]
    assert await list_changes(office.db, is_waiting=True) == []
    (decided,) = await list_changes(office.db, is_waiting=False)
    assert decided.old is not None
    assert decided.old.share_bps == 5_000


async def test_who_proposed_cant_approve_but_can_take_it_back(office: Office):
    proposal = await office.propose()

    with pytest.raises(OwnProposal):
        await approve_rate(office.db, office.ada, proposal.id, "", now=NOW)
    taken_back = await refuse_rate(office.db, office.ada, proposal.id, "A slip.", now=NOW)

    assert taken_back.approved is False
    with pytest.raises(ProposalDecided):
        await approve_rate(office.db, office.bob, proposal.id, "", now=NOW)
    assert await office.shares() == [5_000]
    assert await office.acts() == ["rate_refused", "rate_proposed"]


async def test_the_same_decision_again_is_the_same_and_leaves_one_act(office: Office):
    proposal = await office.propose()

    for _ in range(3):
        await approve_rate(office.db, office.bob, proposal.id, "", now=NOW)

    assert await office.acts() == ["rate_approved", "rate_proposed"]
    with pytest.raises(ProposalDecided):
        await refuse_rate(office.db, office.bob, proposal.id, "No.", now=NOW)


async def test_of_many_who_decide_at_once_one_decides(office: Office):
    async with office.db.transaction() as tx:
        others = [await an_operator(tx) for _ in range(4)]
    proposal = await office.propose()

    async def decide_it(number: int, operator: UUID) -> str:
        call = approve_rate if number % 2 else refuse_rate
        try:
            await call(office.db, operator, proposal.id, "Because.", now=NOW)
        except ProposalDecided as problem:
            return problem.code
        return "decided"

    found = await asyncio.gather(*(decide_it(number, operator) for number, operator in enumerate(others)))

    assert sorted(found) == ["decided", *["proposal_decided"] * 3]
    assert len(await office.acts()) == 2


async def test_two_rates_for_the_same_instant_dont_both_get_through(office: Office):
    one, other = await office.propose(), await office.propose(share_bps=7_000)

    await approve_rate(office.db, office.bob, one.id, "", now=NOW)

    with pytest.raises(RateAlreadySet):
        await approve_rate(office.db, office.bob, other.id, "", now=NOW)
    assert await office.shares() == [5_000, 6_000]
    assert [each.proposal.id for each in await list_changes(office.db, is_waiting=True)] == [other.id]


async def test_what_is_approved_too_late_is_refused(office: Office):
    proposal = await office.propose()

    with pytest.raises(ProposalTooLate):
        await approve_rate(office.db, office.bob, proposal.id, "", now=LATER - LEAD + timedelta(seconds=1))
    assert (await approve_rate(office.db, office.bob, proposal.id, "", now=LATER - LEAD)).approved


async def test_the_same_wish_again_is_the_same_proposal_and_another_one_is_refused(office: Office):
    wish = office.wish()

    for _ in range(2):
        await propose_rate(office.db, wish, now=NOW)

    for other in (replace(wish, share_bps=1), replace(wish, reason="Else."), replace(wish, proposed_by=office.bob)):
        with pytest.raises(IdReused):
            await propose_rate(office.db, other, now=NOW)
    assert await office.acts() == ["rate_proposed"]


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"share_bps": None}, "share_bps"),
        ({"micros_per_coin": 1}, "share_bps"),
        ({"share_bps": 10_001}, "share_bps"),
        ({"share_bps": -1}, "share_bps"),
        ({"share_bps": None, "micros_per_coin": -1, "currency": "USD"}, "micros_per_coin"),
        ({"share_bps": None, "micros_per_coin": 5}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"region": "ZZ"}, "region"),
        ({"tier": "Gold!"}, "tier"),
        ({"valid_from": NOW + LEAD}, "valid_from"),
        ({"valid_from": NOW - timedelta(days=1)}, "valid_from"),
        ({"valid_from": NOW + timedelta(days=4_000)}, "valid_from"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
async def test_what_is_no_rate_isnt_proposed(office: Office, different: dict[str, object], field: str):
    with pytest.raises(Invalid) as caught:
        await office.propose(**different)

    assert caught.value.field == field
    assert await office.acts() == []


async def test_a_proposal_is_brought_into_its_normal_form(office: Office):
    taken = take_proposal(office.wish(region="de", currency="eur", reason="  Two \n lines "))

    assert (taken.region, taken.currency, taken.reason) == ("DE", "EUR", "Two lines")


async def test_what_was_never_proposed_cant_be_decided(office: Office):
    for call in (approve_rate, refuse_rate):
        with pytest.raises(NoSuchProposal):
            await call(office.db, office.bob, new_id(), "Because.", now=NOW)


async def test_the_database_itself_wants_two_people_and_the_future(office: Office, database_url: str):
    proposal = await office.propose()
    set_by = {"ada": proposal.proposed_by, "bob": office.bob, "now": NOW, "later": LATER}
    decided = "update earnings.rate_proposals set approved = true, decided_at = %(now)s, decided_by = "
    put = """
        insert into earnings.rates (region, currency, tier, share_bps, valid_from, proposal_id)
        select region, currency, tier, {}, valid_from, id from earnings.rate_proposals
    """
    refused = [
        (decided + "%(ada)s", "nobody approves what they proposed"),
        (put.format("share_bps"), "not the one that was approved"),
        (put.format("share_bps + 1"), "not the one that was approved"),
        ("update earnings.rate_proposals set share_bps = 1", "only ever decided"),
        ("delete from earnings.rate_proposals", "only ever decided"),
        ("update earnings.rates set share_bps = 1", "never changed"),
        ("delete from earnings.rates", "never changed"),
        (put.replace(", id from", ", null from").format("share_bps"), "two people approved this rate"),
    ]
    refused.append((decided.replace("now", "later") + "%(bob)s", "before it holds"))
    for sql, why in refused:
        with psycopg.connect(database_url) as admin, pytest.raises(psycopg.IntegrityError, match=why):
            admin.execute(sql, set_by)  # pyright: ignore[reportArgumentType] - a test's own SQL


def test_a_creator_sees_each_change_before_its_day():
    week = timedelta(days=7)
    german = replace(a_rate(7_000, valid_from=NOW + 2 * week), region="DE")
    table = RateTable([a_rate(), a_rate(6_000, valid_from=NOW + week), german, a_rate(1, valid_from=NOW + 3 * week)])

    in_germany = table.list_changes("DE", "EUR", after=NOW)
    elsewhere = table.list_changes("US", "USD", after=NOW)

    # What is for all changes nothing where there is a rate of one's own.
    assert [rate.share_bps for rate in in_germany] == [6_000, 7_000]
    assert [rate.share_bps for rate in elsewhere] == [6_000, 1]


def test_deciding_is_a_rule_without_a_database():
    ada, bob = new_id(), new_id()
    proposal = Proposal(
        id=new_id(), region="", currency="", tier="standard", share_bps=1, micros_per_coin=None, valid_from=LATER,
        reason="x", proposed_by=ada, proposed_at=NOW,
    )  # fmt: skip

    decided = decide(proposal, bob, approved=True, because="", now=NOW)

    assert (decided.approved, decided.decided_at) == (True, NOW)
    assert decide(decided, bob, approved=True, because="again", now=LATER) is decided
    with pytest.raises(PlauditError):
        decide(decided, ada, approved=True, because="", now=NOW)
