"""`task list`, `draft`, `read`: what a person finds in the inbox, and lays down there for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import ActingFor, AsJson, Data, File, TaskId, User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.task import MemberTask
    from lianyue.records.inbox import KeptCopy, Tab, Wanted
    from lianyue.settings import Settings

TABS = {"todo": "待办", "done": "已办", "started": "我发起的", "copied": "抄送我"}


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group *app*."""
    app.command("list")(list_tasks)
    app.command()(draft)
    app.command()(read)


def list_tasks(
    tab: Annotated[
        str, typer.Option("--tab", metavar="TAB", help="待办 todo · 已办 done · 我发起的 started · 抄送我 copied")
    ] = "",
    company: Annotated[str | None, typer.Option("--for", metavar="CODE", help="单位 Only of this company.")] = None,
    number: Annotated[str | None, typer.Option("--number", metavar="NO", help="合同 Only of this contract.")] = None,
    category: Annotated[str, typer.Option("--category", metavar="CODE", help="类别 Only of this category.")] = "",
    search: Annotated[str, typer.Option("--search", metavar="TEXT", help="编号、名称、委托方 Search for this.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="只看逾期 Only what is overdue.")] = False,
    due_before: Annotated[
        str, typer.Option("--due-before", metavar="DAY", help="期限早于 Only what is due before this day.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="至多几项 At most so many.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="含已办结 Closed ones too; not with --tab.")] = False,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """列出任务：List tasks, the most pressing first; with --as those that this person may take or holds."""
    from contracts.calendar import start_of
    from contracts.errors import Invalid
    from lianyue.cli.session import settings_of
    from lianyue.records.inbox import Wanted

    if tab and tab not in TABS:
        raise Invalid(f"{tab!r} is none of {', '.join(TABS)}", where="--tab")
    settings = settings_of(data, user)
    wanted = Wanted(
        number=number or "",
        category=category,
        search=search,
        overdue=overdue,
        due_before=start_of(due_before) if due_before else None,
    )
    if tab:
        _print_tab(settings, tab, wanted, limit, as_json)
        return
    found = _found(settings, wanted, (company, acting_for), limit, open_only=not everything)
    _print_list(found, settings.language, as_json)


def draft(
    task: TaskId,
    file: File,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """暂存：Keep an unfinished answer; `task show` brings it back, and `task submit` lets go of it."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import elsewhere, settings_of, wired
    from lianyue.strict_files import content

    answer = content(file)
    settings = settings_of(data, user)
    remote = elsewhere(settings)
    if remote is not None:
        remote.keep_draft(task, answer, acting_for)
    else:
        wired(settings).inbox.keep_draft(task, settings.user, answer, acting_for)
    if as_json:
        emit({"task": task, "draft": answer})
    else:
        say(f"{task} 已暂存")


def read(
    target: Annotated[str, typer.Argument(metavar="ID", help="任务或合同编号 The task or contract that was copied.")],
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """已阅：Mark a task or contract that one is informed of as read."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import elsewhere, settings_of, wired

    settings = settings_of(data, user)
    remote = elsewhere(settings)
    first = remote.read(target) if remote is not None else wired(settings).inbox.read(target, settings.user)
    if as_json:
        emit({"target": target, "first": first})
    else:
        say(f"{target} 已阅" if first else f"{target} 此前已阅")


def _found(
    settings: Settings, wanted: Wanted, whose: tuple[str | None, str], limit: int | None, *, open_only: bool
) -> tuple[MemberTask, ...]:
    """What stands in the user's 待办; with a company, a principal or closed ones, all tasks of that kind."""
    from contracts.task import TaskKind
    from lianyue.cli.session import elsewhere
    from lianyue.records.inbox import Tab

    company, acting_for = whose
    remote = elsewhere(settings)
    if (remote is not None or settings.user) and open_only and not company and not acting_for:
        return _listed(settings, Tab.TODO, wanted, limit)[1]
    if remote is not None:
        found = remote.visible(wanted, company, limit, open_only=open_only)
    else:
        found = _found_here(settings, wanted, whose, limit, open_only)
    return tuple(task for task in found if not acting_for or task.kind is TaskKind.APPROVE)


def _found_here(
    settings: Settings, wanted: Wanted, whose: tuple[str | None, str], limit: int | None, open_only: bool
) -> tuple[MemberTask, ...]:
    """The tasks of a company, else of whoever is acted for, else of the user; without any of them all."""
    from lianyue.cli.session import opened
    from lianyue.desk.people import actor_named

    company, acting_for = whose
    with opened(settings) as records:
        if company:
            records.directory.company(company)
        actor = actor_named(records.directory, settings.user) if settings.user else None
        person = records.directory.person(acting_for) if acting_for else actor
        return records.reading.tasks(
            company=company or (person.company if person else None),
            user=person.user if person and not company else None,
            roles=person.roles if person and not company else None,
            open_only=open_only,
            wanted=wanted,
            limit=limit,
        )


def _print_tab(settings: Settings, tab: str, wanted: Wanted, limit: int | None, as_json: bool) -> None:
    from lianyue.cli.output import emit, say
    from lianyue.records.inbox import Tab

    counts, tasks, copies = _listed(settings, Tab(tab), wanted, limit)
    if not as_json:
        say("　".join(f"{TABS[each]} {count}" for each, count in counts.items()))
    if as_json:
        lines = {"copies": copies} if tab == Tab.COPIED else {"tasks": tasks}
        listed = {name: [each.model_dump(mode="json") for each in found] for name, found in lines.items()}
        emit({"tab": tab, "counts": {str(each): count for each, count in counts.items()}, **listed})
    elif tab == Tab.COPIED:
        _print_copies(copies)
    else:
        _print_list(tasks, settings.language, False)


def _listed(
    settings: Settings, tab: Tab, wanted: Wanted, limit: int | None
) -> tuple[Mapping[Tab, int], tuple[MemberTask, ...], tuple[KeptCopy, ...]]:
    """How long the lists of the inbox are, and the tasks, or of 抄送我 the copies, on the one that is wanted."""
    from lianyue.cli.session import elsewhere, wired
    from lianyue.desk.people import actor_named
    from lianyue.records.inbox import Tab

    remote = elsewhere(settings)
    if remote is not None:
        if tab is Tab.COPIED:
            return remote.counts(), (), remote.copies(wanted, limit)
        return remote.counts(), remote.inbox(tab, wanted, limit), ()
    wiring = wired(settings)
    user = actor_named(wiring.directory, settings.user).user
    counts = wiring.inbox.counts(user)
    if tab is Tab.COPIED:
        return counts, (), wiring.inbox.copies(user, wanted, limit)
    return counts, wiring.inbox.tasks(tab, user, wanted, limit), ()


def _print_copies(copies: tuple[KeptCopy, ...]) -> None:
    from lianyue.cli.contract_page import day_and_time
    from lianyue.cli.output import table

    rows = [
        (copy.task or copy.number, copy.title, copy.given_by, day_and_time(copy.at), "已阅" if copy.read_at else "未阅")
        for copy in copies
    ]
    table(("编号", "事项", "抄送人", "时间", ""), rows, f"抄送 {len(rows)} 项")


def _print_list(tasks: tuple[MemberTask, ...], language: str, as_json: bool) -> None:
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
