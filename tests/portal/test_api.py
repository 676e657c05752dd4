"""The API does what the command line does, and tells errors in the one shape there is."""

from __future__ import annotations

import asyncio

import pytest

from contracts.organisation import Role
from contracts.task import TaskKind
from lianyue.testing import PRICES as USUAL
from lianyue.testing import small_contract
from tests.portal.town import AWARDED, Town

NUMBER = "LY-2025-0001"


async def test_a_contract_is_started_quoted_and_steered(fresh: Town) -> None:
    """A coordinator starts a contract, a member finds the task, answers it by its form, and an order is carried out."""
    body = small_contract().model_dump(mode="json")

    first = await fresh.post("coord", "/contracts", body)
    again = await fresh.post("coord", "/contracts", body)
    fresh.house.script = fresh.house.script.model_copy(update={"quotes": {NUMBER: USUAL}})
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH")
    inbox = (await fresh.get("north", "/tasks")).json()
    page = (await fresh.get("north", f"/tasks/{task.id}")).json()
    claimed = await fresh.post("north", f"/tasks/{task.id}/claim")
    submitted = await fresh.post("north", f"/tasks/{task.id}/submit", {"content": fresh.house.usual(task)})
    done = (await fresh.get("north", "/tasks?tab=done")).json()
    suspended = await fresh.post("coord", f"/contracts/{NUMBER}/suspend", {"reason": "争议"})

    assert (201, 200) == (first.status_code, again.status_code)
    assert [task.id] == [each["id"] for each in inbox["tasks"]]
    assert ["claim", "submit", "draft", "decline", "transfer", "delegate", "add-sign", "copy"] == page["may"]
    assert (await fresh.get("north", f"/tasks/{task.id}/form")).json() == page["form"]
    assert ("claimed", "completed") == (claimed.json()["state"], submitted.json()["state"])
    assert [task.id] == [each["id"] for each in done["tasks"]]
    assert {"number": NUMBER, "stage": "specified", "is_suspended": True} == suspended.json()
    assert "north" not in (await fresh.get("lake", f"/contracts/{NUMBER}/timeline")).text


async def test_the_same_request_id_is_done_once(fresh: Town) -> None:
    """A request that is repeated with its key is answered as the first time; with another body it is a conflict."""
    await fresh.house.start(small_contract())
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH")
    path, key = f"/tasks/{task.id}/transfer", {"Idempotency-Key": "one"}
    body = {"to": "north.deputy", "reason": "出差"}

    answers = [await fresh.post("north", path, body, **key) for _ in range(2)]
    other = await fresh.post("north", path, {**body, "reason": "休假"}, **key)

    assert [200, 200] == [each.status_code for each in answers]
    assert answers[0].json() == answers[1].json()
    assert (409, "request-reused") == (other.status_code, other.json()["error"]["code"])


async def test_what_is_not_theirs_is_not_there_and_the_attempt_is_on_record(fresh: Town) -> None:
    """Another company's task is answered like one that does not exist; only the office learns who tried."""
    await fresh.house.start(small_contract())
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH")
    missing = task.id.replace("NORTH", "SOUTH")

    theirs = await fresh.post("lake", f"/tasks/{task.id}/claim")
    nobodys = await fresh.post("lake", f"/tasks/{missing}/claim")

    attempts = (await fresh.get("coord", "/refused-attempts")).json()
    assert (404, 404) == (theirs.status_code, nobodys.status_code)
    assert theirs.text.replace("NORTH", "SOUTH") == nobodys.text
    assert [("lake", "claim", task.id)] == [(each["user"], each["verb"], each["target"]) for each in attempts]
    assert 404 == (await fresh.get("lake", "/refused-attempts")).status_code


async def test_a_token_holds_no_role_beyond_its_own(fresh: Town) -> None:
    """A coordinator's token that is limited to signing cannot start a contract."""
    token = fresh.token("coord", Role.SIGNER)
    async with fresh.knocking(Authorization=f"Bearer {token}") as door:
        refused = await door.post("/api/v1/contracts", json=small_contract().model_dump(mode="json"))

    assert (403, "role-missing") == (refused.status_code, refused.json()["error"]["code"])


async def test_nobody_works_is_told_as_unavailable(fresh: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no worker takes a request up, the answer is 503 with the time after which to repeat it."""
    await fresh.house.start(small_contract())
    task = await fresh.house.task(TaskKind.QUOTE, "NORTH")

    async def forever(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("lianyue.access.acts.PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr("lianyue.desk.requests.Requests.update", forever)
    answer = await fresh.post("north", f"/tasks/{task.id}/claim")

    assert (503, "5", "unreachable") == (
        answer.status_code,
        answer.headers["Retry-After"],
        answer.json()["error"]["code"],
    )


@pytest.mark.asyncio(loop_scope="package")
async def test_lists_come_in_pages(lived_in: Town) -> None:
    """A page holds as many as were asked for, and names the offset of the next one."""
    first = (await lived_in.get("coord", "/contracts?limit=3")).json()
    second = (await lived_in.get("coord", f"/contracts?limit=3&offset={first['next']}")).json()

    assert [["LY-2025-0001", "LY-2025-0002", "LY-2025-0003"], ["LY-2025-0004"]] == [
        [contract["number"] for contract in each["contracts"]] for each in (first, second)
    ]
    assert (3, None) == (first["next"], second["next"])


@pytest.mark.asyncio(loop_scope="package")
async def test_rules_are_checked_decided_and_explained(lived_in: Town) -> None:
    """Whoever is signed in may check texts and read editions; the office is told why, a member about itself."""
    problems = (await lived_in.post("north", "/rules/check", {"files": {"a.yaml": "kind: AllocationPolicy\n"}})).json()
    editions = (await lived_in.get("north", "/rules/editions")).json()
    text = (await lived_in.get("north", f"/rules/editions/{editions[0]['digest']}")).json()
    office = (await lived_in.get("coord", f"/rules/explain/{AWARDED}")).json()["decisions"][0]
    member = (await lived_in.get("lake", f"/rules/explain/{AWARDED}")).json()["decisions"][0]
    facts = (await lived_in.get("coord", f"/contracts/{AWARDED}/decisions")).json()[0]["facts"]
    decided = await lived_in.post("coord", "/rules/decide", {"policy": "property", "facts": facts})

    assert (1, True) == (problems["files"], bool(problems["problems"]))
    assert editions[0]["digest"] == text["digest"]
    assert {"equal": True, "differing": []} == office["again"]
    assert ("awarded", "explanation" in member) == (member["outcome"], False)
    assert office["decision"]["selected"] == decided.json()["selected"]


@pytest.mark.asyncio(loop_scope="package")
async def test_an_auditor_proves_over_http(lived_in: Town) -> None:
    """Programs of overseers have what the pages have: every check, a time gone by, flags, the log, clear refusals."""
    proved = (await lived_in.post("auditor", f"/audit/{AWARDED}/verify")).json()
    past = (await lived_in.get("auditor", f"/audit/{AWARDED}/at/40")).json()
    beyond = await lived_in.get("auditor", f"/audit/{AWARDED}/at/100000")
    bundle = await lived_in.get("auditor", f"/audit/{AWARDED}/bundle")
    flags, log = (await lived_in.get("auditor", "/flags")).json(), (await lived_in.get("auditor", "/log")).json()

    assert (True, True) == (proved["ok"], "replay" in {each["name"].partition(" ")[0] for each in proved["checks"]})
    assert ("specified", 40, "overseer") == (past["stage"], past["event"]["number"], past["parts"]["OFFICE"])
    assert all(task["seen_by"] == ["OFFICE", task["company"]] for task in past["open_tasks"])
    assert (422, "no-such-event") == (beyond.status_code, beyond.json()["error"]["code"])
    assert (409, "not-archived") == (bundle.status_code, bundle.json()["error"]["code"])
    assert ["share-concentration", "split-contracts"] == [each["name"] for each in flags["flags"]]
    assert log["size"] >= (log["checkpoint"] or {"size": 0})["size"] > 0
    assert {404} == {(await lived_in.get("north", path)).status_code for path in ("/flags", "/log")}


@pytest.mark.asyncio(loop_scope="package")
async def test_an_auditor_replays_over_http(lived_in: Town) -> None:
    """The audit of a running contract passes; for a member there is no such thing."""
    report = (await lived_in.post("auditor", f"/audit/{AWARDED}/replay")).json()

    assert [] == [check for check in report["checks"] if not check["ok"]]
    assert report["ok"]
    assert 404 == (await lived_in.post("north", f"/audit/{AWARDED}/replay")).status_code


@pytest.mark.asyncio(loop_scope="package")
async def test_operators_are_told_health_and_counts(lived_in: Town) -> None:
    """Alive, ready, and counts by route template: no number, no name, no price is among them."""
    await lived_in.get("north", f"/contracts/{AWARDED}")
    async with lived_in.knocking() as door:
        alive, ready = await door.get("/healthz"), await door.get("/readyz")
        counts = (await door.get("/metrics")).text

    assert ("ok\n", {"ready": True, "records": True, "temporal": True}) == (alive.text, ready.json())
    assert 'lianyue_http_requests_total{method="GET",route="/api/v1/contracts/{number}",status="200"}' in counts
    assert AWARDED not in counts


@pytest.mark.asyncio(loop_scope="package")
async def test_the_api_describes_itself(lived_in: Town) -> None:
    """The description names every verb of a task and of a contract."""
    async with lived_in.knocking() as door:
        paths = (await door.get("/api/v1/openapi.json")).json()["paths"]

    verbs = {path.rpartition("/")[2] for path in paths if path.startswith("/api/v1/tasks/{task_id}/")}
    assert {"form", "submit", "claim", "decline", "transfer", "delegate", "add-sign", "return", "withdraw"} <= verbs
    assert {f"/api/v1/contracts/{{number}}/{verb}" for verb in ("cancel", "suspend", "resume", "amend")} <= set(paths)
