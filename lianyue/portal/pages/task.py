"""A task on a page: what it is about, its form, and every other thing that may be done with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple
from uuid import uuid4

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from contracts.category import Category
from contracts.errors import AllianceError, MalformedDocument
from contracts.task import CoSignMode, MemberTask, Quorum, TaskKind
from contracts.value import Json
from lianyue.access.errors import NotThere
from lianyue.desk.answers import faults_of
from lianyue.portal.answers import status_of
from lianyue.portal.entries import read, written
from lianyue.portal.forms import Field, form_of
from lianyue.portal.pages.sent import request_id, sent_with
from lianyue.portal.pages.uploads import files_of, handed_over
from lianyue.portal.pages.visit import Here, PageRoute, Visit
from lianyue.portal.plain_words import said_of
from lianyue.portal.shown import yuan
from lianyue.portal.signing_in import local_path
from rules.explain.shown import points
from rules.explain.together import STATUSES
from rules.forms import Violation, violations

router = APIRouter(route_class=PageRoute, include_in_schema=False)
BY_ITSELF = "x-draft"
"""The header with which the script says that nobody pressed anything."""


class Act(NamedTuple):
    """Something that may be done with a task besides answering it."""

    verb: str
    label: str
    help: str = ""
    needs_colleague: bool = False
    needs_reason: bool = True
    needs_informed: bool = False
    has_mode: bool = False
    is_refusal: bool = False
    needs_nothing: bool = False


@dataclass(frozen=True)
class TaskShown:
    """What a page of a task is drawn from."""

    task: MemberTask
    category: Category
    schema: Json
    may: tuple[str, ...]
    draft: Json | None
    acting_for: str
    """For whom (代) the reader acts on it, where it is not the reader's own."""

    @classmethod
    def of(cls, visit: Visit, task_id: str) -> TaskShown:
        """Take the task out of the scope; terms are asked for by the category's own form."""
        seen = visit.scope.task_page(task_id)
        category = visit.scope.category(visit.summary(seen.task.number).category)
        acting_for = visit.stands_in_for(seen.task)
        return cls(seen.task, category, _with_terms(seen.form, category), seen.may, seen.draft, acting_for)

    def is_consent_of(self, user: str) -> bool:
        """Whether *user* is asked to consent to an answer, not to give one."""
        return self.task.asks(user)

    def begun(self) -> dict[str, str]:
        """What the reader has laid down, and what the task itself knows: the document that is to be signed."""
        found = written(self.schema, self.draft) if self.draft else {}
        if self.task.kind is TaskKind.SIGN:
            found["/document"] = self.task.subject.get("document", "")
        return found


@router.get("/tasks/{task_id:path}")
def page(visit: Here, task_id: str) -> Response:
    """Show a task; whoever comes to where a form was sent is led to the task itself."""
    if ":" not in task_id.rpartition("/")[2]:
        return RedirectResponse(f"/tasks/{task_id.rpartition(chr(47))[0]}", 303)
    shown = TaskShown.of(visit, task_id)
    return _show(visit, shown, shown.begun())


@router.post("/tasks/{task_id:path}/draft")
async def keep_draft(visit: Here, request: Request, task_id: str) -> Response:
    """存草稿: keep what was typed so far; a script that does so by itself is answered with nothing."""
    sent = await sent_with(request)
    shown = await run_in_threadpool(TaskShown.of, visit, task_id)
    if "draft" not in shown.may:
        raise NotThere(f"there is nothing to fill in at {task_id!r}")
    await visit.acts.keep_draft(task_id, read(shown.schema, sent), shown.acting_for)
    if request.headers.get(BY_ITSELF):
        return Response(status_code=204)
    return RedirectResponse(f"/tasks/{task_id}?done=draft", 303)


@router.post("/tasks/{task_id:path}/submit")
async def submit(visit: Here, request: Request, task_id: str) -> Response:
    """Answer a task with its form; what does not fit is shown again, as it was typed."""
    shown = await run_in_threadpool(TaskShown.of, visit, task_id)
    sent, unfit = await handed_over(visit, request, task_id)
    if unfit:
        return await run_in_threadpool(_show, visit, shown, sent, faults=unfit, status=422)
    if "_row" in sent:
        return await run_in_threadpool(_show, visit, shown, sent, room_for=sent["_row"])
    content = read(shown.schema, sent)
    is_consent = shown.is_consent_of(visit.viewer.user)
    faults = () if is_consent else _faults(shown, content)
    if faults:
        return await run_in_threadpool(_show, visit, shown, sent, faults=faults, status=422)
    try:
        await visit.acts.submit(task_id, content, request_id(sent), shown.acting_for)
    except NotThere:
        raise
    except AllianceError as error:
        return await run_in_threadpool(_refused, visit, task_id, sent, error)
    return _done(sent, "submitted", "/tasks")


@router.post("/tasks/{task_id:path}/{verb}")
async def act(visit: Here, request: Request, task_id: str, verb: str) -> Response:
    """Do something else with a task."""
    known = {each.verb: each for each in _acts(visit, ALL_VERBS)}
    if verb not in known:
        raise NotThere(f"there is no act {verb!r}")
    sent = await sent_with(request)
    fields = _fields(visit, known[verb], sent)
    try:
        await visit.acts.act(verb, task_id, request_id(sent), await _acting_for(visit, task_id), **fields)
    except NotThere:
        raise
    except AllianceError as error:
        return await run_in_threadpool(_refused, visit, task_id, sent, error)
    keeps = verb in ("claim", "withdraw", "remind", "add_sign", "copy")
    return _done(sent, verb, f"/tasks/{task_id}" if keeps else "/tasks")


ALL_VERBS = ("claim", "decline", "transfer", "delegate", "add-sign", "copy", "return", "withdraw", "remind")


def _show(
    visit: Visit,
    shown: TaskShown,
    typed: Mapping[str, str],
    *,
    faults: tuple[Violation, ...] = (),
    room_for: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    task = shown.task
    drawn = form_of(shown.schema, visit.language, typed, faults, visit.signs(shown.category), room_for)
    is_consent = shown.is_consent_of(visit.viewer.user)
    return visit.show(
        "task.html",
        status,
        task=task,
        summary=visit.summary(task.number),
        now=visit.now(task.number),
        subject=_subject(visit, shown),
        portfolio=task.subject.get("portfolio", ""),
        drawn=drawn,
        may=shown.may,
        is_consent=is_consent,
        submit_label=_submit_label(visit, task, is_consent),
        answer=_answer(visit, shown),
        acts=_acts(visit, tuple(verb for verb in shown.may if verb != "submit")),
        acting_for=shown.acting_for,
        has_draft=shown.draft is not None,
        colleagues=visit.colleagues,
        informable=visit.informable,
        quorums=list(_quorums(visit).items()),
        modes=list(_modes(visit).items()),
        mode_words=_modes(visit),
        problem=problem,
        post_to=f"/tasks/{task.id}",
        request_id=str(uuid4()),
        takes_files=task.kind is TaskKind.DELIVER,
        files=files_of(visit, task),
    )


def _refused(visit: Visit, task_id: str, sent: Mapping[str, str], error: AllianceError) -> Response:
    """Show the task as it stands now, what was typed, and why it was refused."""
    told = error.message if isinstance(error, MalformedDocument) else said_of(error, visit.language)
    return _show(visit, TaskShown.of(visit, task_id), sent, problem=told, status=status_of(error))


def _done(sent: Mapping[str, str], verb: str, to: str) -> Response:
    path = local_path(sent.get("_back", to)).partition("?")[0]
    return RedirectResponse(f"{path}?done={verb}", 303)


async def _acting_for(visit: Visit, task_id: str) -> str:
    """For whom the reader acts; nobody where there is no such task for them, which the act itself will say."""
    try:
        return visit.stands_in_for(await run_in_threadpool(visit.scope.task, task_id))
    except NotThere:
        return ""


def _fields(visit: Visit, act: Act, sent: Mapping[str, str]) -> dict[str, Any]:
    """What an act needs besides its task."""
    reason = sent.get("reason", "").strip()
    if act.needs_reason and len(reason) < 2:
        raise MalformedDocument(visit.say("请写明理由，至少两个字。"), where="reason")
    found: dict[str, Any] = {"reason": reason} if reason or act.needs_reason else {}
    people = [user for user in sent.get("to", "").split(",") if user]
    if act.needs_colleague or act.needs_informed:
        if not people:
            raise MalformedDocument(visit.say("请选择同事。"), where="to")
        found["to"] = people if act.has_mode or act.needs_informed else people[0]
    if act.has_mode:
        mode, quorum = sent.get("mode", ""), sent.get("quorum", "")
        found["mode"] = mode if mode in list(CoSignMode) else CoSignMode.BESIDE.value
        found["quorum"] = quorum if quorum in list(Quorum) else Quorum.ALL.value
        if found["quorum"] == Quorum.AT_LEAST:
            found["needed"] = int(sent["needed"]) if sent.get("needed", "").isdecimal() else 1
    return found


def _faults(shown: TaskShown, content: Json) -> tuple[Violation, ...]:
    """The faults of the answer; the terms in it are checked by the form they were asked for with."""
    own = faults_of(shown.task, shown.category, content)
    return own or violations(shown.schema, content)


def _with_terms(form: Json, category: Category) -> Json:
    """The form with the category's own fields, where it asks for terms of any shape."""
    terms = form.get("properties", {}).get("terms")
    if terms is None:
        return form
    asked = {**category.terms_schema, "title": terms["title"], "x-title-en": terms["x-title-en"]}
    return {**form, "properties": {**form["properties"], "terms": asked}}


def _submit_label(visit: Visit, task: MemberTask, is_consent: bool) -> str:
    if is_consent:
        return visit.say("同意")
    return visit.say("提交密封报价") if task.kind is TaskKind.QUOTE else visit.say("提交")


def _modes(visit: Visit) -> dict[str, str]:
    say = visit.say
    return {"beside": say("并加签：同时办理"), "before": say("前加签：他先我后"), "after": say("后加签：我先他后")}


def _quorums(visit: Visit) -> dict[str, str]:
    say = visit.say
    return {
        "all": say("会签：都要同意"),
        "any": say("或签：一人同意即可"),
        "in_order": say("依次：按选择的先后"),
        "at_least": say("几人同意即可"),
    }


def _acts(visit: Visit, verbs: tuple[str, ...]) -> list[Act]:
    say = visit.say
    every = {
        "claim": Act("claim", say("认领"), needs_reason=False, needs_nothing=True),
        "transfer": Act("transfer", say("转交"), say("转交后由同事办理，不再回到您这里。"), needs_colleague=True),
        "delegate": Act("delegate", say("委托"), say("同事准备好后，任务回到您这里提交。"), needs_colleague=True),
        "add-sign": Act(
            "add_sign", say("加签"), say("请同事也表示同意，答复才算数。"), needs_colleague=True, has_mode=True
        ),
        "copy": Act(
            "copy", say("抄送"), say("让同事或联盟办公室知道，他们不用办理。"), needs_reason=False, needs_informed=True
        ),
        "return": Act("give_back", say("退回"), say("退回给转交的人，或退回本单位待认领。")),
        "withdraw": Act("withdraw", say("撤回"), say("在别人据此办理之前，可以撤回您的答复。")),
        "remind": Act("remind", say("催办"), say("提醒办理人，可以附一句话。"), needs_reason=False),
        "decline": Act("decline", say("拒绝"), say("写明理由，理由会写入时间线。"), is_refusal=True),
    }
    return [act for verb, act in every.items() if verb in verbs]


def _subject(visit: Visit, shown: TaskShown) -> list[tuple[str, str]]:
    """What the task is about, in words; what only programs need is left out."""
    say, subject, pack = visit.say, shown.task.subject, shown.category.pack
    found = []
    if "milestone" in subject:
        titles = {each.code: visit.titled(each) for each in pack.milestones}
        found.append((say("节点"), titles.get(subject["milestone"], subject["milestone"])))
    if subject.get("member", shown.task.company) != shown.task.company:
        found.append((say("成员单位"), visit.name(subject["member"])))
    if "members" in subject:
        found.append((say("成员单位"), say("、").join(visit.name(code) for code in subject["members"].split(","))))
    if "eligible" in subject:
        eligible = [f"{visit.name(code)} {code}" for code in subject["eligible"].split(",")]
        found.append((say("可以承接"), say("、").join(eligible)))
    if "round" in subject:
        found.append((say("轮次"), subject["round"]))
    if "version" in subject:
        found.append((say("版本"), subject["version"]))
    if subject.get("amount_fen", "").isdigit():
        found.append((say("金额"), yuan(int(subject["amount_fen"]))))
    if subject.get("score_bp", "").isdigit():
        found.append((say("得分"), points(int(subject["score_bp"]))))
    return [*found, *_about_portfolio(visit, subject)] + (
        [(say("依据"), subject["because"])] if "because" in subject else []
    )


def _about_portfolio(visit: Visit, subject: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What stands in the way of a portfolio, what each step of giving way would bring, and how good its answer is."""
    say = visit.say
    if subject.get("says"):
        yield say("原因"), subject["says"]
    for place in count(1):
        if f"step_{place}" not in subject:
            break
        yield say("第 %(place)s 步", place=place), subject[f"step_{place}"]
    if subject.get("status"):
        yield say("结论"), STATUSES[subject["status"]].in_(visit.language)


def _answer(visit: Visit, shown: TaskShown) -> list[tuple[str, str]]:
    """What was answered, field by field; of a sealed quote its commitment."""
    answer = shown.task.answer
    if not answer:
        return []
    if "commitment" in answer:
        return [(visit.say("承诺值"), str(answer["commitment"]))]
    drawn = form_of(shown.schema, visit.language, written(shown.schema, answer), (), visit.signs(shown.category))
    return [line for each in drawn.fields for line in _told(each)]


def _told(field: Field) -> list[tuple[str, str]]:
    if field.fields:
        return [(f"{field.label} · {label}", text) for each in field.fields for label, text in _told(each)]
    if not field.value:
        return []
    chosen = {choice.key: choice.label for choice in field.choices}
    unit = f" {field.unit}" if field.unit else ""
    return [(field.label, f"{chosen.get(field.value, field.value)}{unit}")]
