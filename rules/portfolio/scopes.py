"""Which possible awards each constraint counts, and of which whole it takes its shares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rules.check import Checked
from rules.evaluate import Budget, evaluate
from rules.portfolio.documents import (
    Named,
    PortfolioContract,
    PortfolioMember,
    PortfolioQuote,
    PortfolioSpec,
    Scope,
)
from rules.typeset import TypeSet

TYPES = TypeSet.of(
    {
        "PortfolioContract": {
            "number": "string",
            "category": "string",
            "client": "string",
            "park": "string",
            "incumbent": "string",
            "value_fen": "int",
            "divisible": "bool",
        },
        "PortfolioMember": {"code": "string", "grade": "string"},
        "PortfolioQuote": {"price_fen": "int", "score_bp": "int"},
    }
)
NAMES = {"contract": "PortfolioContract", "member": "PortfolioMember", "quote": "PortfolioQuote"}
"""The names of a ``when``; what a contract or member does not have is empty text."""

_OF_CONTRACT = ("category", "client", "park")


@dataclass(frozen=True)
class Reach:
    """
    What a constraint counts.

    ``pairs`` are contract and member of each possible award, ``contracts`` the numbers of the contracts whose value
    is the whole of a share, ``value_fen`` that whole.
    """

    pairs: frozenset[tuple[str, str]]
    contracts: tuple[str, ...]
    value_fen: int

    @property
    def members(self) -> tuple[str, ...]:
        """The members that may receive something, by code."""
        return tuple(sorted({member for _, member in self.pairs}))

    def only(self, members: Collection[str] = (), contracts: Collection[str] = ()) -> Reach:
        """Return what is left of it for some *members* or *contracts*; none named means all."""
        pairs = frozenset(
            pair
            for pair in self.pairs
            if (not members or pair[1] in members) and (not contracts or pair[0] in contracts)
        )
        return replace(self, pairs=pairs)


def reach_of(spec: PortfolioSpec, constraint: Named, when: Checked | None) -> Reach:
    """
    Return what *constraint* counts in *spec*; *when* is its condition, checked.

    Raises:
        EvaluationError: If the condition has no value for one of the possible awards.
    """
    members = {member.code: member for member in spec.members}
    contracts = [each for each in spec.contracts if _is_of(constraint.of, each)]
    only_contracts = when is not None and not any(_is_of_award(name) for name in when.reads)
    if when is not None and only_contracts:
        contracts = [each for each in contracts if _holds(when, {"contract": _contract(each)})]
    pairs = frozenset(
        (contract.number, quote.member)
        for contract in contracts
        for quote in contract.quotes
        if _is_for(constraint.of, members[quote.member])
        and (when is None or only_contracts or _holds(when, _bindings(contract, members[quote.member], quote)))
    )
    numbers = tuple(sorted(each.number for each in contracts))
    return Reach(pairs, numbers, sum(each.value_fen for each in contracts))


def _is_of(scope: Scope, contract: PortfolioContract) -> bool:
    asked = [(scope.words(field), getattr(contract, field)) for field in _OF_CONTRACT]
    asked.append((scope.words("contract"), contract.number))
    return all(not words or found in words for words, found in asked)


def _is_for(scope: Scope, member: PortfolioMember) -> bool:
    codes, grades = scope.words("member"), scope.words("grade")
    return (not codes or member.code in codes) and (not grades or member.grade in grades)


def _is_of_award(read: str) -> bool:
    return read.partition(".")[0] in ("member", "quote")


def _holds(when: Checked, bindings: Mapping[str, Any]) -> bool:
    return bool(evaluate(when.ast, bindings, Budget()))


def _bindings(contract: PortfolioContract, member: PortfolioMember, quote: PortfolioQuote) -> dict[str, Any]:
    return {
        "contract": _contract(contract),
        "member": {"code": member.code, "grade": str(member.grade or "")},
        "quote": {"price_fen": quote.price_fen, "score_bp": quote.score_bp},
    }


def _contract(contract: PortfolioContract) -> dict[str, Any]:
    return {
        "number": contract.number,
        "category": contract.category,
        "client": contract.client or "",
        "park": contract.park or "",
        "incumbent": contract.incumbent or "",
        "value_fen": contract.value_fen,
        "divisible": contract.divisible,
    }


def quoting_members(spec: PortfolioSpec) -> Sequence[str]:
    """Return the codes of the members that have quoted for anything, sorted."""
    return sorted({quote.member for contract in spec.contracts for quote in contract.quotes})
