"""The form of each kind of task, as JSON Schema (2020-12) with Chinese titles and messages."""

from __future__ import annotations

from contracts.category import Category
from contracts.sealing import SHARES
from contracts.task import MemberTask, TaskKind
from contracts.value import LONGEST_REASON, SHORTEST_REASON, Json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def form_of(task: MemberTask, category: Category) -> Json:
    """Return the schema that an answer to *task* must fit; quote and delivery forms are the category's own."""
    if task.kind is TaskKind.QUOTE:
        return category.quote_schema
    if task.kind is TaskKind.DELIVER:
        return category.delivery_schema
    if task.kind is TaskKind.RATE:
        return _rating_form(task, category)
    return _FORMS[task.kind]


def _form(title: str, title_en: str, properties: Json, required: tuple[str, ...]) -> Json:
    return {
        "$schema": DIALECT,
        "type": "object",
        "title": title,
        "x-title-en": title_en,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _choice(title: str, title_en: str, *values: tuple[str, str, str]) -> Json:
    """A choice among *values*: each the code, what it is called in Chinese, and in English."""
    codes = [code for code, _, _ in values]
    return {
        "title": title,
        "x-title-en": title_en,
        "enum": codes,
        "x-enum-zh": {code: zh for code, zh, _ in values},
        "x-enum-en": {code: en for code, _, en in values},
        "x-message": f"{title}只能是 {'、'.join(codes)} 之一",
        "x-message-en": f"{title_en} must be one of {', '.join(codes)}",
    }


def _text(title: str, title_en: str, longest: int = LONGEST_REASON) -> Json:
    return {
        "type": "string",
        "title": title,
        "x-title-en": title_en,
        "minLength": SHORTEST_REASON,
        "maxLength": longest,
        "pattern": r"\S\s*\S",
        "x-message": f"{title}须为{SHORTEST_REASON}至{longest}个字",
        "x-message-en": f"{title_en} must have {SHORTEST_REASON} to {longest} characters",
    }


def _score(title: str, title_en: str) -> Json:
    return {
        "type": "integer",
        "minimum": 0,
        "maximum": 10_000,
        "x-unit": "score_bp",
        "title": title,
        "x-title-en": title_en,
        "x-message": f"{title}须为0至10000的整数（基点，9000即90分）",
        "x-message-en": f"{title_en} must be an integer from 0 to 10000 (basis points; 9000 is 90 %)",
    }


_TERMS: Json = {"type": "object", "title": "服务要求", "x-title-en": "Terms", "maxProperties": 50}
_REASON = _text("理由", "Reason")

_FORMS: dict[TaskKind, Json] = {
    TaskKind.CONFIRM_TERMS: _form(
        "确认服务要求",
        "Confirm the terms",
        {
            "decision": _choice(
                "意见", "Decision", ("agree", "同意", "agree"), ("change", "要求修改", "ask for changes")
            ),
            "reason": _REASON,
        },
        ("decision",),
    ),
    TaskKind.REVISE_TERMS: _form("修订服务要求", "Revise the terms", {"terms": _TERMS, "reason": _REASON}, ("terms",)),
    TaskKind.OPEN_QUOTES: _form(
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
    TaskKind.APPROVE: _form(
        "批准分配方案",
        "Approve the award",
        {"decision": _choice("意见", "Decision", ("approve", "批准", "approve")), "reason": _REASON},
        ("decision",),
    ),
    TaskKind.SIGN: _form(
        "签署",
        "Sign",
        {
            "decision": _choice(
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
        },
        ("decision", "document"),
    ),
    TaskKind.ACCEPT: _form(
        "验收",
        "Inspect",
        {
            "decision": _choice(
                "结论",
                "Decision",
                ("accepted", "验收合格", "accept"),
                ("returned", "退回整改", "return for rework"),
                ("rejected", "不合格", "reject"),
            ),
            "score_bp": _score("得分", "Score"),
            "reason": _REASON,
        },
        ("decision",),
    ),
    TaskKind.REPLY: _form(
        "答复评价",
        "Reply to the review",
        {
            "reply": _text("答复", "Reply"),
            "appeal": {"type": "boolean", "title": "是否申诉", "x-title-en": "Appeal"},
        },
        ("reply",),
    ),
    TaskKind.HEAR_APPEAL: _form(
        "复核申诉",
        "Hear the appeal",
        {
            "decision": _choice("结论", "Decision", ("uphold", "维持", "uphold"), ("revise", "改判", "revise")),
            "score_bp": _score("复核得分", "Revised score"),
            "reason": _REASON,
        },
        ("decision", "reason"),
    ),
}


def _rating_form(task: MemberTask, category: Category) -> Json:
    """Ask for every KPI of the pack, for every member of the contract."""
    kpis = {kpi.code: _score(kpi.title_zh, kpi.title_en) for kpi in category.pack.kpis}
    red_lines = [(line.code, line.title_zh, line.title_en) for line in category.pack.red_lines]
    one = _form(
        "评价",
        "Rating",
        {
            "kpis": _form("指标", "KPIs", dict(kpis), tuple(kpis)),
            "red_line": _choice("红线", "Red line", *red_lines),
            "remark": _text("说明", "Remark", 500),
        },
        ("kpis",),
    )
    members = task.subject["members"].split(",")
    ratings = _form("各成员单位", "Members", dict.fromkeys(members, one), tuple(members))
    return _form("评价服务单位", "Rate the members", {"ratings": ratings}, ("ratings",))


REASONED: dict[TaskKind, tuple[str, ...]] = {
    TaskKind.CONFIRM_TERMS: ("change",),
    TaskKind.SIGN: ("requires_changes",),
    TaskKind.ACCEPT: ("returned", "rejected"),
    TaskKind.HEAR_APPEAL: ("uphold", "revise"),
}
"""Decisions that need a reason, by kind of task."""

SCORED: dict[TaskKind, tuple[str, ...]] = {TaskKind.ACCEPT: ("accepted",), TaskKind.HEAR_APPEAL: ("revise",)}
"""Decisions that need a score, by kind of task."""


def missing_fields(task: MemberTask, answer: Json) -> tuple[str, ...]:
    """Return what the decision in *answer* needs besides the form: ``reason``, ``score_bp``, the right ``document``."""
    decision = answer.get("decision")
    missing = []
    if decision in REASONED.get(task.kind, ()) and not answer.get("reason"):
        missing.append("reason")
    if decision in SCORED.get(task.kind, ()) and "score_bp" not in answer:
        missing.append("score_bp")
    if task.kind is TaskKind.SIGN and answer.get("document") != task.subject["document"]:
        missing.append("document")
    return tuple(missing)
