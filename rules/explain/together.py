"""What is said of contracts that were awarded together: the answer, each award's reason, and what the rules cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rules.explain.shown import points
from rules.explain.tongue import Tongue
from rules.explain.words import PARTS, Words
from rules.portfolio.answer import Allocation, Award, AwardReason, Binding, PassedOver, Progress, Role, Ties, gap_of
from rules.portfolio.documents import WHOLE_BP, Aim, Constraint, PolicySpec

STATUSES = {
    "optimal": Words("已证明最优", "proven best"),
    "feasible": Words("可行，未证明最优", "keeps every rule, not proven best"),
    "infeasible": Words("无解", "impossible"),
    "unknown": Words("限度内未找到", "not found within the limit"),
}
CHEAPEST = Words("最低报价", "the cheapest quote")
RANKED = Words("{quotes} 家报价中第 {rank} 低", "rank {rank} of {quotes} quotes")
PASSED = Words("{member} 可省 {saves}，但会违反 {breaks}", "{member} would save {saves} but break {breaks}")
EXCHANGE = Words(
    "{member} 可省 {saves}，须与其他合同一并调整", "{member} would save {saves}, only by moving others too"
)
SUMMARY = Words("{status}：目标值 {objective}，总价 {price}", "{status}: objective {objective}, price {price}")
BOUND = Words("下界 {bound}，差距不超过 {gap} 基点", "bound {bound}, gap at most {gap} bp")
SEARCHING = Words("正在求解：已得 {best}，下界 {bound}", "Searching: best so far {best}, bound {bound}")
CLOSING_IN = Words(
    "正在求解：已得 {best}，下界 {bound}，差距不超过 {gap} 基点",
    "Searching: best so far {best}, bound {bound}, gap at most {gap} bp",
)
NOTHING_YET = Words("尚无", "nothing yet")
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
CONFLICT = Words("不能同时成立的规则：{rules}", "These rules cannot hold together: {rules}")
CAPACITIES = Words("涉及的能力上限：{rules}", "Capacities that have a part in it: {rules}")
GIVEN_WAY = Words("放开 {rules}：{result}", "Leaving out {rules}: {result}")
AT_LEAST = Words("至少 {cost}", "at least {cost}")
MOST_CHANGES = 3
"""So many of the contracts that would go elsewhere without a rule are named."""


@dataclass(frozen=True)
class TogetherTold:
    """Tells of answers under *rules*; amounts of the objective stand in the unit of its first aim."""

    tongue: Tongue
    rules: PolicySpec

    def status(self, answer: Allocation) -> str:
        """How good the answer is."""
        return self._in(STATUSES[answer.status])

    def summary(self, answer: Allocation) -> Iterator[str]:
        """The answer in a few lines: its value, how far the best may be away, and whether others are as good."""
        if answer.objective is None or answer.price_fen is None:
            yield self.status(answer)
            return
        shown = {"objective": self.counted(answer.objective), "price": self.tongue.money(answer.price_fen)}
        yield self._in(SUMMARY).format(status=self.status(answer), **shown)
        if answer.bound is not None and answer.gap_bp:
            yield self._in(BOUND).format(bound=self.counted(answer.bound), gap=answer.gap_bp)
        if answer.ties in TIES:
            yield self._in(TIES[answer.ties])

    def searching(self, progress: Progress) -> str:
        """How far a search that is under way has come."""
        best, bound = progress.objective, progress.bound
        known = {"best": self._counted_if(best), "bound": self._counted_if(bound)}
        if best is None or bound is None:
            return self._in(SEARCHING).format(**known)
        return self._in(CLOSING_IN).format(**known, gap=gap_of(best, bound))

    def holder(self, award: Award) -> str:
        """Who does a contract; of one that is divided, which part."""
        member = self.tongue.member(award.member)
        if award.share_bp == WHOLE_BP:
            return member
        part = "" if award.role is Role.JOINT else self._in(PARTS[award.role])
        return f"{member} {points(award.share_bp)} %{part}"

    def reason(self, reason: AwardReason | None) -> str:
        """Why a contract went where it went, with the best quote that was passed over."""
        if reason is None:
            return ""
        if reason.rank == 1 and not reason.passed_over:
            return self._in(CHEAPEST)
        ranked = self._in(RANKED).format(rank=reason.rank, quotes=reason.quotes)
        return self.tongue.list([ranked, *map(self._passed_over, reason.passed_over[:1])])

    def title(self, rule: str) -> str:
        """What a rule is called for short."""
        found = self._constraint(rule)
        return found.title or rule if found else rule

    def cost(self, binding: Binding) -> str:
        """What a rule costs, in the unit of the objective."""
        cost = self.counted(binding.cost)
        return cost if binding.exact else self._in(AT_LEAST).format(cost=cost)

    def changes(self, binding: Binding) -> str:
        """Which contracts would go elsewhere without a rule."""
        moved = [
            f"{each.contract} {self._members(each.members)} → {self._members(each.instead)}"
            for each in binding.changes[:MOST_CHANGES]
        ]
        return "; ".join(moved + ([f"… {len(binding.changes)}"] if len(binding.changes) > MOST_CHANGES else []))

    def obstacles(self, answer: Allocation) -> Iterator[str]:
        """What cannot hold together, and what each step of giving way would bring."""
        if answer.conflict:
            yield self._in(CONFLICT).format(rules=self.tongue.row([*map(self.called, answer.conflict)]))
        if answer.conflict_with:
            yield self._in(CAPACITIES).format(rules=self.tongue.row(answer.conflict_with))
        for step in answer.relaxations:
            gone = step.objective is None
            result = self._in(STATUSES["infeasible"]) if gone else self._counted_if(step.objective)
            yield self._in(GIVEN_WAY).format(rules=self.tongue.row(step.left_out), result=result)

    def called(self, rule: str) -> str:
        """A rule by its id and title, or what its type is called; a capacity has its name only."""
        found = self._constraint(rule)
        return self.tongue.bracketed(rule, found.title or self._in(KINDS[found.type])) if found else rule

    def counted(self, value: int) -> str:
        """A value of the objective in its unit."""
        if self.rules.objective.aims[0] is not Aim.SCORE:
            return self.tongue.money(value)
        return points(-value) if value <= 0 else str(value)

    def _constraint(self, rule: str) -> Constraint | None:
        return next((each for each in self.rules.constraints if each.id == rule), None)

    def _counted_if(self, value: int | None) -> str:
        return self._in(NOTHING_YET) if value is None else self.counted(value)

    def _passed_over(self, other: PassedOver) -> str:
        facts = {"member": self.tongue.member(other.member), "saves": self.tongue.money(other.saves)}
        if not other.breaks:
            return self._in(EXCHANGE).format(**facts)
        return self._in(PASSED).format(breaks=self.tongue.row([*map(self.called, other.breaks)]), **facts)

    def _members(self, codes: Iterable[str]) -> str:
        return self.tongue.row([*map(self.tongue.member, codes)])

    def _in(self, words: Words) -> str:
        return words.in_(self.tongue.language)
