"""A decision told in sentences: who may, who is better, who is selected, who does how much, who must approve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.decision import ApprovalNeed, Decision, ExclusionReason
from contracts.facts import Facts
from rules.divide.rounding import Rounding
from rules.documents.policy import AmountSource
from rules.explain.dividing import reckoning
from rules.explain.shown import money, part_of, percent, points, shown
from rules.explain.why import Why, plain, reasons
from rules.explain.words import ENGLISH, OUTCOMES, ROLES, SAID, TITLES, method_words
from rules.policy import CompiledPolicy


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


@dataclass(frozen=True)
class Tongue:
    """The language things are told in, and what companies are called in it."""

    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, /, **facts: Any) -> str:
        """Return sentence *key* with its *facts*."""
        return SAID[key].in_(self.language).format(**facts)

    def member(self, code: str) -> str:
        """What a company is called: its name with its code, or the code alone."""
        name = self.names.get(code)
        if not name or name == code:
            return code
        return f"{name} ({code})" if self.language == ENGLISH else f"{name}（{code}）"

    def members(self, codes: Sequence[str]) -> str:
        """The companies in a row."""
        return self.row([self.member(code) for code in codes]) or self.say("none")

    def row(self, parts: Sequence[str]) -> str:
        """Several things of a kind."""
        return (", " if self.language == ENGLISH else "、").join(parts)

    def list(self, parts: Sequence[str]) -> str:
        """Several clauses."""
        return ("; " if self.language == ENGLISH else "；").join(parts)

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences one after another."""
        return (" " if self.language == ENGLISH else "").join(sentences)

    def money(self, amount_fen: int) -> str:
        """An amount in yuan."""
        return money(amount_fen, self.language)


def told(
    policy: CompiledPolicy, facts: Facts, decision: Decision, needs: Sequence[ApprovalNeed], tongue: Tongue
) -> tuple[Paragraph, ...]:
    """
    Tell why *decision* came of *facts* under *policy*, and which approvals it *needs*.

    *policy* is the edition that decided; a line of the trace that it does not know is told by what it read alone.
    """
    teller = _Teller(policy, facts, decision, tongue)
    parts = (
        ("basis", "", teller.basis()),
        ("eligibility", "", teller.eligible()),
        *(("eligibility", code, teller.excluded(code, found)) for code, found in decision.excluded.items()),
        *(("scores", code, teller.score(code)) for code in decision.ranking if code in decision.scores),
        ("ranking", "", teller.ranking()),
        ("selection", "", teller.selection()),
        ("division", "", teller.division()),
        ("approvals", "", teller.approvals(needs)),
    )
    language = tongue.language
    return tuple(Paragraph(part, TITLES[part].in_(language), tuple(said), code) for part, code, said in parts)


def chain(why: Why, tongue: Tongue) -> str:
    """Tell how an expression came to its value, as one sentence without a full stop."""
    text = f"`{why.text}`"
    if why.error:
        claim = tongue.say("failed", text=text, error=why.error)
    else:
        claim = tongue.say("is", text=text, value=shown(why.text, why.value, tongue.language))
    if not why.because:
        return claim
    causes = [chain(part, tongue) for part in why.because]
    nested = [
        f"（{cause}）" if part.because and len(causes) > 1 else cause
        for part, cause in zip(why.because, causes, strict=True)
    ]
    return tongue.say("because", claim=claim, causes=tongue.say("and").join(nested))


@dataclass(frozen=True)
class _Teller:
    policy: CompiledPolicy
    facts: Facts
    decision: Decision
    tongue: Tongue

    def basis(self) -> Iterator[str]:
        """Under which edition, and with what outcome."""
        say, metadata = self.tongue.say, self.policy.document.metadata
        title = (metadata.title_en or metadata.title) if self.tongue.language == ENGLISH else metadata.title
        reference = self.decision.policy
        yield say("basis", day=self.facts.decision_day, title=title, name=reference.name, edition=reference.edition)
        yield say("sources", sources=self.tongue.list(metadata.reference))
        outcome = self.decision.outcome.value
        yield say("outcome", outcome=OUTCOMES[outcome].in_(self.tongue.language) if outcome in OUTCOMES else outcome)
        if self.decision.note:
            yield say("note", note=self.decision.note)

    def eligible(self) -> Iterator[str]:
        """Who may."""
        codes = self.decision.eligible
        if codes:
            yield self.tongue.say("eligible", count=len(codes), members=self.tongue.members(codes))
        else:
            yield self.tongue.say("nobody eligible")

    def excluded(self, code: str, found: Sequence[ExclusionReason]) -> Iterator[str]:
        """Why a member may not: each rule, what it demands, what was read, and how it came to its answer."""
        yield self.tongue.say("excluded", member=self.tongue.member(code), count=len(found))
        for reason in found:
            yield self.tongue.joined(tuple(self._reason(code, reason)))

    def _reason(self, code: str, reason: ExclusionReason) -> Iterator[str]:
        say = self.tongue.say
        yield say("reason", rule=reason.rule, message=reason.message.rstrip("。."))
        rule = self._rule(reason.rule)
        if rule is not None:
            yield say("rule", rule=reason.rule, require=f"`{plain(getattr(rule, 'require', None) or rule.score)}`")
            if rule.reference:
                yield say("rule source", reference=rule.reference)
        if reason.reads:
            yield say("read", inputs=self._inputs(reason.reads))
        why = reasons(self.policy, self._line(reason.rule, code))
        if why is not None:
            yield say("came to", chain=chain(why, self.tongue))

    def _rule(self, name: str) -> Any:
        spec = self.policy.spec
        rules: tuple[Any, ...] = (*spec.eligibility, *spec.scoring)
        return next((rule for rule in rules if rule.id == name), None)

    def _line(self, rule: str, code: str) -> Mapping[str, Any]:
        """The line of the trace for one rule and member."""
        lines = self.decision.trace
        return next((line for line in lines if (line.get("rule"), line.get("member")) == (rule, code)), {})

    def _inputs(self, reads: Mapping[str, Any]) -> str:
        return self.tongue.list(
            [f"{name} = {shown(name, reads[name], self.tongue.language)}" for name in sorted(reads)]
        )

    def score(self, code: str) -> Iterator[str]:
        """A member's score, added up from its parts."""
        found = self.decision.scores[code]
        parts = [self._score_part(code, rule, part) for rule, part in found.parts.items()]
        total = points(found.total_bp)
        yield self.tongue.say("score", member=self.tongue.member(code), total=total, parts=self.tongue.list(parts))

    def _score_part(self, code: str, name: str, part_bp: int) -> str:
        rule, value = self._rule(name), self._line(name, code).get("value")
        if rule is None or not isinstance(value, int):
            return self.tongue.say("score part plain", title=name, part=points(part_bp))
        title = rule.id if self.tongue.language == ENGLISH else rule.title
        return self.tongue.say(
            "score part", title=title, value=points(value), weight=percent(rule.weight_bp), part=points(part_bp)
        )

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

    def selection(self) -> Iterator[str]:
        """The method, with what the policy states for it, and whom it selects."""
        name, explained = method_words(self.policy.spec.select, self.tongue.language)
        yield self.tongue.say("method", method=name, explained=explained)
        stated = self.policy.spec.select.model_dump(mode="json", exclude={"method", "tie"}, exclude_none=True)
        if stated:
            yield self.tongue.say("terms", terms=self._inputs(stated))
        if self.decision.selected:
            yield self.tongue.say("selected", members=self.tongue.members(self.decision.selected))
        else:
            yield self.tongue.say("nobody selected")
        if self.decision.queue_turns:
            yield self.tongue.say("turns", members=self.tongue.members(self.decision.queue_turns))

    def division(self) -> Iterator[str]:
        """The amount, and each member's share of it with the arithmetic."""
        if not self.decision.shares:
            yield self.tongue.say("no division")
            return
        name, explained = method_words(self.policy.spec.divide, self.tongue.language)
        yield self.tongue.say("division", method=name, explained=explained)
        amount = self.tongue.money(self.decision.amount_fen)
        by_value = self.policy.spec.amount is AmountSource.VALUE
        yield self.tongue.say("amount by value" if by_value else "amount by quote", amount=amount)
        reckoned = reckoning(self.policy.spec.divide, self.decision, self.tongue.say, self.tongue.language)
        for share in self.decision.shares:
            yield self._share(share.member, share.amount_fen, share.role, self.tongue.list(reckoned[share.member]))
        by_turns = self.policy.spec.rounding is Rounding.SAINTE_LAGUE
        yield self.tongue.say("sum by sainte_lague" if by_turns else "sum", amount=amount)

    def _share(self, code: str, amount_fen: int, role: str, how: str) -> str:
        words = ROLES.get(role)
        return self.tongue.say(
            "share reckoned" if how else "share",
            member=self.tongue.member(code),
            role=words.in_(self.tongue.language) if words else f" ({role})",
            amount=self.tongue.money(amount_fen),
            ratio=part_of(amount_fen, self.decision.amount_fen),
            reckoning=how,
        )

    def approvals(self, needs: Sequence[ApprovalNeed]) -> Iterator[str]:
        """Who must approve, and why."""
        if not needs:
            yield self.tongue.say("no approval")
        for need in needs:
            words = ROLES.get(need.role)
            role = words.in_(self.tongue.language) if words else need.role
            yield self.tongue.say("approval", role=role, count=need.count, rule=need.rule, because=need.because)
