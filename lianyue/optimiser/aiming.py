"""One aim of a portfolio as a program for a solver, and what the solver answers in the portfolio's own terms."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lianyue.optimiser.searching import search
from lianyue.optimiser.solver import Effort, Program, Solver, Verdict
from lianyue.optimiser.splitting import narrowed
from rules.portfolio.aims import costs_of
from rules.portfolio.answer import Award, Role
from rules.portfolio.checking import value_of
from rules.portfolio.compiled import CompiledPortfolio
from rules.portfolio.documents import Aim
from rules.portfolio.model import Model, Row, model_of
from rules.portfolio.options import Option, priced

REGRET = "regret"
AIM = "aim"
LARGEST_COST = 2**50


@dataclass(frozen=True)
class Asking:
    """What is asked about one portfolio, of whom, and how hard they try; ``chosen`` are places of options."""

    portfolio: CompiledPortfolio
    solver: Solver
    effort: Effort

    @cached_property
    def model(self) -> Model:
        """The portfolio in whole numbers."""
        return model_of(self.portfolio)

    def best_by(self, aim: Aim, rows: tuple[Row, ...], start: Sequence[int] = ()) -> Verdict:
        """Search for the best by *aim* among what keeps *rows* besides; its bound is one of the aim."""
        begin = self._values(start) if start else ()
        verdict = search(self.solver, self.program(aim, rows), self.effort, begin)
        if verdict.bound is None:
            return verdict
        _, offset = self._shifted(aim)
        return replace(verdict, bound=verdict.bound + offset)

    def first_by(
        self, aim: Aim, value: int, rows: tuple[Row, ...], wishes: Sequence[int], columns: Collection[int] = ()
    ) -> Verdict:
        """
        Search among the awards at which *aim* has its best *value* for that with the least sum of *wishes*.

        Only *columns* may be chosen; none named means all.
        """
        factor = 1 + sum(map(abs, wishes))
        program = self.program(aim, rows, factor)
        if aim is Aim.LEAST or self._dearest(aim) * factor >= LARGEST_COST:
            program = self.program(aim, (*rows, self.kept(aim, value)), 0)
        costs = [cost + wish for cost, wish in zip(program.costs, wishes, strict=False)]
        program = replace(program, costs=(*costs, *program.costs[len(wishes) :]))
        if not columns:
            return search(self.solver, program, self.effort)
        few = sorted({*columns, *range(program.decided, len(program.uppers))})
        verdict = search(self.solver, narrowed(program, few), self.effort)
        values = self._values([few[place] for place in chosen_of(verdict.values)])
        return replace(verdict, values=tuple(values) if verdict.values else ())

    def program(self, aim: Aim, rows: tuple[Row, ...] = (), factor: int = 1) -> Program:
        """Return the program of *aim*; every cost so many times as large, to leave room for what decides ties."""
        shifted, _ = self._shifted(aim)
        helpers = [0] * (self.model.width - self.model.options)
        if aim is Aim.LEAST and self.model.least is not None:
            helpers[self.model.least - self.model.options] = -factor
        costs = (*(cost * factor for cost in shifted), *helpers)
        return Program(costs, self.model.uppers, (*self.model.rows, *rows), self.model.options)

    def kept(self, aim: Aim, value: int) -> Row:
        """Return the row that keeps *aim* at *value* for what is asked next."""
        if aim is Aim.LEAST and self.model.least is not None:
            return Row(AIM, (self.model.least,), (1,), -value, None)
        shifted, offset = self._shifted(aim)
        return at_most(AIM, shifted, value - offset)

    def values_of(self, chosen: Sequence[int]) -> tuple[int, ...]:
        """Return the exact value of every aim of the portfolio."""
        return tuple(self.value_of(chosen, aim) for aim in self.portfolio.spec.objective.aims)

    def value_of(self, chosen: Sequence[int], aim: Aim) -> int:
        """Return the exact value of one aim, worked out from the document."""
        return value_of(self.portfolio.spec, self.portfolio.reaches, awards_of(self.portfolio, chosen), aim)

    def _values(self, chosen: Sequence[int]) -> list[int]:
        values = [0] * self.model.options
        for place in chosen:
            values[place] = 1
        return values

    def _shifted(self, aim: Aim) -> tuple[list[int], int]:
        """
        Costs above the least at which somebody can answer for each contract, and what the least ones sum to.

        Exactly one option of a contract that is not divided answers for it, alone or as the lead, so that this changes
        no comparison; smaller figures are exact.
        """
        costs, offset = list(costs_of(self.portfolio, aim)), 0
        for answering in self._answering():
            least = min(costs[place] for place in answering)
            offset += least
            for place in answering:
                costs[place] -= least
        return costs, offset

    def _answering(self) -> Iterator[list[int]]:
        options = self.portfolio.options
        for places in self.portfolio.by_contract.values():
            roles = {options[place].role for place in places}
            answering = [place for place in places if options[place].role in (Role.SOLE, Role.LEAD)]
            if Role.JOINT not in roles and answering:
                yield answering

    def _dearest(self, aim: Aim) -> int:
        costs, _ = self._shifted(aim)
        return sum(map(abs, costs))


def at_most(rule: str, costs: Sequence[int], limit: int) -> Row:
    """Return the row by which the options together cost no more than *limit*."""
    kept = [(place, cost) for place, cost in enumerate(costs) if cost]
    return Row(rule, tuple(place for place, _ in kept), tuple(cost for _, cost in kept), None, limit)


def chosen_of(values: Sequence[int]) -> tuple[int, ...]:
    """Return the places that are not nought."""
    return tuple(place for place, value in enumerate(values) if value)


def awards_of(portfolio: CompiledPortfolio, chosen: Sequence[int]) -> tuple[Award, ...]:
    """Return the chosen options as awards, in the order of contract and member."""
    options = [portfolio.options[place] for place in chosen]
    leads = {each.contract: each for each in options if each.role is Role.LEAD}
    led = [each for each in options if each.contract in leads]
    awards = [_award(each) for each in options if each.contract not in leads]
    for number, lead in leads.items():
        parts = [(each.member, each.share_bp, each.role) for each in led if each.contract == number]
        awards += priced(number, {lead.member: lead.price_fen}, parts)
    return tuple(sorted(awards, key=lambda award: (award.contract, award.member)))


def _award(option: Option) -> Award:
    return Award(
        contract=option.contract,
        member=option.member,
        price_fen=option.price_fen,
        share_bp=option.share_bp,
        role=option.role,
    )
