"""The command as a process: exit codes, what stands on stdout, and how a service that is away is told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import (
    AllianceError,
    EffectConflict,
    Invalid,
    Refused,
    SignatureInvalid,
    UnknownName,
    Unreachable,
    WrongState,
)
from lianyue.cli.main import exit_code
from lianyue.cli.session import found, settings_of
from rules.problems import Problem, RuleProblems


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command."""
    code = "from lianyue.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        timeout=120,
    )


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Invalid("no"), 2),
        (UnknownName("no"), 2),
        (Refused("no"), 3),
        (WrongState("no"), 3),
        (Unreachable("no"), 4),
        (SignatureInvalid("no"), 1),
        (EffectConflict("no"), 1),
        (RuleProblems([Problem("a.yaml", 1, 1, "x", "no")]), 1),
    ],
)
def test_every_error_has_its_exit_code(error: AllianceError, code: int) -> None:
    """1 the answer is no, 2 unusable, 3 refused, 4 unreachable."""
    assert code == exit_code(error)


def test_help_loads_nothing_heavy() -> None:
    """`lianyue --help` imports neither the server's client nor the database."""
    heavy = ("temporalio", "sqlalchemy", "cel_expr_python")
    code = f"import sys; import lianyue.cli; print([name for name in {heavy} if name in sys.modules])"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert "[]\n" == ran.stdout


@pytest.mark.parametrize(
    ("arguments", "where", "message"),
    [
        (("contract", "show", "--json"), "lianyue contract show", "Missing argument 'NO'."),
        (("contract", "vanish", "--json"), "lianyue contract", "No such command 'vanish'."),
        (("contract", "cancel", "LY-2025-0001", "--json"), "lianyue contract cancel", "Missing option '--reason'."),
    ],
)
def test_wrong_usage_is_told(lianyue: Any, arguments: tuple[str, ...], where: str, message: str) -> None:
    """Wrong usage ends with 2; with --json as a document like any other error."""
    ran = lianyue(*arguments)

    advice = "Add --help to the command to see how it is written."
    assert (2, {"error": {"code": "usage", "message": message, "where": where, "advice": advice}}, "") == (
        ran.code,
        ran.document,
        ran.err,
    )


def test_a_setting_that_does_not_exist_is_told(lianyue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is an error with its name, not ignored."""
    monkeypatch.setenv("LIANYUE_LANGUGE", "en")

    ran = lianyue("contract", "list", "--json")

    message = "there is no setting LIANYUE_LANGUGE; did you mean 'LIANYUE_LANGUAGE'?"
    assert (2, message, "LIANYUE_LANGUGE") == (
        ran.code,
        ran.document["error"]["message"],
        ran.document["error"]["where"],
    )


def test_a_server_that_is_away_ends_with_four(loaded: Path, contract_text: str) -> None:
    """The process ends with 4, says where it looked, and writes one document."""
    Path("contract.yaml").write_text(contract_text, encoding="utf-8")
    address = f"127.0.0.1:{closed_port()}"

    ran = process(
        *("contract", "start", "contract.yaml", "--as", "han.mei", "--json"), LIANYUE_TEMPORAL_ADDRESS=address
    )

    advice = "Start the service (`lianyue up`) or correct its address in the settings, then repeat."
    error = {"code": "unreachable", "message": "no Temporal server answers", "where": address, "advice": advice}
    assert (4, {"error": error}) == (ran.returncode, json.loads(ran.stdout))


def test_a_reason_is_more_than_a_sign(lianyue: Any) -> None:
    """A reason that says nothing is refused before anybody is asked."""
    ran = lianyue("task", "decline", "LY-2025-0001/quote:quote-LGWY-1", "--reason", " x ", "--json")

    error = {
        "code": "invalid",
        "message": "a reason has 2 to 2,000 characters",
        "where": "--reason",
        "advice": "Correct the input and send it again; nothing was changed.",
    }
    assert (2, {"error": error}) == (ran.code, ran.document)


def test_an_unknown_way_to_co_sign_is_told(lianyue: Any) -> None:
    """加签 is before, after or beside."""
    ran = lianyue("task", "add-sign", "x", "--to", "li.lei", "--reason", "复核", "--mode", "under", "--json")

    message = "'under' is none of before, after, beside"
    assert (2, message, "--mode") == (ran.code, ran.document["error"]["message"], ran.document["error"]["where"])


def test_what_nobody_expected_is_told_without_a_traceback(lianyue: Any, loaded: Path) -> None:
    """A defect ends with 1 and the code `unexpected`; where it broke is shown only on demand."""
    (loaded / "taken").write_text("a file where a folder should be", encoding="utf-8")

    ran = lianyue("records", "upgrade", "--data", "taken", "--json")

    assert (1, "unexpected", "") == (ran.code, ran.document["error"]["code"], ran.err)


def test_a_traceback_is_shown_on_demand(lianyue: Any, loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With LIANYUE_DEBUG=1 the traceback goes to stderr; stdout stays one document."""
    monkeypatch.setenv("LIANYUE_DEBUG", "1")
    (loaded / "taken").write_text("a file where a folder should be", encoding="utf-8")

    ran = lianyue("records", "upgrade", "--data", "taken", "--json")

    assert (1, "unexpected", True) == (ran.code, ran.document["error"]["code"], "Traceback" in ran.err)


def test_control_characters_are_not_let_through(lianyue: Any) -> None:
    """What an error repeats cannot move the reader's cursor."""
    ran = lianyue("contract", "list", "--stage", "\x1b[2Jquoted")

    assert (2, False) == (ran.code, "\x1b" in ran.err)


def test_a_reader_who_has_enough_is_left_in_peace(loaded: Path) -> None:
    """A closed pipe brings neither a traceback nor a hanging process."""
    code = "from lianyue.cli import main; main()"
    command = subprocess.Popen(
        [sys.executable, "-c", code, "alliance", "show", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout is not None
    assert command.stderr is not None
    command.stdout.close()

    complaint = command.stderr.read()
    command.stderr.close()

    assert (1, b"") == (command.wait(timeout=60), complaint)


def test_a_running_instance_is_found_by_its_note(loaded: Path) -> None:
    """The address of the note counts, unless one was given."""
    (loaded / ".lianyue" / "instance.json").write_text('{"temporal_address": "127.0.0.1:7999"}', encoding="utf-8")

    assert "127.0.0.1:7999" == found(settings_of(None)).temporal_address


def test_a_command_lives_by_the_clock_of_the_instance(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract that a command starts shows the instance's day, unless the command was given another clock."""
    note = {"temporal_address": "127.0.0.1:7999", "clock_origin": "2025-07-01T09:00", "clock_speed": 8640}
    (loaded / ".lianyue" / "instance.json").write_text(json.dumps(note), encoding="utf-8")
    monkeypatch.setenv("LIANYUE_CLOCK_SPEED", "60")

    settings = found(settings_of(None))

    assert ("2025-07-01T09:00", 60) == (settings.clock_origin, settings.clock_speed)


@pytest.mark.parametrize("note", ["", "[]", "{", '{"clock_speed": "fast"}'])
def test_a_note_that_cannot_be_read_says_nothing(loaded: Path, note: str) -> None:
    """The settings stay as they were."""
    (loaded / ".lianyue" / "instance.json").write_text(note, encoding="utf-8")

    assert settings_of(None) == found(settings_of(None))


def test_an_address_that_was_given_counts(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment goes before the note."""
    (loaded / ".lianyue" / "instance.json").write_text('{"temporal_address": "127.0.0.1:7999"}', encoding="utf-8")
    monkeypatch.setenv("LIANYUE_TEMPORAL_ADDRESS", "127.0.0.1:7233")

    assert "127.0.0.1:7233" == found(settings_of(None)).temporal_address


def test_options_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """--data and --as win over LIANYUE_DATA and LIANYUE_USER."""
    monkeypatch.setenv("LIANYUE_DATA", "there")
    monkeypatch.setenv("LIANYUE_USER", "li.lei")

    settings = settings_of(Path("here"), "han.mei")

    assert (Path("here"), "han.mei") == (settings.data, settings.user)


def test_a_shell_completes_commands() -> None:
    """What the shell asks while somebody types is answered with the commands there are."""
    ran = process(_LIANYUE_COMPLETE="complete_bash", COMP_WORDS="lianyue task rem", COMP_CWORD="2")

    assert (0, "remind") == (ran.returncode, ran.stdout.strip())
