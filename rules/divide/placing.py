"""The parts of any amount by a member division: its weighing, held within the bounds that it states."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.errors import Invalid
from rules.divide.dividing import bounded, bounds_of, lead_sub, shared_out
from rules.divide.measures import Measures
from rules.divide.member_methods import (
    ActualBased,
    Bounded,
    DeficitFill,
    Equal,
    FixedShare,
    Graded,
    InversePrice,
    LeadSub,
    MemberDivision,
    ProRata,
    RankTiers,
    ScoreProp,
    Weighed,
    Weighing,
    Whole,
)
from rules.divide.rounding import Rounding
from rules.divide.weighing import (
    Weights,
    deficit_weights,
    equally,
    graded_weights,
    inverse_price_weights,
    score_weights,
    tier_weights,
    usable,
)
from rules.select.ranking import Selected
from rules.source import Path


@dataclass(frozen=True)
class Award:
    """Among whom is divided: those selected, best first, what the expressions came to for them, and the rounding."""

    selected: Selected
    measures: Measures
    rounding: Rounding = Rounding.LARGEST_REMAINDER

    @property
    def members(self) -> tuple[str, ...]:
        """The selected, best first."""
        return self.selected.selected

    def figures(self, path: Path, stated: int | str) -> dict[str, int]:
        """The number of each member at *path*: as *stated* for all, or what the expression there came to."""
        return dict.fromkeys(self.members, stated) if isinstance(stated, int) else self.measures.figures(path)

    @property
    def ranks(self) -> list[list[str]]:
        """The selected by rank, equals together."""
        ranks = [[code for code in rank if code in self.members] for rank in self.selected.ranks]
        return [rank for rank in ranks if rank]


def parts_of(division: MemberDivision, path: Path, amount_fen: int, award: Award) -> dict[str, int]:
    """
    Divide *amount_fen* among all selected members; the parts sum to it.

    A negative amount (a credit note) mirrors the positive one, so that a reversal cancels.

    Raises:
        Invalid: If the method cannot divide so; the message names the members.
    """
    if amount_fen < 0:
        return {member: -part for member, part in parts_of(division, path, -amount_fen, award).items()}
    if amount_fen == 0:
        return dict.fromkeys(award.members, 0)
    match division:
        case Whole():
            return {**dict.fromkeys(award.members, 0), award.members[0]: amount_fen}
        case Bounded():
            weights = weights_of(division.weigh, (*path, "weigh"), amount_fen, award)
            bounds = bounds_of(amount_fen, award.members, division.floor_bp, division.cap_bp)
            return bounded(amount_fen, weights, *bounds, award.rounding)
        case LeadSub():
            if len(award.members) == 1:
                return {award.members[0]: amount_fen}
            weights = weights_of(division.subs, (*path, "subs"), amount_fen, award)
            return lead_sub(amount_fen, award.members[0], weights, division.lead_min_bp, award.rounding)
        case ActualBased():
            delivered = usable(delivered_fen(division, path, award), equal_if_all_zero=False)
            return shared_out(amount_fen, delivered, award.rounding)
        case _:
            return shared_out(amount_fen, weights_of(division, path, amount_fen, award), award.rounding)


def weights_of(weighing: Weighing, path: Path, amount_fen: int, award: Award) -> Weights:
    """
    Return the weight of every selected member, not all of them nought.

    Raises:
        Invalid: If a member has no weight where the policy names members, or as the weighing's function says.
    """
    weights = _weights(weighing, path, amount_fen, award)
    return usable(weights, equal_if_all_zero=isinstance(weighing, Weighed) and weighing.all_zero == "equal")


def _weights(weighing: Weighing, path: Path, amount_fen: int, award: Award) -> Weights:
    measures = award.measures
    match weighing:
        case Equal():
            return equally(award.members)
        case FixedShare():
            return _fixed(weighing, award.members)
        case RankTiers():
            return tier_weights(award.ranks, weighing.of(len(award.members)))
        case ProRata():
            return measures.figures((*path, "weight"))
        case ScoreProp():
            return score_weights(measures.figures((*path, "score")), weighing.pass_bp, weighing.power)
        case InversePrice():
            return inverse_price_weights(measures.figures((*path, "price")))
        case DeficitFill():
            return deficit_weights(measures.figures((*path, "awarded")), weighing.targets_bp, amount_fen)
        case Graded():
            within = weights_of(weighing.weigh, (*path, "weigh"), amount_fen, award)
            return graded_weights(within, measures.words((*path, "grade")), weighing.factors_bp)


def _fixed(weighing: FixedShare, members: tuple[str, ...]) -> Weights:
    """The agreed shares of those selected; the shares of others are spread over them in proportion."""
    if weighing.members_bp is None:
        return dict(zip(members, weighing.shares_bp or (), strict=False))
    unnamed = [code for code in members if code not in weighing.members_bp]
    if unnamed:
        raise Invalid(f"fixed_share names no share for {', '.join(unnamed)}")
    return {code: weighing.members_bp[code] for code in members}


def delivered_fen(division: ActualBased, path: Path, award: Award) -> dict[str, int]:
    """
    What each member's measured quantity comes to at its unit price, rounded half up to the fen.

    Raises:
        Invalid: If a price is for no unit at all; the message names the member.
    """
    quantities = award.figures((*path, "quantity"), division.quantity)
    prices = award.figures((*path, "unit_price_fen"), division.unit_price_fen)
    per = award.figures((*path, "per"), division.per)
    for member in award.members:
        if per[member] < 1:
            raise Invalid(f"the unit price of {member} is for {per[member]} units; `per` is at least 1")
    return {member: _half_up(quantities[member] * prices[member], per[member]) for member in award.members}


def _half_up(numerator: int, denominator: int) -> int:
    if numerator < 0:
        return -_half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)
