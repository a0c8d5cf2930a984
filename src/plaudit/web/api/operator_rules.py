"""/v1/operator: the terms of a creator, and what is set for holds, promotional coins, refunds and disputes."""

from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from plaudit.earnings import dated, terms
from plaudit.earnings.model import DatedTerms, PromotionalRate, RiskTier
from plaudit.reversals import policies
from plaudit.reversals.model import DisputePolicy, RefundPolicy
from plaudit.web.api.desk import Visit, desk_of, visitor_of
from plaudit.web.api.documents import BEARER, refusals_to_visitors
from plaudit.web.api.guards import operators_only
from plaudit.web.api.operator_rule_shapes import (
    DisputePolicyBody,
    DisputePolicyList,
    PromotionalRateBody,
    PromotionalRateList,
    RefundPolicyBody,
    RefundPolicyList,
    RiskTierBody,
    RiskTierList,
    TermsBody,
    TermsList,
)

_GUARDS = [operators_only]
_LISTED = refusals_to_visitors()
_SET = refusals_to_visitors(422)


@get("/operator/people/{handle:str}/terms", guards=_GUARDS, responses=refusals_to_visitors(404), security=BEARER)
async def list_terms(handle: FromPath[str], request: Visit, state: State) -> TermsList:
    """A creator's region, share tier and risk tier of record. There are none before the first gift."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return TermsList(items=await terms.list_terms(desk.db, operator_id, handle, now=desk.now))


@post("/operator/people/{handle:str}/terms", guards=_GUARDS, responses=refusals_to_visitors(404, 422), security=BEARER)
async def set_terms(handle: FromPath[str], data: JSONBody[TermsBody], request: Visit, state: State) -> DatedTerms:
    """Settle a creator's gifts by these tiers from now on. A tier without a rate brings them nothing."""
    desk, operator_id = desk_of(state), visitor_of(request).person_id
    return await terms.set_terms(desk.db, operator_id, handle, data.tier, data.risk_tier, now=desk.now)


@get("/operator/risk-tiers", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_risk_tiers(state: State) -> RiskTierList:
    """How long each risk tier's money stays pending: what holds, and what will."""
    desk = desk_of(state)
    return RiskTierList(items=await dated.list_risk_tiers(desk.db, now=desk.now))


@post("/operator/risk-tiers", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_risk_tier(data: JSONBody[RiskTierBody], request: Visit, state: State) -> RiskTier:
    """Hold the money of gifts from an instant on for so long. A new name is a new tier."""
    desk, wish = desk_of(state), data.wish(desk_of(state).now)
    return await dated.set_risk_tier(desk.db, visitor_of(request).person_id, wish, now=desk.now)


@get("/operator/promotional-rates", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_promotional_rates(state: State) -> PromotionalRateList:
    """What creators get for coins that nobody paid for: what holds, and what will."""
    desk = desk_of(state)
    return PromotionalRateList(items=await dated.list_promotional_rates(desk.db, now=desk.now))


@post("/operator/promotional-rates", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_promotional_rate(data: JSONBody[PromotionalRateBody], request: Visit, state: State) -> PromotionalRate:
    """What a promotional coin brings from an instant on."""
    desk, wish = desk_of(state), data.wish(desk_of(state).now)
    return await dated.set_promotional_rate(desk.db, visitor_of(request).person_id, wish, now=desk.now)


@get("/operator/refund-policies", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_refund_policies(state: State) -> RefundPolicyList:
    """For how many days coins can be given back: what holds, and what will."""
    desk = desk_of(state)
    return RefundPolicyList(items=await policies.list_refund_policies(desk.db, now=desk.now))


@post("/operator/refund-policies", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_refund_policy(data: JSONBody[RefundPolicyBody], request: Visit, state: State) -> RefundPolicy:
    """For how many days coins can be given back from an instant on."""
    desk, policy = desk_of(state), data.policy(desk_of(state).now)
    return await policies.set_refund_policy(desk.db, visitor_of(request).person_id, policy, now=desk.now)


@get("/operator/dispute-policies", guards=_GUARDS, responses=_LISTED, security=BEARER)
async def list_dispute_policies(state: State) -> DisputePolicyList:
    """Who bears lost disputes: what holds, and what will."""
    desk = desk_of(state)
    return DisputePolicyList(items=await policies.list_dispute_policies(desk.db, now=desk.now))


@post("/operator/dispute-policies", guards=_GUARDS, responses=_SET, security=BEARER)
async def set_dispute_policy(data: JSONBody[DisputePolicyBody], request: Visit, state: State) -> DisputePolicy:
    """Who bears disputes that are lost from an instant on."""
    desk, policy = desk_of(state), data.policy(desk_of(state).now)
    return await policies.set_dispute_policy(desk.db, visitor_of(request).person_id, policy, now=desk.now)


ROUTES: list[ControllerRouterHandler] = [
    list_terms,
    set_terms,
    list_risk_tiers,
    set_risk_tier,
    list_promotional_rates,
    set_promotional_rate,
    list_refund_policies,
    set_refund_policy,
    list_dispute_policies,
    set_dispute_policy,
]
"""All of them, for the API's router."""
