"""A recorded decision on one page: why in sentences, then its tables, then every step if wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from contracts.approval import ApprovalPlan
from contracts.decision import Decision, Fee
from contracts.errors import UnknownName
from contracts.facts import Facts
from lianyue.cli.output import say, table
from lianyue.cli.precedents import Precedent
from lianyue.cli.session import Opened
from lianyue.story import term
from rules.explain.shown import points, shown
from rules.explain.telling import Paragraph, edition_among, told
from rules.explain.tongue import Tongue
from rules.explain.why import Why, reasons
from rules.explain.words import ENGLISH
from rules.policy import CompiledPolicy


@dataclass(frozen=True)
class DecisionPage:
    """All that `rules explain` tells of one decision; ``member`` limits it to what is about that one."""

    precedent: Precedent
    policy: CompiledPolicy
    plan: ApprovalPlan
    differing: tuple[str, ...]
    tongue: Tongue
    member: str

    @classmethod
    def of(cls, precedent: Precedent, records: Opened, tongue: Tongue, member: str) -> DecisionPage:
        """
        Make the page from the records.

        Raises:
            UnknownName: If *member* is not among the candidates.
        """
        codes = sorted(each.member.code for each in precedent.facts.candidates)
        if member and member not in codes:
            raise UnknownName(f"{member} is not among the candidates of {precedent.name}: {', '.join(codes)}")
        policy, differing = precedent.policy(records.published), precedent.differing(records)
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
        """Return the page for programs; with *steps*, how every rule came to its value for every member."""
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
        return document | ({"steps": [_step_document(*each) for each in self._steps()]} if steps else {})

    def _title(self, rule: Any) -> str:
        return str(rule.id if self.tongue.language == ENGLISH else rule.title)

    def print(self, *, steps: bool) -> None:
        """Print the page."""
        facts = self.precedent.facts
        say(self.tongue.say("occurrence", place=self.precedent.occurrence, day=facts.decision_day))
        print_paragraphs(self.paragraphs)
        say(self.again)
        if not self.member:
            print_quotes(facts, self.tongue)
            print_decision(self.precedent.decision, self.tongue)
        for line, why in self._steps() if steps else ():
            say(f"{line['rule']} · {line['member']}")
            _print_step(why, 1, self.tongue.language)

    def _steps(self) -> Iterator[tuple[dict[str, Any], Why]]:
        decision = self.precedent.decision
        traces = [(each.policy, each.trace) for each in decision.after] + [(decision.policy, decision.trace)]
        for reference, trace in traces:
            policy = edition_among(self.policy, reference.digest)
            for line in trace:
                why = reasons(policy, line)
                if why is not None and self.member in ("", line["member"]):
                    yield line, why


def print_paragraphs(paragraphs: tuple[Paragraph, ...]) -> None:
    """Print the sentences under the titles of their parts."""
    for title, found in groupby(paragraphs, key=lambda paragraph: paragraph.title):
        say(f"【{title}】")
        for sentence in (sentence for paragraph in found for sentence in paragraph.sentences):
            say(f"  {sentence}")


def print_quotes(facts: Facts, tongue: Tongue) -> None:
    """Print who has quoted what, and who takes no part any more."""
    prices = [(each.member.code, tongue.money(each.quote.price_fen)) for each in facts.candidates if each.quote]
    if prices:
        table((tongue.say("member"), tongue.say("price")), prices, tongue.say("quotes"))
    for member, reason in facts.declined.items():
        say(tongue.say("withdrawn", member=member, reason=tongue.note(reason)))


def print_decision(decision: Decision, tongue: Tongue) -> None:
    """Print a decision in tables: who may not and why, scores, shares."""
    reference = decision.policy
    say(f"{reference.name} {reference.edition} · {decision.method} + {decision.division}")
    say(tongue.say("outcome line", outcome=term("outcome", decision.outcome.value, tongue.language)))
    say(tongue.say("eligible line", members=tongue.row(decision.eligible) or tongue.say("none")))
    _print_rows(decision, tongue)
    if decision.note:
        say(tongue.say("note line", note=tongue.note(decision.note)))


def _print_rows(decision: Decision, tongue: Tongue) -> None:
    """The tables, where there is something in them."""
    member = tongue.say("member")
    found = [(code, why.rule, tongue.note(why.message)) for code, whys in decision.excluded.items() for why in whys]
    if found:
        table((member, tongue.say("rule head"), tongue.say("reason head")), found, tongue.say("not eligible"))
    ranked = [code for code in decision.ranking if code in decision.scores]
    scores = [(code, points(decision.scores[code].total_bp), _parts(decision, code)) for code in ranked]
    if scores:
        table((member, tongue.say("points head"), tongue.say("parts")), scores, tongue.say("scores"))
    for tie in decision.ties:
        say(tongue.say("tie line", members=tongue.row(tie.members), key=tie.by))
    shares = [
        (share.member, term("part", share.role, tongue.language), tongue.money(share.amount_fen))
        for share in decision.shares
    ]
    if shares:
        title = tongue.say("shares", amount=tongue.money(decision.amount_fen))
        table((member, tongue.say("role"), tongue.say("share head")), shares, title)
    fees = [_fee(fee, tongue) for fee in decision.fees]
    if fees:
        heads = ("fee head", "payer head", "payee head", "amount head", "note head")
        table(tuple(map(tongue.say, heads)), fees, tongue.say("fees title"))


def _fee(fee: Fee, tongue: Tongue) -> tuple[str, ...]:
    payee = tongue.payee(fee.payee) if fee.payee.islower() else fee.payee
    return (fee.level, fee.payer, payee, tongue.money(fee.amount_fen), tongue.note(fee.note))


def _parts(decision: Decision, member: str) -> str:
    return ", ".join(f"{rule} {points(part)}" for rule, part in sorted(decision.scores[member].parts.items()))


def _step_document(line: dict[str, Any], why: Why) -> dict[str, Any]:
    return {"rule": line["rule"], "member": line["member"], "why": why.as_document()}


def _print_step(why: Why, depth: int, language: str) -> None:
    value = f"! {why.error}" if why.error else shown(why.text, why.value, language, 10_000)
    say(f"{'  ' * depth}{why.text} = {value}")
    for part in why.because:
        _print_step(part, depth + 1, language)
