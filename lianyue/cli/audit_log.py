"""`audit log` and `audit witness`: the log checked, published, and signed by member companies too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lianyue.cli.options import AsJson, Data

app = typer.Typer(help="日志 The log that nothing is left out of.", no_args_is_help=True)

LogKey = Annotated[
    str, typer.Option("--log", metavar="KEY", help="日志的验证公钥 The verifier key of the log, name+id+base64.")
]


@app.callback()
def log() -> None:
    """日志：The log: checked, published, cosigned."""


@app.command()
def verify(
    data: Data = None,
    key: Annotated[
        str | None, typer.Option("--log", metavar="KEY", help="日志的验证公钥 The log's verifier key.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """验证：Hash the whole log again and hold checkpoints and records against it; 1 if anything differs."""
    from lianyue.audit.log_audit import audited_log
    from lianyue.cli.checks_page import checks_document, show_checks
    from lianyue.cli.output import emit
    from lianyue.cli.session import settings_of, wired
    from lianyue.log.note import key_in

    wiring = wired(settings_of(data))
    checks = audited_log(wiring.log, wiring.reading, key_in(key) if key else None)
    if as_json:
        emit(checks_document(checks))
    else:
        show_checks("audit log", checks)
    return 0 if all(check.ok for check in checks) else 1


@app.command()
def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="写到哪个文件 The file to write.")],
    since: Annotated[
        int, typer.Option("--since", min=0, metavar="SIZE", help="见证人上次所签 What it signed last.")
    ] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """公布：Sign a checkpoint over all entries, and write it with the proof that it continues SIZE entries."""
    from lianyue.cli.checks_page import write_file
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of, wired

    keeper = wired(settings_of(data)).log
    checkpoint, _ = keeper.checkpoint()
    write_file(file, keeper.publication(since).encode())
    if as_json:
        emit({"file": str(file), "log": str(keeper.key), "size": checkpoint.size, "root": checkpoint.root.hex()})
    else:
        say(f"{checkpoint.origin}：{checkpoint.size} 条，已写到 {file}\n验证公钥 {keeper.key}")


@app.command()
def accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="见证人签署的文件 What the witness has signed.")],
    witness: Annotated[str, typer.Option("--witness", metavar="KEY", help="见证人的验证公钥 Its verifier key.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """收下：Take in a checkpoint that a witness has signed."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of, wired
    from lianyue.log.note import key_in
    from lianyue.strict_files import text_of

    key = key_in(witness)
    new = wired(settings_of(data)).log.accept(text_of(file), key)
    if as_json:
        emit({"witness": key.name, "new": new})
    else:
        say(f"已收下{key.name}的共同签名" if new else f"{key.name}的共同签名此前已收下")


def witness(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="日志公布的文件 What the log has published.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="见证人的名称，如域名 The witness's name.")],
    key: LogKey,
    folder: Annotated[
        Path, typer.Option("--keys", metavar="DIR", help="本单位的密钥与记忆 The key and the memory of this company.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件 The file to write.")],
    as_json: AsJson = False,
) -> None:
    """见证：Sign a published checkpoint with the own key, if it continues the last one that was seen here."""
    import time

    from lianyue.cli.checks_page import write_file
    from lianyue.cli.output import emit, say
    from lianyue.key_files import private_key
    from lianyue.log.note import Signer, checkpoint_in, key_in
    from lianyue.log.witness import Witness
    from lianyue.strict_files import text_of

    own = Witness(Signer(name, private_key(folder / "witness.key")), folder / "seen.json")
    note = own.cosign(text_of(file), key_in(key), int(time.time()))
    write_file(output, note.encode())
    size = checkpoint_in(note).size
    if as_json:
        emit({"file": str(output), "size": size, "witness": str(own.key)})
    else:
        say(f"已签署 {size} 条的检查点，写到 {output}\n验证公钥 {own.key}")
