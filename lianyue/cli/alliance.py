"""`alliance`: the directory of companies and people."""

from __future__ import annotations

import typer

from lianyue.cli.options import AsJson, Data, File

app = typer.Typer(help="联盟名录 The directory of companies and people.", no_args_is_help=True)


@app.command()
def load(file: File, data: Data = None, as_json: AsJson = False) -> None:
    """导入名录：Make the file's companies and people the directory; new records are made if there are none."""
    from contracts.organisation import Alliance
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import NoRecords, need_records, settings_of
    from lianyue.records.directory import Directory
    from lianyue.records.engine import Database
    from lianyue.records.upgrade import upgrade
    from lianyue.strict_files import document

    alliance = document(file, "Alliance", Alliance)
    settings = settings_of(data)
    try:
        need_records(settings)
    except NoRecords:
        settings.data.mkdir(parents=True, exist_ok=True)
        upgrade(settings.records_url, settings.database_reader)
    with Database(settings.records_url) as database:
        Directory(database).load(alliance)
    if as_json:
        emit({"office": alliance.office, "companies": len(alliance.companies), "people": len(alliance.people)})
    else:
        say(f"{alliance.name}：{len(alliance.companies)} 家公司，{len(alliance.people)} 人")


@app.command()
def show(data: Data = None, as_json: AsJson = False) -> None:
    """查看名录：Show the office, the companies with their capacities, and the people with their roles."""
    from lianyue.cli.output import emit, table
    from lianyue.cli.session import opened, settings_of

    with opened(settings_of(data)) as records:
        office = records.directory.office()
        companies, people = records.directory.companies(), records.directory.persons()
    if as_json:
        listed = {"companies": [each.model_dump(mode="json") for each in companies]}
        emit({"office": office, **listed, "people": [each.model_dump(mode="json") for each in people]})
        return
    rows = [
        (each.code, each.name, each.kind.value, _listed(each.categories), _capacity(each.capacity))
        for each in companies
    ]
    table(("代码", "名称", "类型", "类别", "能力"), rows, f"公司（联盟办公室：{office}）")
    table(("用户", "姓名", "公司", "角色"), [(p.user, p.name, p.company, _listed(p.roles)) for p in people], "人员")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _capacity(capacity: dict[str, int]) -> str:
    return ", ".join(f"{resource} {amount:,}" for resource, amount in sorted(capacity.items()))
