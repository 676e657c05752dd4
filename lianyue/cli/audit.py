"""`audit`: what happened, proved again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import AsJson, Data, Number

if TYPE_CHECKING:
    from lianyue.audit.checks import Check

app = typer.Typer(help="审计 What happened, proved again.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """审计：Prove again what happened."""


@app.command()
def replay(number: Number, data: Data = None, as_json: AsJson = False) -> int:
    """重放与重算：Replay every history of a contract and decide its decisions again."""
    import asyncio

    from contracts.errors import ArchiveDamaged
    from lianyue.audit.checks import Check
    from lianyue.audit.replay import AuditReport, audit_contract
    from lianyue.cli.output import emit
    from lianyue.cli.session import connected, found, need_records, settings_of
    from lianyue.wiring import Wiring

    settings = settings_of(data)
    need_records(settings)

    async def audited() -> AuditReport:
        """Ask the server only for what is not archived yet."""
        wiring = Wiring(found(settings))
        client = None if wiring.reading.histories(number) else await connected(wiring.settings)
        return await audit_contract(wiring, number, client)

    try:
        report = asyncio.run(audited())
    except ArchiveDamaged as error:
        report = AuditReport(number=number, checks=(Check(name="archive", ok=False, detail=error.message),))
    if as_json:
        emit({"number": number, **_document(report.checks)})
    else:
        _show(number, report.checks)
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

    from lianyue.audit.exporting import exported
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
        if wiring.reading.histories(number):
            return exported(wiring, number)
        histories = ServerHistories(await connected(wiring.settings))
        return exported(wiring, number, await histories.so_far(number))

    raw = asyncio.run(bundle())
    _write(output, raw)
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    if as_json:
        emit({"number": number, "file": str(output), "bytes": len(raw), "digest": digest})
    else:
        say(f"{number} 已导出到 {output}，{len(raw):,} 字节，{digest}")


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="Z.zip…", help="导出的文件 Files that were exported.")],
    trust: Annotated[
        Path | None, typer.Option("--trust", metavar="FILE", help="所信任的机构与密钥 Authorities and keys you trust.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """验证：Prove an exported contract; needs no server, network or database. 1 if anything is wrong."""
    import asyncio

    from lianyue.audit.verifying import verify_bundle
    from lianyue.cli.output import emit, log
    from lianyue.cli.trust_file import raw_bundle, trust_in

    trusted = trust_in(trust) if trust else None
    bundles = [(file, raw_bundle(file)) for file in files]
    results = []
    for place, (file, raw) in enumerate(bundles, start=1):
        checks = asyncio.run(verify_bundle(raw, trusted))
        results.append((file, checks))
        if len(files) > 1:
            log(f"{place}/{len(files)} {file.name}: {'ok' if all(each.ok for each in checks) else 'FAILED'}")
    ok = all(check.ok for _, checks in results for check in checks)
    if as_json and len(results) == 1:
        emit(_document(results[0][1]))
    elif as_json:
        emit({"ok": ok, "bundles": [{"file": str(file), **_document(checks)} for file, checks in results]})
    else:
        for file, checks in results:
            _show(file.name, checks)
    return 0 if ok else 1


def _document(checks: Sequence[Check]) -> dict[str, object]:
    return {"ok": all(each.ok for each in checks), "checks": [each.model_dump(mode="json") for each in checks]}


def _show(what: str, checks: Sequence[Check]) -> None:
    from lianyue.cli.output import say, table

    table(("", "检查", "说明"), [("✓" if check.ok else "✗", check.name, check.detail) for check in checks])
    failed = sum(not check.ok for check in checks)
    say(f"{what}：{len(checks)} 项检查全部通过" if not failed else f"{what}：{failed} 项检查未通过")


def _write(file: Path, raw: bytes) -> None:
    """Write *file*, which appears only when it is whole."""
    from lianyue.cli.documents import UnreadableFile

    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.write_bytes(raw)
        unfinished.replace(file)
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be written: {error.strerror or error}", where=str(file)) from None
