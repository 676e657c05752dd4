"""Whether an answer to a task is complete: its form, what its decision needs, and the evidence of its milestone."""

from __future__ import annotations

from contracts.category import Category, missing_evidence
from contracts.errors import MalformedDocument
from contracts.task import MemberTask, TaskKind
from contracts.task_forms import form_of, missing_fields
from contracts.value import Json
from rules.forms import Violation, title_of, violations


def faults_of(task: MemberTask, category: Category, content: Json) -> tuple[Violation, ...]:
    """Every fault of *content* as the answer to *task*, at the field that it concerns."""
    form = form_of(task, category)
    faults = violations(form, content)
    missing = tuple(_omission(form, field) for field in missing_fields(task, content))
    if faults or missing or task.kind is not TaskKind.DELIVER:
        return (*faults, *missing)
    return _missing_evidence(task, category, content)


def check_answer(task: MemberTask, category: Category, content: Json) -> None:
    """
    Let pass an answer to *task* that has no faults.

    Raises:
        MalformedDocument: If it has; every fault is named.
    """
    faults = [f"{fault.path or '/'}: {fault.message_zh}" for fault in faults_of(task, category, content)]
    if faults:
        raise MalformedDocument("; ".join(faults), where=task.id)


def _omission(form: Json, field: str) -> Violation:
    zh, en = title_of(form, (field,))
    return Violation(f"/{field}", f"此结论需要填写「{zh}」", f"This decision needs “{en}”")


def _missing_evidence(task: MemberTask, category: Category, content: Json) -> tuple[Violation, ...]:
    pack = category.pack
    kinds = {kind.code: kind for kind in pack.evidence}
    given = [item["kind"] for item in content["evidence"]]
    missing = missing_evidence(pack.milestone(task.subject["milestone"]), given)
    return tuple(
        Violation(
            "/evidence", f"缺少“{kinds[kind].title_zh}”（{kind}）", f"“{kinds[kind].title_en}” is missing ({kind})"
        )
        for kind in missing
    )
