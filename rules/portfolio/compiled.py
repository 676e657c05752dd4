"""A portfolio ready to be decided: its options, and what each constraint counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from pydantic import BaseModel

from rules.canonical import digest
from rules.compile import Formulas
from rules.evaluate import EvaluationError
from rules.parse import parsed
from rules.portfolio.documents import Constraint, PolicySpec, Portfolio, PortfolioPolicy, PortfolioSpec
from rules.portfolio.faults import portfolio_faults
from rules.portfolio.options import Option, options_of
from rules.portfolio.policy_faults import CONSTRAINTS, policy_faults, reach_faults
from rules.portfolio.scopes import NAMES, TYPES, Reach, reach_of
from rules.problems import Problem, RuleProblems
from rules.source import Source

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class CompiledPortfolio:
    """
    A portfolio whose every name and number has been checked.

    ``options`` stand in the order of contract, member and share; ``reaches`` say by id what each constraint counts.
    """

    name: str
    policy: str
    spec: PortfolioSpec
    options: tuple[Option, ...]
    reaches: Mapping[str, Reach]

    @cached_property
    def by_contract(self) -> dict[str, tuple[int, ...]]:
        """The places of each contract's options, by number."""
        places: dict[str, list[int]] = {}
        for place, option in enumerate(self.options):
            places.setdefault(option.contract, []).append(place)
        return {number: tuple(found) for number, found in places.items()}

    @cached_property
    def quoted(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Score and price of each quote, by contract and member."""
        return {
            (contract.number, quote.member): (quote.score_bp, quote.price_fen)
            for contract in self.spec.contracts
            for quote in contract.quotes
        }

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The constraints, by id."""
        return tuple(sorted(self.spec.constraints, key=lambda each: each.id))

    @property
    def digest(self) -> str:
        """What identifies the portfolio and its policy, whatever the order of the file."""
        spec = self.spec.model_dump(mode="json")
        spec["members"].sort(key=lambda each: each["code"])
        spec["contracts"].sort(key=lambda each: each["number"])
        spec["constraints"].sort(key=lambda each: each["id"])
        for contract in spec["contracts"]:
            contract["quotes"].sort(key=lambda each: each["member"])
        return digest(spec)

    def without(self, ids: Iterable[str]) -> CompiledPortfolio:
        """Return the portfolio without the constraints of these *ids*."""
        gone = frozenset(ids)
        kept = tuple(each for each in self.spec.constraints if each.id not in gone)
        return replace(self, spec=self.spec.model_copy(update={"constraints": kept}))


def compiled(source: Source, policy: Source | None = None) -> CompiledPortfolio:
    """
    Return the portfolio in *source*, with the objective and constraints of *policy* if there is one.

    Raises:
        RuleProblems: With every problem found, in both files.
    """
    portfolio, other, problems = _read(source, policy)
    spec = portfolio.spec
    rules: PolicySpec = spec
    if other is not None:
        rules = other.spec
        spec = spec.model_copy(update={"objective": rules.objective, "constraints": rules.constraints})
    where = source if policy is None else policy
    problems += [*portfolio_faults(source, spec), *policy_faults(where, rules, spec)]
    if problems:
        raise RuleProblems([*problems, *_condition_problems(where, rules)])
    reaches = _reaches(where, spec)
    name = (portfolio if other is None else other).metadata.name
    return CompiledPortfolio(portfolio.metadata.name, name, spec, options_of(spec), reaches)


def _read(source: Source, policy: Source | None) -> tuple[Portfolio, PortfolioPolicy | None, list[Problem]]:
    """Both files as documents; the problems of both together if one cannot be read."""
    problems: list[Problem] = []
    portfolio = _parsed(source, Portfolio, problems)
    other = None if policy is None else _parsed(policy, PortfolioPolicy, problems)
    if portfolio is None or (policy is not None and other is None):
        raise RuleProblems(problems)
    return portfolio, other, problems


def _parsed(source: Source, model: type[Model], problems: list[Problem]) -> Model | None:
    try:
        return parsed(source, model)
    except RuleProblems as found:
        problems += found.problems
        return None


def _condition_problems(source: Source, policy: PolicySpec) -> list[Problem]:
    formulas = Formulas(source, TYPES)
    for index, constraint in enumerate(policy.constraints):
        if constraint.of.when is not None:
            formulas.check(constraint.of.when, (*CONSTRAINTS, index, "of", "when"), NAMES, "bool")
    return formulas.problems


def _reaches(source: Source, spec: PortfolioSpec) -> dict[str, Reach]:
    """What each constraint counts; raises RuleProblems with all that do not fit."""
    formulas = Formulas(source, TYPES)
    found: list[Problem] = []
    reaches: dict[str, Reach] = {}
    for index, constraint in enumerate(spec.constraints):
        path = (*CONSTRAINTS, index)
        when = constraint.of.when
        checked = None if when is None else formulas.check(when, (*path, "of", "when"), NAMES, "bool")
        if when is None or checked is not None:
            try:
                reaches[constraint.id] = reach_of(spec, constraint, checked)
            except EvaluationError as error:
                found.append(source.problem((*path, "of", "when"), "evaluation", error.message, offset=error.offset))
            else:
                found += reach_faults(source, constraint, reaches[constraint.id], path, spec)
    if formulas.problems or found:
        raise RuleProblems([*formulas.problems, *found])
    return reaches
