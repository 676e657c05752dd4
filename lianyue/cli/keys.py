"""`keys`: the keys of keyholders, by which sealed quotes are opened, and the ring for payloads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import ActingFor, AsJson, Data, RequestId, TaskId, User

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from lianyue.desk.openings import WrappedShares

app = typer.Typer(help="密钥 The keys of keyholders, and the ring for payloads.", no_args_is_help=True)

KeyFile = Annotated[Path, typer.Argument(metavar="KEY", help="私钥文件 The file of the private key.")]
Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="KEY", help="私钥文件 One's private key; test keys need none."),
]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", metavar="FILE", help="口令在文件中 Read the passphrase from a file, do not ask."),
]


@app.command()
def new(file: KeyFile, passphrase_file: Passphrase = None, as_json: AsJson = False) -> None:
    """新建密钥：Make a keyholder's key under a passphrase, and show its public half for the directory."""
    from lianyue.cli.output import emit, say
    from lianyue.sealing.keyholders import make_key, public_hex

    public = public_hex(make_key(file, _passphrase(passphrase_file, confirm=True)))
    if as_json:
        emit({"public_key": public})
    else:
        say(f"{public}\n公钥，写入名录的 keyholders。私钥在 {file}，只由持钥人保管；丢失则无法恢复。")


@app.command()
def show(file: KeyFile, passphrase_file: Passphrase = None, as_json: AsJson = False) -> None:
    """查看公钥：Show the public half of a private key."""
    from lianyue.cli.output import emit, say
    from lianyue.sealing.keyholders import public_hex, read_key

    public = public_hex(read_key(file, _passphrase(passphrase_file)))
    if as_json:
        emit({"public_key": public})
    else:
        say(public)


@app.command()
def shares(task: TaskId, acting_for: ActingFor = "", data: Data = None, user: User = None) -> None:
    """取出份额：Print the wrapped shares of one's opening task, as a document to be unwrapped elsewhere."""
    from lianyue.cli.output import emit
    from lianyue.cli.session import ask, settings_of

    settings = settings_of(data, user)
    given = ask(settings, lambda desk: desk.wrapped_shares(task, settings.user, acting_for))
    emit(given.model_dump(mode="json"))


@app.command()
def unwrap(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="份额文件 What `keys shares` printed.")],
    key: Key = None,
    passphrase_file: Passphrase = None,
) -> None:
    """解开份额：Unwrap shares with one's key, without any server, and print the answer to the task."""
    from pydantic import ValidationError

    from contracts.errors import MalformedDocument
    from lianyue.cli.output import emit
    from lianyue.desk.openings import WrappedShares
    from lianyue.strict_files import content

    try:
        given = WrappedShares.model_validate(content(file))
    except ValidationError:
        raise MalformedDocument("these are no wrapped shares", where=str(file)) from None
    emit(given.unwrapped(_key_for(given, key, passphrase_file)))


@app.command("open")
def open_(
    task: TaskId,
    key: Key = None,
    passphrase_file: Passphrase = None,
    acting_for: ActingFor = "",
    data: Data = None,
    user: User = None,
    request_id: RequestId = "",
    as_json: AsJson = False,
) -> None:
    """开启报价：Unwrap the shares of one's opening task and hand them in, in one step."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import ask, settings_of

    settings = settings_of(data, user)
    given = ask(settings, lambda desk: desk.wrapped_shares(task, settings.user, acting_for))
    answer = given.unwrapped(_key_for(given, key, passphrase_file))
    receipt = ask(settings, lambda desk: desk.submit(task, settings.user, answer, request_id, acting_for))
    if as_json:
        emit(receipt.model_dump(mode="json"))
    else:
        say(f"{task}：已交出 {len(given.shares)} 份报价的密钥份额")


@app.command()
def payloads(data: Data = None, as_json: AsJson = False) -> None:
    """负载密钥：List the keys on the ring for payloads; the last one encrypts."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of
    from lianyue.payloads.key_ring import KeyRing

    settings = settings_of(data)
    ids = KeyRing(settings.payload_key_file).ids
    if as_json:
        emit({"file": str(settings.payload_key_file), "keys": list(ids)})
    else:
        say("\n".join([str(settings.payload_key_file), *ids]))


@app.command()
def rotate(data: Data = None, as_json: AsJson = False) -> None:
    """轮换负载密钥：Add a key to the ring; it encrypts from the next start on, the older ones go on decrypting."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of
    from lianyue.payloads.key_ring import KeyRing

    added = KeyRing(settings_of(data).payload_key_file).rotate()
    if as_json:
        emit({"key": added})
    else:
        say(f"{added}\n新密钥。正在运行的进程重启后用它加密；旧密钥仍在环上，请备份密钥文件。")


def _key_for(given: WrappedShares, file: Path | None, passphrase_file: Path | None) -> X25519PrivateKey:
    """The key of the file, which must be that of the keyholder; without a file a test key, if it is one."""
    from contracts.errors import Invalid
    from lianyue.cli.output import log
    from lianyue.sealing.keyholders import public_hex, read_key, test_key

    key = read_key(file, _passphrase(passphrase_file)) if file else test_key(given.holder)
    if public_hex(key) != given.public_key:
        raise Invalid(
            f"this is not the key of {given.holder}, whose public half is {given.public_key}",
            where=str(file) if file else "--key",
        )
    if not file:
        log(f"测试密钥 test key: {given.holder}")
    return key


def _passphrase(file: Path | None, *, confirm: bool = False) -> str:
    from lianyue.strict_files import UnreadableFile

    if file is None:
        return str(typer.prompt("口令 Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be read: {error.strerror}", where=str(file)) from None
