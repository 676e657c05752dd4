"""Small portfolios by exhaustive search: every award there is, written from the document alone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from bench.portfolios import tiny
from lianyue.optimiser.files import json_source
from rules.portfolio.answer import Award, Role, Ties
from rules.portfolio.checking import breaches, value_of
from rules.portfolio.compiled import CompiledPortfolio, compiled
from rules.portfolio.documents import Aim, LeadSub, PortfolioContract
from rules.problems import RuleProblems


def made(document: dict[str, Any]) -> CompiledPortfolio:
    """The portfolio that *document* states."""
    return compiled(json_source(json.dumps(document), "portfolio.json"))


def every_award(given: CompiledPortfolio) -> Iterator[tuple[Award, ...]]:
    """Every way to award all contracts, in whatever parts and roles there are, whatever the rules say."""
    for picked in itertools.product(*(_ways(contract) for contract in given.spec.contracts)):
        yield tuple(award for awards in picked for award in awards)


def _ways(contract: PortfolioContract) -> list[list[Award]]:
    """Every way to award one contract, written from the document by hand."""
    prices = {quote.member: quote.price_fen for quote in contract.quotes}
    ways = [[_award(contract, member, price, 10_000, Role.SOLE)] for member, price in prices.items()]
    rule = contract.lead_sub
    if contract.divisible:
        for one, other in itertools.combinations(prices, 2):
            ways.append([_award(contract, code, prices[code], 5_000, Role.JOINT) for code in (one, other)])
    elif rule is not None:
        ways = [] if rule.min_subs else ways
        for lead, price in prices.items():
            for parts in _sub_parts([code for code in prices if code != lead], rule):
                subs = [_award(contract, code, price, part, Role.SUB) for code, part in parts.items()]
                first = _award(contract, lead, price, 10_000 - sum(parts.values()), Role.LEAD)
                left = price - sum(sub.price_fen for sub in subs)
                ways.append([first.model_copy(update={"price_fen": left}), *subs])
    return ways


def _sub_parts(others: list[str], rule: LeadSub) -> Iterator[dict[str, int]]:
    lots = range(rule.min_lot_bp, min(rule.max_sub_bp, 10_000 - rule.lead_min_bp) + 1, rule.min_lot_bp)
    for count in range(max(1, rule.min_subs), rule.max_subs + 1):
        for codes in itertools.combinations(others, count):
            for parts in itertools.product(lots, repeat=count):
                if sum(parts) <= 10_000 - rule.lead_min_bp:
                    yield dict(zip(codes, parts, strict=True))


def _award(contract: PortfolioContract, member: str, price: int, share: int, role: Role) -> Award:
    part = (price * share + 5_000) // 10_000
    return Award(contract=contract.number, member=member, price_fen=part, share_bp=share, role=role)


def exhaustive(given: CompiledPortfolio) -> tuple[int, ...] | None:
    """The best values of all aims, one after the other, among the awards that keep the rules; None without any."""
    return min((values for values, _ in _ranked(given)), default=None)


def first_of_the_best(given: CompiledPortfolio) -> tuple[tuple[Award, ...], Ties] | None:
    """The first of the best awards by the stated order, and whether there are others."""
    ranked = _ranked(given)
    best = [awards for values, awards in ranked if values == min(values for values, _ in ranked)]
    if not best:
        return None
    first = min(best, key=lambda awards: _place_of(given, awards))
    return _sorted(first), Ties.NONE if len(best) == 1 else Ties.SETTLED


def _ranked(given: CompiledPortfolio) -> list[tuple[tuple[int, ...], tuple[Award, ...]]]:
    """Every award that keeps the rules, with the values of its aims."""
    spec, reaches = given.spec, given.reaches
    kept = [awards for awards in every_award(given) if not breaches(spec, reaches, awards)]
    if kept and spec.objective.max_regret_bp is not None:
        prices = [value_of(spec, reaches, awards, Aim.PRICE) for awards in kept]
        limit = min(prices) + abs(min(prices)) * spec.objective.max_regret_bp // 10_000
        kept = [awards for awards, price in zip(kept, prices, strict=True) if price <= limit]
    return [(tuple(value_of(spec, reaches, awards, aim) for aim in spec.objective.aims), awards) for awards in kept]


def _place_of(given: CompiledPortfolio, awards: tuple[Award, ...]) -> list[Any]:
    """Where an award stands in the order: contract, leads first, higher score, lower price, code, larger part."""
    quotes = {(each.number, quote.member): quote for each in given.spec.contracts for quote in each.quotes}
    held = [(each, quotes[each.contract, each.member]) for each in awards]
    return sorted(
        (each.contract, each.role is Role.SUB, -quote.score_bp, quote.price_fen, each.member, -each.share_bp)
        for each, quote in held
    )


def _sorted(awards: tuple[Award, ...]) -> tuple[Award, ...]:
    return tuple(sorted(awards, key=lambda each: (each.contract, each.member)))


def fitting(seeds: range, **options: Any) -> Iterator[CompiledPortfolio]:
    """The tiny portfolios of *seeds* whose rules do not contradict themselves."""
    for seed in seeds:
        try:
            yield made(tiny(seed, **options))
        except RuleProblems as found:
            if {problem.code for problem in found.problems} - {"contradiction", "counts-nothing"}:
                raise
