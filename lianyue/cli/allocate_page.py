"""What `allocate` says: JSON for programs, sentences and tables in Chinese or English for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lianyue.cli.output import emit, say, table
from lianyue.optimiser.scenarios import CurvePoint, Scenario
from rules.explain.shown import money, points
from rules.explain.together import STATUSES, TogetherTold
from rules.explain.tongue import Tongue
from rules.explain.words import Words
from rules.portfolio.answer import Allocation, Binding, Role
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import WHOLE_BP

HEADS = {
    "awards": Words("中选方案", "Awards"),
    "contract": Words("合同", "contract"),
    "member": Words("成员单位", "member"),
    "price": Words("价格", "price"),
    "why": Words("理由", "why"),
    "rules": Words("规则的代价", "What the rules cost"),
    "rule": Words("规则", "rule"),
    "cost": Words("代价", "cost"),
    "changes": Words("没有它时改派", "without it"),
    "scenarios": Words("方案比较", "Scenarios"),
    "policy": Words("规则集", "policy"),
    "status": Words("结论", "status"),
    "moved": Words("改派合同", "contracts moved"),
    "largest": Words("最大份额", "largest share"),
    "curve": Words("公平的代价", "The price of fairness"),
    "least": Words("每家至少", "each at least"),
    "above": Words("高出最低价", "above the cheapest"),
}
WON = Words(
    "{member} 在 {contract} 报价 {quoted}，已在最优方案的价位内（最高可报 {winning}）",
    "{member} quoted {quoted} for {contract}; that is within a best award (up to {winning})",
)
LOST = Words(
    "{member} 在 {contract} 报价 {quoted}；报价不高于 {winning} 才进入最优方案，须再降 {less}",
    "{member} quoted {quoted} for {contract}; at {winning} or less it would be in a best award, {less} lower",
)
NEVER = Words(
    "{member} 在 {contract} 报价 {quoted}；按现行规则，任何报价都不能中选",
    "{member} quoted {quoted} for {contract}; under these rules no price would do",
)
SAME = Words("第{place}次决定（{status}）重算一致 {digest}", "decision {place} ({status}) comes out the same, {digest}")
DIFFERS = Words(
    "第{place}次决定（{status}）重算不一致：{difference}", "decision {place} ({status}) differs: {difference}"
)
UNDECIDED = Words("组合 {portfolio} 尚未决定", "portfolio {portfolio} has not been decided yet")


class Page:
    """Where an answer is written: in one language, or as one JSON document."""

    def __init__(self, language: str, as_json: bool) -> None:
        self.language = language
        self.as_json = as_json

    def show_answer(self, portfolio: CompiledPortfolio, answer: Allocation) -> None:
        """Write a decided portfolio."""
        if self.as_json:
            emit(document_of(answer))
            return
        told = TogetherTold(Tongue(self.language), portfolio.spec)
        for line in told.summary(answer):
            say(line)
        if answer.awards:
            self._print_awards(told, answer)
        if answer.binding:
            self._print_binding(told, answer.binding)
        for line in told.obstacles(answer):
            say(line)

    def show_again(self, portfolio: str, again: Sequence[tuple[str, Allocation, str]]) -> None:
        """Write whether what was decided for *portfolio* comes out the same: digest, answer now, and what differs."""
        if self.as_json:
            told = [
                {"digest": digest, "same": not difference, "difference": difference, "answer": document_of(answer)}
                for digest, answer, difference in again
            ]
            emit({"portfolio": portfolio, "decisions": told})
            return
        for place, (digest, answer, difference) in enumerate(again, start=1):
            words = DIFFERS if difference else SAME
            status = self._in(STATUSES[answer.status.value])
            said = {"place": place, "status": status, "digest": digest, "difference": difference}
            say(self._in(words).format(**said))
        if not again:
            say(self._in(UNDECIDED).format(portfolio=portfolio))

    def show_why(self, member: str, number: str, quoted: int, winning: int | None) -> None:
        """Write the highest price at which a member would have been in a best award."""
        if self.as_json:
            emit({"member": member, "contract": number, "quoted_fen": quoted, "winning_fen": winning})
            return
        words = NEVER if winning is None or winning <= 0 else WON if winning >= quoted else LOST
        amounts = {"quoted": quoted, "winning": winning or 0, "less": quoted - (winning or 0)}
        shown = {name: money(amount, self.language) for name, amount in amounts.items()}
        say(self._in(words).format(member=member, contract=number, **shown))

    def show_scenarios(self, scenarios: Sequence[Scenario]) -> None:
        """Write several rule sets side by side."""
        if self.as_json:
            emit({"scenarios": [each.model_dump(mode="json") for each in scenarios]})
            return
        heads = [self._head(name) for name in ("policy", "status", "price", "moved", "largest")]
        rows = [self._scenario(each) for each in scenarios]
        table(heads, rows, self._head("scenarios"))

    def show_curve(self, curve: Sequence[CurvePoint]) -> None:
        """Write the price at each level of fairness."""
        if self.as_json:
            emit({"curve": [each.model_dump(mode="json") for each in curve]})
            return
        heads = [self._head(name) for name in ("least", "price", "above")]
        rows = [(self._money(each.least_fen), self._money(each.price_fen), f"{each.above_bp} bp") for each in curve]
        table(heads, rows, self._head("curve"))

    def _scenario(self, each: Scenario) -> tuple[str, ...]:
        price = "" if each.price_fen is None else self._money(each.price_fen)
        return each.policy, self._in(STATUSES[each.status]), price, str(each.moved), f"{points(each.largest_bp)} %"

    def _print_awards(self, told: TogetherTold, answer: Allocation) -> None:
        reasons = {reason.contract: reason for reason in answer.reasons}
        rows = [
            (
                award.contract,
                told.holder(award),
                self._money(award.price_fen),
                "" if award.role is Role.SUB else told.reason(reasons.get(award.contract)),
            )
            for award in answer.awards
        ]
        table([self._head(name) for name in ("contract", "member", "price", "why")], rows, self._head("awards"))

    def _print_binding(self, told: TogetherTold, binding: Sequence[Binding]) -> None:
        rows = [(told.called(each.id), told.cost(each), told.changes(each)) for each in binding]
        table([self._head(name) for name in ("rule", "cost", "changes")], rows, self._head("rules"))

    def _money(self, amount_fen: int) -> str:
        return money(amount_fen, self.language)

    def _head(self, name: str) -> str:
        return self._in(HEADS[name])

    def _in(self, words: Words) -> str:
        return words.in_(self.language)


def document_of(answer: Allocation) -> dict[str, Any]:
    """Return *answer* as programs read it; share and role stand only with a contract that is divided."""
    document = answer.model_dump(mode="json")
    for award in document["awards"]:
        if award["share_bp"] == WHOLE_BP:
            del award["share_bp"], award["role"]
    return document
