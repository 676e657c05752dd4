"""A recorded decision as it is accounted for: why in sentences, decided again, and every step if wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.approval import ApprovalPlan
from contracts.errors import UnknownName
from lianyue.casebook.precedents import Precedent
from lianyue.records.opened import Opened
from rules.explain.telling import Paragraph, edition_among, told
from rules.explain.tongue import Tongue
from rules.explain.why import Why, reasons
from rules.explain.words import ENGLISH
from rules.policy import CompiledPolicy


@dataclass(frozen=True)
class DecisionAccount:
    """All that there is to tell of one decision; ``member`` limits it to what is about that one."""

    precedent: Precedent
    policy: CompiledPolicy
    plan: ApprovalPlan
    differing: tuple[str, ...]
    tongue: Tongue
    member: str

    @classmethod
    def of(cls, precedent: Precedent, records: Opened, tongue: Tongue, member: str) -> DecisionAccount:
        """
        Take it from the records.

        Raises:
            UnknownName: If *member* is not among the candidates.
        """
        codes = sorted(each.member.code for each in precedent.facts.candidates)
        if member and member not in codes:
            raise UnknownName(f"{member} is not among the candidates of {precedent.name}: {', '.join(codes)}")
        policy, differing = precedent.policy(records.published), precedent.differing(records.published)
        return cls(precedent, policy, precedent.plan(records), differing, tongue, member)

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """The sentences, by what they are about."""
        every = told(self.policy, self.precedent.facts, self.precedent.decision, self.plan, self.tongue)
        if not self.member:
            return every
        about = tuple(each for each in every if each.member == self.member)
        return (*(each for each in every if each.part == "basis"), *about, *self._results(every))

    def _results(self, every: tuple[Paragraph, ...]) -> Iterator[Paragraph]:
        """What became of one member that was eligible."""
        if self.member in self.precedent.decision.ranking:
            yield from (each for each in every if each.part in ("ranking", "selection", "division", "fees"))

    @property
    def again(self) -> str:
        """Whether deciding again gives what was recorded, in a sentence."""
        if not self.differing:
            return self.tongue.say("again equal")
        return self.tongue.say("again differs", fields=self.tongue.row(self.differing))

    def as_document(self, *, steps: bool) -> dict[str, Any]:
        """Return the account for programs; with *steps*, how every rule came to its value for every member."""
        precedent = self.precedent
        document = {
            "occurrence": precedent.occurrence,
            "facts": precedent.facts.model_dump(mode="json"),
            "decision": precedent.decision.model_dump(mode="json"),
            "approvals": self.plan.model_dump(mode="json"),
            "again": {"equal": not self.differing, "differing": list(self.differing)},
            "titles": {rule.id: self._title(rule) for rule in self.policy.spec.scoring},
            "explanation": [paragraph.as_document() for paragraph in self.paragraphs],
        }
        return document | ({"steps": [_step_document(*each) for each in self.steps()]} if steps else {})

    def _title(self, rule: Any) -> str:
        return str(rule.id if self.tongue.language == ENGLISH else rule.title)

    def steps(self) -> Iterator[tuple[dict[str, Any], Why]]:
        """Every line of the trace with how it came to its value."""
        decision = self.precedent.decision
        traces = [(each.policy, each.trace) for each in decision.after] + [(decision.policy, decision.trace)]
        for reference, trace in traces:
            policy = edition_among(self.policy, reference.digest)
            for line in trace:
                why = reasons(policy, line)
                if why is not None and self.member in ("", line["member"]):
                    yield line, why


def _step_document(line: dict[str, Any], why: Why) -> dict[str, Any]:
    return {"rule": line["rule"], "member": line["member"], "why": why.as_document()}
