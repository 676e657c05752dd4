"""One contract through the command line: three companies quote, the machine is switched off, and all goes on."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from lianyue.dev_server import connect
from lianyue.settings import Settings
from lianyue.simulate.people import People
from lianyue.simulate.script import Script
from lianyue.wiring import Wiring
from tests.acceptance.machine import EXAMPLES, PATIENCE_SECONDS, Machine, Ran

EXAMPLE = EXAMPLES / "02-three-quotes"
NUMBER = "EX-2025-0012"
QUOTE = f"{NUMBER}/quote:quote-{{}}-1"
SCRIPT = Script(scores={NUMBER: {"JCY": 9_500}})


@dataclass(frozen=True)
class Life:
    """What every command said, by what it was for."""

    said: dict[str, Ran]

    def __getitem__(self, step: str) -> Ran:
        return self.said[step]

    def told(self) -> list[str]:
        """The sentences of the contract's story."""
        return [each["sentence"] for each in self["show --json"].document["story"]]


@pytest.fixture(scope="module")
def life(running: Machine, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The whole story, told once."""
    at, place = running, tmp_path_factory.mktemp("one-contract")
    shutil.copytree(EXAMPLE / "answers", place / "answers")
    said = before_the_interruption(at, place)
    said["interrupted"] = at.interrupt()
    third_quote = ("task", "submit", QUOTE.format("BCY"), answer(place, "bcy"), "--as", "bcy")
    said["while down"] = at.here(*third_quote)
    at.up()
    said["third quote"] = at.lianyue(*third_quote)
    asyncio.run(asyncio.wait_for(everybody_acts(at), PATIENCE_SECONDS))
    return Life(said | at_the_end(at) | papers(at, place))


def before_the_interruption(at: Machine, place: Path) -> dict[str, Ran]:
    """Start the contract and have two of three companies quote, with all that may go wrong."""
    contract, jcy, cheaper = place / "contract.yaml", answer(place, "jcy"), place / "answers" / "cheaper.yaml"
    contract.write_text(changed(EXAMPLE / "contract.yaml", "EX-2025-0002", NUMBER), encoding="utf-8")
    cheaper.write_text(changed(Path(jcy), "18000000", "17000000"), encoding="utf-8")
    start = ("contract", "start", str(contract), "--as", "coordinator", "--json")
    quote = ("task", "submit", QUOTE.format("JCY"))
    mine = ("--as", "jcy", "--request-id", "jcy-quotes-once", "--json")
    return {
        "load": at.here("alliance", "load", str(EXAMPLE / "alliance.yaml"), "--json"),
        "start": at.lianyue(*start),
        "start again": at.here(*start),
        "list": first_task(at),
        "wrong company": at.lianyue(*quote, jcy, "--as", "ycy", "--json"),
        "first quote": at.lianyue(*quote, jcy, *mine),
        "repeated": at.lianyue(*quote, jcy, *mine),
        "other body": at.here(*quote, str(cheaper), *mine),
        "second quote": at.lianyue("task", "submit", QUOTE.format("YCY"), answer(place, "ycy"), "--as", "ycy"),
    }


def first_task(at: Machine) -> Ran:
    """The tasks of the company, once there are any."""
    listed: list[Ran] = []

    def has_come() -> bool:
        listed.append(at.here("task", "list", "--for", "JCY", "--number", NUMBER, "--json"))
        return bool(listed[-1].document["tasks"])

    at.until(has_come)
    return listed[-1]


def changed(file: Path, old: str, new: str) -> str:
    """The text of *file* with *new* in place of *old*."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new)


def answer(place: Path, company: str) -> str:
    """The file with the company's quote."""
    return str(place / "answers" / f"quote-{company}.yaml")


async def everybody_acts(at: Machine) -> None:
    """Let simulated people, who use the same desk, do the rest."""
    wiring = Wiring(Settings(data=at.data, temporal_address=at.address))
    people = People(wiring.desk(await connect(wiring.settings)), SCRIPT, day_seconds=86_400)
    await people.live(lambda: bool(wiring.reading.histories(NUMBER)))
    wiring.database.close()


def at_the_end(at: Machine) -> dict[str, Ran]:
    """Look at what has become of it."""
    return {
        "show": at.lianyue("contract", "show", NUMBER),
        "show --json": at.here("contract", "show", NUMBER, "--json"),
        "contracts": at.here("contract", "list", "--json"),
        "audit": at.lianyue("audit", "replay", NUMBER, "--json"),
        "explain": at.here("rules", "explain", NUMBER, "--json"),
    }


def papers(at: Machine, place: Path) -> dict[str, Ran]:
    """Print what there is to print."""
    document = ("contract", "document", NUMBER)
    return {
        **{
            kind: at.here(*document, "--kind", kind, "--output", str(place / f"{kind}.pdf"), "--json")
            for kind in ("contract", "approval", "acceptance")
        },
        "no kind": at.here(*document, "--kind", "invoice", "--output", str(place / "x.pdf"), "--json"),
        "no version": at.here(*document, "--version", "9", "--output", str(place / "x.pdf"), "--json"),
        "no folder": at.here(*document, "--output", str(place / "nowhere" / "x.pdf"), "--json"),
    }


def error(ran: Ran) -> dict[str, Any]:
    """The error that a command told."""
    found: dict[str, Any] = ran.document["error"]
    return found


# --- the beginning ----------------------------------------------------------------------------------------------


def test_the_directory_is_loaded(life: Life) -> None:
    """Loading says how many companies and people there are."""
    assert (0, {"office": "BGS", "companies": 5, "people": 9}) == (life["load"].code, life["load"].document)


def test_a_contract_starts_once(life: Life) -> None:
    """Started again, it is answered as the first time."""
    first = {"number": NUMBER, "workflow_id": f"contract/{NUMBER}", "first": True, "warnings": []}

    assert first == life["start"].document
    assert {**first, "first": False} == life["start again"].document


def test_a_company_sees_its_task(life: Life) -> None:
    """`task list --for` shows what the company has to do, and nothing of the others."""
    (task,) = life["list"].document["tasks"]

    assert (QUOTE.format("JCY"), "JCY", "quote", "offered") == (
        task["id"],
        task["company"],
        task["kind"],
        task["state"],
    )


# --- people -----------------------------------------------------------------------------------------------------


def test_a_quote_is_answered_with_a_receipt(life: Life) -> None:
    """The receipt names the task, its state and its revision."""
    assert {"task": QUOTE.format("JCY"), "state": "completed", "revision": 2} == life["first quote"].document


def test_a_repeated_request_returns_the_first_answer(life: Life) -> None:
    """The same request id with the same body does nothing twice."""
    assert (0, life["first quote"].document) == (life["repeated"].code, life["repeated"].document)
    assert 1 == life.told().count("甲餐饮甲餐饮经办人提交“为《示范园区小食堂运营服务》报价”")


def test_a_request_id_with_another_body_is_refused(life: Life) -> None:
    """Exit code 3, and the first quote stands."""
    prices = {
        each["member"]["code"]: each["quote"]["price_fen"]
        for each in life["explain"].document["decisions"][0]["facts"]["candidates"]
    }

    assert (3, "request-reused") == (life["other body"].code, error(life["other body"])["code"])
    assert {"JCY": 18_000_000, "YCY": 17_460_000, "BCY": 18_900_000} == prices


def test_another_company_is_refused_on_record(life: Life) -> None:
    """Exit code 3 with the reason, and the attempt is part of the contract's story."""
    message = f"{QUOTE.format('JCY')} is for JCY, not for YCY"

    assert (3, "not-your-task", message) == (
        life["wrong company"].code,
        error(life["wrong company"])["code"],
        error(life["wrong company"])["message"],
    )
    assert ["ycy"] == [each["user"] for each in life["show --json"].document["story"] if each["verb"] == "refused"]


# --- the interruption -------------------------------------------------------------------------------------------


def test_an_interrupt_stops_cleanly(life: Life) -> None:
    """Ctrl-C: exit code 0, and it says so."""
    assert (0, True) == (life["interrupted"].code, "联约已停止。" in life["interrupted"].err)
    assert "Traceback" not in life["interrupted"].err


def test_nobody_can_act_while_it_is_down(life: Life) -> None:
    """Exit code 4, and what to do about it."""
    assert 4 == life["while down"].code
    assert "Start the service (`lianyue up`)" in life["while down"].err


def test_a_second_start_goes_on_where_it_stopped(life: Life) -> None:
    """Two quotes before, one after, and the contract runs to its end."""
    assert 0 == life["third quote"].code
    assert "reviewed" == life["show --json"].document["summary"]["stage"]


# --- the end ----------------------------------------------------------------------------------------------------


def test_the_story_is_told_in_sentences(life: Life) -> None:
    """Every turn of the contract is one sentence, in the order in which it happened."""
    wanted = [
        "服务要求确定，第1稿",
        "请甲餐饮办理“为《示范园区小食堂运营服务》报价”，2025-07-15前办结",
        "甲餐饮甲餐饮经办人提交“为《示范园区小食堂运营服务》报价”",
        "集中开启3份密封报价",
        "报价结束，1轮，共3家",
        "规则决定：有承接单位，甲餐饮",
        "分配方案获批，由甲餐饮承接，合计180,000.00 元",
        "甲餐饮甲餐饮经办人签署第1版",
        "合同签署，第1版，180,000.00 元",
        "全部交付完毕，应付180,000.00 元",
        "甲餐饮评价定稿95.00分，A级",
        "评价完成，合同办结",
    ]
    told = life.told()

    assert wanted == [sentence for sentence in told if sentence in wanted]
    assert all(f" {sentence}\n" in life["show"].out for sentence in told)


def test_contracts_are_listed(life: Life) -> None:
    """One row a contract, with stage and amounts in fen."""
    (row,) = [each for each in life["contracts"].document["contracts"] if each["number"] == NUMBER]

    assert {
        "number": NUMBER,
        "title": "示范园区小食堂运营服务",
        "category": "canteen",
        "client": "YQGS",
        "stage": "reviewed",
        "is_suspended": False,
        "value_fen": 18_000_000,
        "total_fen": 18_000_000,
        "park": "shifan",
        "quantity": 30,
        "started_by": "coordinator",
    } == {name: row[name] for name in row if not name.endswith("_at")}


def test_the_audit_finds_nothing(life: Life) -> None:
    """Every history replays and every decision is decided again alike."""
    report = life["audit"].document

    assert (0, NUMBER, True) == (life["audit"].code, report["number"], report["ok"])
    assert {"name", "ok", "detail"} == {name for check in report["checks"] for name in check}
    assert {"complete", "replay", "screen", "open_quotes", "decide", "draw_up", "sign", "conclude", "money"} == {
        check["name"].partition(" ")[0] for check in report["checks"]
    }


# --- the papers -------------------------------------------------------------------------------------------------


def text_in(ran: Ran) -> str:
    """The text of the PDF that a command wrote, without blanks."""
    with pypdfium2.PdfDocument(ran.document["file"]) as pdf:
        return "".join("".join(page.get_textpage().get_text_range().split()) for page in pdf)


def test_the_contract_is_printed_out_of_the_records(life: Life) -> None:
    """All parties, each with a field, in signing order; what is agreed in words, and each party's stamp duty."""
    printed = life["contract"]

    assert (0, "contract", 3) == (printed.code, printed.document["kind"], len(printed.document["fields"]))
    for words in ("示范园区小食堂运营服务", "食堂服务合同", "人民币180,000.00元", "壹拾捌万元整", "无须缴纳印花税"):
        assert words in text_in(printed)


def test_the_approval_sheet_says_who_approved(life: Life) -> None:
    """The decision with its digest, the award, and every approval with its moment."""
    printed = life["approval"]

    assert (0, "approval", []) == (printed.code, printed.document["kind"], printed.document["fields"])
    for words in ("审批单", "180,000.00", "甲餐饮", "同意", "决定摘要"):
        assert words in text_in(printed)


def test_the_acceptance_sheet_adds_up(life: Life) -> None:
    """Every milestone with what it was judged and what is payable."""
    printed = life["acceptance"]

    assert (0, "acceptance") == (printed.code, printed.document["kind"])
    for words in ("验收结算单", "验收合格", "应付含税", "本单应付合计"):
        assert words in text_in(printed)


def test_what_cannot_be_printed_is_told(life: Life) -> None:
    """No such kind, no such version, no such folder: exit code 2, and what to do."""
    codes = [error(life[step])["code"] for step in ("no kind", "no version", "no folder")]

    assert ["invalid", "unknown-name", "unwritable-file"] == codes
    assert [2, 2, 2] == [life[step].code for step in ("no kind", "no version", "no folder")]
