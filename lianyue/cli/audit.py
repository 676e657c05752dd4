"""`audit`: what happened, proved again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lianyue.cli import audit_log
from lianyue.cli.options import AsJson, Data, Number

app = typer.Typer(help="审计 What happened, proved again.", no_args_is_help=True)
app.add_typer(audit_log.app, name="log")
app.command()(audit_log.witness)


@app.callback()
def audit() -> None:
    """审计：Prove again what happened."""


@app.command()
def replay(number: Number, data: Data = None, as_json: AsJson = False) -> int:
    """重放与重算：Replay every history of a contract and decide its decisions again."""
    import asyncio

    from contracts.errors import ArchiveDamaged
    from lianyue.audit.checks import Check
    from lianyue.audit.replay import AuditReport, audit_contract, is_archived
    from lianyue.cli.checks_page import checks_document, show_checks
    from lianyue.cli.output import emit
    from lianyue.cli.session import connected, found, need_records, settings_of
    from lianyue.wiring import Wiring

    settings = settings_of(data)
    need_records(settings)

    async def audited() -> AuditReport:
        """Ask the server only for what is not archived yet."""
        wiring = Wiring(found(settings))
        client = None if is_archived(wiring, number) else await connected(wiring.settings)
        return await audit_contract(wiring, number, client)

    try:
        report = asyncio.run(audited())
    except ArchiveDamaged as error:
        report = AuditReport(number=number, checks=(Check(name="archive", ok=False, detail=error.message),))
    if as_json:
        emit({"number": number, **checks_document(report.checks)})
    else:
        show_checks(number, report.checks)
    return 0 if report.ok else 1


@app.command()
def export(
    number: Number,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="Z.zip", help="写到哪个文件 The file to write.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """导出：Write everything by which a contract is proved into one file; the same contract makes the same bytes."""
    import asyncio
    import hashlib

    from lianyue.audit.exporting import exported, running
    from lianyue.audit.replay import is_archived
    from lianyue.cli.checks_page import write_file
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import connected, found, need_records, settings_of
    from lianyue.histories import ServerHistories
    from lianyue.wiring import Wiring

    settings = settings_of(data)
    need_records(settings)

    async def bundle() -> bytes:
        """Ask the server only for what is not archived yet."""
        wiring = Wiring(found(settings))
        wiring.reading.contract(number)
        if is_archived(wiring, number):
            return exported(wiring, number)
        server = ServerHistories(await connected(wiring.settings))
        return exported(wiring, number, await running(wiring, number, server))

    raw = asyncio.run(bundle())
    write_file(output, raw)
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    if as_json:
        emit({"number": number, "file": str(output), "bytes": len(raw), "digest": digest})
    else:
        say(f"{number} 已导出到 {output}，{len(raw):,} 字节，{digest}")


@app.command()
def sweep(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="写到哪个目录 The folder to write into.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """留存：Export every contract into DIR, those that still run as far as they have come; meant for every night."""
    from lianyue.cli.output import emit, log_count, say
    from lianyue.cli.session import settings_of
    from lianyue.cli.sweeping import swept

    folder.mkdir(parents=True, exist_ok=True)
    found = swept(settings_of(data), folder, log_count)
    if as_json:
        emit({"folder": str(folder), **found._asdict()})
    else:
        say(f"{folder}：写入{len(found.written)}份，未变{len(found.unchanged)}份，无法取得{len(found.missing)}份")


@app.command()
def verify(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="Z.zip…", help="导出的文件或目录 Exported files, or folders of them."),
    ],
    trust: Annotated[
        Path | None, typer.Option("--trust", metavar="FILE", help="所信任的机构与密钥 Authorities and keys you trust.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """验证：Prove an exported contract; needs no server, network or database. 1 if anything is wrong."""
    from lianyue.cli.checks_page import checks_document, show_checks
    from lianyue.cli.output import emit, log
    from lianyue.cli.trust_file import bundles_in, trust_in
    from lianyue.cli.verifying import verified

    trusted = trust_in(trust) if trust else None
    bundles = bundles_in(files)
    results = []
    for file, checks in verified(bundles, trusted):
        results.append((file, checks))
        if len(bundles) > 1:
            how = "ok" if all(each.ok for each in checks) else "FAILED"
            log(f"{len(results)}/{len(bundles)} {file.name}: {how}")
    ok = all(check.ok for _, checks in results for check in checks)
    if as_json and len(results) == 1:
        emit(checks_document(results[0][1]))
    elif as_json:
        emit({"ok": ok, "bundles": [{"file": str(file), **checks_document(checks)} for file, checks in results]})
    else:
        for file, checks in results:
            show_checks(file.name, checks)
    return 0 if ok else 1


@app.command()
def at(
    number: Number,
    event: Annotated[int, typer.Option("--event", min=1, metavar="N", help="第几个事件之后 After which event.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """时点：How a contract stood after event N: its state, the tasks open then, and who could see them."""
    import asyncio

    from lianyue.audit.time_travel import Standing, standing_document, stood
    from lianyue.audit.views import told_by
    from lianyue.cli.output import emit, say, table
    from lianyue.cli.session import connected, found, need_records, settings_of
    from lianyue.histories import ServerHistories, unpacked
    from lianyue.wiring import Wiring

    settings = settings_of(data)
    need_records(settings)

    async def asked() -> tuple[Standing, dict[str, object]]:
        """Ask the server only for what is not archived yet."""
        wiring = Wiring(found(settings))
        wiring.reading.contract(number)
        kept = wiring.reading.histories(number)
        running = () if kept else await ServerHistories(await connected(wiring.settings)).so_far(number)
        told = told_by([unpacked(each.workflow_id, each.zlibbed, each.digest) for each in kept or running])
        standing = await stood(told, event)
        return standing, standing_document(told, standing)

    standing, document = asyncio.run(asked())
    if as_json:
        emit(document)
        return
    place = standing.place
    where = f"{place.workflow_id}@{place.event} {place.what}"
    say(f"{number}，第{place.number}/{standing.of}个事件后（{place.at}，{where}）")
    say(f"阶段：{document['stage']}")
    rows = [
        (task["id"], task["title"], task["company"], task["user"] or task["role"], "、".join(task["seen_by"]))
        for task in document["open_tasks"]  # type: ignore[attr-defined]
    ]
    table(("任务", "名称", "单位", "办理", "可见"), rows)
    for each in standing.diverged:
        say(f"此处之后不可知：{each}")


@app.command()
def ocds(
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="NO…", help="合同编号；不给则全部 Contracts; without any, all.")
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="OCID", help="登记的前缀 The ocid prefix you have registered.")
    ] = "ocds-lianyue",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件 The file to write.")
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """开放合同数据：Contracts as OCDS 1.1 releases, checked offline; 1 if a release breaks a rule of the standard."""
    import json

    from lianyue.cli.checks_page import write_file
    from lianyue.cli.ocds_page import publication
    from lianyue.cli.output import emit, log
    from lianyue.cli.session import settings_of, wired

    published, faults, running = publication(wired(settings_of(data)), numbers or (), prefix)
    for fault in faults:
        log(fault)
    for number in running:
        log(f"{number} is not archived yet and was left out")
    if output is not None:
        write_file(output, (json.dumps(published, ensure_ascii=False, indent=2) + "\n").encode())
    if output is None or as_json:
        emit(published)
    return 1 if faults else 0


@app.command()
def flags(
    threshold_fen: Annotated[
        int,
        typer.Option("--threshold-fen", min=1, metavar="FEN", help="须招标的金额 From where on one must tender."),
    ] = 100_000_000,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """警示：What to look at first in all contracts, each by its definition and source; none proves anything."""
    from lianyue.audit.flags import DEFINITIONS, Limits, flags_document, flags_in
    from lianyue.cli.output import emit, say, table
    from lianyue.cli.session import settings_of, wired
    from lianyue.records.contests import contests

    wiring = wired(settings_of(data))
    contested = contests(wiring.database)
    found = flags_in(contested, Limits(threshold_fen=threshold_fen))
    if as_json:
        emit({"contracts": len(contested), **flags_document(found)})
        return
    language = wiring.settings.language
    rows = [(each.name, "、".join(each.numbers), each.told(language)) for each in found]
    table(("警示", "合同", "说明"), rows)
    meanings = [(name, each.meaning.in_(language), each.source) for name, each in DEFINITIONS.items()]
    table(("警示", "定义", "出处"), meanings)
    say(f"{len(contested)}份合同，{len(found)}项警示")
