"""Shadowing: a new edition decides beside the one that counts, so that people see what it would have said."""

from __future__ import annotations

from activities.ports import Records
from contracts.decision import ShadowDecision
from contracts.facts import Facts
from contracts.service_contract import RulePins
from rules.decide import decide
from rules.documents import SHADOW_POLICY
from rules.policy import compile_policy

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
        policy = compile_policy(records.text(edition), records.text(pins.params), records.text(pins.types))
        return ShadowDecision(policy=name, digest=edition, decision=decide(policy, facts))
    except Exception as error:  # noqa: BLE001 - no defect of a shadow may keep a contract from being decided
        return ShadowDecision(policy=name, digest=edition, failure=_legible(error))


def _legible(error: Exception) -> str:
    """What went wrong, in text that can be stored."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(error)).strip()
    return (text or type(error).__name__)[:LONGEST_FAILURE]
