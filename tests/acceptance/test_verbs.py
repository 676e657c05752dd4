"""Every verb of tasks and contracts through the command line, on one contract of companies with two people each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.machine import EXAMPLES, Machine, Ran

EXAMPLE = EXAMPLES / "02-three-quotes"
NUMBER = "EX-2025-0022"
JCY, YCY, BCY = (f"{NUMBER}/quote:quote-{code}-1" for code in ("JCY", "YCY", "BCY"))
DELIVER, ACCEPT = (f"{NUMBER}/deliver/JCY:{what}-opening-1" for what in ("deliver", "accept"))
WHY = ("--reason", "按分工办理")


class Verbs:
    """What every verb answered, in the order in which it was used."""

    def __init__(self, at: Machine, place: Path) -> None:
        self.at = at
        self.place = place
        self.said: dict[str, Any] = {}

    def do(self, name: str, *words: str, user: str) -> Ran:
        """Use a verb as *user*, and remember the state it led to."""
        ran = self.at.soon(*words, "--as", user, "--json")
        told = ran.document
        self.said[name] = told.get("state") or told.get("stage")
        return ran

    def refused(self, name: str, *words: str, user: str) -> None:
        """Use a verb that is refused."""
        ran = self.at.here(*words, "--as", user, "--json")
        self.said[name] = (ran.code, ran.document["error"]["code"])

    def file(self, name: str, text: str) -> str:
        """Write a file beside the answers and return where it lies."""
        (self.place / name).write_text(text, encoding="utf-8")
        return str(self.place / name)

    def signed(self, version: int) -> None:
        """Have all three parties sign."""
        for party, user in (("JCY", "jcy2"), ("YQGS", "yqgs"), ("BGS", "office.signer")):
            task = f"{NUMBER}/sign/v{version}:sign-{party}"
            document = self.at.soon("task", "show", task, "--json").document["task"]["subject"]["document"]
            answer = self.file("sign.yaml", f"decision: sign\ndocument: {document}\n")
            self.do(f"sign v{version}", "task", "submit", task, answer, user=user)


@pytest.fixture(scope="module")
def verbs(running: Machine, tmp_path_factory: pytest.TempPathFactory) -> Verbs:
    """Use them all."""
    place = tmp_path_factory.mktemp("verbs")
    used = Verbs(running, place)
    running.here("alliance", "load", used.file("alliance.yaml", with_deputies()))
    contract = (EXAMPLE / "contract.yaml").read_text(encoding="utf-8").replace("EX-2025-0002", NUMBER)
    contract = contract.replace("min_quotes: 3", "min_quotes: 2")
    used.do("start", "contract", "start", used.file("contract.yaml", contract), user="coordinator")
    quoting(used)
    used.do("approve", "task", "submit", f"{NUMBER}:approve-desk_officer-1-1", answer("approve"), user="desk")
    used.signed(1)
    delivering(used)
    return used


def with_deputies() -> str:
    """The alliance of the example, with a second person at the company that will deliver."""
    text = (EXAMPLE / "alliance.yaml").read_text(encoding="utf-8")
    first = "    - {user: jcy, "
    second = "    - {user: jcy2, name: 甲餐饮副手, company: JCY, roles: [handler, signer], synthetic: true}\n"
    assert first in text
    return text.replace(first, second + first)


def answer(name: str) -> str:
    """An answer of the example."""
    return str(EXAMPLE / "answers" / f"{name}.yaml")


def quoting(used: Verbs) -> None:
    """One quote goes through many hands, one is declined, one simply given."""
    consent = used.file("consent.yaml", "consent: true\n")
    used.do("remind", "task", "remind", JCY, "--reason", "请尽快报价", user="coordinator")
    used.do("claim", "task", "claim", JCY, user="jcy")
    used.refused("claim again", "task", "claim", JCY, user="jcy2")
    used.do("delegate", "task", "delegate", JCY, "--to", "jcy2", *WHY, user="jcy")
    used.do("return", "task", "return", JCY, *WHY, user="jcy2")
    used.do("transfer", "task", "transfer", JCY, "--to", "jcy2", *WHY, user="jcy")
    used.do("add-sign", "task", "add-sign", JCY, "--to", "jcy", "--mode", "after", *WHY, user="jcy2")
    used.do("submit", "task", "submit", JCY, answer("quote-jcy"), user="jcy2")
    used.do("consent", "task", "submit", JCY, consent, user="jcy")
    used.do("withdraw", "task", "withdraw", JCY, *WHY, user="jcy2")
    used.do("draft", "task", "draft", JCY, answer("quote-jcy"), user="jcy2")
    used.do("submit again", "task", "submit", JCY, answer("quote-jcy"), user="jcy2")
    used.do("consent again", "task", "submit", JCY, consent, user="jcy")
    used.do("copy", "task", "copy", BCY, "--to", "coordinator", user="bcy")
    used.do("read", "task", "read", BCY, user="coordinator")
    used.do("remind two", "task", "remind", YCY, BCY, user="coordinator")
    used.do("decline", "task", "decline", YCY, "--reason", "产能不足", user="ycy")
    used.do("submit simply", "task", "submit", BCY, answer("quote-bcy"), user="bcy")


def delivering(used: Verbs) -> None:
    """A suspension, a resumption, an amendment, a reminder of the client, and a cancellation."""
    used.at.soon("task", "show", DELIVER)
    used.do("suspend", "contract", "suspend", NUMBER, *WHY, user="coordinator")
    used.refused("suspend again", "contract", "suspend", NUMBER, *WHY, user="coordinator")
    used.do("resume", "contract", "resume", NUMBER, *WHY, user="coordinator")
    used.do("client reminds", "task", "remind", DELIVER, user="yqgs")
    change = used.file("amendment.yaml", "reason: 增加早餐\nvalue_fen: 20000000\nextend_days: 30\n")
    used.do("amend", "contract", "amend", NUMBER, change, user="coordinator")
    used.signed(2)
    used.at.until(lambda: "变更生效" in used.at.here("contract", "show", NUMBER).out)
    used.refused("cancel as a member", "contract", "cancel", NUMBER, *WHY, user="jcy")
    used.do("cancel", "contract", "cancel", NUMBER, "--reason", "项目终止", user="coordinator")
    used.at.until(lambda: used.at.here("audit", "replay", NUMBER).code == 0)


def test_every_verb_leads_to_its_state(verbs: Verbs) -> None:
    """The receipt of each verb says what has become of the task, or how far the contract is."""
    assert {
        "start": None,
        "remind": "offered",
        "claim": "claimed",
        "claim again": (3, "wrong-state"),
        "delegate": "delegated",
        "return": "claimed",
        "transfer": "claimed",
        "add-sign": "claimed",
        "submit": "resolved",
        "consent": "completed",
        "withdraw": "claimed",
        "draft": None,
        "submit again": "resolved",
        "consent again": "completed",
        "copy": "offered",
        "read": None,
        "remind two": None,
        "decline": "refused",
        "submit simply": "completed",
        "approve": "completed",
        "sign v1": "completed",
        "suspend": "signed",
        "suspend again": (3, "wrong-state"),
        "resume": "signed",
        "client reminds": "offered",
        "amend": "signed",
        "sign v2": "completed",
        "cancel as a member": (3, "role-missing"),
        "cancel": "signed",
    } == verbs.said


def test_every_verb_is_told(verbs: Verbs) -> None:
    """What people did stands in the contract's story, with their names and reasons."""
    quote = "“为《示范园区小食堂运营服务》报价”"
    told = verbs.at.here("contract", "show", NUMBER).out

    for sentence in (
        f"联盟办公室协调员催办{quote}：请尽快报价",
        f"甲餐饮甲餐饮经办人认领{quote}",
        f"甲餐饮甲餐饮经办人委托甲餐饮副手准备{quote}：按分工办理",
        f"甲餐饮甲餐饮副手退回{quote}：按分工办理",
        f"甲餐饮甲餐饮经办人将{quote}转交甲餐饮副手：按分工办理",
        f"甲餐饮甲餐饮副手请甲餐饮经办人后加签{quote}：按分工办理",
        f"甲餐饮甲餐饮副手撤回{quote}的答复：按分工办理",
        f"乙餐饮乙餐饮经办人拒绝{quote}：产能不足",
        "联盟办公室协调员决定取消合同：项目终止",
        "合同取消：项目终止；已撤销合同文本、能力预留",
    ):
        assert f" {sentence}\n" in told


def test_the_audit_of_all_this_finds_nothing(verbs: Verbs) -> None:
    """Two versions, two signings and a cancellation replay like any other contract."""
    report = verbs.at.here("audit", "replay", NUMBER, "--json").document

    assert [] == [check for check in report["checks"] if not check["ok"]]
