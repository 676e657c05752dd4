"""What `allocate` says: JSON for programs, sentences and tables in Chinese or English for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lianyue.cli.output import emit, say, table
from lianyue.optimiser.scenarios import CurvePoint, Scenario
from rules.explain.shown import money, points
from rules.explain.words import PARTS, Words
from rules.portfolio.answer import Allocation, Award, AwardReason, Binding, Relaxation, Role, Ties
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import WHOLE_BP, Aim

STATUSES = {
    "optimal": Words("已证明最优", "proven best"),
    "feasible": Words("可行，未证明最优", "keeps every rule, not proven best"),
    "infeasible": Words("无解", "impossible"),
    "unknown": Words("限度内未找到", "not found within the limit"),
}
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
CHEAPEST = Words("最低报价", "the cheapest quote")
RANKED = Words("{quotes} 家报价中第 {rank} 低", "rank {rank} of {quotes} quotes")
PASSED = Words("{member} 可省 {saves}，但会违反 {breaks}", "{member} would save {saves} but break {breaks}")
EXCHANGE = Words(
    "{member} 可省 {saves}，须与其他合同一并调整", "{member} would save {saves}, only by moving others too"
)
SUMMARY = Words("{status}：目标值 {objective}，总价 {price}", "{status}: objective {objective}, price {price}")
BOUND = Words("下界 {bound}，差距不超过 {gap} 基点", "bound {bound}, gap at most {gap} bp")
TIES = {
    Ties.SETTLED: Words(
        "另有同样好的方案；按约定次序（合同编号，得分高，报价低，代码）取第一个",
        "other awards are as good; the first by contract number, higher score, lower price and code was taken",
    ),
    Ties.OPEN: Words(
        "未证明最优，或已到搜索上限：是否有同样好的方案未逐一比较",
        "not proven best, or the limit of the search reached: whether other awards are as good is not known",
    ),
}
KINDS = {
    "max_share_bp": Words("份额上限", "largest share"),
    "min_share_bp": Words("份额下限", "least share"),
    "max_suppliers": Words("家数上限", "most suppliers"),
    "min_suppliers": Words("家数下限", "fewest suppliers"),
    "max_contracts": Words("合同数上限", "most contracts"),
    "min_contracts": Words("合同数下限", "fewest contracts"),
    "exclude": Words("排除", "exclusion"),
    "require": Words("限定", "requirement"),
    "incumbent_bonus_bp": Words("现任优惠", "incumbent's bonus"),
    "max_forgone_bp": Words("让出上限", "most that is forgone"),
    "not_both": Words("不得并存", "not both"),
    "max_grade_share_bp": Words("等级份额上限", "largest share of a grade"),
    "quota": Words("配额", "quota"),
}
"""What each type of constraint is called; a rule with a title is called by that."""
CALLED = Words("{id}（{kind}）", "{id} ({kind})")
CONFLICT = Words("不能同时成立的规则：{rules}", "These rules cannot hold together: {rules}")
CAPACITIES = Words("涉及的能力上限：{rules}", "Capacities that have a part in it: {rules}")
GIVEN_WAY = Words("放开 {rules}：{result}", "Leaving out {rules}: {result}")
AT_LEAST = Words("至少 {cost}", "at least {cost}")
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
MEMBERS = Words("、", ", ")


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
        self._say_summary(portfolio, answer)
        if answer.awards:
            self._print_awards(answer)
        if answer.binding:
            self._print_binding(portfolio, answer.binding)
        self._say_conflict(portfolio, answer)

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

    def _say_summary(self, portfolio: CompiledPortfolio, answer: Allocation) -> None:
        status = self._in(STATUSES[answer.status])
        if answer.objective is None or answer.price_fen is None:
            say(status)
            return
        shown = {"objective": self._aimed(portfolio, answer.objective), "price": self._money(answer.price_fen)}
        say(self._in(SUMMARY).format(status=status, **shown))
        if answer.bound is not None and answer.gap_bp:
            say(self._in(BOUND).format(bound=self._aimed(portfolio, answer.bound), gap=answer.gap_bp))
        if answer.ties in TIES:
            say(self._in(TIES[answer.ties]))

    def _print_awards(self, answer: Allocation) -> None:
        reasons = {reason.contract: reason for reason in answer.reasons}
        rows = [
            (
                award.contract,
                self._holder(award),
                self._money(award.price_fen),
                "" if award.role is Role.SUB else self._reason(reasons.get(award.contract)),
            )
            for award in answer.awards
        ]
        table([self._head(name) for name in ("contract", "member", "price", "why")], rows, self._head("awards"))

    def _reason(self, reason: AwardReason | None) -> str:
        if reason is None:
            return ""
        if reason.rank == 1 and not reason.passed_over:
            return self._in(CHEAPEST)
        parts = [self._in(RANKED).format(rank=reason.rank, quotes=reason.quotes)]
        for other in reason.passed_over[:1]:
            words = PASSED if other.breaks else EXCHANGE
            breaks = self._list(other.breaks)
            parts.append(self._in(words).format(member=other.member, saves=self._money(other.saves), breaks=breaks))
        return ("; " if self.language == "en" else "；").join(parts)

    def _print_binding(self, portfolio: CompiledPortfolio, binding: Sequence[Binding]) -> None:
        rows = []
        for each in binding:
            cost = self._aimed(portfolio, each.cost)
            moved = [f"{one.contract} {self._list(one.members)} → {self._list(one.instead)}" for one in each.changes]
            shown = moved[:3] + ([f"… {len(moved)}"] if len(moved) > 3 else [])
            rows.append(
                (
                    self._called(portfolio, each.id),
                    cost if each.exact else self._in(AT_LEAST).format(cost=cost),
                    "; ".join(shown),
                )
            )
        table([self._head(name) for name in ("rule", "cost", "changes")], rows, self._head("rules"))

    def _say_conflict(self, portfolio: CompiledPortfolio, answer: Allocation) -> None:
        if answer.conflict:
            rules = [self._called(portfolio, rule) for rule in answer.conflict]
            say(self._in(CONFLICT).format(rules=self._list(rules)))
        if answer.conflict_with:
            say(self._in(CAPACITIES).format(rules=self._list(answer.conflict_with)))
        for step in answer.relaxations:
            say(self._in(GIVEN_WAY).format(rules=self._list(step.left_out), result=self._relaxed(portfolio, step)))

    def _relaxed(self, portfolio: CompiledPortfolio, step: Relaxation) -> str:
        if step.objective is None:
            return self._in(STATUSES["infeasible"])
        return self._aimed(portfolio, step.objective)

    def _aimed(self, portfolio: CompiledPortfolio, value: int) -> str:
        """A value of the first aim in its unit."""
        aim = portfolio.spec.objective.aims[0]
        return (
            points(-value)
            if aim is Aim.SCORE and value <= 0
            else str(value)
            if aim is Aim.SCORE
            else self._money(value)
        )

    def _money(self, amount_fen: int) -> str:
        return money(amount_fen, self.language)

    def _called(self, portfolio: CompiledPortfolio, rule: str) -> str:
        """A rule by its id and title, or what its type is called; a capacity has its name only."""
        kinds = {each.id: each.title or self._in(KINDS[each.type]) for each in portfolio.constraints}
        return self._in(CALLED).format(id=rule, kind=kinds[rule]) if rule in kinds else rule

    def _holder(self, award: Award) -> str:
        if award.share_bp == WHOLE_BP:
            return award.member
        part = "" if award.role is Role.JOINT else self._in(PARTS[award.role])
        return f"{award.member} {points(award.share_bp)} %{part}"

    def _list(self, words: Sequence[str]) -> str:
        return self._in(MEMBERS).join(words)

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
