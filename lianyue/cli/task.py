"""`task`: what people at the companies have to do, and the verbs with which they do it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli import task_lists
from lianyue.cli.options import (
    ActingFor,
    AsJson,
    Colleague,
    Colleagues,
    Data,
    File,
    Informed,
    Reason,
    RequestId,
    TaskId,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.task import TaskAction, TaskReceipt
    from lianyue.desk.desk import ActResult, Desk
    from lianyue.remote import RemoteDesk

    Given = tuple[Path | None, str | None, str, bool]

app = typer.Typer(help="任务 Tasks, and what may be done with them.", no_args_is_help=True)
task_lists.add_to(app)

Evidence = Annotated[
    list[Path] | None,
    typer.Option("--evidence", metavar="PATH", help="交付资料 A file that the answer names, or their folder."),
]
Tasks = Annotated[
    list[str], typer.Argument(metavar="ID…", help="任务编号 One task or several, as `task list` prints them.")
]


@app.command()
def show(task: TaskId, data: Data = None, user: User = None, as_json: AsJson = False) -> None:
    """查看任务：Show a task, the fields of its form, what it is about, and what may be done with it."""
    from lianyue.cli.output import emit
    from lianyue.cli.session import elsewhere, opened, settings_of
    from lianyue.cli.task_page import page_from, page_of

    settings = settings_of(data, user)
    remote = elsewhere(settings)
    if remote is not None:
        page = page_from(remote, settings, task)
    else:
        with opened(settings) as records:
            page = page_of(records, settings, task)
    if as_json:
        emit(page.as_document())
    else:
        page.print()


@app.command()
def submit(
    task: TaskId,
    file: File,
    evidence: Evidence = None,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """提交：Answer a task with its form, and hand over the files that it names."""
    from lianyue.cli.handing_over import handed_over
    from lianyue.cli.session import ask, settings_of
    from lianyue.strict_files import content

    answer = content(file)
    settings = settings_of(data, user)

    async def submitted(desk: Desk | RemoteDesk) -> TaskReceipt:
        filled = await handed_over(desk, task, settings.user, answer, evidence or [])
        return await desk.submit(task, settings.user, filled, request_id, acting_for)

    _told(ask(settings, submitted), as_json)


@app.command()
def claim(
    task: TaskId,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """认领：Take an offered task."""
    from contracts.task import Claim

    _act("claim", Claim, task, (data, user, request_id, as_json), acting_for=acting_for)


@app.command()
def decline(
    task: TaskId,
    reason: Reason,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """拒绝：Refuse what a task asks."""
    from contracts.task import Decline

    _act("decline", Decline, task, (data, user, request_id, as_json), acting_for=acting_for, reason=reason)


@app.command()
def transfer(
    tasks: Tasks,
    to: Colleague,
    reason: Reason,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> int:
    """转交：Hand tasks over to a colleague for good; one that cannot be is told and does not stop the rest."""
    from contracts.task import Transfer

    given = (data, user, request_id, as_json)
    return _act_on_each("transfer", Transfer, tasks, given, to=to, reason=reason, acting_for=acting_for)


@app.command()
def delegate(
    task: TaskId,
    to: Colleague,
    reason: Reason,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """委托：Let a colleague prepare the answer; the task comes back."""
    from contracts.task import Delegation

    _act("delegate", Delegation, task, (data, user, request_id, as_json), to=to, reason=reason, acting_for=acting_for)


@app.command("add-sign")
def add_sign(
    task: TaskId,
    to: Colleagues,
    reason: Reason,
    mode: Annotated[str, typer.Option("--mode", help="前 before · 后 after · 并 beside")] = "beside",
    quorum: Annotated[
        str, typer.Option("--quorum", help="会签 all · 或签 any · 依次 in_order · 或须几人 or how many, as 2")
    ] = "all",
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """加签：Ask for colleagues' consent before, after or beside the answer: of all, any one, in order, or so many."""
    from contracts.errors import Invalid
    from contracts.task import CoSignMode, CoSignRequest, Quorum

    fields: dict[str, Any] = {"quorum": Quorum.AT_LEAST.value, "needed": int(quorum)} if quorum.isdecimal() else {}
    fields = fields or {"quorum": quorum}
    for option, value, known in (("--mode", mode, CoSignMode), ("--quorum", fields["quorum"], Quorum)):
        if value not in list(known):
            raise Invalid(f"{value!r} is none of {', '.join(known)}", where=option)
    given = (data, user, request_id, as_json)
    fields |= {"to": to, "reason": reason, "mode": mode, "acting_for": acting_for}
    _act("add_sign", CoSignRequest, task, given, **fields)


@app.command()
def copy(
    task: TaskId,
    to: Informed,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """抄送：Inform people of the company or the office of a task; they have nothing to do."""
    from contracts.task import CopyRequest

    _act("copy", CopyRequest, task, (data, user, request_id, as_json), to=to, acting_for=acting_for)


@app.command("return")
def give_back(
    task: TaskId,
    reason: Reason,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """退回：Give a task back to whom it came from, or to the company."""
    from contracts.task import GiveBack

    _act("give_back", GiveBack, task, (data, user, request_id, as_json), reason=reason, acting_for=acting_for)


@app.command()
def withdraw(
    task: TaskId,
    reason: Reason,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """撤回：Take one's own answer back while nobody has acted on it."""
    from contracts.task import Withdrawal

    _act("withdraw", Withdrawal, task, (data, user, request_id, as_json), reason=reason, acting_for=acting_for)


@app.command()
def remind(
    tasks: Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="任务编号 One task or several.")] = None,
    all_overdue: Annotated[
        bool, typer.Option("--all-overdue", help="全部逾期 Everything overdue that is yours.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="理由 Why, if there is more to say.")] = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> int:
    """催办：Remind whoever holds a task; a coordinator may urge all that is overdue, a client that of its contracts."""
    from contracts.errors import Invalid
    from contracts.task import Reminder

    if bool(tasks) is all_overdue:
        raise Invalid("name tasks, or give --all-overdue", where="task remind")
    given = (data, user, request_id, as_json)
    fields = {"reason": reason} if reason else {}
    return _act_on_each("remind", Reminder, tasks, given, **fields)


def _act(
    verb: str,
    action: type[TaskAction],
    task: str,
    given: Given,
    **fields: Any,
) -> None:
    """Do *verb* through the desk and tell what became of the task."""
    from lianyue.cli.session import ask, settings_of

    data, user, request_id, as_json = given
    _check_reason(fields)
    settings = settings_of(data, user)
    _told(ask(settings, lambda desk: desk.act(verb, action, task, settings.user, request_id, **fields)), as_json)


def _act_on_each(verb: str, action: type[TaskAction], tasks: list[str] | None, given: Given, **fields: Any) -> int:
    """Do *verb* on *tasks*, or on all that is overdue; one task is told like every act, several row by row."""
    from lianyue.cli.session import ask, settings_of

    if tasks and len(tasks) == 1:
        _act(verb, action, tasks[0], given, **fields)
        return 0
    data, user, request_id, as_json = given
    _check_reason(fields)
    settings = settings_of(data, user)

    async def act(desk: Desk | RemoteDesk) -> tuple[ActResult, ...]:
        if tasks is None:
            return await desk.remind_overdue(settings.user, request_id, **fields)
        return await desk.act_on_each(verb, action, tasks, settings.user, request_id, **fields)

    return _told_each(ask(settings, act), as_json)


def _check_reason(fields: dict[str, Any]) -> None:
    from lianyue.strict_files import reason_given

    if "reason" in fields:
        fields["reason"] = reason_given(fields["reason"])


def _told_each(results: tuple[ActResult, ...], as_json: bool) -> int:
    from lianyue.cli.output import emit, say, table
    from lianyue.story import term
    from lianyue.telling import error_document

    failed = sum(each.error is not None for each in results)
    if as_json:
        rows = [
            {
                "task": each.task,
                "receipt": each.receipt.model_dump(mode="json") if each.receipt else None,
                **(error_document(each.error) if each.error else {"error": None}),
            }
            for each in results
        ]
        emit({"results": rows, "failed": failed})
        return 1 if failed else 0
    told = [(each.task, f"✗ {each.error.message}" if each.error else f"✓ {_state(each, term)}") for each in results]
    table(("编号", "结果"), told)
    say(f"{len(results) - failed} 项成功，{failed} 项失败")
    return 1 if failed else 0


def _state(result: ActResult, term: Callable[[str, str, str], str]) -> str:
    return term("state", result.receipt.state, "zh") if result.receipt else ""


def _told(receipt: TaskReceipt, as_json: bool) -> None:
    from lianyue.cli.output import emit, say
    from lianyue.story import term

    if as_json:
        emit(receipt.model_dump(mode="json"))
    else:
        say(f"{receipt.task} {term('state', receipt.state, 'zh')}")
