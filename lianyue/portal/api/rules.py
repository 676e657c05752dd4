"""Rules: published editions, texts checked, facts decided, decisions explained."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from contracts.calendar import epoch_day
from contracts.value import Json
from lianyue.access.grants import exception_document
from lianyue.access.rulings import problem_document
from lianyue.access.views import RuleText
from lianyue.portal.api.shapes import (
    ROOT,
    Ending,
    ExceptionText,
    InPeriod,
    OtherRules,
    Question,
    RuleTexts,
    Spoken,
    TwoEditions,
)
from lianyue.portal.strict_json import StrictRoute
from lianyue.portal.visitors import Asking, Granting, Seen
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


@router.post("/whatif/{number}")
def what_if(number: str, body: OtherRules, asking: Asking) -> Json:
    """假如：What another edition would have decided on a contract, for overseers; nothing is written."""
    return asking.what_if(number, body.policy, body.text, body.params, body.language)


@router.get("/diff")
def diff(asking: Asking, wanted: Annotated[TwoEditions, Query()]) -> Json:
    """比较版次：What b says otherwise than a, and which recorded decisions it would change, for overseers."""
    return asking.compare(wanted.a, wanted.b, wanted.period, wanted.language)


@router.get("/shadow/{policy}")
def shadow(policy: str, asking: Asking, wanted: Annotated[InPeriod, Query()]) -> Json:
    """影子版次：How often a policy's shadow would have decided otherwise, for overseers."""
    return asking.shadow(policy, wanted.period, wanted.language)


@router.get("/exceptions")
def exceptions(granting: Granting) -> dict[str, Any]:
    """查看例外：Every exception with its term and the check of its signature, for overseers."""
    return {"exceptions": [exception_document(each) for each in granting.exceptions()]}


@router.post("/exceptions", status_code=201)
def grant(body: ExceptionText, granting: Granting) -> dict[str, Any]:
    """准予例外：Check an exception, sign it in the office's name, and keep it; the same again returns the first."""
    return exception_document(granting.grant_exception(body.text))


@router.post("/exceptions/{name}/revoke")
def revoke(name: str, body: Ending, granting: Granting) -> dict[str, Any]:
    """撤销例外：End an exception from a day on; the exception stays on record."""
    return exception_document(granting.revoke_exception(name, epoch_day(body.from_day), body.reason))
