"""What a notice says: one line for people, a card for a chat robot, a page for a day's digest."""

from __future__ import annotations

from typing import Any

from contracts.calendar import SHANGHAI
from contracts.notice import Event, Notice

WORDS: dict[Event, str] = {
    Event.OPENED: "新任务",
    Event.DUE_SOON: "即将到期",
    Event.REMINDED: "催办",
    Event.OVERDUE: "已逾期",
    Event.ESCALATED: "逾期上报",
    Event.HANDED_OVER: "转交给您",
    Event.RETURNED: "退回",
    Event.CO_SIGN_ASKED: "请您加签",
    Event.COPIED: "抄送",
    Event.VOIDED: "已签文本作废",
    Event.ENDED: "合同结束",
}
URGENT = (Event.OVERDUE, Event.ESCALATED)


def line(notice: Notice) -> str:
    """Return one line of plain text."""
    due = f"，期限 {notice.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if notice.due_at else ""
    return f"【{WORDS[notice.event]}】{notice.title}（{notice.task or notice.number}）{due}"


def card(notice: Notice, recipient: str) -> dict[str, Any]:
    """Return the body of a webhook: facts for programs, and a card as chat robots show it."""
    facts = notice.model_dump(mode="json", include={"key", "event", "number", "task", "title", "due_at", "at"})
    title = {"tag": "plain_text", "content": f"联约 · {WORDS[notice.event]}"}
    header = {"title": title, "template": "red" if notice.event in URGENT else "blue"}
    text = {"tag": "plain_text", "content": line(notice)}
    shown = {"header": header, "elements": [{"tag": "div", "text": text}]}
    return {"msg_type": "interactive", "card": shown, "notice": {**facts, "for": recipient}}


def digest(notices: tuple[Notice, ...], name: str) -> tuple[str, str]:
    """Return subject and text of the mail that tells *name* of *notices*, the urgent first."""
    ordered = sorted(notices, key=lambda notice: notice.event not in URGENT)
    lines = [f"{name}，您好：", "", *(f"- {line(notice)}" for notice in ordered), "", "联约 Lianyue"]
    return f"联约：{len(notices)} 项提醒", "\n".join(lines)
