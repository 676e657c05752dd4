"""Shadowing: a new edition decides beside the one that counts, so that people see what it would have said."""

from __future__ import annotations

from activities.ports import Records
from contracts.decision import ShadowDecision
from contracts.facts import Facts
from contracts.service_contract import RulePins
from rules.closure import Find, Reliance, parts_of
from rules.decide import decide
from rules.documents.envelope import SHADOW_POLICY
from rules.edition import Edition, edition_of
from rules.policy import CompiledPolicy, compile_policy

LONGEST_FAILURE = 500


def shadow_of(records: Records, pins: RulePins, name: str, facts: Facts) -> ShadowDecision | None:
    """
    Return what the shadow edition of the policy *name* says to *facts*; None where none is in force on the day.

    It is looked up on the decision day and not pinned, because nothing depends on it; it reads the pinned parameters
    and types. Whatever goes wrong with it becomes its failure: the decision that counts is not disturbed.
    """
    edition = records.edition_in_force(SHADOW_POLICY, name, facts.day)
    if edition is None:
        return None
    try:
        policy = _compiled(records, pins, edition, facts.day)
        return ShadowDecision(policy=name, digest=edition, decision=decide(policy, facts))
    except Exception as error:  # noqa: BLE001 - no defect of a shadow may keep a contract from being decided
        return ShadowDecision(policy=name, digest=edition, failure=_legible(error))


def _compiled(records: Records, pins: RulePins, edition: str, day: int) -> CompiledPolicy:
    """The shadow with what it rests on, as in force on *day*."""
    text = records.text(edition)
    parts = parts_of(edition_of(text, edition), _in_force(records, day))
    return compile_policy(
        text, records.text(pins.params), records.text(pins.types), tuple(part.source.text for part in parts)
    )


def _in_force(records: Records, day: int) -> Find:
    def find(named: Reliance) -> Edition | None:
        digest = records.edition_in_force(named.kind, named.name, day)
        return None if digest is None else edition_of(records.text(digest), digest)

    return find


def _legible(error: Exception) -> str:
    """What went wrong, in text that can be stored."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(error)).strip()
    return (text or type(error).__name__)[:LONGEST_FAILURE]
