"""What a simulated person fills into a form: the usual answer of each kind of task, or the departure of a story."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from contracts.calendar import iso_day
from contracts.category import Category
from contracts.service_contract import ServiceContract
from contracts.task import MemberTask, TaskKind
from contracts.value import Json
from lianyue.desk.desk import Desk
from lianyue.simulate.script import Departure, Deviation, Script


def quote(contract: ServiceContract, price_fen: int) -> Json:
    """Fill in a quote at *price_fen*; rates that a price form asks for are given as well."""
    form = contract.terms.get("price_form", "")
    rates: dict[str, dict[str, int]] = {
        "commission": {"fee_rate_bp": 800},
        "emc_discount": {"tariff_discount_bp": 1_200, "guaranteed_energy_kwh": contract.quantity * 1_000},
        "emc_share": {"saving_share_bp": 2_000, "guaranteed_energy_kwh": contract.quantity * 1_000},
        "service_fee": {"expected_kwh": contract.quantity * 30_000},
        "revenue_share": {"revenue_share_bp": 2_000, "expected_kwh": contract.quantity * 30_000},
        "turnover_share": {"turnover_rate_bp": 500},
    }
    return {
        "price_fen": price_fen,
        "price_form": form,
        "unit_price_fen": max(1, price_fen // contract.quantity),
        "unit_price_per": 1,
        "quantity": contract.quantity,
        "staffing": 6,
        "validity_days": 90,
        **rates.get(form, {}),
    }


def delivery(task: MemberTask, contract: ServiceContract, category: Category) -> Json:
    """Hand over one paper as every evidence the milestone asks for; it was handed over with `hand_over`."""
    milestone = category.pack.milestone(task.subject["milestone"])
    digest = hashlib.sha256(paper(task)).hexdigest()
    return {
        "period_start": contract.starts_on,
        "period_end": iso_day(contract.starts_day + milestone.due_after_days),
        "evidence": [
            {"kind": kind, "name": f"{kind}-{task.subject['attempt']}.pdf", "sha256": digest}
            for kind in milestone.evidence
        ],
        "summary": f"{milestone.title_zh}已完成，资料齐全。",
    }


def paper(task: MemberTask) -> bytes:
    """Return the smallest PDF there is, of one blank page, that tells what it was handed over for."""
    return (
        f"%PDF-1.4\n% {task.id}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
        "endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    ).encode()


async def hand_over(desk: Desk, task: MemberTask, user: str) -> None:
    """Hand the paper of a delivery over, so that the answer may name it."""
    if task.kind is TaskKind.DELIVER:
        await desk.hand_over(task.id, user, "paper.pdf", io.BytesIO(paper(task)))


def answer(
    task: MemberTask, contract: ServiceContract, category: Category, script: Script, departure: Deviation | None
) -> Json:
    """Return the answer to *task*: as expected, unless a *departure* says otherwise."""
    if departure is not None and departure.act in _DEPARTING and task.kind is not TaskKind.REVISE_TERMS:
        return _departing(task, category, script, departure)
    member = task.subject.get("member", "")
    if task.kind is TaskKind.QUOTE:
        return quote(contract, script.quotes[task.number][task.company])
    if task.kind is TaskKind.DELIVER:
        return delivery(task, contract, category)
    if task.kind is TaskKind.RATE:
        return _ratings(task, category, script)
    usual: dict[TaskKind, Json] = {
        TaskKind.CONFIRM_TERMS: {"decision": "agree"},
        TaskKind.REVISE_TERMS: {"terms": departure.terms if departure else {}},
        TaskKind.APPROVE: {"decision": "approve"},
        TaskKind.SIGN: {"decision": "sign", "document": task.subject.get("document", "")},
        TaskKind.ACCEPT: {"decision": "accepted", "score_bp": score_bp(script, task.number, member)},
        TaskKind.REPLY: {"reply": "无异议。"},
        TaskKind.HEAR_APPEAL: {"decision": "uphold", "reason": "评价依据充分，维持原评分。"},
    }
    return usual[task.kind]


_DEPARTING = (
    Departure.RETURN,
    Departure.REJECT,
    Departure.REQUIRE_CHANGES,
    Departure.CHANGE_TERMS,
    Departure.APPEAL,
    Departure.REVISE,
    Departure.RED_LINE,
)


def _departing(task: MemberTask, category: Category, script: Script, departure: Deviation) -> Json:
    reason = departure.reason
    if departure.act is Departure.RED_LINE:
        return _ratings(task, category, script, departure)
    answers: dict[Departure, dict[str, Any]] = {
        Departure.RETURN: {"decision": "returned", "reason": reason},
        Departure.REJECT: {"decision": "rejected", "reason": reason},
        Departure.REQUIRE_CHANGES: {
            "decision": "requires_changes",
            "document": task.subject.get("document", ""),
            "reason": reason,
            **({"terms": departure.terms} if departure.terms else {}),
        },
        Departure.CHANGE_TERMS: {"decision": "change", "reason": reason},
        Departure.APPEAL: {"reply": reason, "appeal": True},
        Departure.REVISE: {"decision": "revise", "reason": reason, "score_bp": departure.score_bp},
    }
    return answers[departure.act]


def _ratings(task: MemberTask, category: Category, script: Script, departure: Deviation | None = None) -> Json:
    return {
        "ratings": {
            member: _rating(category, score_bp(script, task.number, member), member, departure)
            for member in task.subject["members"].split(",")
        }
    }


def _rating(category: Category, score: int, member: str, departure: Deviation | None) -> Json:
    crossed = departure is not None and departure.member in (None, member)
    scored = departure.score_bp if crossed and departure and departure.score_bp is not None else score
    rating: Json = {"kpis": {kpi.code: scored for kpi in category.pack.kpis}}
    if crossed and departure and departure.red_line:
        rating |= {"red_line": departure.red_line, "remark": departure.reason}
    return rating


def score_bp(script: Script, number: str, member: str) -> int:
    """Return the score that the client and the office give *member* on contract *number*."""
    return script.scores.get(number, {}).get(member, script.usual_score_bp)
