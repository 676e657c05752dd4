"""The application: its commands, and the one place where an error becomes words and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from itertools import takewhile
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from contracts.errors import AllianceError, Invalid, Refused, Unreachable
from lianyue.cli import alliance, allocate, audit, contract, exceptions, keys, mandates, records, rules, task, tokens
from lianyue.cli.options import AsJson, Data
from lianyue.cli.output import tell_error

DONE, NO, UNUSABLE, REFUSED, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130

app = typer.Typer(
    name="lianyue",
    help="联约 Lianyue：服务联盟的合同流程与规则 Durable workflows and explainable rules for service alliances.",
    epilog="退出码 Exit codes: 0 done · 1 the answer is no · 2 wrong usage or input · 3 refused · 4 unreachable",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
mandates.add_to(alliance.app)
tokens.add_to(alliance.app)
exceptions.add_to(rules.app)
app.add_typer(alliance.app, name="alliance")
app.add_typer(contract.app, name="contract")
app.add_typer(task.app, name="task")
app.add_typer(rules.app, name="rules")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(records.app, name="records")
app.command()(allocate.allocate)


class WrongUsage(Invalid):
    """Add --help to the command to see how it is written."""

    code = "usage"


class Unexpected(AllianceError):
    """Run it again with LIANYUE_DEBUG=1 to see where it broke, and report that to the operator."""

    code = "unexpected"


def main() -> None:
    """Run the command of this process and leave it; a thread of the Temporal SDK may abort an ordinary exit."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = NO
    finally:
        os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* name and return its exit code; every error is told."""
    as_json = "--json" in arguments
    command = typer.main.get_command(app)
    try:
        answer = command.main(args=list(arguments), prog_name="lianyue", standalone_mode=False)
    except AllianceError as error:
        error.where = error.where or _command(arguments)
        return _told(error, as_json)
    except TyperException as error:
        return _told(_usage(error, _command(arguments)), as_json) if error.format_message() else UNUSABLE
    except (Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as leaving:  # the shell asked for completions, or whoever read has closed the pipe
        return leaving.code if isinstance(leaving.code, int) else NO
    except BrokenPipeError:
        return NO
    except Exception as error:  # noqa: BLE001 - the last place where anything can be told
        return _told(_unexpected(error, _command(arguments)), as_json)
    return answer if isinstance(answer, int) else DONE


def exit_code(error: AllianceError) -> int:
    """Return the exit code that stands for *error*."""
    from rules.problems import RuleProblems

    match error:
        case Unreachable():
            return UNREACHABLE
        case Refused():
            return REFUSED
        case RuleProblems():
            return NO
        case Invalid():
            return UNUSABLE
    return NO


def _told(error: AllianceError, as_json: bool) -> int:
    tell_error(error, as_json=as_json)
    return exit_code(error)


def _usage(error: TyperException, command: str) -> WrongUsage:
    context = getattr(error, "ctx", None)
    return WrongUsage(error.format_message(), where=context.command_path if context else command)


def _command(arguments: Sequence[str]) -> str:
    """The command as it was given, up to its first option: where an error is that knows no better place."""
    words = list(takewhile(lambda word: not word.startswith("-"), arguments))
    return " ".join(["lianyue", *words])


def _unexpected(error: Exception, where: str) -> Unexpected:
    if os.environ.get("LIANYUE_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error)
    first = (str(error).splitlines() or [""])[0]
    return Unexpected(f"{type(error).__name__}: {first}" if first else type(error).__name__, where)


Host = Annotated[str | None, typer.Option("--host", help="监听地址 The address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", help="端口 The portal's port.")]


@app.command()
def portal(data: Data = None, host: Host = None, port: Port = None) -> None:
    """只启动门户：Run the portal alone until Ctrl-C."""
    from lianyue.cli import serve
    from lianyue.cli.session import found, need_records, settings_of

    settings = settings_of(data, host=host, port=port)
    need_records(settings)
    serve.portal(found(settings))


@app.command()
def up(data: Data = None, host: Host = None, port: Port = None) -> None:
    """启动全部：Run server, records, worker and portal on this machine until Ctrl-C; a second start resumes all."""
    from lianyue.cli import serve
    from lianyue.cli.session import settings_of

    serve.up(settings_of(data, host=host, port=port))


@app.command()
def server(data: Data = None) -> None:
    """只启动 Temporal：Run the Temporal server alone until Ctrl-C."""
    from lianyue.cli import serve
    from lianyue.cli.session import settings_of

    serve.server(settings_of(data))


@app.command()
def worker(data: Data = None) -> None:
    """只启动工作进程：Run one more worker until Ctrl-C."""
    from lianyue.cli import serve
    from lianyue.cli.session import found, settings_of

    serve.worker(found(settings_of(data)))


@app.command()
def notify(
    watch: Annotated[bool, typer.Option("--watch", help="持续发送 Go on until Ctrl-C.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """发送提醒：Hand the notices over that are due, to the webhook and the mail server of the settings."""
    from lianyue.cli.notices import notify as send
    from lianyue.cli.session import settings_of

    return send(settings_of(data), watch=watch, as_json=as_json)


@app.command()
def demo(
    contracts: Annotated[int | None, typer.Option("--contracts", min=1, help="只演示前几份 Only the first N.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="打乱顺序 Shuffles the order; 0 leaves it.")] = 0,
    data: Data = None,
    keep: Annotated[bool, typer.Option("--keep", help="结束后不停止 Leave the instance running.")] = False,
    as_json: AsJson = False,
) -> int:
    """演示签约大会：Play the signing ceremony of the model alliance with simulated people, and verify it."""
    from lianyue.cli.demo import demo as play
    from lianyue.cli.session import settings_of

    return play(settings_of(data), contracts, seed, data, keep, as_json)
