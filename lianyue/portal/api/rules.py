"""Rules: published editions, texts checked, facts decided, decisions explained."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from contracts.value import Json
from lianyue.access.rulings import problem_document
from lianyue.access.views import RuleText
from lianyue.portal.api.shapes import ROOT, Question, RuleTexts, Spoken
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Asking, Seen
from lianyue.records.kept import Edition

router = APIRouter(prefix=f"{ROOT}/rules", tags=["rules"], route_class=StrictRoute)


class Explaining(Spoken):
    """How much is wanted of an explanation."""

    steps: bool = False


@router.get("/editions")
def editions(seen: Seen) -> tuple[Edition, ...]:
    """版次：Every published edition of rules and packs."""
    return seen.editions()


@router.get("/editions/{digest}")
def edition(digest: str, seen: Seen) -> RuleText:
    """版次全文：One edition with its text."""
    return seen.edition(digest)


@router.post("/check")
def check(body: RuleTexts, asking: Asking) -> dict[str, Any]:
    """检查规则：Every problem of rule texts, each with its place."""
    problems = asking.check(body.files)
    return {"files": len(body.files), "problems": [problem_document(each) for each in problems]}


@router.post("/decide")
def decide(body: Question, asking: Asking) -> Json:
    """试算：Decide given facts by a policy of the books; nothing is written."""
    return asking.decide(body.policy, body.facts, body.params)


@router.get("/explain/{number}")
def explain(number: str, asking: Asking, wanted: Annotated[Explaining, Query()]) -> dict[str, Any]:
    """说明决定：Why every decision on a contract came out so."""
    decisions = asking.explain(number, wanted.language, steps=wanted.steps)
    return {"number": number, "language": wanted.language, "decisions": decisions}
