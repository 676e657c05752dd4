"""The form of each kind of task, as JSON Schema (2020-12) with Chinese titles and messages."""

from __future__ import annotations

from contracts.category import Category
from contracts.form_parts import choice, form, score, text
from contracts.sealing import SHARES
from contracts.task import MemberTask, TaskKind
from contracts.value import Json


def form_of(task: MemberTask, category: Category) -> Json:
    """Return the schema that an answer to *task* must fit; quote and delivery forms are the category's own."""
    if task.kind is TaskKind.QUOTE:
        return category.quote_schema
    if task.kind is TaskKind.DELIVER:
        return category.delivery_schema
    if task.kind is TaskKind.RATE:
        return _rating_form(task, category)
    if task.kind is TaskKind.ADJUST:
        return _adjusting_form(task)
    return _FORMS[task.kind]


_TERMS: Json = {"type": "object", "title": "服务要求", "x-title-en": "Terms", "maxProperties": 50}
_REASON = text("理由", "Reason")

_FORMS: dict[TaskKind, Json] = {
    TaskKind.CONFIRM_TERMS: form(
        "确认服务要求",
        "Confirm the terms",
        {
            "decision": choice(
                "意见", "Decision", ("agree", "同意", "agree"), ("change", "要求修改", "ask for changes")
            ),
            "reason": _REASON,
        },
        ("decision",),
    ),
    TaskKind.REVISE_TERMS: form("修订服务要求", "Revise the terms", {"terms": _TERMS, "reason": _REASON}, ("terms",)),
    TaskKind.OPEN_QUOTES: form(
        "开启密封报价",
        "Open the sealed quotes",
        {
            "shares": {
                "type": "string",
                "title": "密钥份额",
                "x-title-en": "Key shares",
                "maxLength": 20_000,
                "pattern": SHARES,
                "x-message": "请粘贴 `lianyue keys unwrap` 给出的全部份额，每家一行",
                "x-message-en": "Paste all the shares that `lianyue keys unwrap` prints, one line a member",
            },
        },
        ("shares",),
    ),
    TaskKind.APPROVE: form(
        "批准分配方案",
        "Approve the award",
        {"decision": choice("意见", "Decision", ("approve", "批准", "approve")), "reason": _REASON},
        ("decision",),
    ),
    TaskKind.SIGN: form(
        "签署",
        "Sign",
        {
            "decision": choice(
                "意见", "Decision", ("sign", "签署", "sign"), ("requires_changes", "要求修改", "ask for changes")
            ),
            "document": {
                "type": "string",
                "pattern": "^sha256:[0-9a-f]{64}$",
                "title": "文本摘要",
                "x-title-en": "Document digest",
                "x-message": "请填写所签文本的摘要（任务详情中的 document）",
                "x-message-en": "Give the digest of the document you sign (the task's `document`)",
            },
            "reason": _REASON,
            "terms": _TERMS,
            "prepared": {
                "type": "string",
                "pattern": "^sha256:[0-9a-f]{64}$",
                "title": "备签编号",
                "x-title-en": "Prepared signature",
            },
            "value": {
                "type": "string",
                "pattern": "^[A-Za-z0-9+/=]{1,4096}$",
                "title": "签名值（Base64）",
                "x-title-en": "Signature value (Base64)",
            },
        },
        ("decision", "document"),
    ),
    TaskKind.ACCEPT: form(
        "验收",
        "Inspect",
        {
            "decision": choice(
                "结论",
                "Decision",
                ("accepted", "验收合格", "accept"),
                ("returned", "退回整改", "return for rework"),
                ("rejected", "不合格", "reject"),
            ),
            "score_bp": score("得分", "Score"),
            "reason": _REASON,
        },
        ("decision",),
    ),
    TaskKind.REPLY: form(
        "答复评价",
        "Reply to the review",
        {
            "reply": text("答复", "Reply"),
            "appeal": {"type": "boolean", "title": "是否申诉", "x-title-en": "Appeal"},
        },
        ("reply",),
    ),
    TaskKind.HEAR_APPEAL: form(
        "复核申诉",
        "Hear the appeal",
        {
            "decision": choice("结论", "Decision", ("uphold", "维持", "uphold"), ("revise", "改判", "revise")),
            "score_bp": score("复核得分", "Revised score"),
            "reason": _REASON,
        },
        ("decision", "reason"),
    ),
}


def _rating_form(task: MemberTask, category: Category) -> Json:
    """Ask for every KPI of the pack, for every member of the contract."""
    kpis = {kpi.code: score(kpi.title_zh, kpi.title_en) for kpi in category.pack.kpis}
    red_lines = [(line.code, line.title_zh, line.title_en) for line in category.pack.red_lines]
    one = form(
        "评价",
        "Rating",
        {
            "kpis": form("指标", "KPIs", dict(kpis), tuple(kpis)),
            "red_line": choice("红线", "Red line", *red_lines),
            "remark": text("说明", "Remark", 500),
        },
        ("kpis",),
    )
    members = task.subject["members"].split(",")
    ratings = form("各成员单位", "Members", dict.fromkeys(members, one), tuple(members))
    return form("评价服务单位", "Rate the members", {"ratings": ratings}, ("ratings",))


_ADJUSTMENTS = {
    "relax": ("relax", "放宽规则", "relax rules"),
    "override": ("override", "另行指定", "override the optimum"),
    "cancel": ("cancel", "不再分配", "award nothing"),
}


def _adjusting_form(task: MemberTask) -> Json:
    """Ask which rules of a portfolio give way, or who must have or must not have what, or for its end."""
    may = task.subject["may"].split(",")
    fields: Json = {"decision": choice("决定", "Decision", *(_ADJUSTMENTS[each] for each in may)), "reason": _REASON}
    if "relax" in may:
        fields["step"] = _step(sum(name.startswith("step_") for name in task.subject))
    if "override" in may:
        fields["overrides"] = {
            "type": "array",
            "items": _override(task),
            "minItems": 1,
            "maxItems": 50,
            "title": "另行指定",
            "x-title-en": "Overrides",
            "x-message": "请逐项填写成员单位与要求",
            "x-message-en": "Give member and rule of each",
        }
    titles = (
        ("调整组合规则", "Adjust the portfolio") if "portfolio" in task.subject else ("调整分配", "Adjust the award")
    )
    return form(*titles, fields, ("decision", "reason"))


def _step(steps: int) -> Json:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": steps,
        "title": "放宽至第几步",
        "x-title-en": "Step of giving way",
        "x-message": f"步骤须为1至{steps}的整数",
        "x-message-en": f"The step must be an integer from 1 to {steps}",
    }


def _override(task: MemberTask) -> Json:
    """Who must have or must not have a contract; for a single one, among those who may have it."""
    rule = choice("要求", "Rule", ("require", "必须承接", "must have it"), ("exclude", "不得承接", "must not have it"))
    if "portfolio" not in task.subject:
        eligible = [(code, code, code) for code in task.subject["eligible"].split(",")]
        member = choice("成员单位代码", "Member code", *eligible)
        return form("指定", "Override", {"member": member, "rule": rule}, ("member", "rule"))
    contracts = [(number, number, number) for number in task.subject["contracts"].split(",")]
    fields = {"contract": choice("合同", "Contract", *contracts), "member": _MEMBER_CODE, "rule": rule}
    return form("指定", "Override", fields, ("contract", "member", "rule"))


_MEMBER_CODE: Json = {
    "type": "string",
    "minLength": 2,
    "maxLength": 12,
    "pattern": r"^[A-Z][A-Z0-9]{1,11}$",
    "title": "成员单位代码",
    "x-title-en": "Member code",
    "x-message": "请填写成员单位的代码，如 LGWY",
    "x-message-en": "Give the member's code, such as LGWY",
}


REASONED: dict[TaskKind, tuple[str, ...]] = {
    TaskKind.CONFIRM_TERMS: ("change",),
    TaskKind.SIGN: ("requires_changes",),
    TaskKind.ACCEPT: ("returned", "rejected"),
    TaskKind.HEAR_APPEAL: ("uphold", "revise"),
}
"""Decisions that need a reason, by kind of task."""

SCORED: dict[TaskKind, tuple[str, ...]] = {TaskKind.ACCEPT: ("accepted",), TaskKind.HEAR_APPEAL: ("revise",)}
"""Decisions that need a score, by kind of task."""


NEEDED = {"relax": "step", "override": "overrides"}
"""What an adjustment needs besides its reason."""


def missing_fields(task: MemberTask, answer: Json) -> tuple[str, ...]:
    """Return what the decision in *answer* needs besides the form: ``reason``, ``score_bp``, the right ``document``."""
    decision = answer.get("decision")
    missing = []
    if decision in REASONED.get(task.kind, ()) and not answer.get("reason"):
        missing.append("reason")
    if decision in SCORED.get(task.kind, ()) and "score_bp" not in answer:
        missing.append("score_bp")
    missing += [field for verb, field in NEEDED.items() if decision == verb and field not in answer]
    if task.kind is TaskKind.SIGN and answer.get("document") != task.subject["document"]:
        missing.append("document")
    return tuple(missing)
