"""Commands with a token: another process asks over HTTP, and says what it would say on the spot."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from contracts.task import Claim, TaskKind
from lianyue.cli.main import REFUSED, exit_code, run
from lianyue.dev_server import free_port
from lianyue.testing import small_contract, small_portfolio
from tests.portal.town import PRICES, SEALED, Town, town

Spoken = Callable[..., Coroutine[Any, Any, tuple[int, str]]]


@asynccontextmanager
async def published(made: Town, port: int) -> AsyncIterator[None]:
    """Serve the town's door on a real port."""
    server = uvicorn.Server(uvicorn.Config(made.app, port=port, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def place(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town on a port of its own, which the settings of every command name."""
    for name in [each for each in os.environ if each.startswith("LIANYUE_")]:
        monkeypatch.delenv(name)
    port = free_port()
    settings = {"DATA": str(tmp_path), "DATABASE_URL": sqlite_url, "URL": f"http://127.0.0.1:{port}"}
    for name, value in settings.items():
        monkeypatch.setenv(f"LIANYUE_{name}", value)
    async with town(tmp_path, sqlite_url, port=port) as made, published(made, port):
        yield made


@pytest.fixture
def lianyue(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Spoken:
    """Run a command beside the town, with a token if one is given."""

    async def ran(token: str, *words: str) -> tuple[int, str]:
        if token:
            monkeypatch.setenv("LIANYUE_TOKEN", token)
        else:
            monkeypatch.delenv("LIANYUE_TOKEN", raising=False)
        capsys.readouterr()
        code = await asyncio.to_thread(run, words)
        told = capsys.readouterr()
        return code, told.out + told.err

    return ran


async def test_lists_and_pages_are_those_of_the_spot(place: Town, lianyue: Spoken) -> None:
    """What a coordinator is shown with a token is what `--as` shows beside the records, word by word."""
    await place.house.start(small_contract(SEALED), PRICES)
    task = await place.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    north, coord = place.token("north"), place.token("coord")
    commands = {
        north: (("task", "list", "--tab", "todo"), ("task", "list", "--tab", "copied"), ("task", "show", task.id)),
        coord: (("contract", "list"), ("contract", "show", SEALED), ("alliance", "mandates"), ("rules", "exceptions")),
    }

    for token, several in commands.items():
        for words in several:
            who = ("--as", "north") if words[0] == "task" else ()
            for form in ((), ("--json",)):
                assert await lianyue("", *words, *who, *form) == await lianyue(token, *words, *form), words


async def test_acts_are_done_and_refused_alike(place: Town, lianyue: Spoken, tmp_path: Path) -> None:
    """0 done, 1 one of several failed, 2 does not fit, 3 refused; codes and errors are those of the spot."""
    await place.house.start(small_contract(SEALED), PRICES)
    task = await place.house.task(TaskKind.QUOTE, "NORTH", SEALED)
    north, deputy, lake = (place.token(user) for user in ("north", "north.deputy", "lake"))
    half = tmp_path / "half.json"
    half.write_text('{"price_form": "lump_sum"}', encoding="utf-8")

    kept = await lianyue(north, "task", "draft", task.id, str(half))
    claimed = await lianyue(north, "task", "claim", task.id)
    late = await lianyue(deputy, "task", "claim", task.id, "--json")
    theirs = await lianyue(lake, "task", "claim", task.id, "--json")
    at_the_desk = await place.house.refusal(place.house.desk.act("claim", Claim, task.id, "lake"))
    faulty = await lianyue(north, "task", "submit", task.id, str(half), "--json")
    shown = await lianyue(north, "task", "show", task.id, "--json")
    copied = await lianyue(north, "task", "copy", task.id, "--to", "coord")
    read = await lianyue(place.token("coord"), "task", "read", task.id)
    none = await lianyue(north, "task", "sign-all", "--json")
    several = await lianyue(place.token("coord"), "task", "remind", task.id, f"{SEALED}/quote:quote-SOUTH-1")

    assert [(0, f"{task.id} 已暂存\n"), (0, f"{task.id} 办理中\n")] == [kept, claimed]
    assert [(3, "wrong-state"), (exit_code(at_the_desk), at_the_desk.code), (2, "malformed-document")] == [
        (code, json.loads(said)["error"]["code"]) for code, said in (late, theirs, faulty)
    ]
    assert REFUSED == exit_code(at_the_desk)
    assert {"price_form": "lump_sum"} == json.loads(shown[1])["draft"]
    assert (0, 0, f"{task.id} 已阅\n") == (copied[0], read[0], read[1])
    assert (0, []) == (none[0], json.loads(none[1])["results"])
    assert (1, True) == (several[0], "1 项成功，1 项失败" in several[1])


async def test_contracts_are_started_and_steered_from_elsewhere(place: Town, lianyue: Spoken, tmp_path: Path) -> None:
    """A batch with a bad row, an order, a mandate: done over HTTP as at the desk."""
    rows = [small_contract(SEALED).model_dump(mode="json"), {"number": "LY-2025-0002"}]
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps({"contracts": rows}), encoding="utf-8")
    coord = place.token("coord")

    started = await lianyue(coord, "contract", "start-batch", str(batch), "--json")
    await place.house.task(TaskKind.QUOTE, "NORTH", SEALED)  # from now on the contract concerns NORTH, too
    refused = await lianyue(place.token("north"), "contract", "suspend", SEALED, "--reason", "争议", "--json")
    suspended = await lianyue(coord, "contract", "suspend", SEALED, "--reason", "争议")
    term = ("--from", "2025-07-01", "--until", "2025-08-01")
    given = ("alliance", "delegate", "--to", "north.deputy", *term, "--scope", "tasks", "--reason", "休假", "--json")
    handed = await lianyue(place.token("north"), *given)
    ended = ("alliance", "recall", json.loads(handed[1])["mandate"], "--from", "2025-07-15", "--reason", "提前返岗")
    recalled = await lianyue(place.token("north"), *ended)

    told = json.loads(started[1])
    assert (1, 1, 1) == (started[0], told["started"], told["failed"])
    assert (3, 0) == (refused[0], suspended[0])
    assert ("north", "north.deputy", 0) == (
        *(json.loads(handed[1])[name] for name in ("principal", "delegate")),
        recalled[0],
    )


async def test_names_are_believed_in_development_only(
    place: Town, lianyue: Spoken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In production, or on the data of such an instance, `--as` is refused; a token with a name beside it too."""
    words = ("task", "list", "--tab", "todo", "--as", "north", "--json")
    both = await lianyue(place.token("north"), *words)
    (tmp_path / "instance.json").write_text('{"environment": "production"}', encoding="utf-8")
    announced = await lianyue("", *words)
    (tmp_path / "instance.json").unlink()
    monkeypatch.setenv("LIANYUE_ENVIRONMENT", "production")
    named = await lianyue("", *words)

    assert [(3, "no-such-sign-in")] * 3 == [
        (code, json.loads(said)["error"]["code"]) for code, said in (both, announced, named)
    ]


async def test_who_is_nobody_and_where_nothing_is(
    place: Town, lianyue: Spoken, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A token that is none is refused with 3; where no portal answers, the command ends with 4."""
    nobody = await lianyue("alc_nobody", "task", "list", "--json")
    token = tmp_path / "token"
    token.write_text(f"{place.token('north')}\n", encoding="utf-8")
    monkeypatch.setenv("LIANYUE_TOKEN_FILE", str(token))
    filed = await lianyue("", "task", "list", "--json")
    monkeypatch.setenv("LIANYUE_URL", f"http://127.0.0.1:{free_port()}")
    away = await lianyue("", "task", "list", "--json")

    assert (3, "not-signed-in") == (nobody[0], json.loads(nobody[1])["error"]["code"])
    assert (0, {"tasks": []}) == (filed[0], json.loads(filed[1]))
    assert (4, "unreachable") == (away[0], json.loads(away[1])["error"]["code"])


async def test_contracts_are_awarded_together_from_elsewhere(place: Town, lianyue: Spoken, tmp_path: Path) -> None:
    """A batch with a Portfolio goes over HTTP: a bad row is its own result, faulty rules start nothing."""
    rows = [small_contract(SEALED).model_dump(mode="json"), {"number": "LY-2025-0002"}]
    batch, rules, faulty = (tmp_path / name for name in ("batch.json", "rules.json", "faulty.json"))
    batch.write_text(json.dumps({"contracts": rows}), encoding="utf-8")
    document = small_portfolio().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    rules.write_text(json.dumps({"apiVersion": "lianyue/v1", "kind": "Portfolio", **document}), encoding="utf-8")
    faulty.write_text('{"apiVersion": "lianyue/v1", "kind": "Portfolio"}', encoding="utf-8")
    coord, command = place.token("coord"), ("contract", "start-batch", str(batch), "--json", "--portfolio")

    refused = await lianyue(coord, *command, str(faulty))
    untouched = place.house.desk.reading.contracts()
    started = await lianyue(coord, *command, str(rules))

    assert (1, "rule-problems", ()) == (refused[0], json.loads(refused[1])["error"]["code"], untouched)
    told = json.loads(started[1])
    for words in (("list",), ("list", "--json"), ("show", "ceremony"), ("show", "ceremony", "--json")):
        assert await lianyue("", "portfolio", *words) == await lianyue(coord, "portfolio", *words), words
    assert (1, 1, 1) == (started[0], told["started"], told["failed"])
    assert ["ceremony"] == [order.id for order in place.house.wiring.portfolios.orders()]
    assert "ceremony" == place.house.desk.reading.order(SEALED).portfolio
