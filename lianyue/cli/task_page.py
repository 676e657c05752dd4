"""A task on one page: what it is about, the fields of its form, and what may be done with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.task import CoSigning, MemberTask
from contracts.task_forms import form_of
from contracts.value import Json
from lianyue.access.views import TaskSeen
from lianyue.cli.contract_page import category_of, day_and_time
from lianyue.cli.output import say, table
from lianyue.cli.session import found
from lianyue.desk.people import actor_named
from lianyue.desk.verbs import evidence_of, possible
from lianyue.records.opened import Opened
from lianyue.remote import RemoteDesk
from lianyue.settings import Language, Settings
from lianyue.story import names_of, term
from lianyue.wiring import Wiring

VERBS: dict[str, str] = {
    "claim": "认领",
    "submit": "提交",
    "draft": "暂存",
    "decline": "拒绝",
    "transfer": "转交",
    "delegate": "委托",
    "add-sign": "加签",
    "copy": "抄送",
    "return": "退回",
    "withdraw": "撤回",
    "remind": "催办",
}

SUBJECTS: dict[str, str] = {
    "document": "文本摘要 document",
    "version": "版本",
    "member": "成员单位",
    "members": "成员单位",
    "milestone": "节点",
    "attempt": "次数",
    "round": "轮次",
    "category": "类别",
    "amount_fen": "金额（分）",
    "because": "依据",
    "delivery": "交付任务",
    "score_bp": "得分（基点）",
}


@dataclass(frozen=True)
class Field:
    """One line of a form."""

    path: str
    title: str
    wanted: str
    is_required: bool


@dataclass(frozen=True)
class TaskPage:
    """All that `task show` tells."""

    task: MemberTask
    form: Json
    evidence: dict[str, str]
    """What a delivery must bring, by kind, with its title."""
    may: tuple[str, ...]
    names: dict[str, str]
    language: str
    draft: Json | None = None
    """What the user has filled in so far."""
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """Who may act for (代) whom today."""

    def as_document(self) -> dict[str, Any]:
        """Return the page for programs."""
        told = {"form": self.form, "evidence": list(self.evidence), "may": list(self.may)}
        own = {"draft": self.draft, "stand_ins": dict(self.stand_ins)}
        return {"task": self.task.model_dump(mode="json"), **told, **own}

    def print(self) -> None:
        """Print the page for people."""
        task, spoken = self.task, self.language
        say(f"{task.id}")
        say(f"  {task.title}")
        state = term("state", task.state, spoken) + ("（逾期）" if task.is_overdue else "")
        say(f"  {term('kind', task.kind, spoken)} · {self._name(task.company)} · {task.role.value} · {state}")
        holder, due = self._name(task.user or "") or "无", day_and_time(task.due_at) or "无"
        say(f"  经办 {holder} · 期限 {due} · 版次 {task.revision}")
        for name, value in sorted(task.subject.items()):
            say(f"  {SUBJECTS.get(name, name)}：{value}")
        for signing in task.co_signings:
            say(f"  {self._signing(signing)}")
        if task.copied:
            say(f"  抄送 {'、'.join(map(self._name, task.copied))}")
        for stand_in, principal in self.stand_ins.items():
            say(f"  代办 {self._name(stand_in)} 代 {self._name(principal)}")
        rows = [
            (each.path, each.title, each.wanted, "必填" if each.is_required else "")
            for each in fields_of(self.form, spoken)
        ]
        table(("字段", "名称", "填写", ""), rows, f"表单：{_title(self.form, spoken)}")
        if self.evidence:
            say("须交资料：" + "、".join(f"{title} {kind}" for kind, title in self.evidence.items()))
        if self.draft is not None:
            say("草稿：" + json.dumps(self.draft, ensure_ascii=False, sort_keys=True))
        say("可以：" + ("、".join(f"{VERBS[verb]} {verb}" for verb in self.may) or "无"))

    def _signing(self, signing: CoSigning) -> str:
        spoken = self.language
        said = "、".join(f"{self._name(each.user)} {term('consent', each.consent, spoken)}" for each in signing.signers)
        how = f"{term('mode', signing.mode, spoken)}（{term('quorum', signing.quorum, spoken)}，须{signing.needed}人）"
        return f"{how}：{said}" + ("，未通过" if signing.is_failed else "")

    def _name(self, code: str) -> str:
        return self.names.get(code, code)


def page_of(records: Opened, settings: Settings, task_id: str) -> TaskPage:
    """Return the page of the task *task_id* for the user of the settings, or raise UnknownName."""
    task = records.reading.task(task_id)
    contract = records.reading.contract(task.number)
    actor = actor_named(records.directory, settings.user) if settings.user else None
    category = category_of(settings, contract.category)
    inbox = Wiring(found(settings)).inbox
    seen = TaskSeen(
        task=task,
        form=form_of(task, category),
        evidence=evidence_of(task, category),
        may=possible(task, actor, contract.client, inbox.stand_ins(task)),
        draft=inbox.draft(task_id, actor.user) if actor else None,
        stand_ins=inbox.stand_ins(task),
    )
    names = names_of(records.directory.companies(), records.directory.persons(), settings.language)
    return _page(seen, names, settings.language)


def page_from(remote: RemoteDesk, settings: Settings, task_id: str) -> TaskPage:
    """Return the page of the task *task_id* as the instance elsewhere tells it, or raise NotThere."""
    seen, directory = remote.task(task_id), remote.directory()
    return _page(seen, names_of(directory.companies, directory.people, settings.language), settings.language)


def _page(seen: TaskSeen, names: dict[str, str], language: str) -> TaskPage:
    return TaskPage(
        task=seen.task,
        form=seen.form,
        evidence=_evidence(seen, language),
        may=seen.may,
        names=names,
        language=language,
        draft=seen.draft,
        stand_ins=seen.stand_ins,
    )


def _evidence(seen: TaskSeen, language: str) -> dict[str, str]:
    if not seen.evidence:
        return {}
    kinds = seen.form["properties"]["evidence"]["items"]["properties"]["kind"]
    words = kinds.get("x-enum-en" if language == Language.EN else "x-enum-zh", {})
    return {kind: words.get(kind, kind) for kind in seen.evidence}


def fields_of(form: Json, language: str, prefix: str = "") -> Iterator[Field]:
    """Yield the fields of *form*, those inside an object or a list with the path that leads to them."""
    required = form.get("required", ())
    for name, part in form.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield Field(path, _title(part, language), _wanted(part, language), name in required)
        yield from fields_of(part, language, f"{path}.")
        yield from fields_of(part.get("items", {}), language, f"{path}[].")


def _title(field: Mapping[str, Any], language: str) -> str:
    title, english = str(field.get("title", "")), str(field.get("x-title-en", ""))
    return english if language == Language.EN and english else title


def _wanted(field: Mapping[str, Any], language: str) -> str:
    """What to fill in, in a few words."""
    if "enum" in field:
        words = field.get("x-enum-en" if language == Language.EN else "x-enum-zh", {})
        return " | ".join(f"{value} {words[value]}" if value in words else str(value) for value in field["enum"])
    kinds = {"string": "文字", "integer": "整数", "boolean": "true/false", "array": "列表", "object": "对象"}
    wanted = kinds.get(str(field.get("type")), "")
    limits = [str(field[name]) for name in ("minimum", "maximum") if name in field]
    unit = f"，单位 {field['x-unit']}" if "x-unit" in field else ""
    return wanted + (f" {'–'.join(limits)}" if len(limits) == 2 else "") + unit
