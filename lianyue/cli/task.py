"""`task`: what people at the companies have to do, and the verbs with which they do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import ActingFor, AsJson, Colleague, Data, File, Reason, RequestId, TaskId, User

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.task import TaskAction, TaskReceipt

app = typer.Typer(help="任务 Tasks, and what may be done with them.", no_args_is_help=True)


@app.command("list")
def list_tasks(
    company: Annotated[str | None, typer.Option("--for", metavar="CODE", help="单位 Only of this company.")] = None,
    number: Annotated[str | None, typer.Option("--number", metavar="NO", help="合同 Only of this contract.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="含已办结 Closed ones too.")] = False,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """列出任务：List tasks, the most pressing first; with --as those that this person may take or holds."""
    from contracts.task import TaskKind
    from lianyue.cli.session import opened, settings_of
    from lianyue.desk.people import actor_named

    settings = settings_of(data, user)
    with opened(settings) as records:
        if company:
            records.directory.company(company)
        actor = actor_named(records.directory, settings.user) if settings.user else None
        person = records.directory.person(acting_for) if acting_for else actor
        found = records.reading.tasks(
            company=company or (person.company if person else None),
            user=person.user if person and not company else None,
            roles=person.roles if person and not company else None,
            number=number,
            open_only=not everything,
        )
        found = tuple(task for task in found if not acting_for or task.kind is TaskKind.APPROVE)
    _print_list(found, settings.language, as_json)


def _print_list(tasks: tuple[Any, ...], language: str, as_json: bool) -> None:
    from lianyue.cli.contract_page import day_and_time
    from lianyue.cli.output import emit, table
    from lianyue.story import term

    if as_json:
        emit({"tasks": [task.model_dump(mode="json") for task in tasks]})
        return
    rows = [
        (
            *(task.id, term("kind", task.kind, language), task.title, task.company, task.user or ""),
            *(term("state", task.state, language), day_and_time(task.due_at) + (" 逾期" if task.is_overdue else "")),
        )
        for task in tasks
    ]
    table(("编号", "类型", "事项", "单位", "经办", "状态", "期限"), rows, f"任务 {len(rows)} 项")


@app.command()
def show(task: TaskId, data: Data = None, user: User = None, as_json: AsJson = False) -> None:
    """查看任务：Show a task, the fields of its form, what it is about, and what may be done with it."""
    from lianyue.cli.output import emit
    from lianyue.cli.session import opened, settings_of
    from lianyue.cli.task_page import task_page_of

    settings = settings_of(data, user)
    with opened(settings) as records:
        page = task_page_of(records, settings, task)
    if as_json:
        emit(page.as_document())
    else:
        page.print()


@app.command()
def submit(
    task: TaskId,
    file: File,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """提交：Answer a task with its form."""
    from lianyue.cli.documents import content
    from lianyue.cli.session import ask, settings_of

    answer = content(file)
    settings = settings_of(data, user)
    _told(ask(settings, lambda desk: desk.submit(task, settings.user, answer, request_id, acting_for)), as_json)


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
    task: TaskId,
    to: Colleague,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """转交：Hand a task over to a colleague for good."""
    from contracts.task import Transfer

    _act("transfer", Transfer, task, (data, user, request_id, as_json), to=to, reason=reason)


@app.command()
def delegate(
    task: TaskId,
    to: Colleague,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """委托：Let a colleague prepare the answer; the task comes back."""
    from contracts.task import Delegation

    _act("delegate", Delegation, task, (data, user, request_id, as_json), to=to, reason=reason)


@app.command("add-sign")
def add_sign(
    task: TaskId,
    to: Colleague,
    reason: Reason,
    mode: Annotated[str, typer.Option("--mode", help="前 before · 后 after · 并 beside")] = "beside",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """加签：Ask for a colleague's consent before, after or beside the answer."""
    from contracts.errors import Invalid
    from contracts.task import CoSignMode, CoSignRequest

    if mode not in list(CoSignMode):
        raise Invalid(f"{mode!r} is none of {', '.join(CoSignMode)}", where="--mode")
    given = (data, user, request_id, as_json)
    _act("add_sign", CoSignRequest, task, given, to=to, reason=reason, mode=CoSignMode(mode).value)


@app.command("return")
def give_back(
    task: TaskId,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """退回：Give a task back to whom it came from, or to the company."""
    from contracts.task import GiveBack

    _act("give_back", GiveBack, task, (data, user, request_id, as_json), reason=reason)


@app.command()
def withdraw(
    task: TaskId,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """撤回：Take one's own answer back while nobody has acted on it."""
    from contracts.task import Withdrawal

    _act("withdraw", Withdrawal, task, (data, user, request_id, as_json), reason=reason)


@app.command()
def remind(
    task: TaskId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="理由 Why, if there is more to say.")] = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """催办：Remind whoever holds a task."""
    from contracts.task import Reminder

    _act("remind", Reminder, task, (data, user, request_id, as_json), **({"reason": reason} if reason else {}))


def _act(
    verb: str,
    action: type[TaskAction],
    task: str,
    given: tuple[Path | None, str | None, str, bool],
    **fields: str,
) -> None:
    """Do *verb* through the desk and tell what became of the task."""
    from lianyue.cli.documents import reason_given
    from lianyue.cli.session import ask, settings_of

    data, user, request_id, as_json = given
    if "reason" in fields:
        fields["reason"] = reason_given(fields["reason"])
    settings = settings_of(data, user)
    _told(ask(settings, lambda desk: desk.act(verb, action, task, settings.user, request_id, **fields)), as_json)


def _told(receipt: TaskReceipt, as_json: bool) -> None:
    from lianyue.cli.output import emit, say
    from lianyue.story import term

    if as_json:
        emit(receipt.model_dump(mode="json"))
    else:
        say(f"{receipt.task} {term('state', receipt.state, 'zh')}")
