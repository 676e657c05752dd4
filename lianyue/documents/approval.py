"""What stands in an approval sheet (审批单): what was decided, why, who approved it, and by whose mandate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.approval import ApprovalPlan
from contracts.calendar import SHANGHAI, iso_day
from contracts.journal import Happening
from contracts.service_contract import ServiceContract
from contracts.task import Consent, MemberTask, TaskKind
from lianyue.documents.contents import Contents
from lianyue.documents.figures import amount, in_words, iso_in_words, ratios
from lianyue.documents.law import law_lines
from lianyue.documents.rendered import DocumentKind, DocumentLanguage
from lianyue.records.kept import KeptDecision
from lianyue.story import term
from rules.canonical import digest

OPINIONS = {
    "completed": ("同意", "approved"),
    "refused": ("不同意", "refused"),
    "expired": ("逾期未批，转交", "passed on after its time"),
    "cancelled": ("已取消", "cancelled"),
}
WAITING = ("待审批", "waiting")


def approvals_of(occurrence: int, tasks: Sequence[MemberTask]) -> tuple[MemberTask, ...]:
    """Return the approvals asked for of the decision with this *occurrence*, in the order of asking."""
    found = [task for task in tasks if task.kind is TaskKind.APPROVE and task.id.endswith(f"-{occurrence}")]
    return tuple(sorted(found, key=lambda task: (task.opened_at, task.id)))


def approval_contents(
    contract: ServiceContract,
    kept: KeptDecision,
    plan: ApprovalPlan,
    tasks: Sequence[MemberTask],
    story: Sequence[Happening],
    names: Mapping[str, str],
    language: DocumentLanguage = DocumentLanguage.ZH,
) -> Contents:
    """
    Return the approval sheet of one decision.

    *tasks* are the approvals that were asked for, *story* what happened to the contract, *names* companies and people
    by code and user name.
    """
    decision = kept.decision
    parts = ratios({share.member: share.amount_fen for share in decision.shares})
    moments = {each.task: each.on for each in story if each.verb in ("submitted", "declined")}
    return {
        "kind": DocumentKind.APPROVAL.value,
        **law_lines(DocumentKind.APPROVAL),
        "language": language.value,
        "number": contract.number,
        "version": str(kept.occurrence),
        "title": contract.title,
        "digest": digest(decision.model_dump(mode="json")).removeprefix("sha256:"),
        "dated": kept.facts.decision_day,
        "client": names.get(contract.client, contract.client),
        "day": iso_in_words(kept.facts.decision_day),
        "outcome": _both("outcome", decision.outcome.value),
        "total": {"gross": amount(decision.amount_fen), "words": in_words(decision.amount_fen)},
        "policy": {
            "name": decision.policy.name,
            "edition": decision.policy.edition,
            "digest": decision.policy.digest.removeprefix("sha256:"),
        },
        "facts": decision.facts_digest.removeprefix("sha256:"),
        "engine": decision.engine,
        "shares": [
            {
                "name": names.get(share.member, share.member),
                "code": share.member,
                "role": _both("part", share.role),
                "ratio": parts[share.member],
                "gross": amount(share.amount_fen),
            }
            for share in decision.shares
        ],
        "excluded": [
            {"name": names.get(code, code), "rule": reason.rule, "message": reason.message}
            for code, reasons in decision.excluded.items()
            for reason in reasons
        ],
        "waived": [
            {
                "name": names.get(code, code),
                "rule": waiver.rule,
                "exception": f"{waiver.name} · {waiver.exception.removeprefix('sha256:')[:12]}",
                "until": iso_day(waiver.until_day),
            }
            for code, waivers in decision.waived.items()
            for waiver in waivers
        ],
        "approvals": [_approval(task, moments.get(task.id), names) for task in tasks],
        "recused": [
            {"who": names.get(user, user), "rule": each.rule, "message": each.message}
            for user, recusals in plan.recused.items()
            for each in recusals
        ],
    }


def _approval(task: MemberTask, moment: datetime | None, names: Mapping[str, str]) -> dict[str, Any]:
    opinion = OPINIONS.get(task.state.value, WAITING)
    return {
        "role": _both("roles", task.role.value),
        "who": _who(task, names),
        "mandate": _mandate(task, names),
        "opinion": {"zh": opinion[0], "en": opinion[1]},
        "when": f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "",
        "because": task.subject.get("because", ""),
        "reason": str((task.answer or {}).get("reason", "")) or task.reason,
        "consented": "、".join(
            names.get(each.user, each.user) for each in task.co_signers if each.consent is Consent.CONSENTED
        ),
    }


def _who(task: MemberTask, names: Mapping[str, str]) -> str:
    user = task.answered_by.user if task.answered_by else task.user
    return names.get(user, user) if user else ""


def _mandate(task: MemberTask, names: Mapping[str, str]) -> dict[str, str]:
    """For whom, until when, and by which record somebody acted for another; empty where nobody did."""
    mandate = task.answered_by.mandate if task.answered_by else None
    if mandate is None:
        return {}
    return {
        "principal": names.get(mandate.principal, mandate.principal),
        "from": iso_day(mandate.from_day),
        "to": iso_day(mandate.to_day) if mandate.to_day is not None else "",
        "digest": mandate.digest.removeprefix("sha256:")[:16],
    }


def _both(fact: str, value: str) -> dict[str, str]:
    return {"zh": term(fact, value, "zh"), "en": term(fact, value, "en")}
