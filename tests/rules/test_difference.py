"""What another decision says otherwise: everything that matters, and nothing that is the same."""

from __future__ import annotations

from contracts.decision import Attempt, DecisionOutcome, ExclusionReason, Fee, FeeBase, Waiver
from contracts.facts import QueueFacts
from rules.decide import decide
from rules.difference import Change, between, decided_by, difference_told, differing_fields
from rules.explain.tongue import Tongue
from tests.rules.test_decide import candidate, facts, trial

GIVEN = facts(candidate("A1", 900), candidate("B1", 1_000, awards=1), candidate("C1", score_bp=7_500))
BEFORE = decide(trial(), GIVEN)


def test_a_decision_does_not_differ_from_itself() -> None:
    """Neither when only the edition's name is another one."""
    renamed = trial(("name: trial", "name: second"))

    assert between(BEFORE, BEFORE).is_empty
    assert decided_by(renamed, GIVEN, BEFORE).is_empty


def test_a_changed_rule_is_told_with_all_that_follows() -> None:
    """Who is admitted, what they score, how the ranking and the shares change."""
    other = trial(("params.least_bp", "7000"))

    found = decided_by(other, GIVEN, BEFORE)

    reads = {"member.score_bp": 7_500, "params.least_bp": 8_000}
    assert {"C1": (ExclusionReason(rule="quality", message="得分不足", reads=reads),)} == found.admitted
    assert {"C1": Change(None, 9_400)} == found.scores
    assert Change(["A1", "B1"], ["A1", "C1"]) == found.selected
    assert {"A1": Change(562, 515), "B1": Change(438, None), "C1": Change(None, 485)} == found.shares
    assert (None, None, True) == (found.outcome, found.amount_fen, found.changes_award)


def test_a_weight_that_changes_scores_only_changes_no_award() -> None:
    """Scores may differ while everybody gets the same."""
    one = trial(("method: pro_rata, weight: score_bp", "method: equal"))
    other = trial(
        ("method: pro_rata, weight: score_bp", "method: equal"),
        ("weight_bp: 6000", "weight_bp: 5000"),
        ("weight_bp: 4000", "weight_bp: 5000"),
    )

    found = decided_by(other, GIVEN, decide(one, GIVEN))

    assert ({"B1": Change(7_800, 7_500)}, False, False) == (found.scores, found.changes_award, found.is_empty)


def test_an_edition_that_cannot_decide_is_a_difference() -> None:
    """Why there is no decision is the answer, not an exception."""
    found = decided_by(trial(("category: any", "category: canteen")), GIVEN, BEFORE)

    assert "policy 'trial' is not for LY-2025-0001 of category 'works'" == found.error
    assert ("该版次不能决定：policy 'trial' is not for LY-2025-0001 of category 'works'。",) == difference_told(
        found, Tongue("zh")
    )


def test_a_difference_is_told_in_both_languages() -> None:
    """One sentence for each thing that changes."""
    found = decided_by(trial(("params.least_bp", "9999")), GIVEN, BEFORE)

    assert (DecisionOutcome.AWARDED.value, DecisionOutcome.NO_ELIGIBLE.value) == (
        found.outcome.before,
        found.outcome.after,
    )  # type: ignore[union-attr]
    assert "结果由“有承接单位”变为“无合格单位”。" == difference_told(found, Tongue("zh"))[0]
    assert "The outcome changes from “awarded” to “nobody is eligible”." == difference_told(found, Tongue("en"))[0]
    assert ("结果相同。",) == difference_told(between(BEFORE, BEFORE), Tongue("zh"))


def test_the_document_leaves_out_what_is_the_same() -> None:
    """Programs read changes as before and after."""
    found = between(BEFORE, BEFORE.model_copy(update={"amount_fen": 7}))

    assert {"amount_fen": {"before": 1_000, "after": 7}} == found.as_document()


def test_fields_that_differ_are_named() -> None:
    """A record that was changed afterwards is found out by the names of its fields."""
    changed = BEFORE.model_copy(update={"amount_fen": 7, "note": "x"})

    assert (("amount_fen", "note"), ()) == (differing_fields(BEFORE, changed), differing_fields(BEFORE, BEFORE))


def test_fees_waivers_and_attempts_are_compared() -> None:
    """What is owed, what exceptions waive, and what was tried first count as differences; fees change the award."""
    tried = Attempt(policy=BEFORE.policy, outcome=DecisionOutcome.NO_ELIGIBLE, excluded={})
    fee = Fee(level="lead", payer="B1", payee="office", base=FeeBase.GROSS, base_fen=438, amount_fen=13)
    waiver = Waiver(rule="quality", message="得分不足", exception=BEFORE.policy.digest, name="area", until_day=20_271)
    after = BEFORE.model_copy(update={"after": (tried,), "fees": (fee,), "waived": {"C1": (waiver,)}})

    found = between(BEFORE, after)

    assert found.changes_award
    assert {
        "fees": {"lead/B1/office": {"before": None, "after": 13}},
        "waived": {"C1": {"before": None, "after": ["quality"]}},
        "after": {"before": [], "after": [{"policy": "trial", "outcome": "no_eligible"}]},
    } == found.as_document()
    assert (
        "B1应付联盟办公室的lead由0.00 元变为0.13 元。",
        "C1因例外而不受限制的规则由无变为quality。",
        "先行而未成的规则由无变为trial（无合格单位）。",
    ) == difference_told(found, Tongue("zh"))
    assert (
        "What B1 owes the office as lead changes from 0.00 yuan to 0.13 yuan.",
        "The rules from which C1 is excepted change from nothing to quality.",
        "What is tried first to no effect changes from nothing to trial (nobody is eligible).",
    ) == difference_told(found, Tongue("en"))


def test_the_queue_and_low_prices_are_compared() -> None:
    """What is left for the next contract is a difference that changes no award."""
    queue = QueueFacts(name="works", order=("A1", "B1"), last="A1")
    one = BEFORE.model_copy(update={"queue_after": queue, "queue_turns": ("A1",)})
    moved = queue.model_copy(update={"last": "B1", "cycle": 2})
    other = BEFORE.model_copy(update={"queue_after": moved, "queue_turns": ("B1",), "abnormally_low": ("B1",)})

    found = between(one, other)

    assert not found.changes_award
    assert (
        "报价异常偏低的由无变为B1。",
        "用去轮次的由A1变为B1。",
        "决定后的轮候队列不同，轮数、最近轮到者有变。",
    ) == difference_told(found, Tongue("zh"))
    assert (
        "The abnormally low prices change from those of nobody to B1.",
        "The turns used up change from A1 to B1.",
        "The queue is left otherwise; what changes is its cycle, whose turn was the last.",
    ) == difference_told(found, Tongue("en"))
