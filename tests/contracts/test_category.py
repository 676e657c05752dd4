"""The six category packs say what a category must say, and a pack that does not hold together is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.category import (
    CategoryPack,
    ScoreOutOfRange,
    deduction_bp,
    is_rectification_due,
    missing_evidence,
)
from contracts.errors import UnknownName
from lianyue.packs import categories

PACKS = {code: category.pack for code, category in categories().items()}
CODES = ("canteen", "certification", "charging", "greening", "property", "pv")


def changed(code: str, **fields: Any) -> dict[str, Any]:
    """The data of a shipped pack with some fields replaced."""
    return {**PACKS[code].model_dump(mode="json", exclude_unset=True), **fields}


def refusal(data: dict[str, Any]) -> list[str]:
    """The messages with which a pack is refused."""
    with pytest.raises(ValidationError) as caught:
        CategoryPack.model_validate(data)
    return [str(error["msg"]) for error in caught.value.errors()]


def test_six_categories_are_shipped() -> None:
    """The alliance's six categories come with the product."""
    assert CODES == tuple(PACKS)


@pytest.mark.parametrize("code", CODES)
def test_milestones_are_few_and_divide_the_whole(code: str) -> None:
    """A contract year has three to five milestones, which weigh 10,000 bp together."""
    milestones = PACKS[code].milestones

    assert 3 <= len(milestones) <= 5
    assert 10_000 == sum(milestone.weight_bp for milestone in milestones)


@pytest.mark.parametrize("code", CODES)
def test_kpis_weigh_the_whole(code: str) -> None:
    """The KPIs of a category weigh 10,000 bp together."""
    assert 10_000 == sum(kpi.weight_bp for kpi in PACKS[code].kpis)


@pytest.mark.parametrize("code", CODES)
def test_thresholds_are_called_customary(code: str) -> None:
    """No shipped threshold claims to be more than what contracts usually agree."""
    assert {"customary"} == {kpi.source for kpi in PACKS[code].kpis}


@pytest.mark.parametrize("code", CODES)
def test_a_milestone_can_be_fulfilled(code: str) -> None:
    """Handing over all that a milestone asks for leaves nothing missing."""
    for milestone in PACKS[code].milestones:
        assert () == missing_evidence(milestone, milestone.evidence)


def test_only_property_is_indivisible() -> None:
    """One property management area is served by one company; the other categories may be divided."""
    assert ["property"] == [code for code, pack in PACKS.items() if not pack.divisible]
    assert "《物业管理条例》第三十三条、第三十九条" == PACKS["property"].indivisible_source


def test_main_vat_line_stands_first() -> None:
    """The first VAT line is the main supply of the category."""
    expected = {
        "canteen": ("catering", 600),
        "certification": ("certification", 600),
        "charging": ("service", 600),
        "greening": ("plant_care", 600),
        "property": ("management", 600),
        "pv": ("electricity", 1300),
    }

    assert expected == {code: (pack.vat[0].code, pack.vat[0].rate_bp) for code, pack in PACKS.items()}


def test_missing_evidence_is_named_in_the_order_of_the_pack() -> None:
    """What a milestone asks for and the member has not handed over is named."""
    stage_2 = PACKS["certification"].milestone("stage_2")

    assert ("audit_plan", "audit_report") == missing_evidence(stage_2, ["attendance", "other"])


def test_unknown_milestone_is_refused() -> None:
    """A code that no milestone bears is said to be unknown."""
    with pytest.raises(UnknownName, match="'harvest' is not a milestone of pv"):
        PACKS["pv"].milestone("harvest")


def test_hard_certificates_are_those_the_law_asks_for() -> None:
    """The papers without which a member may not quote."""
    expected = {
        "canteen": ("food_licence", "health_certificates", "food_safety_manager"),
        "certification": ("cnca_approval",),
        "charging": ("electrician",),
        "greening": (),
        "property": ("legal_person",),
        "pv": ("electric_installation",),
    }

    assert expected == {code: pack.hard_certificates() for code, pack in PACKS.items()}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("score_bp", "deducted_bp"),
    [
        (10_000, 0),
        (9_000, 0),
        (8_999, 1),  # half of 0.01 points at 50 bp a point is rounded up
        (8_998, 1),
        (8_900, 50),
        (8_000, 500),
        (7_999, 501),
        (7_500, 1_000),
        (7_000, 1_500),
        (6_999, 2_000),
        (0, 2_000),
    ],
)
def test_deduction_follows_the_staircase(code: str, score_bp: int, deducted_bp: int) -> None:
    """From 90 nothing, then half a percent a point, then 5 % and one percent a point, below 70 20 %."""
    assert deducted_bp == deduction_bp(PACKS[code], score_bp)


@pytest.mark.parametrize("code", CODES)
def test_a_worse_score_never_costs_less(code: str) -> None:
    """The deduction does not fall when the score falls."""
    deductions = [deduction_bp(PACKS[code], score_bp) for score_bp in range(10_000, -1, -1)]

    assert sorted(deductions) == deductions


@pytest.mark.parametrize("score_bp", [-1, 10_001])
def test_a_score_outside_the_scale_is_refused(score_bp: int) -> None:
    """There is no deduction for a score that cannot be."""
    with pytest.raises(ScoreOutOfRange) as caught:
        deduction_bp(PACKS["pv"], score_bp)

    assert f"a score of {score_bp} bp is outside 0 to 10000 bp" == caught.value.message


def test_below_seventy_points_things_must_be_put_right() -> None:
    """Rectification begins below 7,000 bp."""
    due = [is_rectification_due(PACKS["canteen"], score_bp) for score_bp in (10_000, 7_000, 6_999, 0)]

    assert [False, False, True, True] == due


def test_milestone_weights_that_miss_the_whole_are_refused() -> None:
    """A pack whose milestones do not divide the whole price is refused with the sum."""
    milestones = changed("pv")["milestones"]
    milestones[0]["weight_bp"] = 999

    assert ["Value error, milestone weights sum to 9999 bp instead of 10000 bp"] == refusal(
        changed("pv", milestones=milestones)
    )


def test_kpi_weights_that_miss_the_whole_are_refused() -> None:
    """A pack whose KPIs do not weigh the whole is refused with the sum."""
    kpis = changed("pv")["kpis"]
    kpis[0]["weight_bp"] += 1

    assert ["Value error, KPI weights sum to 10001 bp instead of 10000 bp"] == refusal(changed("pv", kpis=kpis))


def test_unknown_evidence_is_refused() -> None:
    """A milestone cannot ask for evidence that the pack does not know."""
    milestones = changed("pv")["milestones"]
    milestones[1]["evidence"] = ["goodwill"]

    assert ["Value error, milestone 'equipment' asks for unknown evidence 'goodwill'"] == refusal(
        changed("pv", milestones=milestones)
    )


def test_indivisible_without_a_law_is_refused() -> None:
    """An indivisible category states the reason and its legal source."""
    data = changed("property")
    del data["indivisible_source"]

    expected = ["Value error, an indivisible category states indivisible_reason and indivisible_source"]
    assert expected == refusal(data)


def test_divisible_with_a_reason_is_refused() -> None:
    """A divisible category does not argue why it cannot be divided."""
    expected = ["Value error, a divisible category states neither indivisible_reason nor indivisible_source"]

    assert expected == refusal(changed("pv", indivisible_reason="惯例"))


@pytest.mark.parametrize("edges", [[9_000, 7_000], [9_000, 9_000, 0], [7_000, 9_000, 0]])
def test_bands_that_do_not_tile_are_refused(edges: list[int]) -> None:
    """Bands fall from the best scores to zero without a gap at the bottom or a repeat."""
    bands = [{"min_score_bp": edge, "base_deduction_bp": 0, "per_point_bp": 0} for edge in edges]

    expected = [f"Value error, deduction bands must fall from the best scores to 0 bp without a repeat, not {edges}"]
    assert expected == refusal(changed("pv", deduction_bands=bands))


def test_bands_that_reward_a_worse_score_are_refused() -> None:
    """A lower band cannot begin with a smaller deduction than the band above it ends with."""
    bands = [
        {"min_score_bp": 8_000, "base_deduction_bp": 0, "per_point_bp": 50},
        {"min_score_bp": 0, "base_deduction_bp": 900, "per_point_bp": 0},
    ]

    assert ["Value error, the band from 0 bp deducts less than a better score does"] == refusal(
        changed("pv", deduction_bands=bands)
    )


def test_bands_that_take_more_than_the_whole_are_refused() -> None:
    """No score can cost more than the period's pay."""
    bands = [{"min_score_bp": 0, "base_deduction_bp": 1, "per_point_bp": 100}]

    assert ["Value error, the band from 0 bp deducts 10001 bp, more than the whole"] == refusal(
        changed("pv", deduction_bands=bands)
    )


def test_all_faults_are_named_at_once() -> None:
    """A pack with two faults is refused with both."""
    kpis = changed("pv")["kpis"]
    kpis[0]["weight_bp"] += 1

    expected = "KPI weights sum to 10001 bp instead of 10000 bp; quantity_unit 'joule' is not among the units"
    assert [f"Value error, {expected}"] == refusal(changed("pv", kpis=kpis, quantity_unit="joule"))


def test_a_code_listed_twice_is_refused() -> None:
    """Codes are unique in their list."""
    units = changed("greening")["units"]

    assert ["Value error, unit 'tree' is listed twice"] == refusal(changed("greening", units=[*units, units[1]]))


def test_milestones_out_of_order_are_refused() -> None:
    """Milestones stand in the order in which they fall due."""
    milestones = changed("greening")["milestones"]
    milestones[0]["due_after_days"] = 200

    assert ["Value error, milestone 'first_half' is due before 'baseline', which stands in front of it"] == refusal(
        changed("greening", milestones=milestones)
    )


def test_a_threshold_without_its_side_is_refused() -> None:
    """A number alone does not say whether more or less is better."""
    kpis = changed("pv")["kpis"]
    del kpis[0]["sense"]

    assert ["Value error, KPI 'performance_ratio' needs threshold_bp and sense together or neither"] == refusal(
        changed("pv", kpis=kpis)
    )


@pytest.mark.parametrize("weight", [1000.0, "1000", True])
def test_weights_are_whole_numbers(weight: object) -> None:
    """A float, a text or a bool is no weight, not even an integral one."""
    milestones = changed("pv")["milestones"]
    milestones[0]["weight_bp"] = weight

    assert ["Input should be a valid integer"] == refusal(changed("pv", milestones=milestones))


def test_a_misspelt_field_is_refused() -> None:
    """A field that a pack does not have is a mistake."""
    assert ["Extra inputs are not permitted"] == refusal(changed("pv", divisable=True))
