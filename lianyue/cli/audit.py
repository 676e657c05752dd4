"""`audit`: what happened, proved again."""

from __future__ import annotations

import typer

from lianyue.cli.options import AsJson, Data, Number

app = typer.Typer(help="审计 What happened, proved again.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """审计：Prove again what happened."""


@app.command()
def replay(number: Number, data: Data = None, as_json: AsJson = False) -> int:
    """重放与重算：Replay every history of a contract and decide its decisions again."""
    import asyncio

    from contracts.errors import ArchiveDamaged
    from lianyue.audit.replay import AuditReport, Check, audit_contract, is_archived
    from lianyue.cli.output import emit, say, table
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
        checks = [check.model_dump(mode="json") for check in report.checks]
        emit({"number": number, "ok": report.ok, "checks": checks})
    else:
        table(("", "检查", "说明"), [("✓" if check.ok else "✗", check.name, check.detail) for check in report.checks])
        failed = sum(not check.ok for check in report.checks)
        say(f"{number}：{len(report.checks)} 项检查全部通过" if report.ok else f"{number}：{failed} 项检查未通过")
    return 0 if report.ok else 1
