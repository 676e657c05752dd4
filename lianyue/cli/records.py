"""`records`: the database behind everything: brought up to date, checked, copied and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lianyue.cli.options import AsJson, Data

app = typer.Typer(help="记录 The database: upgrade, check, backup, restore.", no_args_is_help=True)

Copy = Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 The file of the backup.")]


@app.command()
def upgrade(data: Data = None, as_json: AsJson = False) -> None:
    """升级：Bring the records to the schema of this release; on current ones nothing happens."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of
    from lianyue.records.engine import Database
    from lianyue.records.upgrade import upgrade as bring_up

    settings = settings_of(data)
    settings.data.mkdir(parents=True, exist_ok=True)
    bring_up(settings.records_url, settings.database_reader)
    with Database(settings.records_url) as database:
        place = database.place
    if as_json:
        emit({"is_current": True, "records": place})
    else:
        say(f"{place} 已是本版本的结构")


@app.command()
def rebuild(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="空数据库：文件或 URL An empty database: a file or a URL.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """重建：Write the read model anew out of the histories, into TARGET, and compare row by row; 1 if they differ."""
    from lianyue.cli.checks_page import checks_document, show_checks
    from lianyue.cli.output import emit
    from lianyue.cli.rebuilding import rebuilt_into
    from lianyue.cli.session import settings_of

    checks = rebuilt_into(settings_of(data), target)
    if as_json:
        emit({"target": target, **checks_document(checks)})
    else:
        show_checks(target, checks)
    return 0 if all(each.ok for each in checks) else 1


@app.command()
def check(
    histories: Annotated[
        bool, typer.Option("--histories", help="逐行与历史核对 Hold every row against the histories, too.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """检查：Say whether the schema is current and the database whole; 1 if not."""
    from lianyue.cli.backups import Check, checks_of
    from lianyue.cli.output import emit, table
    from lianyue.cli.rebuilding import rebuilt_for_a_moment
    from lianyue.cli.session import settings_of

    settings = settings_of(data)
    checks = checks_of(settings)
    if histories and all(each.ok for each in checks if each.name == "schema"):
        rows = rebuilt_for_a_moment(settings)
        checks = (*checks, *(Check(each.name, each.ok, each.detail) for each in rows))
    ok = all(each.ok for each in checks)
    if as_json:
        emit({"ok": ok, "checks": [each._asdict() for each in checks]})
    else:
        table(("", "检查", "说明"), [("✓" if each.ok else "✗", each.name, each.detail) for each in checks])
    return 0 if ok else 1


@app.command()
def backup(file: Copy, data: Data = None, as_json: AsJson = False) -> None:
    """备份：Copy the records into FILE while work goes on; the copy is checked."""
    from lianyue.cli.backups import back_up
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of

    settings = settings_of(data)
    size = back_up(settings, file)
    if as_json:
        folders = {"evidence": str(settings.evidence_folder), "documents": str(settings.documents_folder)}
        emit({"file": str(file), "bytes": size, **folders})
    else:
        say(f"已备份到 {file}，{size:,} 字节；交付资料在 {settings.evidence_folder}，")
        say(f"签署文件在 {settings.documents_folder}，请一并复制")


@app.command()
def restore(
    file: Copy,
    replace: Annotated[
        bool, typer.Option("--replace", help="替换现有记录 Replace the records that are there.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """恢复：Put a backup back; records that are there are kept beside it, and replaced only with --replace."""
    from lianyue.cli.backups import put_back
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of

    kept = put_back(settings_of(data), file, replace=replace)
    if as_json:
        emit({"file": str(file), "kept": str(kept) if kept else None})
    else:
        say(f"已从 {file} 恢复" + (f"；原记录保存在 {kept}" if kept else ""))
