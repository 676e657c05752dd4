"""Options and arguments that several commands share, so that they are called alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contracts.value import SHORTEST_REASON

AsJson = Annotated[bool, typer.Option("--json", help="一份 JSON 文档 One JSON document on stdout, nothing else.")]
Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="LIANYUE_DATA", metavar="DIR", help="数据目录 The data folder [.lianyue]."),
]
User = Annotated[str | None, typer.Option("--as", envvar="LIANYUE_USER", metavar="USER", help="以谁的身份 Who acts.")]
RequestId = Annotated[
    str, typer.Option("--request-id", metavar="ID", help="同一请求重复发送只办一次 The same id again is done once.")
]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help=f"理由 Why, in at least {SHORTEST_REASON} characters."),
]
ActingFor = Annotated[str, typer.Option("--acting-for", metavar="USER", help="代谁办理 For whom, by a mandate.")]
FromDay = Annotated[str, typer.Option("--from", metavar="DAY", help="自何日起 The first day, 2025-07-01.")]
Colleague = Annotated[str, typer.Option("--to", metavar="USER", help="同事 The colleague.")]
Colleagues = Annotated[list[str], typer.Option("--to", metavar="USER", help="同事 A colleague; once for each.")]
Informed = Annotated[list[str], typer.Option("--to", metavar="USER", help="抄送谁 Who is informed; once for each.")]

Lang = Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="语言 The language of the sentences [zh].")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="自哪一决定日起 The first decision day that counts.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="至哪一决定日止 The last decision day that counts.")
]

File = Annotated[Path, typer.Argument(metavar="FILE", help="YAML 或 JSON 文件 A YAML or JSON file.")]
Paths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="文件或目录 Files or folders.")]
Number = Annotated[str, typer.Argument(metavar="NO", help="合同编号 The contract's number, LY-2025-0001.")]
TaskId = Annotated[str, typer.Argument(metavar="ID", help="任务编号 The task's id, as `task list` prints it.")]
