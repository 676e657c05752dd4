"""What an answer must bring before it reaches a workflow: a form without faults, reasons, and all the evidence."""

from __future__ import annotations

from contracts.category import missing_evidence
from contracts.errors import MalformedDocument
from contracts.task import MemberTask, TaskKind
from contracts.task_forms import form_of, missing_fields
from contracts.value import Json
from lianyue.desk.orders import OrderDesk
from rules.forms import violations


def check_answer(task: MemberTask, category: str, content: Json, orders: OrderDesk) -> None:
    """
    Let pass an answer to *task*, of a contract in *category*, that fits its form.

    Raises:
        MalformedDocument: If it does not; every fault is named.
    """
    form = form_of(task, orders.category_named(category))
    faults = [f"{fault.path or '/'}: {fault.message_zh}" for fault in violations(form, content)]
    faults += [f"/{field}: 此结论需要填写{field}" for field in missing_fields(task, content)]
    faults += _missing_evidence(task, content, orders) if task.kind is TaskKind.DELIVER and not faults else []
    if faults:
        raise MalformedDocument("; ".join(faults), where=task.id)


def _missing_evidence(task: MemberTask, content: Json, orders: OrderDesk) -> list[str]:
    pack = orders.category_named(task.subject["category"]).pack
    milestone = pack.milestone(task.subject["milestone"])
    titles = {kind.code: kind.title_zh for kind in pack.evidence}
    missing = missing_evidence(milestone, [item["kind"] for item in content["evidence"]])
    return [f"/evidence: 缺少“{titles[kind]}”（{kind}）" for kind in missing]
