"""`contract show`, `contract list`, `task list` and `task show`: read from the records, without a server."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.calendar import AllianceClock, WorkingCalendar
from contracts.journal import EffectRequest, Happening, Journal
from contracts.organisation import Actor, Role
from contracts.service_contract import ContractOrder, RulePins, ServiceContract, Stage
from contracts.task import CoSigner, CoSigning, CoSignMode, MemberTask, TaskKind, TaskState
from contracts.value import Recorded
from lianyue.desk.verbs import possible
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.sql import SqlRecords

NUMBER = "LY-2025-0001"
QUOTE, SIGN = f"{NUMBER}/quote:quote-LGWY-1", f"{NUMBER}/sign/v1:sign-LGWY"
DIGEST = "sha256:" + "0" * 64
AT = datetime(2025, 7, 1, 1, 30, tzinfo=UTC)
COORDINATOR = Actor(user="han.mei", company="LGFW", roles=(Role.COORDINATOR,))
HANDLER = Actor(user="li.lei", company="LGWY", roles=(Role.HANDLER, Role.SIGNER))
BUYER = Actor(user="zhang.san", company="LGCY", roles=(Role.BUYER,))


class Nothing(Recorded):
    """The answer of an effect that only writes down."""


def a_task(**changes: Any) -> MemberTask:
    """A task of LGWY to quote."""
    stated = {
        "id": QUOTE,
        "number": NUMBER,
        "kind": TaskKind.QUOTE,
        "title": "为《园区物业服务》报价",
        "company": "LGWY",
        "role": Role.HANDLER,
        "opened_at": AT,
        "due_at": AT + timedelta(days=7),
        "subject": {"member": "LGWY", "round": "1"},
        **changes,
    }
    return MemberTask.model_validate(stated)


@pytest.fixture
def begun(loaded: Path) -> Path:
    """Records with one contract, two open tasks and three happenings on two days."""
    contract = ServiceContract(
        number=NUMBER,
        title="园区物业服务",
        category="property",
        client="LGCY",
        park="fengxian",
        value_fen=64_000_000,
        quantity=21_000,
        starts_on="2025-08-01",
        ends_on="2026-07-31",
    )
    pins = RulePins(policy=DIGEST, params=DIGEST, types=DIGEST, authority=DIGEST, pack=DIGEST)
    order = ContractOrder(
        contract=contract,
        office="LGFW",
        pins=pins,
        clock=AllianceClock(),
        calendar=WorkingCalendar(),
        started_by=COORDINATOR,
    )
    sign = a_task(
        id=SIGN, kind=TaskKind.SIGN, role=Role.SIGNER, title="签署", subject={"version": "1", "document": DIGEST}
    )
    day = timedelta(days=1)
    journal = Journal(
        tasks=(a_task(), sign),
        happenings=(
            Happening(at=AT, on=AT, verb="specified", facts={"version": 1}),
            Happening(
                at=AT, on=AT, verb="opened", company="LGWY", task=QUOTE, facts={"due": "2025-07-08T18:00:00+08:00"}
            ),
            Happening(at=AT + day, on=AT + day, verb="claimed", user="li.lei", company="LGWY", task=QUOTE),
        ),
        stage=Stage.SPECIFIED,
    )
    request = EffectRequest(
        workflow_id=f"contract/{NUMBER}", number=NUMBER, step="write_down", occurrence=1, journal=journal
    )
    with Database(f"sqlite:///{loaded / '.lianyue' / 'records.sqlite'}") as database:
        Door(database).register(order, DIGEST, AT)
        SqlRecords(database).once(request, lambda _: Nothing(), Nothing)
    return loaded


def test_a_contract_is_told_day_by_day(lianyue: Any, begun: Path) -> None:
    """`contract show` begins with the head, tells the story by the alliance's days, and ends with what is open."""
    ran = lianyue("contract", "show", NUMBER)

    lines = [line.rstrip() for line in ran.out.splitlines()]
    assert 0 == ran.code
    assert [
        "LY-2025-0001 园区物业服务",
        "  委托方 临港产业 · property · fengxian · 阶段 要求已定",
        "  期限 2025-08-01 至 2026-07-31 · 预算 640,000.00 元",
        "2025-07-01",
        "  09:30 服务要求确定，第1稿",
        "  09:30 请临港物业办理“为《园区物业服务》报价”，2025-07-08前办结",
        "2025-07-02",
        "  09:30 临港物业李雷认领“为《园区物业服务》报价”",
        "待办任务",
    ] == lines[:9]


def test_the_story_is_told_in_english(lianyue: Any, begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LIANYUE_LANGUAGE=en tells the same story in English."""
    monkeypatch.setenv("LIANYUE_LANGUAGE", "en")

    ran = lianyue("contract", "show", NUMBER, "--json")

    assert [
        "The terms were settled, draft 1",
        "Property was asked for “Quote for 园区物业服务” by 2025-07-08",
        "李雷 (Property) claimed “Quote for 园区物业服务”",
    ] == [each["sentence"] for each in ran.document["story"]]


def test_a_contract_page_for_programs(lianyue: Any, begun: Path) -> None:
    """With --json the page is one document: summary, contract, shares, story, open tasks."""
    ran = lianyue("contract", "show", NUMBER, "--json")

    assert (0, "") == (ran.code, ran.err)
    assert ["contract", "fees", "open_tasks", "settlements", "shares", "story", "summary"] == sorted(ran.document)
    assert [QUOTE, SIGN] == sorted(task["id"] for task in ran.document["open_tasks"])
    assert (64_000_000, "specified") == (ran.document["summary"]["value_fen"], ran.document["summary"]["stage"])


def test_an_unknown_contract_is_told(lianyue: Any, begun: Path) -> None:
    """The error says which number, and in which command."""
    ran = lianyue("contract", "show", "LY-2025-0009", "--json")

    error = {
        "code": "unknown-name",
        "message": "contract LY-2025-0009 is not registered",
        "where": "lianyue contract show LY-2025-0009",
        "advice": "Check the spelling; `list` and `show` commands print the names that exist.",
    }
    assert (2, {"error": error}) == (ran.code, ran.document)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ((), [NUMBER]),
        (("--stage", "specified"), [NUMBER]),
        (("--stage", "signed"), []),
        (("--category", "canteen"), []),
        (("--member", "LGWY"), []),
    ],
)
def test_contracts_are_listed(lianyue: Any, begun: Path, options: tuple[str, ...], numbers: list[str]) -> None:
    """`contract list` narrows by stage, category and member."""
    ran = lianyue("contract", "list", *options, "--json")

    assert (0, numbers) == (ran.code, [each["number"] for each in ran.document["contracts"]])


def test_an_unknown_stage_is_told(lianyue: Any, begun: Path) -> None:
    """A misspelt stage is not an empty list."""
    ran = lianyue("contract", "list", "--stage", "quotd", "--json")

    message = "there is no stage 'quotd'; did you mean 'quoted'?"
    assert (2, message, "--stage") == (ran.code, ran.document["error"]["message"], ran.document["error"]["where"])


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ((), [QUOTE, SIGN]),
        (("--as", "li.lei"), [QUOTE, SIGN]),
        (("--as", "han.mei"), []),
        (("--for", "LGWY"), [QUOTE, SIGN]),
        (("--for", "LGCY"), []),
        (("--number", "LY-2025-0002", "--all"), []),
    ],
)
def test_tasks_are_listed(lianyue: Any, begun: Path, options: tuple[str, ...], ids: list[str]) -> None:
    """`task list` narrows by company, contract, and by what one person may take."""
    ran = lianyue("task", "list", *options, "--json")

    assert (0, ids) == (ran.code, sorted(each["id"] for each in ran.document["tasks"]))


@pytest.mark.parametrize("options", [("--for", "LGXX"), ("--as", "nobody")])
def test_unknown_people_and_companies_are_told(lianyue: Any, begun: Path, options: tuple[str, ...]) -> None:
    """A slip in a name is not an empty list."""
    ran = lianyue("task", "list", *options, "--json")

    assert (2, "unknown-name") == (ran.code, ran.document["error"]["code"])


def test_a_task_shows_what_is_signed(lianyue: Any, begun: Path) -> None:
    """`task show` names the document's digest, the fields of the form in Chinese, and what may be done."""
    ran = lianyue("task", "show", SIGN, "--as", "li.lei")

    assert f"  文本摘要 document：{DIGEST}" in ran.out.splitlines()
    assert all(
        title in ran.out for title in ("意见", "sign 签署 | requires_changes 要求修改", "文本摘要", "理由", "必填")
    )
    verbs = ("认领 claim", "提交 submit", "暂存 draft", "拒绝 decline", "转交 transfer", "委托 delegate")
    assert "可以：" + "、".join((*verbs, "加签 add-sign", "抄送 copy")) == ran.out.splitlines()[-1]


def test_a_task_page_for_programs(lianyue: Any, begun: Path) -> None:
    """With --json the page holds the task, the JSON Schema of its form, and the verbs."""
    ran = lianyue("task", "show", QUOTE, "--as", "han.mei", "--json")

    assert (["draft", "evidence", "form", "may", "stand_ins", "task"], ["remind"]) == (
        sorted(ran.document),
        ran.document["may"],
    )
    assert "物业服务报价单" == ran.document["form"]["title"]


def test_nothing_is_explained_before_it_is_decided(lianyue: Any, begun: Path) -> None:
    """`rules explain` says how far the contract is."""
    ran = lianyue("rules", "explain", NUMBER, "--json")

    assert (3, "nothing has been decided yet") == (ran.code, ran.document["error"]["message"].rpartition("; ")[2])


@pytest.mark.parametrize("kept", [zlib.compress(b""), b"no zlib at all"])
def test_an_archive_that_was_changed_fails_the_audit(lianyue: Any, begun: Path, kept: bytes) -> None:
    """A history that is not the one whose digest was recorded is an answer: exit code 1, and it is said."""
    with Database(f"sqlite:///{begun / '.lianyue' / 'records.sqlite'}") as database:
        SqlRecords(database).keep_history(f"contract/{NUMBER}", "a-run", NUMBER, 3, kept, DIGEST)

    ran = lianyue("audit", "replay", NUMBER, "--json")

    assert (1, False, ["archive"]) == (
        ran.code,
        ran.document["ok"],
        [check["name"] for check in ran.document["checks"] if not check["ok"]],
    )


def test_an_inbox_is_listed_by_tab(lianyue: Any, begun: Path) -> None:
    """Each tab has its tasks and the counts of all; what is sought is found by number, title and client."""
    ran = lianyue("task", "list", "--tab", "todo", "--as", "li.lei", "--json")
    started = lianyue("task", "list", "--tab", "started", "--search", "物业", "--as", "han.mei", "--json")
    none = lianyue("task", "list", "--tab", "todo", "--overdue", "--as", "li.lei", "--json")
    copied = lianyue("task", "list", "--tab", "copied", "--as", "li.lei", "--json")

    assert {"todo": 2, "done": 0, "started": 0, "copied": 0} == ran.document["counts"]
    assert [2, 2, 0] == [len(each.document["tasks"]) for each in (ran, started, none)]
    assert [] == copied.document["copies"]
    assert "待办 2　已办 0　我发起的 0　抄送我 0" in lianyue("task", "list", "--tab", "done", "--as", "li.lei").out


def test_a_tab_is_somebody_s(lianyue: Any, begun: Path) -> None:
    """Without a user there is no inbox, and an unknown tab is told."""
    unknown = lianyue("task", "list", "--tab", "mine", "--as", "li.lei", "--json")

    assert (2, "unknown-name") == (
        lianyue("task", "list", "--tab", "todo", "--json").code,
        lianyue("task", "list", "--tab", "todo", "--json").document["error"]["code"],
    )
    assert "'mine' is none of todo, done, started, copied" == unknown.document["error"]["message"]


def test_a_draft_comes_back(lianyue: Any, begun: Path) -> None:
    """What was kept is shown to whoever kept it, and to nobody else; who may not answer keeps none."""
    (begun / "half.yaml").write_text("price_fen: 6300000\n", encoding="utf-8")
    kept = lianyue("task", "draft", QUOTE, "half.yaml", "--as", "li.lei", "--json")
    shown = [lianyue("task", "show", QUOTE, "--as", user, "--json").document["draft"] for user in ("li.lei", "han.mei")]
    refused = lianyue("task", "draft", QUOTE, "half.yaml", "--as", "han.mei", "--json")

    assert (0, [{"price_fen": 6_300_000}, None]) == (kept.code, shown)
    assert (3, "not-your-task") == (refused.code, refused.document["error"]["code"])


def test_a_copy_of_nobody_is_not_read(lianyue: Any, begun: Path) -> None:
    """Only whoever is informed marks it read."""
    assert 2 == lianyue("task", "read", QUOTE, "--as", "li.lei", "--json").code


def test_notices_need_a_port(lianyue: Any, begun: Path) -> None:
    """Without a webhook or a mail server there is nothing to hand notices to."""
    ran = lianyue("notify", "--json")

    assert (2, "set LIANYUE_WEBHOOK_URL or LIANYUE_SMTP_HOST first") == (ran.code, ran.document["error"]["message"])


@pytest.mark.parametrize(
    ("changes", "actor", "may"),
    [
        ({}, HANDLER, ("claim", "submit", "draft", "decline", "transfer", "delegate", "add-sign", "copy")),
        ({}, BUYER, ("remind",)),
        ({}, None, ("claim", "submit", "draft", "decline", "transfer", "delegate", "add-sign", "copy", "remind")),
        (
            {"state": TaskState.CLAIMED, "user": "li.lei"},
            HANDLER,
            ("submit", "draft", "decline", "transfer", "delegate", "add-sign", "copy", "return"),
        ),
        ({"state": TaskState.CLAIMED, "user": "wang.wu"}, HANDLER, ()),
        (
            {"state": TaskState.DELEGATED, "user": "li.lei", "owner": "wang.wu"},
            HANDLER,
            ("submit", "draft", "decline", "add-sign", "copy", "return"),
        ),
        ({"state": TaskState.RESOLVED, "user": "li.lei", "answered_by": HANDLER}, HANDLER, ("withdraw",)),
        (
            {
                "state": TaskState.RESOLVED,
                "user": "wang.wu",
                "answer": {},
                "co_signings": (CoSigning(mode=CoSignMode.AFTER, needed=1, signers=(CoSigner(user="li.lei"),)),),
            },
            HANDLER,
            ("submit", "decline"),
        ),
        ({"state": TaskState.EXPIRED}, COORDINATOR, ()),
        ({"kind": TaskKind.DELIVER}, HANDLER, ("claim", "submit", "draft", "transfer", "delegate", "add-sign", "copy")),
    ],
)
def test_what_may_be_done(changes: dict[str, Any], actor: Actor | None, may: tuple[str, ...]) -> None:
    """The verbs follow from state, kind, holder and role."""
    assert may == possible(a_task(**changes), actor, "LGCY")
