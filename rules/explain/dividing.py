"""The arithmetic behind each share, as far as the policy and the trace of the decision tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.decision import Decision
from contracts.errors import AllianceError
from rules.divide.dividing import WHOLE_BP
from rules.divide.measures import line_name
from rules.divide.member_methods import (
    ActualBased,
    Bounded,
    DeficitFill,
    Equal,
    FixedShare,
    Graded,
    InversePrice,
    LeadSub,
    ProRata,
    RankTiers,
    ScoreProp,
)
from rules.divide.methods import Divide, member_division, residual_path
from rules.divide.weighing import deficit_weights, inverse_price_weights, score_weights
from rules.explain.shown import percent
from rules.explain.tongue import Tongue
from rules.source import Path

Weights = dict[str, int]

FIGURES = {"pro_rata": "weight", "score_prop": "score", "inverse_price": "price", "deficit_fill": "awarded"}
"""The weighings by one figure of each member, with the field that holds its expression."""


def reckoning(divide: Divide, decision: Decision, tongue: Tongue) -> dict[str, list[str]]:
    """
    Return for each selected member what its share is reckoned from, in clauses.

    Figures are those of the decision's trace, ratios those of the policy.
    """
    division, path = member_division(divide), residual_path(divide)
    reckoner = _Reckoner(decision, tongue)
    match division:
        case Bounded():
            return reckoner.of_weights(division.weigh, (*path, "weigh"), reckoner.bounds(division))
        case LeadSub():
            return reckoner.of_weights(division.subs, (*path, "subs"), reckoner.lead(division))
        case ActualBased():
            return {code: reckoner.measured(division, path, code) for code in reckoner.members}
        case _:
            return reckoner.of_weights(division, path, None)


@dataclass(frozen=True)
class _Reckoner:
    decision: Decision
    tongue: Tongue

    @property
    def members(self) -> list[str]:
        return [share.member for share in self.decision.shares]

    @property
    def total(self) -> str:
        return self.tongue.money(self.decision.amount_fen)

    def of_weights(self, weighing: Any, path: Path, held: dict[str, str] | None) -> dict[str, list[str]]:
        """
        What each member's weight comes to, and by which bound its share is *held*.

        Without bounds a share is the weight's own part of the whole.
        """
        weights = self.weights(weighing, path)
        told = {
            code: list(self._weighed(weighing, path, code, weights, is_plain=held is None)) for code in self.members
        }
        for code, how in (held or {}).items():
            told[code].append(how)
        return told

    def _weighed(self, weighing: Any, path: Path, code: str, weights: Weights, *, is_plain: bool) -> Iterator[str]:
        say = self.tongue.say
        ratio = self._agreed(weighing, code) if is_plain else None
        if isinstance(weighing, Equal) and is_plain:
            yield say("by count", total=self.total, count=len(self.members))
        elif ratio is not None:
            yield say("by ratio", total=self.total, ratio=percent(ratio))
        else:
            yield from self._grounds(weighing, path, code)
            if weights and isinstance(weighing, ProRata | ScoreProp | Graded):
                key = "by weight" if is_plain else "of weight"
                whole = f"{sum(weights.values()):,}"
                yield say(key, total=self.total, weight=f"{weights[code]:,}", weights=whole)

    def _grounds(self, weighing: Any, path: Path, code: str) -> Iterator[str]:
        """What the weight of a member is made of."""
        say = self.tongue.say
        if isinstance(weighing, Graded):
            yield from self._grounds(weighing.weigh, (*path, "weigh"), code)
            grade = self._traced((*path, "grade"), code)
            if grade in weighing.factors_bp:
                yield say("of grade", grade=grade, factor=percent(weighing.factors_bp[grade]))
        elif isinstance(weighing, ScoreProp) and (score := self._traced((*path, "score"), code)) is not None:
            above = max(0, score - weighing.pass_bp)
            yield say("of score", score=percent(score), above=percent(above))
        elif isinstance(weighing, InversePrice) and (price := self._traced((*path, "price"), code)) is not None:
            yield say("of price", price=self.tongue.money(price))
        elif isinstance(weighing, DeficitFill) and (had := self._traced((*path, "awarded"), code)) is not None:
            target = percent(weighing.targets_bp.get(code, 0))
            yield say("of target", target=target, awarded=self.tongue.money(had))

    def weights(self, weighing: Any, path: Path) -> Weights:
        """The weights of all members where the trace tells them, else none."""
        field = FIGURES.get(weighing.method)
        if isinstance(weighing, Equal):
            return dict.fromkeys(self.members, 1)
        if isinstance(weighing, Graded):
            within = self.weights(weighing.weigh, (*path, "weigh"))
            grades = {code: self._traced((*path, "grade"), code) for code in self.members}
            return {code: weight * weighing.factors_bp.get(grades[code], 0) for code, weight in within.items()}
        figures = {code: self._traced((*path, field), code) for code in self.members} if field else {}
        if not figures or None in figures.values():
            return {}
        return self._from_figures(weighing, figures)

    def _from_figures(self, weighing: Any, figures: Weights) -> Weights:
        try:
            if isinstance(weighing, ScoreProp):
                return score_weights(figures, weighing.pass_bp, weighing.power)
            if isinstance(weighing, InversePrice):
                return inverse_price_weights(figures)
            if isinstance(weighing, DeficitFill):
                return deficit_weights(figures, weighing.targets_bp, self.decision.amount_fen)
        except AllianceError:
            return {}
        return figures

    def _agreed(self, weighing: Any, code: str) -> int | None:
        """The ratio that the policy states for a member outright, where those of all selected are the whole."""
        if isinstance(weighing, FixedShare) and weighing.members_bp is not None:
            whole = sum(weighing.members_bp.get(each, 0) for each in self.members)
            return weighing.members_bp.get(code) if whole == WHOLE_BP else None
        if not isinstance(weighing, FixedShare | RankTiers) or self._shares_a_rank():
            return None
        ratios = weighing.of(len(self.members)) if isinstance(weighing, RankTiers) else weighing.shares_bp or ()
        by_rank = dict(zip(self.members, ratios, strict=False))
        return by_rank.get(code) if sum(by_rank.values()) == WHOLE_BP else None

    def _shares_a_rank(self) -> bool:
        """Whether two of the selected were equal, so that a tier is not one member's own."""
        return any(len([code for code in tie.members if code in self.members]) > 1 for tie in self.decision.ties)

    def bounds(self, division: Bounded) -> dict[str, str]:
        """Whose share lies at a bound."""
        floor = -(-self.decision.amount_fen * division.floor_bp // WHOLE_BP)
        cap = self.decision.amount_fen * division.cap_bp // WHOLE_BP
        found = {}
        for share in self.decision.shares:
            if division.floor_bp and share.amount_fen == floor:
                found[share.member] = self.tongue.say("at floor", ratio=percent(division.floor_bp))
            elif division.cap_bp < WHOLE_BP and share.amount_fen == cap:
                found[share.member] = self.tongue.say("at cap", ratio=percent(division.cap_bp))
        return found

    def lead(self, division: LeadSub) -> dict[str, str]:
        """The lead, where it does no more than its minimum."""
        least = -(-self.decision.amount_fen * division.lead_min_bp // WHOLE_BP)
        lead = self.decision.shares[0]
        if lead.role != "lead" or lead.amount_fen != least:
            return {}
        return {lead.member: self.tongue.say("at lead", ratio=percent(division.lead_min_bp))}

    def measured(self, division: ActualBased, path: Path, code: str) -> list[str]:
        """Quantity times unit price of a member."""
        quantity = self._traced((*path, "quantity"), code)
        price, per = (
            stated if isinstance(stated, int) else self._traced((*path, name), code)
            for name, stated in (("unit_price_fen", division.unit_price_fen), ("per", division.per))
        )
        if quantity is None or price is None:
            return []
        key = "of measure" if per in (None, 1) else "of measure per"
        return [self.tongue.say(key, quantity=f"{quantity:,}", price=self.tongue.money(price), per=per)]

    def _traced(self, path: Path, code: str) -> Any:
        """What the trace holds for a member at *path* of the division; a score of the same name stands before it."""
        name = line_name(path)
        lines = reversed(self.decision.trace)
        return next(
            (each.get("value") for each in lines if (each.get("rule"), each.get("member")) == (name, code)), None
        )
