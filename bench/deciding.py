"""Rules: a decision with its whole trace against plain closures that answer alike, and a check against a bare parse."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from bench.measuring import Ratio, Stopwatch, ratio_of
from contracts.calendar import epoch_day
from contracts.decision import Decision
from contracts.facts import Candidate, CertificateFacts, ContractFacts, Facts, LedgerFacts, MemberFacts, QuoteFacts
from rules.check_book import problems_in
from rules.decide import decide
from rules.eligibility import examine
from rules.policy import compile_policy

HERE = Path(__file__).parent / "reference"
BOOKS = Path(__file__).parents[1] / "rules" / "books"
DAY = "2025-07-01"
MEMBERS = 17
DECISIONS = 20
PARSES = 5
CHECKED_LINES = 1_000
P99_AIM_MS = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Answers = tuple[dict[str, list[str]], dict[str, int], list[str], dict[str, int]]
"""The rules against each member, the scores, the selected members, and their shares."""


class Whole(BaseModel):
    """CPU milliseconds of a whole decision, digest of the facts included."""

    model_config = ConfigDict(frozen=True)

    decisions: int
    median_ms: float
    p99_ms: float
    trace_lines: int


def measure(pairs: int) -> tuple[tuple[Ratio, ...], Whole]:
    """Take the figures of the rules."""
    deciding, whole = _measure_decision(pairs)
    return (_measure_evaluation(pairs), deciding, _measure_check(pairs)), whole


def _measure_evaluation(pairs: int) -> Ratio:
    """Put every rule to every member, each sub-expression's value and all reads on record."""
    policy = compile_policy(*texts())
    facts = facts_of(MEMBERS)
    rules = _plain_rules(policy.parameters_on(facts.day))

    def plain() -> list[list[bool]]:
        return [[holds(facts, candidate) for _, holds in rules] for candidate in facts.candidates]

    lines = [line for each in examine(policy, facts, is_traced=True) for line in each.trace]
    if [line["value"] for line in lines if "rule" in line] != [holds for row in plain() for holds in row]:
        raise AssertionError("the closures do not answer what the rules answer")
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(pairs + 1):
        ours.append(_ms_each(lambda: examine(policy, facts, is_traced=True)))
        bare.append(_ms_each(plain))
    steps = sum(len(line["steps"]) for line in lines)
    note = f"{MEMBERS} x {len(rules)} evaluations, {steps:,} values of sub-expressions on record"
    return ratio_of("rules with their steps / plain closures", "ms CPU", ours[1:], bare[1:], 15, note)


def _measure_decision(pairs: int) -> tuple[Ratio, Whole]:
    policy = compile_policy(*texts())
    facts = facts_of(MEMBERS)
    plain = plain_of(policy.parameters_on(facts.day))
    decision = decide(policy, facts)
    if answers_of(decision) != plain(facts):
        raise AssertionError("the closures do not answer what the rules answer")
    ours: list[float] = []
    bare: list[float] = []
    single: list[float] = []
    for _ in range(pairs + 1):
        single += [_ms(lambda: decide(policy, facts)) for _ in range(DECISIONS)]
        ours.append(_ms_each(lambda: decide(policy, facts)))
        bare.append(_ms_each(lambda: plain(facts)))
    note = f"{MEMBERS} members, {len(policy.spec.eligibility)} rules, value and reads of each on record"
    kept = sorted(single[DECISIONS:])
    whole = Whole(
        decisions=len(kept),
        median_ms=round(statistics.median(kept), 3),
        p99_ms=round(kept[len(kept) * 99 // 100], 3),
        trace_lines=len(decision.trace),
    )
    return ratio_of("decision / plain closures", "ms CPU", ours[1:], bare[1:], 15, note), whole


def texts() -> tuple[str, ...]:
    """Return the texts of the policy of reference, its parameters and its types."""
    return tuple(path.read_text(encoding="utf-8") for path in _texts())


def _texts() -> tuple[Path, Path, Path]:
    edition = "2025-01-01.yaml"
    return (HERE / "twelve-rules.yaml", BOOKS / "alliance-params" / edition, BOOKS / "alliance-core" / edition)


def _measure_check(pairs: int) -> Ratio:
    ground = {f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in _texts()[1:]}
    ours: list[float] = []
    bare: list[float] = []
    for turn in range(pairs + 1):
        fresh = long_policy(CHECKED_LINES, turn)
        files = {**ground, "long/2025-01-01.yaml": fresh}
        problems: list[object] = []
        ours.append(_ms(lambda: problems.extend(problems_in(files))))  # noqa: B023 - called at once
        bare.append(_ms(lambda: [yaml.load(fresh, Loader=_LOADER) for _ in range(PARSES)]) / PARSES)  # noqa: B023
        if problems:
            raise AssertionError(f"the long policy has problems: {problems[0]}")
    lines = fresh.count("\n")
    name = "check of a long policy / YAML parse"
    return ratio_of(name, "ms CPU", ours[1:], bare[1:], 10, f"{lines:,} lines; the parser is {_LOADER.__name__}")


def _ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of *work*, which is not to pay for what others have left to collect."""
    gc.collect()
    watch = Stopwatch()
    work()
    return watch.ms


def _ms_each(work: Callable[[], object]) -> float:
    """CPU milliseconds of *work* on average over as many turns as there are decisions, one right after the other."""

    def turns() -> None:
        for _ in range(DECISIONS):
            work()

    return _ms(turns) / DECISIONS


def facts_of(members: int) -> Facts:
    """Return facts in which some members fall at each of several rules."""
    return Facts(
        decision_day=DAY,
        contract=ContractFacts(
            number="LY-2025-0001",
            category="greening",
            client="BUYER",
            park="lingang",
            value_fen=150_000_000,
            quantity=60_000,
            starts_day=epoch_day("2025-08-01"),
            ends_day=epoch_day("2026-07-31"),
            required_certificates=("green_manager",),
            needs={"green_m2": 60_000},
        ),
        candidates=tuple(_candidate(place) for place in range(members)),
    )


def _candidate(place: int) -> Candidate:
    held = CertificateFacts(
        code="green_manager", valid_from_day=epoch_day("2020-01-01"), valid_to_day=epoch_day("2030-01-01")
    )
    return Candidate(
        member=MemberFacts(
            code=f"M{place:02}",
            categories=("greening", "property"),
            parks=("lingang",) if place % 7 else ("fengxian",),
            certificates=(held,) if place % 5 else (),
            capacity={"green_m2": 100_000},
            joined_day=epoch_day("2025-01-01"),
            band="E" if place == 8 else "B",
            score_bp=7_000 + 97 * place,
        ),
        quote=QuoteFacts(price_fen=140_000_000 + 313_131 * place, order=place),
        ledger=LedgerFacts(
            awarded_fen=1_000_000 * place, awards=place % 4, reserved={"green_m2": 5_000 * (place % 11)}
        ),
    )


def answers_of(decision: Decision) -> Answers:
    """Return what a decision answers, without the reasons' words, the trace and the digests."""
    return (
        {code: [reason.rule for reason in reasons] for code, reasons in decision.excluded.items()},
        {code: parts.total_bp for code, parts in decision.scores.items()},
        list(decision.selected),
        {share.member: share.amount_fen for share in decision.shares},
    )


def plain_of(params: dict[str, Any]) -> Callable[[Facts], Answers]:
    """Return a function that answers what the policy answers, as a programmer would write it down once."""
    rules = _plain_rules(params)

    def answers(facts: Facts) -> Answers:
        ordered = sorted(facts.candidates, key=lambda each: each.member.code)
        broken = {c.member.code: [name for name, holds in rules if not holds(facts, c)] for c in ordered}
        fit = [(c.member, c.quote, c.ledger) for c in ordered if not broken[c.member.code] and c.quote]
        best = min((quote.price_fen for _, quote, _ in fit), default=0)
        scores = {
            member.code: (best * 10_000 // quote.price_fen * 4_000 + 5_000) // 10_000
            + (member.score_bp * 4_000 + 5_000) // 10_000
            + (_fairness(ledger.awards, params["fair_awards"]) * 2_000 + 5_000) // 10_000
            for member, quote, ledger in fit
        }
        ranked = sorted(
            fit,
            key=lambda found: (
                -scores[found[0].code],
                -found[0].score_bp,
                found[2].awarded_fen,
                found[1].order,
                found[0].code,
            ),
        )
        chosen = [member.code for member, _, _ in ranked[:3]]
        tiers = {1: [10_000], 2: [6_000, 4_000], 3: [5_000, 3_000, 2_000]}.get(len(chosen), [])
        shares = {code: facts.contract.value_fen * bp // 10_000 for code, bp in zip(chosen, tiers, strict=True)}
        return {code: names for code, names in broken.items() if names}, scores, chosen, shares

    return answers


def _fairness(awards: int, enough: int) -> int:
    return 0 if awards >= enough else (enough - awards) * 10_000 // enough


def _plain_rules(params: dict[str, Any]) -> list[tuple[str, Callable[[Facts, Candidate], bool]]]:
    return [
        ("category", lambda f, c: f.contract.category in c.member.categories),
        ("park", lambda f, c: f.contract.park in c.member.parks),
        ("certificates", lambda f, c: all(_holds(f, c, code) for code in f.contract.required_certificates)),
        ("capacity", lambda f, c: all(_free(c, name) >= need for name, need in f.contract.needs.items())),
        ("band", lambda _, c: c.member.band not in params["barred_bands"]),
        ("suspension", lambda f, c: c.member.suspended_to_day < f.day),
        ("joined", lambda f, c: c.member.joined_day + 30 <= f.day),
        ("score", lambda _, c: c.member.score_bp >= 6_000),
        ("awards", lambda _, c: c.ledger.awards < 8),
        ("awarded", lambda f, c: c.ledger.awarded_fen + f.contract.value_fen <= 2_000_000_000),
        ("declines", lambda _, c: c.ledger.declines < 3),
        ("public", lambda f, _: not f.contract.public_green or f.contract.tender_mode == "public"),
    ]


def _holds(facts: Facts, candidate: Candidate, code: str) -> bool:
    contract = facts.contract
    return any(
        held.code == code and held.valid_from_day <= contract.starts_day and held.valid_to_day >= contract.ends_day
        for held in candidate.member.certificates
    )


def _free(candidate: Candidate, resource: str) -> int:
    return candidate.member.capacity.get(resource, 0) - candidate.ledger.reserved.get(resource, 0)


def long_policy(lines: int, edition: int = 0) -> str:
    """
    Return the twelve-rule policy with further rules of the same forms, *lines* lines or a few more.

    No expression is that of another rule or *edition*, if only by its blanks: what is known is not checked again.
    """
    head, _, tail = _texts()[0].read_text(encoding="utf-8").partition("  scoring:\n")
    forms = [line for line in head.splitlines() if line.lstrip().startswith("- {id: ")]
    missing = lines - head.count("\n") - tail.count("\n") - 1
    more = [_set_apart(form, turn, edition) for turn, form in zip(range(missing), cycle(forms), strict=False)]
    return head + "\n".join(more) + "\n  scoring:\n" + tail


def _set_apart(form: str, turn: int, edition: int) -> str:
    """The rule *form* under an id of its own, with blanks between the words of its expression that no other has."""
    before, words, after = form.partition("require: ")
    first, second, rest = after.split(" ", 2)
    wide = " " * (1 + edition), " " * (1 + turn // 12)
    return f"{before.replace('{id: ', f'{{id: r{turn}-')}{words}{first}{wide[0]}{second}{wide[1]}{rest}"
