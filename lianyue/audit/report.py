"""The pages of a bundle for readers: one in Chinese, one in English, each whole in itself and fit to be printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader

from contracts.journal import Happening
from lianyue.audit.views import Told, money_of, settled
from lianyue.story import sentence, term
from rules.explain.shown import money, points
from rules.explain.words import OUTCOMES, Words

if TYPE_CHECKING:
    from lianyue.audit.bundle import Manifest

LANGUAGES = ("zh", "en")

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A part of the page: a table, with what is to be known before it is read."""

    title: str
    columns: Row
    rows: Sequence[Row]
    numbers: tuple[int, ...] = ()
    """The columns that hold figures."""
    note: str = ""
    command: str = ""


def reports_of(told: Told, manifest: Manifest) -> dict[str, bytes]:
    """Return the pages by their names in the bundle."""
    return {f"report.{language}.html": _page(told, manifest, language) for language in LANGUAGES}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("lianyue.audit", "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def _page(told: Told, manifest: Manifest, language: str) -> bytes:
    writer = _Writer(told, manifest, language)
    drawn = (
        _environment()
        .get_template("report.html")
        .render(
            language="zh-CN" if language == "zh" else "en",
            title=f"{told.number} {told.order.contract.title}",
            subtitle=writer.say("subtitle"),
            sections=[section for section in writer.sections() if section.rows or section.command],
        )
    )
    return drawn.encode()


class _Writer:
    """Writes the sections of one page in one language."""

    def __init__(self, told: Told, manifest: Manifest, language: str) -> None:
        self.told = told
        self.manifest = manifest
        self.language = language
        self.names = self._names()

    def say(self, word: str) -> str:
        return _WORDS[word].in_(self.language)

    def columns(self, *words: str) -> Row:
        return tuple(self.say(word) for word in words)

    def called(self, code: str) -> str:
        return self.names.get(code, code)

    def yuan(self, amount_fen: int) -> str:
        return money(amount_fen, self.language)

    def sections(self) -> Iterator[Section]:
        """Yield what the page holds, in the order of a contract's life."""
        yield Section(self.say("contract"), (), list(self._contract()))
        yield Section(self.say("rules"), self.columns("pinned", "name", "edition", "digest"), list(self._rules()))
        yield Section(self.say("excluded"), self.columns("member", "rule", "reason"), list(self._excluded()))
        yield Section(
            self.say("quotes"), self.columns("member", "round", "price", "commitment"), list(self._quotes()), (1, 2)
        )
        yield from self._decisions()
        yield Section(
            self.say("approvals"), self.columns("when", "person", "company", "answer"), list(self._approvals())
        )
        yield from self._agreements()
        yield Section(
            self.say("signatures"), self.columns("company", "person", "when", "document"), list(self._signatures())
        )
        yield Section(
            self.say("settled"),
            self.columns("member", "milestone", "agreed", "deducted", "payable", "vat"),
            list(self._settled()),
            (2, 3, 4, 5),
        )
        yield Section(self.say("reviews"), self.columns("member", "score", "reply"), list(self._reviews()), (1,))
        yield Section(self.say("story"), self.columns("day", "event"), list(self._story()))
        yield Section(
            self.say("files"), (), (), note=self.say("how"), command=f"lianyue audit verify {self.told.number}.zip"
        )

    # --- the sections ---------------------------------------------------------------------------------------

    def _contract(self) -> Iterator[Row]:
        order = self.told.order
        contract = order.contract
        yield self.say("number"), contract.number
        yield self.say("client"), self.called(contract.client)
        yield self.say("office"), self.called(order.office)
        yield self.say("category"), contract.category
        yield self.say("value"), self.yuan(contract.value_fen)
        yield self.say("term"), f"{contract.starts_on} – {contract.ends_on}"
        yield self.say("started_by"), self.called(order.started_by.user)
        yield self.say("stage"), self._stage()

    def _stage(self) -> str:
        reached = [happening for happening in self._happenings() if happening.verb in _STAGES and not happening.task]
        return term("stage", reached[-1].verb, self.language) if reached else term("stage", "registered", self.language)

    def _rules(self) -> Iterator[Row]:
        for each in self.manifest.editions:
            yield each.pinned_as, each.name, each.edition, each.digest

    def _excluded(self) -> Iterator[Row]:
        for _, answer in self.told.answers("screen"):
            for member, reasons in answer["screening"]["excluded"].items():
                for reason in reasons:
                    yield self.called(member), reason["rule"], reason["message"]

    def _quotes(self) -> Iterator[Row]:
        for _, answer in self.told.answers("open_quotes"):
            for quote in answer["quotes"]:
                yield (
                    self.called(quote["member"]),
                    str(quote["round"]),
                    self.yuan(quote["price_fen"]),
                    quote["commitment"],
                )

    def _decisions(self) -> Iterator[Section]:
        for number, (_, answer) in enumerate(self.told.answers("decide", "take_up"), start=1):
            decision = answer["decision"]
            shares = {share["member"]: share["amount_fen"] for share in decision["shares"]}
            rows = [
                (
                    self.called(member),
                    self._score(decision, member),
                    self.yuan(shares[member]) if member in shares else "—",
                    "",
                )
                for member in decision["ranking"] or decision["eligible"]
            ]
            rows += [
                (self.called(member), "—", "—", "；".join(reason["message"] for reason in reasons))
                for member, reasons in decision["excluded"].items()
            ]
            outcome = OUTCOMES[decision["outcome"]].in_(self.language)
            how = (
                outcome,
                decision["method"],
                decision["division"],
                self.yuan(decision["amount_fen"]),
                decision["engine"],
            )
            title = self.say("decision") + (f" {number}" if number > 1 else "")
            yield Section(title, self.columns("member", "score", "share", "reason"), rows, (1, 2), " · ".join(how))

    def _score(self, decision: Mapping[str, Any], member: str) -> str:
        scored = decision["scores"].get(member)
        return points(scored["total_bp"]) if scored else "—"

    def _approvals(self) -> Iterator[Row]:
        for act in self.told.acts:
            if ":approve-" in act.task and act.verb in ("submit", "decline"):
                answer = (
                    act.refusal or act.request.get("reason") or str(act.request.get("content", {}).get("decision", ""))
                )
                yield act.at[:19], self.called(act.actor["user"]), self.called(act.actor["company"]), answer or act.verb

    def _agreements(self) -> Iterator[Section]:
        for plan in money_of(self.told)["versions"]:
            milestones = list(plan["by_milestone"])
            cells = {(cell["member"], cell["milestone"]): cell["amount_fen"] for cell in plan["cells"]}
            rows = [
                (self.called(member), *(self._cell(cells, member, each) for each in milestones), self.yuan(total))
                for member, total in plan["by_member"].items()
            ]
            sums = [self.yuan(fen) for fen in plan["by_milestone"].values()]
            rows.append((self.say("total"), *sums, self.yuan(plan["total_fen"])))
            columns = (
                self.say("member"),
                *(self.names.get(f"milestone:{each}", each) for each in milestones),
                self.say("total"),
            )
            title = f"{self.say('agreement')} {plan['version']}"
            yield Section(title, columns, rows, tuple(range(1, len(columns))))

    def _cell(self, cells: Mapping[tuple[str, str], int], member: str, milestone: str) -> str:
        return self.yuan(cells[member, milestone]) if (member, milestone) in cells else "—"

    def _signatures(self) -> Iterator[Row]:
        for each in self.told.signed:
            yield (
                self.called(each.company or ""),
                self.called(each.evidence.actor.user if each.evidence else ""),
                each.at.isoformat()[:19],
                each.digest,
            )

    def _settled(self) -> Iterator[Row]:
        for line in settled(self.told):
            yield (
                self.called(line["member"]),
                self.names.get(f"milestone:{line['milestone']}", line["milestone"]),
                self.yuan(line["agreed_fen"]),
                self.yuan(line["deduction_fen"]),
                self.yuan(line["payable"]["gross_fen"]),
                self.yuan(line["payable"]["vat_fen"]),
            )

    def _reviews(self) -> Iterator[Row]:
        for done, _ in self.told.answers("finalise"):
            for review in done.request_json()["reviews"]:
                yield self.called(review["member"]), points(review["score_bp"]), review["reply"]

    def _story(self) -> Iterator[Row]:
        for happening in self._happenings():
            yield f"{happening.on:%Y-%m-%d %H:%M}", sentence(happening, self.names, self.language)

    # --- names ----------------------------------------------------------------------------------------------

    def _happenings(self) -> list[Happening]:
        found = [
            each for done in self.told.done for each in done.request_json().get("journal", {}).get("happenings", ())
        ]
        return sorted((Happening.model_validate(each) for each in found), key=lambda each: each.at)

    def _names(self) -> dict[str, str]:
        """Companies by code, tasks by id, milestones by their code."""
        place = LANGUAGES.index(self.language)
        names = {code: called[place] for code, called in self.manifest.companies.items()}
        for done in self.told.done:
            for task in done.request_json().get("journal", {}).get("tasks", ()):
                names[task["id"]] = task["title"]
        for _, answer in self.told.answers("draw_up", "amend"):
            for cell in answer["agreement"]["instalments"]:
                names[f"milestone:{cell['milestone']}"] = cell["title"]
        return names


_STAGES = ("registered", "specified", "quoted", "allocated", "signed", "delivered", "reviewed", "cancelled", "failed")

_WORDS: dict[str, Words] = {
    "subtitle": Words(
        "审计报告：本页由合同的完整历史生成，可离线验证",
        "Audit report, written from the contract's whole history; verifiable offline",
    ),
    "contract": Words("合同", "The contract"),
    "number": Words("编号", "Number"),
    "client": Words("采购方", "Client"),
    "office": Words("联盟办公室", "Office"),
    "category": Words("服务类别", "Category"),
    "value": Words("合同价值", "Value"),
    "term": Words("服务期", "Term"),
    "started_by": Words("发起人", "Started by"),
    "stage": Words("阶段", "Stage"),
    "rules": Words("锁定的规则", "Rules it was started under"),
    "pinned": Words("用途", "As"),
    "name": Words("名称", "Name"),
    "edition": Words("版本", "Edition"),
    "digest": Words("摘要", "Digest"),
    "excluded": Words("未获邀请的成员单位", "Who was not asked to quote"),
    "member": Words("成员单位", "Member"),
    "rule": Words("规则", "Rule"),
    "reason": Words("理由", "Reason"),
    "quotes": Words("开启的报价", "Quotes as opened"),
    "round": Words("轮次", "Round"),
    "price": Words("报价", "Price"),
    "commitment": Words("密封承诺", "Commitment"),
    "decision": Words("规则的决定", "What the rules decided"),
    "score": Words("得分", "Score"),
    "share": Words("份额", "Share"),
    "approvals": Words("审批", "Approvals"),
    "when": Words("时间（UTC）", "When (UTC)"),
    "person": Words("人员", "Person"),
    "company": Words("单位", "Company"),
    "answer": Words("意见", "Answer"),
    "agreement": Words("合同文本，版本", "Agreement, version"),
    "total": Words("合计", "Total"),
    "signatures": Words("签名", "Signatures"),
    "document": Words("文本摘要", "Document"),
    "settled": Words("结算", "Settlements"),
    "milestone": Words("节点", "Milestone"),
    "agreed": Words("约定", "Agreed"),
    "deducted": Words("扣款", "Deducted"),
    "payable": Words("应付（含税）", "Payable, gross"),
    "vat": Words("其中税额", "VAT in it"),
    "reviews": Words("评价", "Reviews"),
    "reply": Words("成员答复", "Member's reply"),
    "story": Words("经过", "What happened"),
    "day": Words("日期", "Day"),
    "event": Words("事项", "Event"),
    "files": Words("如何验证", "How to verify this"),
    "how": Words(
        "本页只供阅读。以下命令不联网，重放历史、重算决定、核对签名与金额，并逐项说明结果：",
        "This page is for reading only. The command below needs no network: it replays the history, decides again, "
        "checks signatures and money, and says what it found:",
    ),
}
