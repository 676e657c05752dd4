"""Approval sheets: whose mandate somebody used, who was recused, and what the others were told."""

from __future__ import annotations

from datetime import UTC, datetime

from contracts.approval import ApprovalPlan, Recusal
from contracts.decision import Decision, DecisionOutcome, ExclusionReason, PolicyReference, Share
from contracts.facts import ContractFacts, Facts
from contracts.journal import Happening
from contracts.organisation import Actor, Mandate, Role
from contracts.service_contract import ServiceContract
from contracts.task import MemberTask, TaskKind, TaskState
from lianyue.documents.approval import approval_contents, approvals_of
from lianyue.documents.law import document_law
from lianyue.documents.rendered import DocumentKind
from lianyue.documents.rendering import shared_template, typeset
from lianyue.records.kept import KeptDecision
from tests.lianyue.documents.reading import text_of

AT = datetime(2025, 7, 1, 1, 30, tzinfo=UTC)
DIGEST = "sha256:" + "0" * 64
MANDATE = Mandate(
    digest="sha256:" + "ef" * 32,
    principal="chen.li",
    company="BGS",
    roles=(Role.COUNCIL_MEMBER,),
    from_day=20_270,
    to_day=20_301,
)
NAMES = {
    "chen.li": "陈立",
    "wang.wu": "王五",
    "li.lei": "李雷",
    "LGWY": "临港物业",
    "LGST": "临港生态",
    "LGFX": "临港奉贤",
}


def decided() -> KeptDecision:
    """An award to one member; another one is excluded."""
    reason = ExclusionReason(rule="capacity", message="剩余能力不足")
    policy = PolicyReference(name="property", edition="2025-01-01", digest=DIGEST, params_digest=DIGEST)
    decision = Decision(
        outcome=DecisionOutcome.AWARDED,
        policy=policy,
        facts_digest=DIGEST,
        method="scored",
        division="whole",
        eligible=("LGWY",),
        excluded={"LGST": (reason,)},
        scores={},
        ranking=("LGWY",),
        selected=("LGWY",),
        amount_fen=600_000,
        shares=(Share(member="LGWY", amount_fen=600_000),),
        engine="1",
    )
    facts = Facts(decision_day="2025-07-01", contract=contract_facts(), candidates=())
    return KeptDecision(occurrence=1, facts=facts, decision=decision)


def contract() -> ServiceContract:
    """What was awarded."""
    return ServiceContract(
        number="LY-2025-0001",
        title="园区物业服务",
        category="property",
        client="LGFX",
        park="fengxian",
        value_fen=600_000,
        quantity=100,
        starts_on="2025-07-15",
        ends_on="2026-07-14",
    )


def contract_facts() -> ContractFacts:
    """The contract as rules see it."""
    made = contract()
    return ContractFacts(
        number=made.number,
        category=made.category,
        client=made.client,
        park=made.park,
        value_fen=made.value_fen,
        quantity=made.quantity,
        starts_day=made.starts_day,
        ends_day=made.ends_day,
        divisible=False,
    )


def approval() -> MemberTask:
    """An approval that was given for somebody else."""
    return MemberTask(
        id="LY-2025-0001:approve-council_member-1-1",
        number="LY-2025-0001",
        kind=TaskKind.APPROVE,
        title="批准",
        company="BGS",
        role=Role.COUNCIL_MEMBER,
        state=TaskState.COMPLETED,
        opened_at=AT,
        subject={"because": "above-5m"},
        answer={"decision": "approve", "reason": "价格合理"},
        answered_by=Actor(user="wang.wu", company="BGS", roles=(), mandate=MANDATE),
    )


def test_an_approval_sheet_says_by_whose_mandate() -> None:
    """Who, for whom, from which day to which, by which record; when, why; who was recused and who excluded."""
    plan = ApprovalPlan(recused={"li.lei": (Recusal(rule="related", message="与中选单位有关联"),)})
    told = Happening(at=AT, on=AT, verb="submitted", task=approval().id)

    contents = approval_contents(contract(), decided(), plan, (approval(),), (told,), NAMES)
    text = text_of(typeset(contents, {}, shared_template(DocumentKind.APPROVAL)))

    wanted = (
        "王五",
        "代陈立",
        "授权自2025-07-01至2025-08-01前",
        "efefefefefefefef",
        "2025-07-0109:30",
        "above-5m",
        "价格合理",
        "李雷",
        "与中选单位有关联",
        "临港生态",
        "剩余能力不足",
        "陆仟元整",
        "保存不少于15年",
    )
    assert [] == [each for each in wanted if each not in text]


def test_the_law_says_of_every_kind_how_long_it_is_kept() -> None:
    """Years and source for each kind; of a reliable signature the four conditions of Article 13, in their order."""
    law = document_law()

    assert sorted(DocumentKind) == sorted(each.kind for each in law.retention)
    assert ["（一）", "（二）", "（三）", "（四）"] == [each.item for each in law.reliable_signature.conditions]


def test_only_approvals_of_this_award_stand_in_its_sheet() -> None:
    """Those of an earlier decision on the same contract are in the sheet of that decision."""
    later = approval().model_copy(update={"id": "LY-2025-0001:approve-council_member-1-2"})
    eleventh = approval().model_copy(update={"id": "LY-2025-0001:approve-council_member-1-11"})

    assert (approval(),) == approvals_of(1, (later, approval(), eleventh))
