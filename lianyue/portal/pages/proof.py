"""The auditor's pages: what is proved of a contract, its bundle, how it stood at any time, red flags, and the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from contracts.calendar import AllianceClock
from contracts.task import MemberTask
from lianyue.access.permissions import Part
from lianyue.audit.checks import Check
from lianyue.audit.flags import Flag
from lianyue.audit.time_travel import Journey, Standing, parts_then, seen_by
from lianyue.portal.pages.visit import Here, PageRoute, Visit

router = APIRouter(route_class=PageRoute, include_in_schema=False)
LATEST = 200
"""So many refused attempts are shown."""


class Proved(NamedTuple):
    """The checks of one kind: what they prove, and those that failed before the others."""

    kind: str
    meaning: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> int:
        """How many failed."""
        return sum(not check.ok for check in self.checks)


class FlagShown(NamedTuple):
    """A red flag in words."""

    title: str
    told: str
    numbers: tuple[str, ...]
    meaning: str
    source: str


class Looker(NamedTuple):
    """A company at a time gone by: what it had to do with the contract, and the open tasks it could look at."""

    company: str
    part: str
    tasks: tuple[MemberTask, ...]


class Step(NamedTuple):
    """A way to another event; without a place it leads nowhere."""

    label: str
    place: int | None


@router.get("/audit")
def oversight(visit: Here) -> Response:
    """Show how the log stands and the latest refused attempts; overseers only."""
    refused = visit.scope.refused_attempts()[-LATEST:]
    return visit.show("refusals.html", refused=tuple(reversed(refused)), log=visit.proofs.log())


@router.get("/audit/flags")
def every_flag(visit: Here) -> Response:
    """Show the red flags of all contracts with their definitions; overseers only."""
    found = visit.proofs.every_flag()
    definitions = visit.proofs.definitions.values()
    meanings = [(each.title.in_(visit.language), each.meaning.in_(visit.language), each.source) for each in definitions]
    return visit.show("flags.html", flags=_flags(visit, found), meanings=meanings)


@router.get("/contracts/{number}/audit")
def audit(visit: Here, number: str) -> Response:
    """Show what is kept for auditors; overseers only."""
    return _audit(visit, number, ())


@router.post("/contracts/{number}/audit")
async def prove(visit: Here, number: str) -> Response:
    """Prove the contract as `audit verify` does; nothing is changed."""
    checks = await visit.proofs.proved(number)
    return await run_in_threadpool(_audit, visit, number, checks)


@router.get("/contracts/{number}/bundle.zip")
async def bundle(visit: Here, number: str) -> Response:
    """Hand out the bundle of a contract that has ended: the bytes of `audit export`."""
    raw = await visit.proofs.bundle(number)
    headers = {"Content-Disposition": f'attachment; filename="{number}.zip"'}
    return Response(raw, media_type="application/zip", headers=headers)


@router.get("/contracts/{number}/at")
async def at_last(visit: Here, number: str, event: Annotated[int | None, Query(ge=1, le=10**6)] = None) -> Response:
    """Lead to an event that was chosen, else to the last one."""
    if event is None:
        event = len((await visit.proofs.lived(number)).journey.places)
    await run_in_threadpool(visit.proofs.need_oversight, number)
    return RedirectResponse(f"/contracts/{number}/at/{event}", 303)


@router.get("/contracts/{number}/at/{event}")
async def at(visit: Here, number: str, event: int) -> Response:
    """Show how the contract stood after an event: its stage, the tasks open then, and who could see them."""
    lived = await visit.proofs.lived(number)
    return await run_in_threadpool(_at, visit, lived.journey, event, is_archived=lived.is_archived)


# --- what is proved ---------------------------------------------------------------------------------------------


def _audit(visit: Visit, number: str, checks: Sequence[Check]) -> Response:
    return visit.show(
        "audit.html",
        summary=visit.summary(number),
        histories=visit.rulings.histories(number),
        is_archived=visit.proofs.is_archived(number),
        refused=visit.scope.refused_attempts(number),
        flags=_flags(visit, visit.proofs.flags(number)),
        checks=checks,
        failed=sum(not check.ok for check in checks),
        proved=_by_kind(visit, checks),
    )


def _by_kind(visit: Visit, checks: Sequence[Check]) -> list[Proved]:
    """The checks by kind, in the order in which they were made; kinds in which one failed go first."""
    meanings, kinds = _meanings(visit), dict.fromkeys(check.name.partition(" ")[0] for check in checks)
    found = []
    for kind in kinds:
        own = [check for check in checks if check.name.partition(" ")[0] == kind]
        found.append(Proved(kind, meanings.get(kind, kind), tuple(sorted(own, key=lambda check: check.ok))))
    return sorted(found, key=lambda each: not each.failed)


def _meanings(visit: Visit) -> dict[str, str]:
    """What each kind of check proves."""
    say = visit.say
    return {
        "container": say("审计包的每个字节都有来历"),
        "manifest": say("每个文件都列在清单里，摘要相符"),
        "edition": say("规则文本就是其摘要所指的那一份"),
        "archive": say("历史完整，与归档时的摘要相符"),
        "complete": say("启动过的每个流程都有历史"),
        "pins": say("发起时锁定的规则齐全，没有别的顶替"),
        "replay": say("今天的流程代码重放历史，每一步都相同"),
        "authority": say("签名证书由谁担保"),
        "portfolio": say("一并分配的组合在内，公布的就是本合同采用的"),
        "allocate": say("组合按原文件重新求解，结果相同"),
        "take_up": say("本合同采用的组合结果重新决定，结果相同"),
        "screen": say("按记录的事实重新审查资格，结果相同"),
        "decide": say("按记录的事实重新决定，份额与审批人相同"),
        "open_quotes": say("开启的报价就是当初密封的报价"),
        "draw_up": say("合同文本就是签署的那一份，金额相加无误"),
        "amend": say("变更后的分期与份额相加无误"),
        "sign": say("签署的人代表其单位"),
        "reference": say("换用 Google 的表达式引擎重新决定，结果相同"),
        "engine": say("作出决定的引擎，今天的版本仍有"),
        "draw": say("抽签所用的种子是事先承诺的那个"),
        "settle": say("每一期应付金额重新计算，结果相同"),
        "draft": say("每一项评分重新计算，结果相同"),
        "parties": say("生效的文本由每一方各签署一次"),
        "conclude": say("签署后的 PDF 逐次核对，签名有效"),
        "money": say("各单位、各节点与总额相加无误，没有重复结算"),
        "desk": say("合同由哪个工作台发起"),
        "vouchers": say("每一次人的操作都有工作台背书"),
        "seal": say("清单由工作台签封"),
        "log": say("日志里一条不少，记录没有被改写"),
        "views": say("展示的内容就是历史所说的内容"),
        "report": say("供阅读的报告就是历史所说的内容"),
    }


def _flags(visit: Visit, found: Sequence[Flag]) -> list[FlagShown]:
    language, definitions = visit.language, visit.proofs.definitions
    names = visit.company_names | {code: visit.category(code) for code in visit.scope.categories()}
    return [
        FlagShown(
            definitions[each.name].title.in_(language),
            each.told(language, names),
            each.numbers,
            definitions[each.name].meaning.in_(language),
            definitions[each.name].source,
        )
        for each in found
    ]


# --- a time gone by ---------------------------------------------------------------------------------------------


def _at(visit: Visit, journey: Journey, event: int, *, is_archived: bool) -> Response:
    told, standing = journey.told, journey.stood(event)
    stage = standing.stage_of(told)
    return visit.show(
        "at.html",
        summary=visit.summary(told.number).model_copy(update={"stage": stage}),
        stage=stage,
        place=standing.place,
        said=_events(visit).get(standing.place.what, standing.place.what),
        moment=_shown_then(told.order.clock, standing.place.at),
        of=standing.of,
        is_archived=is_archived,
        diverged=standing.diverged,
        steps=_steps(visit, journey, event),
        tasks=standing.open_tasks,
        lookers=_lookers(visit, journey, standing),
    )


def _shown_then(clock: AllianceClock, at: str) -> datetime:
    """What the contract's clock showed at a real moment."""
    return clock.at(datetime.fromisoformat(at))


def _steps(visit: Visit, journey: Journey, event: int) -> list[Step]:
    """The ways back and forth: to the next event, and to the next after which somebody would notice a change."""
    say, last = visit.say, len(journey.places)
    before = [each for each in journey.changes if each < event]
    after = [each for each in journey.changes if each > event]
    return [
        Step(say("上一次变化"), before[-1] if before else None),
        Step(say("上一个事件"), event - 1 if event > 1 else None),
        Step(say("下一个事件"), event + 1 if event < last else None),
        Step(say("下一次变化"), after[0] if after else None),
    ]


def _lookers(visit: Visit, journey: Journey, standing: Standing) -> list[Looker]:
    """Every company that knew of the contract by then, and which of the open tasks it could look at."""
    order, parts = journey.told.order, parts_then(journey.told, standing)
    seen = {task.id: seen_by(task, order.contract.client, order.office, list(parts)) for task in standing.open_tasks}
    titles = _parts(visit)
    return [
        Looker(code, titles[part], tuple(task for task in standing.open_tasks if code in seen[task.id]))
        for code, part in parts.items()
    ]


def _parts(visit: Visit) -> dict[Part, str]:
    say = visit.say
    return {
        Part.OVERSEER: say("监督方，看得到全部"),
        Part.CLIENT: say("委托方"),
        Part.PARTY: say("合同当事方"),
        Part.ASKED: say("受邀方"),
    }


def _events(visit: Visit) -> dict[str, str]:
    """What the server's events are for people."""
    say = visit.say
    return {
        "workflow_execution_started": say("流程开始"),
        "workflow_execution_completed": say("流程结束"),
        "workflow_execution_failed": say("流程失败"),
        "workflow_execution_update_accepted": say("有人办理，已受理"),
        "workflow_execution_update_completed": say("办理已答复"),
        "workflow_execution_signaled": say("收到通知"),
        "workflow_task_scheduled": say("等待流程代码"),
        "workflow_task_started": say("流程代码开始推进"),
        "workflow_task_completed": say("流程代码推进一步"),
        "activity_task_scheduled": say("交办一件事"),
        "activity_task_started": say("开始办一件事"),
        "activity_task_completed": say("办完一件事"),
        "timer_started": say("设定期限"),
        "timer_fired": say("期限已到"),
        "timer_canceled": say("期限取消"),
        "start_child_workflow_execution_initiated": say("交给子流程"),
        "child_workflow_execution_started": say("子流程开始"),
        "child_workflow_execution_completed": say("子流程结束"),
    }
