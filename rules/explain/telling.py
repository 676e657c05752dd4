"""A decision told in sentences: who may, who is better, who is selected, who does how much, who must approve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.approval import ApprovalPlan
from contracts.decision import Attempt, Decision
from contracts.facts import Facts
from rules.divide.rounding import Rounding
from rules.documents.policy import ScoringRule
from rules.explain.approving import approvals_told
from rules.explain.dividing import reckoning
from rules.explain.examining import Examination, titled
from rules.explain.looking_up import tables_told
from rules.explain.notes import is_told_apart, notes_in
from rules.explain.paying import fees_told
from rules.explain.selecting import selection_told
from rules.explain.shown import part_of, percent, points
from rules.explain.stating import method_told
from rules.explain.tongue import Tongue
from rules.explain.why import plain
from rules.explain.words import ENGLISH, OUTCOMES, PARTS, TITLES
from rules.policy import CompiledPolicy
from rules.portfolio.awarding import METHOD

Told = tuple[str, str, Iterator[str]]
"""A part of the account, the member it is about, and its sentences."""


@dataclass(frozen=True)
class Paragraph:
    """Sentences about one part of a decision, or about one member in it."""

    part: str
    title: str
    sentences: tuple[str, ...]
    member: str = ""

    def as_document(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        about = {"member": self.member} if self.member else {}
        return {"part": self.part, **about, "title": self.title, "sentences": list(self.sentences)}


def told(
    policy: CompiledPolicy, facts: Facts, decision: Decision, plan: ApprovalPlan | None, tongue: Tongue
) -> tuple[Paragraph, ...]:
    """
    Tell why *decision* came of *facts* under *policy*, and what its approvals are planned to be.

    *policy* is the one that the contract was decided by first; where it fell back on another, that one is told as the
    one that decided. Without a *plan* nothing is said of approvals. A part with nothing to say is left out.
    """
    teller = _Teller(policy, facts, decision, tongue)
    parts: tuple[Told, ...] = (
        ("basis", "", teller.basis()),
        *teller.first_tried(),
        ("eligibility", "", teller.eligible()),
        *(("eligibility", code, teller.now.waived(code, found)) for code, found in decision.waived.items()),
        *(("eligibility", code, teller.now.excluded("excluded", code, why)) for code, why in decision.excluded.items()),
        ("tables", "", tables_told(teller.decider, decision.trace, tongue)),
        *(("scores", code, teller.score(code)) for code in decision.ranking if code in decision.scores),
        ("scores", "", teller.score_sources()),
        ("ranking", "", teller.ranking()),
        ("selection", "", selection_told(policy, teller.decider, facts, decision, tongue)),
        ("division", "", teller.division()),
        ("fees", "", fees_told(decision, tongue)),
        *(() if plan is None else (("approvals", "", approvals_told(plan, decision, tongue)),)),
        ("passed over", "", teller.now.passed_over()),
    )
    paragraphs = (Paragraph(part, TITLES[part].in_(tongue.language), tuple(said), code) for part, code, said in parts)
    return tuple(paragraph for paragraph in paragraphs if paragraph.sentences)


def edition_among(policy: CompiledPolicy, digest: str) -> CompiledPolicy:
    """The one of *policy* and its fallbacks that has *digest*; *policy* itself, if none has."""
    return next((each for each in policy.chain if each.digest == digest), policy)


@dataclass(frozen=True)
class _Teller:
    policy: CompiledPolicy
    facts: Facts
    decision: Decision
    tongue: Tongue

    @property
    def decider(self) -> CompiledPolicy:
        """The policy that decided."""
        return edition_among(self.policy, self.decision.policy.digest)

    @property
    def now(self) -> Examination:
        """Eligibility as the policy that decided sees it."""
        return Examination(self.decider, self.facts, self.decision.trace, self.tongue)

    def basis(self) -> Iterator[str]:
        """Under which edition, with which shared rules, and with what outcome."""
        say, metadata, reference = self.tongue.say, self.decider.document.metadata, self.decision.policy
        title = titled(metadata, self.tongue)
        yield say("basis", day=self.facts.decision_day, title=title, name=reference.name, edition=reference.edition)
        yield say("sources", sources=self.tongue.list(metadata.reference))
        sets = [self._titled(each.document.metadata) for each in self.decider.guards]
        if sets:
            yield say("guard sets", sets=self.tongue.row(sets))
        yield say("outcome", outcome=self.tongue.word(OUTCOMES, self.decision.outcome.value))
        notes = [note for note in notes_in(self.decision.note, self.tongue.language) if not is_told_apart(note)]
        if notes:
            yield say("note", note=self.tongue.list(notes))

    def _titled(self, metadata: Any) -> str:
        return self.tongue.say("titled", title=titled(metadata, self.tongue), name=metadata.name)

    def first_tried(self) -> Iterator[Told]:
        """Each policy that came to nothing, and why: its outcome, its note, and who was excluded by it."""
        for attempt in self.decision.after:
            policy = edition_among(self.policy, attempt.policy.digest)
            then = Examination(policy, self.facts, attempt.trace, self.tongue)
            yield "first tried", "", self._attempt(policy, attempt)
            for code, found in attempt.excluded.items():
                yield "first tried", code, then.excluded("tried excluded", code, found)
            if policy.fallback is not None:
                yield "first tried", "", self._falls_back(policy.fallback)

    def _attempt(self, policy: CompiledPolicy, attempt: Attempt) -> Iterator[str]:
        say, reference = self.tongue.say, attempt.policy
        title = titled(policy.document.metadata, self.tongue)
        outcome = self.tongue.word(OUTCOMES, attempt.outcome.value)
        yield say("tried", title=title, name=reference.name, edition=reference.edition, outcome=outcome)
        if attempt.note:
            yield say("note", note=self.tongue.list(notes_in(attempt.note, self.tongue.language)))

    def _falls_back(self, fallback: CompiledPolicy) -> Iterator[str]:
        title = titled(fallback.document.metadata, self.tongue)
        yield self.tongue.say("falls back", title=title, name=fallback.name)

    def eligible(self) -> Iterator[str]:
        """Who may."""
        codes = self.decision.eligible
        if codes:
            yield self.tongue.say("eligible", count=len(codes), members=self.tongue.members(codes))
        else:
            yield self.tongue.say("nobody eligible")

    def score(self, code: str) -> Iterator[str]:
        """A member's score, added up from its parts."""
        found = self.decision.scores[code]
        parts = [self._score_part(code, rule, part) for rule, part in found.parts.items()]
        total = points(found.total_bp)
        yield self.tongue.say("score", member=self.tongue.member(code), total=total, parts=self.tongue.list(parts))

    def _score_part(self, code: str, name: str, part_bp: int) -> str:
        rule, _ = self.now.rule(name)
        value = self.now.line(name, code).get("value")
        if not isinstance(rule, ScoringRule) or not isinstance(value, int):
            return self.tongue.say("score part plain", title=name, part=points(part_bp))
        title = rule.id if self.tongue.language == ENGLISH else rule.title
        return self.tongue.say(
            "score part", title=title, value=points(value), weight=percent(rule.weight_bp), part=points(part_bp)
        )

    def score_sources(self) -> Iterator[str]:
        """What the scoring rules rest on, where they say so."""
        for rule in self.decider.spec.scoring if self.decision.scores else ():
            if rule.reference:
                title = rule.id if self.tongue.language == ENGLISH else rule.title
                yield self.tongue.say("score source", rule=title, reference=rule.reference)

    def ranking(self) -> Iterator[str]:
        """Who stands where, and by which key equals were put in order."""
        places = [self._place(place, code) for place, code in enumerate(self.decision.ranking, start=1)]
        yield self.tongue.say("ranking", places=self.tongue.list(places)) if places else self.tongue.say("no ranking")
        for tie in self.decision.ties:
            yield self.tongue.say("tie", members=self.tongue.members(tie.members), key=f"`{plain(tie.by)}`")

    def _place(self, place: int, code: str) -> str:
        say, score = self.tongue.say, self.decision.scores.get(code)
        found = [say("points", points=points(score.total_bp))] if score else []
        found += [
            say("quoted", price=self.tongue.money(each.quote.price_fen))
            for each in self.facts.candidates
            if each.member.code == code and each.quote
        ]
        key = "place" if found else "place alone"
        return say(key, place=place, member=self.tongue.member(code), facts=self.tongue.row(found))

    def division(self) -> Iterator[str]:
        """The amount, and each member's share of it with the arithmetic."""
        if not self.decision.shares:
            yield self.tongue.say("no division")
            return
        spec = self.decider.spec
        amount = self.tongue.money(self.decision.amount_fen)
        reckoned: dict[str, list[str]] = {share.member: [] for share in self.decision.shares}
        if self.decision.division == METHOD:
            yield self.tongue.say("division together")
            yield self.tongue.say("amount together", amount=amount)
        else:
            yield from method_told("division", spec.divide, self.tongue)
            yield self.tongue.say(f"amount by {spec.amount.value}", amount=amount)
            reckoned = reckoning(spec.divide, self.decision, self.tongue)
        for share in self.decision.shares:
            yield self._share(share.member, share.amount_fen, share.role, self.tongue.list(reckoned[share.member]))
        if len(self.decision.shares) > 1:
            by_turns = self.policy.spec.rounding is Rounding.SAINTE_LAGUE
            yield self.tongue.say("sum by sainte_lague" if by_turns else "sum", amount=amount)

    def _share(self, code: str, amount_fen: int, role: str, how: str) -> str:
        return self.tongue.say(
            "share reckoned" if how else "share",
            member=self.tongue.member(code),
            role=PARTS[role].in_(self.tongue.language) if role in PARTS else f" ({role})",
            amount=self.tongue.money(amount_fen),
            ratio=part_of(amount_fen, self.decision.amount_fen),
            reckoning=how,
        )
