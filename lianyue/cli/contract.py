"""`contract`: start, list, show and steer service contracts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.importing import import_ocds
from lianyue.cli.options import AsJson, Data, File, Informed, Number, Reason, RequestId, User

if TYPE_CHECKING:
    from contracts.service_contract import OrderReceipt, Stage
    from lianyue.settings import Settings
    from lianyue.strict_files import Row

app = typer.Typer(help="服务合同 Service contracts.", no_args_is_help=True)
app.command("import-ocds")(import_ocds)


@app.command()
def start(file: File, data: Data = None, user: User = None, as_json: AsJson = False) -> None:
    """启动合同：Start the workflow of a contract; the same contract again is answered as the first time."""
    from contracts.service_contract import ServiceContract
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import ask, settings_of
    from lianyue.strict_files import document

    contract = document(file, "ServiceContract", ServiceContract)
    settings = settings_of(data, user)
    started = ask(settings, lambda desk: desk.start(contract, settings.user))
    if as_json:
        emit(started.model_dump(mode="json"))
    else:
        say(f"{started.number} 已启动" if started.first else f"{started.number} 此前已启动，未作改动")
        for warning in started.warnings:
            say(f"注意：{warning}")


@app.command("start-batch")
def start_batch(
    file: File,
    portfolio: Annotated[
        Path | None,
        typer.Option("--portfolio", metavar="FILE", help="一并分配 Award them together, by this Portfolio's rules."),
    ] = None,
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> int:
    """批量启动：Start every contract of a batch; a bad row is reported and does not stop the rest."""
    from lianyue.cli.batches import started_alone
    from lianyue.cli.output import emit
    from lianyue.cli.session import settings_of, with_desk
    from lianyue.strict_files import batch

    rows = batch(file, "ServiceContractBatch", "contracts")
    settings = settings_of(data, user)
    if portfolio is None:
        results = with_desk(settings, lambda desk: started_alone(desk, rows, settings.user))
    else:
        results = _started_together(settings, rows, portfolio)
    failed = sum(result["error"] is not None for result in results)
    if as_json:
        emit({"results": results, "failed": failed, "started": sum(result["first"] is True for result in results)})
    else:
        _show_results(results, failed)
    return 1 if failed else 0


def _started_together(settings: Settings, rows: Sequence[Row], portfolio: Path) -> list[dict[str, Any]]:
    import asyncio

    from lianyue.cli.batches import started_together, started_together_elsewhere
    from lianyue.cli.session import at_own_desk, elsewhere
    from lianyue.strict_files import source_of

    rules, remote = source_of(portfolio), elsewhere(settings)
    if remote is not None:
        return asyncio.run(started_together_elsewhere(remote, rows, rules))
    return at_own_desk(settings, lambda desk: started_together(desk, rows, rules, settings.user))


def _show_results(results: list[dict[str, Any]], failed: int) -> None:
    from lianyue.cli.output import say, table

    def told(result: dict[str, Any]) -> str:
        if result["error"]:
            return f"✗ {result['error']['message']}"
        return "✓ 已启动" if result["first"] else "✓ 此前已启动"

    table(("行", "编号", "结果"), [(str(each["row"]), each["number"], told(each)) for each in results])
    say(f"{len(results) - failed} 份成功，{failed} 份失败")


@app.command("list")
def list_contracts(
    stage: Annotated[str | None, typer.Option("--stage", help="阶段 Only of this stage.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="类别 Only of this category.")] = None,
    member: Annotated[
        str | None, typer.Option("--member", metavar="CODE", help="成员 Only with a share of it.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """列出合同：List contracts by number."""
    from lianyue.cli.output import emit, table
    from lianyue.cli.session import elsewhere, opened, settings_of
    from lianyue.story import term
    from rules.explain.shown import money

    settings = settings_of(data)
    wanted: dict[str, Any] = {"stage": _stage(stage) if stage else None, "category": category, "member": member}
    remote = elsewhere(settings)
    if remote is not None:
        found = remote.contracts(**{name: value for name, value in wanted.items() if value})
    else:
        with opened(settings) as records:
            found = records.reading.contracts(**wanted)
    if as_json:
        emit({"contracts": [each.model_dump(mode="json") for each in found]})
        return
    spoken = settings.language
    rows = [
        (
            *(each.number, each.title, each.category, each.client),
            term("stage", each.stage.value, spoken) + ("（暂停）" if each.is_suspended else ""),
            money(each.total_fen or each.value_fen, spoken),
        )
        for each in found
    ]
    table(("编号", "名称", "类别", "委托方", "阶段", "金额"), rows, f"合同 {len(rows)} 份")


def _stage(name: str) -> Stage:
    from contracts.errors import UnknownName
    from contracts.service_contract import Stage
    from rules.problems import did_you_mean

    known = [stage.value for stage in Stage]
    if name not in known:
        stages = ", ".join(known)
        raise UnknownName(
            f"there is no stage {name!r}{did_you_mean(name, known) or f'; there are {stages}'}", "--stage"
        )
    return Stage(name)


@app.command()
def show(number: Number, data: Data = None, as_json: AsJson = False) -> None:
    """查看合同：Show a contract, its shares, its story day by day, and the tasks that are open."""
    from lianyue.cli.contract_page import page_from, page_of
    from lianyue.cli.output import emit
    from lianyue.cli.session import elsewhere, opened, settings_of

    settings = settings_of(data)
    remote = elsewhere(settings)
    if remote is not None:
        page = page_from(remote, settings, number)
    else:
        with opened(settings) as records:
            page = page_of(records, settings, number)
    if as_json:
        emit(page.as_document())
    else:
        page.print()


@app.command("document")
def write_document(
    number: Number,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="写入何处 The PDF to write.")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="contract|approval|acceptance", help="哪一种 Which.")
    ] = "contract",
    lang: Annotated[str, typer.Option("--lang", metavar="zh|bilingual", help="语言 The language.")] = "zh",
    version: Annotated[int | None, typer.Option("--version", metavar="N", help="第几版 Which version.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """生成文件：Write the contract, its approval sheet or its acceptance sheet as PDF, out of the records."""
    from lianyue.cli.paper import written
    from lianyue.cli.session import settings_of

    written(settings_of(data), number, output, kind, lang, version, as_json=as_json)


@app.command()
def copy(
    number: Number,
    to: Informed,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """抄送：Inform people of the office or the client of a contract as a whole."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import ask, settings_of

    settings = settings_of(data, user)
    receipt = ask(settings, lambda desk: desk.inform(number, settings.user, to, request_id))
    if as_json:
        emit(receipt.model_dump(mode="json"))
    else:
        say(f"{number} 已抄送 {'、'.join(to)}")


@app.command()
def cancel(
    number: Number,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """取消：End a contract; what was done is undone, what was settled stays owed."""
    from contracts.service_contract import Cancellation
    from lianyue.cli.session import ask, settings_of
    from lianyue.strict_files import reason_given

    settings, body = settings_of(data, user), Cancellation(reason=reason_given(reason))
    _told(ask(settings, lambda desk: desk.cancel(number, settings.user, body, request_id)), "已受理取消", as_json)


@app.command()
def suspend(
    number: Number,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """暂停：Stop a contract's deadlines."""
    from contracts.service_contract import Suspension
    from lianyue.cli.session import ask, settings_of
    from lianyue.strict_files import reason_given

    settings, body = settings_of(data, user), Suspension(reason=reason_given(reason))
    _told(ask(settings, lambda desk: desk.suspend(number, settings.user, body, request_id)), "已暂停", as_json)


@app.command()
def resume(
    number: Number,
    reason: Reason,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """恢复：Let a contract's deadlines run on."""
    from contracts.service_contract import Resumption
    from lianyue.cli.session import ask, settings_of
    from lianyue.strict_files import reason_given

    settings, body = settings_of(data, user), Resumption(reason=reason_given(reason))
    _told(ask(settings, lambda desk: desk.resume(number, settings.user, body, request_id)), "已恢复", as_json)


@app.command()
def amend(
    number: Number,
    file: File,
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """变更：Propose a change of a signed contract; it is in force once every party has signed it."""
    from contracts.service_contract import Amendment
    from lianyue.cli.session import ask, settings_of
    from lianyue.strict_files import document

    body = document(file, "Amendment", Amendment)
    settings = settings_of(data, user)
    _told(ask(settings, lambda desk: desk.amend(number, settings.user, body, request_id)), "已提出变更", as_json)


def _told(receipt: OrderReceipt, done: str, as_json: bool) -> None:
    from lianyue.cli.output import emit, say

    if as_json:
        emit(receipt.model_dump(mode="json"))
    else:
        say(f"{receipt.number} {done}")
