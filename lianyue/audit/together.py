"""What was decided together, decided again: the portfolio from its document, and each contract from its own facts."""

from __future__ import annotations

from activities.announcing import PortfolioBody
from activities.deciding import compiled
from activities.ports import Texts
from contracts.decision import Decision
from contracts.errors import Invalid
from contracts.facts import Facts
from contracts.portfolio import PortfolioOrder
from contracts.service_contract import RulePins
from lianyue.records.kept import KeptPortfolioDecision
from rules.canonical import canonical, digest
from rules.decide import assess
from rules.difference import differing_fields
from rules.portfolio.answer import Allocation
from rules.portfolio.awarding import decision_of
from rules.portfolio.gathering import Entry, PortfolioRules, offers_of


def body_of(kept: KeptPortfolioDecision) -> PortfolioBody:
    """
    Return what the records hold of a portfolio's decision.

    Raises:
        Invalid: If it does not have the digest that it was kept under.
    """
    body = PortfolioBody.model_validate_json(kept.body_json)
    if body.digest != kept.digest:
        raise Invalid(f"decision {kept.occurrence} of {kept.portfolio} is not the one whose digest was recorded")
    return body


def solved_again(body: PortfolioBody) -> tuple[Allocation, str]:
    """Return the answer to the recorded document as it is found now, and what differs from the recorded one."""
    from lianyue.optimiser.allocator import Allocator

    recorded = body.solved.allocation
    if not recorded.engine:
        return recorded, ""  # nobody was left to be decided
    again = Allocator(body.seconds).allocate(body.document, lambda _: None)
    if canonical(again.model_dump(mode="json")) == canonical(body.solved.model_dump(mode="json")):
        return again.allocation, ""
    fields = differing_fields(again.allocation, recorded)
    return again.allocation, f"decided again, these differ: {', '.join(fields) or 'solved'}"


def decided_again(
    records: Texts, order: PortfolioOrder, body: PortfolioBody, pins: RulePins, facts: Facts, decision: Decision
) -> str:
    """Decide one contract again from its facts and the portfolio's answer; say what differs, if anything does."""
    number = facts.contract.number
    announced = body.decisions.get(number)
    if announced != digest(decision.model_dump(mode="json")):
        return f"portfolio {order.id} has announced another decision for {number}"
    entry = Entry(facts, assess(compiled(records, pins), facts))
    listed = next((each for each in body.document["spec"]["contracts"] if each["number"] == number), None)
    if listed is None or listed["quotes"] != offers_of(entry):
        return f"portfolio {order.id} was decided on other quotes than those of {number}"
    titles = {each.id: each.title or "" for each in PortfolioRules.model_validate(order.rules).constraints}
    again = decision_of(order.id, entry, body.solved.allocation, titles)
    fields = differing_fields(again, decision)
    return f"decided again, these differ: {', '.join(fields)}" if fields else ""
