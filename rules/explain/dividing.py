"""The arithmetic behind each share, as far as the policy and the trace of the decision tell it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.decision import Decision
from rules.divide.methods import Divide
from rules.explain.shown import money, percent

Say = Callable[..., str]

PROPORTIONAL = ("pro_rata",)
"""Methods whose shares are the weights' own proportions, with nothing held or moved afterwards."""


def reckoning(divide: Divide, decision: Decision, say: Say, language: str) -> dict[str, list[str]]:
    """
    Return for each selected member what its share is reckoned from; a method that is not known here has none.

    Weights and fees are those of the decision's trace, agreed ratios those of the policy.
    """
    total = money(decision.amount_fen, language)
    members = [share.member for share in decision.shares]
    found: dict[str, list[str]] = {member: [] for member in members}
    if divide.method == "equal":
        found = {member: [say("by count", total=total, count=len(members))] for member in members}
    for member, ratio in _agreed(divide, decision, members).items():
        found[member].append(say("by ratio", total=total, ratio=percent(ratio)))
    for member, words in _weighed(divide, decision, say, total).items():
        found.setdefault(member, []).append(words)
    for member, fee in _traced(decision, "lead-fee").items():
        found.setdefault(member, []).append(say("fee", fee=money(fee, language)))
    return found


def _agreed(divide: Divide, decision: Decision, members: list[str]) -> dict[str, int]:
    """The ratio that the policy states for each member outright, where it states one for all of them."""
    by_member = getattr(divide, "members_bp", None)
    if by_member:
        return {member: by_member[member] for member in members if sum(by_member[each] for each in members) == 10_000}
    tiers = getattr(divide, "of", None)
    by_rank = tiers(len(members)) if callable(tiers) else getattr(divide, "shares_bp", None)
    if not by_rank or sum(by_rank[: len(members)]) != 10_000 or _shares_a_rank(decision, members):
        return {}
    return dict(zip(members, by_rank, strict=False))


def _shares_a_rank(decision: Decision, members: list[str]) -> bool:
    """Whether two of the selected were equal, so that a tier is not one member's own."""
    return any(len([code for code in tie.members if code in members]) > 1 for tie in decision.ties)


def _weighed(divide: Divide, decision: Decision, say: Say, total: str) -> dict[str, str]:
    weights = _traced(decision, "weight")
    key = "by weight" if divide.method in PROPORTIONAL else "of weight"
    whole = f"{sum(weights.values()):,}"
    return {member: say(key, total=total, weight=f"{weight:,}", weights=whole) for member, weight in weights.items()}


def _traced(decision: Decision, rule: str) -> dict[str, int]:
    """What the trace holds under *rule*, by member."""
    lines: list[dict[str, Any]] = [line for line in decision.trace if line.get("rule") == rule]
    return {str(line["member"]): line["value"] for line in lines if isinstance(line.get("value"), int)}
