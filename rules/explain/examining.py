"""Who may and who may not: each reason with its rule and source, waivers, and what exceptions did not help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.calendar import iso_day
from contracts.decision import ExclusionReason, Waiver
from contracts.facts import Facts
from rules.documents.envelope import Metadata
from rules.documents.policy import BUILT_IN_REASONS, EligibilityRule, ScoringRule
from rules.explain.looking_up import READS
from rules.explain.shown import shown
from rules.explain.tongue import Tongue
from rules.explain.why import Why, plain, reasons
from rules.explain.words import ENGLISH, ROLES
from rules.guards import CompiledGuards
from rules.policy import CompiledPolicy

Trace = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Examination:
    """The eligibility of members under one policy, with the trace of what its rules came to."""

    policy: CompiledPolicy
    facts: Facts
    trace: Trace
    tongue: Tongue

    def excluded(self, key: str, code: str, found: Sequence[ExclusionReason]) -> Iterator[str]:
        """Why a member may not: each rule, what it demands, what was read, and how it came to its answer."""
        yield self.tongue.say(key, member=self.tongue.member(code), count=len(found))
        for reason in found:
            yield self.tongue.joined(tuple(self._reason(code, reason)))

    def waived(self, code: str, found: Sequence[Waiver]) -> Iterator[str]:
        """Which rules an exception waives for a member, who granted it, and until when."""
        for waiver in found:
            yield self.tongue.joined(tuple(self._waiver(code, waiver)))

    def passed_over(self) -> Iterator[str]:
        """The guards that were put to nobody, because their conditions do not hold: a sentence for each set."""
        names = [str(line["rule"]) for line in self.trace if line.get("applies") is False]
        for guards in self.policy.guards:
            metadata = guards.document.metadata
            over = [rule.id for rule in guards.document.spec.guards if rule.id in names]
            if over:
                title, rules = titled(metadata, self.tongue), self.tongue.row(over)
                yield self.tongue.say("passed over", title=title, set=metadata.name, count=len(over), rules=rules)

    def line(self, rule: str, code: str) -> Mapping[str, Any]:
        """The line of the trace for one rule and member."""
        return next((line for line in self.trace if (line.get("rule"), line.get("member")) == (rule, code)), {})

    def rule(self, name: str) -> tuple[EligibilityRule | ScoringRule | None, CompiledGuards | None]:
        """What the policy states under *name*, and the guard set where it comes from one."""
        for guards in self.policy.guards:
            for guard in guards.document.spec.guards:
                if guard.id == name:
                    return guard, guards
        own: Iterable[EligibilityRule | ScoringRule] = (*self.policy.spec.eligibility, *self.policy.spec.scoring)
        return next((rule for rule in own if rule.id == name), None), None

    def inputs(self, reads: Mapping[str, Any]) -> str:
        """What was read, without the rows of decision tables, which are told apart."""
        names = [name for name in sorted(reads) if not name.startswith(READS)]
        return self.tongue.list([f"{name} = {shown(name, reads[name], self.tongue.language)}" for name in names])

    def _reason(self, code: str, reason: ExclusionReason) -> Iterator[str]:
        say = self.tongue.say
        key = "own reason" if reason.rule in BUILT_IN_REASONS else "reason"
        yield say(key, rule=reason.rule, message=self.tongue.note(reason.message))
        yield from self._demand(reason.rule)
        read = self.inputs(reason.reads) if key == "reason" else ""
        if read:
            yield say("read", inputs=read)
        why = reasons(self.policy, self.line(reason.rule, code))
        if why is not None:
            yield say("came to", chain=chain(why, self.tongue))
        if reason.exceptions:
            obstacles = self.tongue.list([self.tongue.note(each) for each in reason.exceptions])
            yield say("no exception", obstacles=obstacles)

    def _demand(self, name: str) -> Iterator[str]:
        """What a rule requires, from which set it comes, and what it rests on."""
        rule, guards = self.rule(name)
        if rule is None:
            return
        text = rule.score if isinstance(rule, ScoringRule) else rule.require
        if guards is None:
            yield self.tongue.say("rule", rule=name, require=f"`{plain(text)}`")
        else:
            metadata = guards.document.metadata
            title = titled(metadata, self.tongue)
            yield self.tongue.say("guard", title=title, set=metadata.name, rule=name, require=f"`{plain(text)}`")
        if rule.reference:
            yield self.tongue.say("rule source", reference=rule.reference)

    def _waiver(self, code: str, waiver: Waiver) -> Iterator[str]:
        say = self.tongue.say
        member, until = self.tongue.member(code), iso_day(waiver.until_day)
        message = self.tongue.note(waiver.message)
        yield say("waived", member=member, rule=waiver.rule, message=message, name=waiver.name, until=until)
        yield from self._demand(waiver.rule)
        for each in self.facts.exceptions:
            if each.digest == waiver.exception:
                role, day = self.tongue.word(ROLES, each.role.value), iso_day(each.from_day)
                yield say("granted", who=self.tongue.member(each.granted_by), role=role, day=day)


def titled(metadata: Metadata, tongue: Tongue) -> str:
    """The title of a rule file in the language, as far as it has one."""
    return (metadata.title_en or metadata.title) if tongue.language == ENGLISH else metadata.title


def chain(why: Why, tongue: Tongue) -> str:
    """Tell how an expression came to its value, as one sentence without a full stop."""
    text = f"`{why.text}`"
    if why.error:
        claim = tongue.say("failed", text=text, error=tongue.note(why.error))
    else:
        claim = tongue.say("is", text=text, value=shown(why.text, why.value, tongue.language))
    if not why.because:
        return claim
    causes = [chain(part, tongue) for part in why.because]
    nested = [
        tongue.say("aside", text=cause) if part.because and len(causes) > 1 else cause
        for part, cause in zip(why.because, causes, strict=True)
    ]
    return tongue.say("because", claim=claim, causes=tongue.say("and").join(nested))
