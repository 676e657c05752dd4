"""The shares of a decision: the policy's division put to the selected members, with roles and fees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.decision import Share
from contracts.errors import Invalid
from contracts.money import split
from rules.divide.dividing import bounded, bounds_of, by_rank, equal, lead_sub, with_fee
from rules.divide.methods import Bounded, Divide, Equal, FixedShare, LeadSub, ProRata, RankTiers, SubEqual, Whole
from rules.eligibility import Trace, trace_of
from rules.formula import Evaluated
from rules.select.ranking import Selected


@dataclass(frozen=True)
class Shared:
    """Shares that sum to the amount, best rank first; nobody has a share of nothing."""

    shares: tuple[Share, ...] = ()
    trace: tuple[Trace, ...] = ()
    note: str = ""


def shared(divide: Divide, amount_fen: int, selected: Selected, weighed: Mapping[str, Evaluated | None]) -> Shared:
    """
    Divide *amount_fen* among the selected members.

    Raises:
        Invalid: If the method cannot divide so; the message names the members.
    """
    if not selected.selected:
        return Shared()
    found = {code: outcome for code, outcome in weighed.items() if outcome is not None}
    weights = {code: int(outcome.value) for code, outcome in found.items()}
    parts, fees = _parts(divide, amount_fen, selected, weights)
    empty = [code for code in selected.selected if not parts[code]]
    members = [code for code in selected.selected if parts[code]]
    return Shared(
        tuple(Share(member=code, amount_fen=parts[code], role=_role(divide, members, code)) for code in members),
        (
            *(trace_of("weight", code, outcome) for code, outcome in found.items()),
            *(trace_of("lead-fee", code, Evaluated(fee, {})) for code, fee in fees.items()),
        ),
        f"份额为零，不列入：{'、'.join(empty)}" if empty else "",
    )


def _parts(
    divide: Divide, amount_fen: int, selected: Selected, weights: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """The part of each selected member, and the fee that each sub owes the lead within it."""
    members = selected.selected
    match divide:
        case Whole():
            return {members[0]: amount_fen}, {}
        case Equal():
            return equal(amount_fen, members), {}
        case FixedShare():
            return split(amount_fen, _fixed(divide, members)), {}
        case ProRata():
            return split(amount_fen, weights), {}
        case RankTiers():
            return by_rank(amount_fen, _ranks(selected), divide.of(len(members))), {}
        case Bounded():
            floors, caps = bounds_of(amount_fen, members, divide.floor_bp, divide.cap_bp)
            return bounded(amount_fen, weights, floors, caps), {}
        case LeadSub():
            by = dict.fromkeys(members, 1) if isinstance(divide.subs, SubEqual) else weights
            return with_fee(lead_sub(amount_fen, members[0], by, divide.lead_min_bp), members[0], divide.fee_bp)


def _fixed(divide: FixedShare, members: tuple[str, ...]) -> dict[str, int]:
    """The agreed shares of those selected; the shares of others are spread over them in proportion."""
    if divide.members_bp is not None:
        unnamed = [code for code in members if code not in divide.members_bp]
        if unnamed:
            raise Invalid(f"fixed_share names no share for {', '.join(unnamed)}")
        return {code: divide.members_bp[code] for code in members}
    return dict(zip(members, divide.shares_bp or (), strict=False))


def _ranks(selected: Selected) -> list[list[str]]:
    """The ranks of the selected, with equals together."""
    ranks = [[code for code in rank if code in selected.selected] for rank in selected.ranks]
    return [rank for rank in ranks if rank]


def _role(divide: Divide, members: list[str], code: str) -> str:
    if len(members) == 1:
        return "sole"
    if isinstance(divide, LeadSub):
        return "lead" if code == members[0] else "sub"
    return "joint"
