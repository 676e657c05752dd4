"""A portfolio as rows of whole numbers: every row has the name of the rule it stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rules.portfolio.answer import Role
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import (
    WHOLE_BP,
    Aim,
    Constraint,
    Exclude,
    IncumbentBonus,
    LeadSub,
    MaxContracts,
    MaxForgone,
    MaxGradeShare,
    MaxShare,
    MaxSuppliers,
    MinContracts,
    MinShare,
    MinSuppliers,
    NotBoth,
    PortfolioContract,
    PortfolioMember,
    Quota,
    Require,
)
from rules.portfolio.options import Option, lot_of
from rules.portfolio.scopes import Reach, quoting_members

AWARDING = "award"
"""The name of the rows by which every contract is awarded, and whole."""


_Count = Callable[[Option], int]


@dataclass(frozen=True, slots=True)
class Row:
    """``lower <= sum of coefficient times column <= upper``, where a side that is nothing is open."""

    rule: str
    columns: tuple[int, ...]
    coefficients: tuple[int, ...]
    lower: int | None
    upper: int | None


@dataclass(frozen=True)
class Model:
    """
    The portfolio in whole numbers.

    The first columns are the options, nought or one. After them stand helpers, at most ``uppers``: whether a member
    receives anything in a scope, and the least that anybody receives; they follow from the options.
    """

    options: int
    uppers: tuple[int, ...]
    rows: tuple[Row, ...]
    least: int | None

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.uppers)


def model_of(portfolio: CompiledPortfolio) -> Model:
    """Return the model of *portfolio*; equal portfolios in another order have equal models."""
    return _Building(portfolio).built()


def capacity_id(member: str, resource: str, period: str = "") -> str:
    """Return the name of a capacity as a rule: ``capacity:LGWY:m2``, with the period if it has one."""
    return ":".join(part for part in ("capacity", member, resource, period) if part)


class _Building:
    """Rows and helper columns as they are added."""

    def __init__(self, portfolio: CompiledPortfolio) -> None:
        self.portfolio = portfolio
        self.options = portfolio.options
        self.uppers = [1] * len(self.options)
        self.rows: list[Row] = []
        self.least: int | None = None
        self.by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, option in enumerate(self.options):
            self.by_pair[option.contract, option.member].append(place)

    def built(self) -> Model:
        self._add_awards()
        self._add_capacities()
        for constraint in self.portfolio.constraints:
            self._add_constraint(constraint, self.portfolio.reaches[constraint.id])
        if Aim.LEAST in self.portfolio.spec.objective.aims:
            self._add_least()
        return Model(len(self.options), tuple(self.uppers), tuple(self.rows), self.least)

    def _add(
        self, rule: str, terms: Iterable[tuple[int, int]], lower: int | None = None, upper: int | None = None
    ) -> None:
        """Add a row, unless it holds whatever the columns are."""
        kept = [(column, coefficient) for column, coefficient in terms if coefficient]
        reached = [coefficient * self.uppers[column] for column, coefficient in kept]
        if lower is not None and sum(each for each in reached if each < 0) >= lower:
            lower = None
        if upper is not None and sum(each for each in reached if each > 0) <= upper:
            upper = None
        if lower is not None or upper is not None:
            columns, coefficients = tuple(c for c, _ in kept), tuple(a for _, a in kept)
            self.rows.append(Row(rule, columns, coefficients, lower, upper))

    def _helper(self, upper: int) -> int:
        self.uppers.append(upper)
        return len(self.uppers) - 1

    def _add_awards(self) -> None:
        contracts = {each.number: each for each in self.portfolio.spec.contracts}
        for number, places in self.portfolio.by_contract.items():
            lot = lot_of(contracts[number])
            lots = [(place, self.options[place].share_bp // lot) for place in places]
            self._add(AWARDING, lots, WHOLE_BP // lot, WHOLE_BP // lot)
            self._add_lead(contracts[number].lead_sub, places)
        for pair in sorted(self.by_pair):
            if len(self.by_pair[pair]) > 1:
                self._add(AWARDING, [(place, 1) for place in self.by_pair[pair]], upper=1)

    def _add_lead(self, rule: LeadSub | None, places: Iterable[int]) -> None:
        """One lead, and from the fewest to the most subs."""
        if rule is not None:
            subs = [(place, 1) for place in places if self.options[place].role is Role.SUB]
            leads = [(place, 1) for place in places if self.options[place].role is not Role.SUB]
            self._add(AWARDING, leads, 1, 1)
            self._add(AWARDING, subs, rule.min_subs, rule.max_subs)

    def _add_capacities(self) -> None:
        contracts = {each.number: each for each in self.portfolio.spec.contracts}
        by_member: dict[str, list[int]] = defaultdict(list)
        for place, option in enumerate(self.options):
            by_member[option.member].append(place)
        for member in sorted(self.portfolio.spec.members, key=lambda each: each.code):
            for rule, period, resource, capacity in _capacities(member):
                terms = [
                    (place, self.options[place].needs.get(resource, 0))
                    for place in by_member[member.code]
                    if _falls_in(contracts[self.options[place].contract], period)
                ]
                self._add(rule, terms, upper=capacity)

    def _add_constraint(self, rule: Constraint, reach: Reach) -> None:
        match rule:
            case MaxShare():
                self._each(rule.id, reach, _value, upper=reach.value_fen * rule.value // WHOLE_BP)
            case MinShare():
                self._each(rule.id, reach, _value, lower=-(-reach.value_fen * rule.value // WHOLE_BP))
            case MaxForgone():
                self._add_forgone(rule, reach)
            case MaxContracts():
                self._each(rule.id, reach, _one, upper=rule.value)
            case MinContracts():
                self._each(rule.id, reach, _one, lower=rule.value)
            case MaxSuppliers():
                self._add_most_suppliers(rule.id, reach, rule.value)
            case MinSuppliers():
                self._add_fewest_suppliers(rule.id, reach, rule.value)
            case NotBoth() if rule.members:
                self._add_most_suppliers(rule.id, reach.only(members=rule.members), 1)
            case NotBoth():
                self._each(rule.id, reach.only(contracts=rule.contracts), _one, upper=1)
            case Exclude():
                self._add(rule.id, [(place, 1) for place in self._places(reach)], upper=0)
            case Require():
                self._add_required(rule.id, reach)
            case MaxGradeShare():
                limit = reach.value_fen * rule.value // WHOLE_BP
                self._add(rule.id, [(place, _value(self.options[place])) for place in self._places(reach)], upper=limit)
            case Quota():
                self._add_quotas(rule, reach)
            case IncumbentBonus():
                return

    def _places(self, reach: Reach) -> list[int]:
        return [place for pair in sorted(reach.pairs) for place in self.by_pair[pair]]

    def _by_member(self, reach: Reach) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {member: [] for member in reach.members}
        for contract, member in sorted(reach.pairs):
            found[member] += self.by_pair[contract, member]
        return found

    def _each(self, rule: str, reach: Reach, count: _Count, lower: int | None = None, upper: int | None = None) -> None:
        for places in self._by_member(reach).values():
            self._add(rule, [(place, count(self.options[place])) for place in places], lower, upper)

    def _add_most_suppliers(self, rule: str, reach: Reach, most: int) -> None:
        """A pair may be awarded only if its member counts; one row a pair is tighter than one a member."""
        present = {member: self._helper(1) for member in reach.members}
        if most >= len(present):
            return
        for contract, member in sorted(reach.pairs):
            terms = [(place, 1) for place in self.by_pair[contract, member]]
            self._add(rule, [*terms, (present[member], -1)], upper=0)
        self._add(rule, [(column, 1) for column in present.values()], upper=most)

    def _add_fewest_suppliers(self, rule: str, reach: Reach, fewest: int) -> None:
        present: list[tuple[int, int]] = []
        for places in self._by_member(reach).values():
            column = self._helper(1)
            present.append((column, 1))
            self._add(rule, [(column, 1), *((place, -1) for place in places)], upper=0)
        self._add(rule, present, lower=fewest)

    def _add_required(self, rule: str, reach: Reach) -> None:
        by_contract: dict[str, list[int]] = {number: [] for number in reach.contracts}
        for pair in sorted(reach.pairs):
            by_contract[pair[0]] += self.by_pair[pair]
        for number, places in by_contract.items():
            inside = frozenset(places)
            outside = [(place, 1) for place in self.portfolio.by_contract[number] if place not in inside]
            self._add(rule, outside, upper=0)

    def _add_forgone(self, rule: MaxForgone, reach: Reach) -> None:
        due = dues_of(self.portfolio, reach)
        for member, places in self._by_member(reach).items():
            least = -(-due.get(member, 0) * (WHOLE_BP - rule.value) // WHOLE_BP)
            self._add(rule.id, [(place, _value(self.options[place])) for place in places], lower=least)

    def _add_quotas(self, rule: Quota, reach: Reach) -> None:
        places = self._by_member(reach)
        for member in sorted(rule.quotas_bp):
            due = quota_due(rule, reach, member)
            terms = [(place, _value(self.options[place])) for place in places.get(member, [])]
            self._add(rule.id, terms, lower=due)

    def _add_least(self) -> None:
        """The least that anybody receives is no more than what each receives."""
        by_member: dict[str, list[tuple[int, int]]] = {code: [] for code in quoting_members(self.portfolio.spec)}
        for place, option in enumerate(self.options):
            by_member[option.member].append((place, option.value_fen))
        self.least = self._helper(min(sum(value for _, value in terms) for terms in by_member.values()))
        for terms in by_member.values():
            self._add(AWARDING, [(self.least, 1), *((place, -value) for place, value in terms)], upper=0)


def dues_of(portfolio: CompiledPortfolio, reach: Reach) -> dict[str, int]:
    """Return by member the value of the contracts for which its quote is the first by price, score and code."""
    values = {each.number: each.value_fen for each in portfolio.spec.contracts}
    first: dict[str, tuple[int, int, str]] = {}
    for number, member in sorted(reach.pairs):
        score, price = portfolio.quoted[number, member]
        first[number] = min(first.get(number, (price, -score, member)), (price, -score, member))
    dues: dict[str, int] = defaultdict(int)
    for number, (_, _, member) in first.items():
        dues[member] += values[number]
    return dict(dues)


def quota_due(rule: Quota, reach: Reach, member: str) -> int:
    """Return what *member* must receive at least: its quota and what it is owed, less the tolerance, rounded up."""
    points = rule.quotas_bp[member] - rule.tolerance_bp
    return -(-reach.value_fen * points // WHOLE_BP) + rule.carried_fen.get(member, 0)


def _capacities(member: PortfolioMember) -> Iterator[tuple[str, str, str, int]]:
    """Rule, period, resource and amount of each capacity."""
    for resource in sorted(member.capacity):
        stated = member.capacity[resource]
        by_period = {"": stated} if isinstance(stated, int) else stated
        for period in sorted(by_period):
            yield capacity_id(member.code, resource, period), period, resource, by_period[period]


def _falls_in(contract: PortfolioContract, period: str) -> bool:
    return not period or not contract.periods or period in contract.periods


def _value(option: Option) -> int:
    return option.value_fen


def _one(_option: Option) -> int:
    return 1
