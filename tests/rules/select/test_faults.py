"""Faults of a selection: each at its place, whatever method it stands in."""

from __future__ import annotations

import pytest

from rules.policy import compile_policy
from rules.problems import RuleProblems
from tests.rules.sound import POLICY, SELECTIONS, SEVERAL, policy
from tests.rules.test_decide import PARAMS, TYPES

LINE = "policy.yaml:13:"
GROUP = '{id: small, where: "true", at_least: 1}'


def problems(select: str, divide: str = "whole", without: str = "") -> list[str]:
    """What is said of the line with the selection, without the place of the line itself."""
    text = POLICY.format(select=select, divide=f"{{method: {divide}}}").replace(without, "")
    with pytest.raises(RuleProblems) as caught:
        compile_policy(text, PARAMS, TYPES)
    return [str(problem).removeprefix(LINE) for problem in caught.value.problems]


@pytest.mark.parametrize("name", SELECTIONS)
def test_every_method_has_a_sound_policy(name: str) -> None:
    """The policies of the property tests compile."""
    assert name.split(maxsplit=1)[0] == policy(name, "equal" if name in SEVERAL else "whole").spec.select.method


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("{method: direct, member: contract.client}", ["3: field 'rationale' is missing"]),
        (
            "{method: direct, member: contract.client, rationale: nice}",
            [
                ("64: 'rationale' must be one of price, quality, convenience, satisfaction, continuity, urgency,"
                ' self_provision, not "nice"; did you mean \'price\'?')
            ],
        ),
        (
            "{method: mini_competition, discounts: [{from_quantity: 9, discount_bp: 1}]}",
            ["38: discounts lower the ceiling, but there is none"],
        ),
        (
            ('{method: mini_competition, ceiling: "9", discounts: [{from_quantity: 9, discount_bp: 2},'
            " {from_quantity: 9, discount_bp: 1}]}"),
            [
                "116: 9 is not above 9, where the line before begins",
                "132: a larger quantity must lower the ceiling further than 2",
            ],
        ),
        (
            "{method: weighted_rotation, queue: turns}",
            ["20: weighted_rotation needs either weight (an expression) or weights (by member)"],
        ),
        (
            "{method: weighted_rotation, queue: turns, weights: {AA: 0}}",
            ["53: no member has a weight above nought"],
        ),
        ("{method: deficit, target: member.code}", ["37: this must be int, is string"]),
        (
            "{method: deficit, target: contract.valu_fen}",
            ["46: unknown field 'valu_fen' of Contract; did you mean 'value_fen'?"],
        ),
        ("{method: territory, homes: {north: AA}}", ["3: field 'basis' is missing"]),
        (
            "{method: cascade, rank_by: best}",
            ["38: 'rank_by' must be one of scored, price, not \"best\""],
        ),
        (
            "{method: cascade, rank_by: {method: deficit, taget: member.score_bp}}",
            ["56: unknown field 'taget'; did you mean 'target'?"],
        ),
        (
            "{method: cascade, rank_by: {method: lotery}}",
            [
                ("47: 'method' must be one of scored, mini_competition, rotation, weighted_rotation, deficit,"
                " balanced_cap, lottery, incumbent, territory, not \"lotery\"; did you mean 'lottery'?")
            ],
        ),
        (
            "{method: cascade, rank_by: {method: scored, tie: [member.code]}}",
            ["55: the tie keys stand once, beside the outermost method"],
        ),
        (
            "{method: cascade, decline_reasons: [bored]}",
            [
                ("47: an entry of 'decline_reasons' must be one of gives_up, no_capacity, force_majeure, no_bond,"
                ' conflict, violation, timeout, not "bored"')
            ],
        ),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_place(select: str, expected: list[str]) -> None:
    """One problem for one mistake, also within a ranking that another method builds on."""
    assert expected == problems(select)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (f"{GROUP}, {GROUP}", ["the group id 'small' stands on line 13 already"]),
        ('{id: none, where: "true"}', ["the group 'none' asks for nothing; give at_least or at_most"]),
        ('{id: much, where: "true", at_least: 3}', ["at_least 3 is more than the 2 that may be selected"]),
        ('{id: some, where: "1", at_least: 1}', ["this must be bool, is int"]),
    ],
)
def test_groups_can_be_kept(groups: str, expected: list[str]) -> None:
    """Names of their own, and bounds that ask for something."""
    told = problems(f'{{method: optimise, cost: "1", k_max: 2, groups: [{groups}]}}', "equal")

    assert expected == [each.partition(": ")[2] for each in told]


def test_a_ranking_by_scores_needs_scores() -> None:
    """Wherever in the chain it stands, stated or by default."""
    scoring = "  scoring:\n    - {id: score, title: 得分, weight_bp: 10000, score: member.score_bp}\n"
    message = "ranks by score, but the policy has no scoring rules"
    for select in ("{method: cascade}", "{method: cascade, rank_by: {method: scored}}", "{method: scored}"):
        told = problems(select, without=scoring)

        assert 1 == len(told)
        assert told[0].endswith(message)
