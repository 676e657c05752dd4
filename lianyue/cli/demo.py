"""`lianyue demo`: the ceremony of the model alliance on a real server and a real database, from start to audit."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.errors import MalformedDocument
from contracts.money import yuan
from lianyue.dev_server import free_port
from lianyue.instance import Instance
from lianyue.lifelines import until_told
from lianyue.packs import categories
from lianyue.settings import Settings
from lianyue.simulate.ceremony import BUNDLES, Ceremony, hold
from lianyue.simulate.example import Example, load
from lianyue.story import term

ORIGIN = "2025-07-01T09:00:00+08:00"
DAY_PER_SECOND = 86_400
EXAMPLE = "lingang-2025"
PHASES = {"contracts": "合同 contracts", "archives": "归档 archives", "proofs": "验证 proofs"}


def demo(settings: Settings, contracts: int | None, seed: int, data: Path | None, keep: bool, as_json: bool) -> int:
    """
    Play the example and print its tables; return 0 if every contract ended as its story says and was verified.

    Without *data* everything happens in a temporary folder that is removed afterwards.
    """
    example = _chosen(load(_examples() / EXAMPLE), contracts, seed)
    place = data or Path(tempfile.mkdtemp(prefix="lianyue-demo-"))
    try:
        ceremony = asyncio.run(_play(_settings(settings, place), example, keep))
    finally:
        if data is None:
            shutil.rmtree(place, ignore_errors=True)
    if as_json:
        print(ceremony.model_dump_json(exclude={"acts", "failed_checks"}))
    else:
        _print(ceremony, example, data)
    return 0 if ceremony.verified == len(example.contracts) == ceremony.contracts else 1


async def _play(settings: Settings, example: Example, keep: bool) -> Ceremony:
    instance = Instance(settings, with_portal=keep)
    console = Console(stderr=True)
    try:
        desk = await instance.start()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=not sys.stderr.isatty()) as bars:
            ceremony = await hold(instance, desk, example, _progress(bars))
        if keep:
            console.print(f"实例仍在运行：门户 {instance.portal_address}，数据 {settings.data}；按 Ctrl-C 结束")
            await instance.watch(until_told())
        return ceremony
    finally:
        instance.stop()


def _progress(bars: Progress) -> Callable[[str, int, int], None]:
    shown: dict[str, TaskID] = {}

    def tell(phase: str, done: int, total: int) -> None:
        if phase not in shown:
            shown[phase] = bars.add_task(PHASES[phase], total=total)
        bars.update(shown[phase], completed=done)

    return tell


def _settings(settings: Settings, data: Path) -> Settings:
    """
    The demonstration lives in its own folder and port, and a second of it is a day.

    Its files survive the death of any of its processes, not a power cut: they are thrown away anyhow.
    """
    return settings.model_copy(
        update={
            "data": data,
            "temporal_address": f"127.0.0.1:{free_port()}",
            "clock_origin": ORIGIN,
            "clock_speed": DAY_PER_SECOND,
            "sqlite_synchronous": "NORMAL",
        }
    )


def _chosen(example: Example, contracts: int | None, seed: int) -> Example:
    """Take the first *contracts*, started in an order that *seed* shuffles; nought leaves the order as it is."""
    chosen = list(example.contracts[:contracts])
    if seed:
        random.Random(seed).shuffle(chosen)  # noqa: S311 - an order to start in, not a secret
    return example.model_copy(update={"contracts": tuple(chosen)})


def _examples() -> Path:
    """The examples beside the sources, else those of the folder one stands in."""
    for folder in (Path(__file__).resolve().parents[2] / "examples", Path.cwd() / "examples"):
        if (folder / EXAMPLE).is_dir():
            return folder
    raise MalformedDocument("there is no folder examples/lingang-2025 here; run the demonstration from a checkout")


def _print(ceremony: Ceremony, example: Example, kept: Path | None) -> None:
    console = Console()
    console.print(_categories(ceremony), _members(ceremony, example))
    stages = "，".join(f"{term('stage', stage, 'zh')} {count} 份" for stage, count in ceremony.stages.items())
    console.print(f"结果：{stages}；{ceremony.verified} 份合同导出后离线验证无误：历史重放一致、决定重算一致。")
    if kept:
        console.print(f"审计包在 {kept / BUNDLES}，可再验证：lianyue audit verify {kept / BUNDLES}")
    console.print(f"模拟人员办理 {ceremony.acts} 项任务，用时 {ceremony.seconds} 秒。")
    for line in ceremony.failed_checks:
        console.print(f"[red]未通过：{line}[/red]")


def _categories(ceremony: Ceremony) -> Table:
    packs = {code: category.pack for code, category in categories().items()}
    table = Table("类别", "代码", "合同数", "数量", "单位", "金额", title="按类别 by category")
    for code, total in sorted(ceremony.by_category.items()):
        pack = packs[code]
        sign = next(unit.sign_zh for unit in pack.units if unit.code == total.unit)
        quantity, amount = f"{total.quantity:,}", yuan(total.amount_fen)
        table.add_row(pack.title_zh, code, str(total.contracts), quantity, sign, amount)
    table.add_row("合计", "", str(ceremony.contracts), "", "", yuan(ceremony.amount_fen), style="bold")
    return table


def _members(ceremony: Ceremony, example: Example) -> Table:
    names = {company.code: company.name for company in example.alliance.companies}
    table = Table("成员单位", "代码", "合同数", "金额", title="按成员单位 by member")
    for code, share in sorted(ceremony.by_member.items(), key=lambda item: -item[1].amount_fen):
        table.add_row(names.get(code, code), code, str(share.contracts), yuan(share.amount_fen))
    total_fen = sum(share.amount_fen for share in ceremony.by_member.values())
    table.add_row("合计", "", "", yuan(total_fen), style="bold")
    return table
