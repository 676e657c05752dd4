"""`rules explain`, `whatif`, `diff` and `shadow` on contracts that were really decided."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from contracts.calendar import epoch_day
from contracts.decision import DecisionOutcome
from lianyue.books import texts
from lianyue.records.engine import Database
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from lianyue.testing import greening_contract, small_contract
from rules.canonical import digest
from rules.library import Library
from tests.lianyue.cli.deciding import DecidingHouse

BOOKS = Path(str(files("rules") / "books"))
NUMBER = "LY-2025-0001"
TWO_AT_MOST = ("k_max: 3", "k_max: 2")


GREENING = (BOOKS / "greening" / "2025-01-01.yaml").read_text(encoding="utf-8")
ROTATING = (
    ("    method: top_k\n", "    method: rotation\n    queue: nobody\n"),
    ("    k_min: 1\n    k_max: 3\n    rank_by: scored\n", ""),
    (GREENING[GREENING.index("  divide:") : GREENING.index("  amount:")], "  divide: {method: whole}\n"),
)
"""Changes after which the policy rotates over a queue that nobody has."""


def edition(folder: Path, *changes: tuple[str, str], day: str = "2025-06-01", mode: str = "shadow") -> Path:
    """The greening policy as an edition of another day and mode, with some of its text replaced."""
    text = GREENING
    stated = ('effective: {from: "2025-01-01"}', f'effective: {{from: "{day}"}}\n  mode: {mode}')
    for old, new in (stated, *changes):
        assert old in text
        text = text.replace(old, new)
    file = folder / "greening" / f"{day}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def house(place: Path) -> DecidingHouse:
    """Three members have quoted for greening, and the shipped books decided."""
    house = DecidingHouse(place / ".lianyue")
    house.decide(greening_contract(NUMBER))
    return house


def shadowed(place: Path, *changes: tuple[str, str]) -> DecidingHouse:
    """The same, with a shadow of the policy beside it."""
    edition(place / "books", *changes)
    house = DecidingHouse(place / ".lianyue", place / "books")
    house.decide(greening_contract(NUMBER))
    return house


def test_a_decision_is_told_in_sentences_first(lianyue: Any, house: DecidingHouse) -> None:
    """Basis, eligibility, scores, ranking, selection, division and approvals, then the tables."""
    ran = lianyue("rules", "explain", NUMBER)

    lines = [line.strip() for line in ran.out.splitlines()]
    titles = [line for line in lines if line.startswith("【")]
    parts = ("依据", "资格", "评分", "名次", "选定", "分配", "费用", "审批", "未适用的共用规则")
    assert (0, [f"【{part}】" for part in parts]) == (ran.code, titles)
    assert "以记录的事实和合同锁定的版次重新决定，结果与记录逐项一致。" in lines
    assert lines.index("【审批】") < lines.index("greening 2025-01-01 · top_k + lead_sub")


def test_a_decision_is_told_in_english(lianyue: Any, house: DecidingHouse) -> None:
    """--lang en goes before the setting."""
    ran = lianyue("rules", "explain", NUMBER, "--lang", "en", "--json")

    (told,) = ran.document["decisions"]
    assert ("en", {"equal": True, "differing": []}) == (ran.document["language"], told["again"])
    assert "Eligible (3): Hill (HILL), Lake (LAKE), North (NORTH)." in told["explanation"][1]["sentences"]


def test_one_member_is_told_what_is_about_it(lianyue: Any, place: Path) -> None:
    """--member leaves out what concerns others; who was excluded reads why."""
    DecidingHouse(place / ".lianyue").decide(small_contract(NUMBER, excluded=("LAKE",)))

    ran = lianyue("rules", "explain", NUMBER, "--member", "LAKE", "--json")

    parts = [(each["part"], each.get("member", "")) for each in ran.document["decisions"][0]["explanation"]]
    assert [("basis", ""), ("eligibility", "LAKE")] == parts


def test_a_member_that_is_no_candidate_is_told(lianyue: Any, house: DecidingHouse) -> None:
    """A slip in the code is not an empty answer."""
    ran = lianyue("rules", "explain", NUMBER, "--member", "LAGE", "--json")

    message = f"LAGE is not among the candidates of {NUMBER} #1: HILL, LAKE, NORTH"
    assert (2, message) == (ran.code, ran.document["error"]["message"])


def test_an_unknown_language_is_told(lianyue: Any, house: DecidingHouse) -> None:
    """There are two."""
    ran = lianyue("rules", "explain", NUMBER, "--lang", "fr", "--json")

    assert (2, "'fr' is no language here; there are zh, en") == (ran.code, ran.document["error"]["message"])


def test_steps_go_down_to_the_inputs(lianyue: Any, house: DecidingHouse) -> None:
    """--steps gives every rule of every member with its parts."""
    ran = lianyue("rules", "explain", NUMBER, "--member", "HILL", "--steps", "--json")

    steps = {each["rule"]: each["why"] for each in ran.document["decisions"][0]["steps"]}
    inputs = [{"text": "contract.park", "value": "lingang"}, {"text": "member.parks", "value": ["lingang"]}]
    assert {"text": "contract.park in member.parks", "value": True, "because": inputs} == steps["park"]


def test_what_if_tells_the_difference_and_writes_nothing(lianyue: Any, house: DecidingHouse, place: Path) -> None:
    """Another edition decides the recorded facts; the records stay as they are."""
    other = edition(place / "draft", TWO_AT_MOST, day="2026-01-01", mode="decides")
    before = lianyue("rules", "explain", NUMBER, "--json").document

    ran = lianyue("rules", "whatif", NUMBER, "--policy", str(other), "--json")

    (told,) = ran.document["decisions"]
    assert (0, True, True) == (ran.code, told["changed"], told["award_changed"])
    assert {"before": ["NORTH", "LAKE", "HILL"], "after": ["NORTH", "LAKE"]} == told["difference"]["selected"]
    assert "山脚（HILL）的份额由224,618.96 元变为0.00 元。" in told["sentences"]
    assert "山脚（HILL）应付北极星（NORTH）的management由6,738.57 元变为0.00 元。" in told["sentences"]
    assert before == lianyue("rules", "explain", NUMBER, "--json").document


def test_what_if_nothing_changes(lianyue: Any, house: DecidingHouse) -> None:
    """The edition that decided says the same."""
    ran = lianyue("rules", "whatif", NUMBER, "--policy", "greening@2025-01-01")

    assert (0, [f"{NUMBER} #1，2025-07-01：greening 2025-01-01", "  结果相同。"]) == (ran.code, ran.out.splitlines())


def test_what_if_with_other_parameters(lianyue: Any, house: DecidingHouse, place: Path) -> None:
    """--params go before the parameters that the contract pins."""
    sound = (BOOKS / "alliance-params" / "2025-01-01.yaml").read_text(encoding="utf-8")
    (place / "params.yaml").write_text(sound.replace("value: [E]", "value: [B, E]"), encoding="utf-8")

    ran = lianyue("rules", "whatif", NUMBER, "--policy", "greening", "--params", "params.yaml", "--json")

    (told,) = ran.document["decisions"]
    assert {"before": "awarded", "after": "no_eligible"} == told["difference"]["outcome"]


def test_what_if_a_policy_is_for_another_category(lianyue: Any, house: DecidingHouse) -> None:
    """That it cannot decide is the answer."""
    ran = lianyue("rules", "whatif", NUMBER, "--policy", "canteen", "--json")

    error = f"policy 'canteen' is not for {NUMBER} of category 'greening'"
    assert (0, {"error": error}) == (ran.code, ran.document["decisions"][0]["difference"])


def test_editions_are_compared_with_what_they_decide(lianyue: Any, house: DecidingHouse, place: Path) -> None:
    """The differing places, and a line for every decision that would change; then the answer is 1."""
    other = edition(place / "draft", TWO_AT_MOST, day="2026-01-01", mode="decides")

    ran = lianyue("rules", "diff", "greening", str(other), "--json")

    assert (1, 1, 1) == (ran.code, ran.document["decisions"], ran.document["changed"])
    assert ["spec.effective.from", "spec.select.k_max", "spec.mode"] == [
        each["place"] for each in ran.document["alterations"]
    ]
    assert [(NUMBER, 1)] == [(each["number"], each["occurrence"]) for each in ran.document["changes"]]


PERIODS = [
    ((), 1),
    (("--since", "2025-07-01", "--until", "2025-07-01"), 1),
    (("--since", "2025-07-02"), 0),
    (("--until", "2025-06-30"), 0),
]


@pytest.mark.parametrize(("period", "count"), PERIODS)
def test_editions_that_decide_alike_end_with_nought(
    lianyue: Any, house: DecidingHouse, place: Path, period: tuple[str, ...], count: int
) -> None:
    """Decisions outside of the period do not count; an edition that changes no decision is told so."""
    other = edition(place / "draft", day="2026-01-01", mode="decides")

    ran = lianyue("rules", "diff", "greening", str(other), *period)

    assert (0, f"比较以往决定{count}项，其中0项会改变。") == (ran.code, ran.out.splitlines()[-1])


def test_an_edition_that_is_not_there_is_told_with_those_that_are(lianyue: Any, house: DecidingHouse) -> None:
    """A slip in the day names the days there are."""
    ran = lianyue("rules", "diff", "greening@2024-01-01", "greening", "--json")

    message = "'greening@2024-01-01' is neither a file nor an edition known here; its editions are from 2025-01-01"
    assert (2, message) == (ran.code, ran.document["error"]["message"])


def test_a_shadow_decides_beside_the_policy_without_effect(lianyue: Any, place: Path) -> None:
    """The contract is decided and pinned as without it; what the shadow would have said is kept and told."""
    house = shadowed(place, TWO_AT_MOST)

    ran = lianyue("rules", "shadow", "greening", "--json")

    assert (0, 1, 1) == (ran.code, ran.document["decisions"], ran.document["differing"])
    (told,) = ran.document["differences"]
    assert {"before": ["NORTH", "LAKE", "HILL"], "after": ["NORTH", "LAKE"]} == told["difference"]["selected"]
    decision = lianyue("rules", "explain", NUMBER, "--json").document["decisions"][0]["decision"]
    assert ("2025-01-01", 3) == (decision["policy"]["edition"], len(decision["selected"]))
    assert house.settings.books is not None


def test_a_shadow_that_agrees_is_counted(lianyue: Any, place: Path) -> None:
    """The agreement is the report."""
    shadowed(place)

    ran = lianyue("rules", "shadow", "greening")

    assert (0, "greening的影子版次随同决定1次，其中0次不同。\n") == (ran.code, ran.out)


def test_a_shadow_that_fails_disturbs_nothing(lianyue: Any, place: Path) -> None:
    """Its failure is on record beside a decision like any other."""
    house = shadowed(place, *ROTATING)

    record = house.decide(greening_contract("LY-2025-0002"))
    ran = lianyue("rules", "shadow", "greening", "--json")

    assert DecisionOutcome.AWARDED is record.decision.outcome
    error = "the policy rotates over the queue 'nobody', which is not among the facts"
    assert [{"error": error}, {"error": error}] == [each["difference"] for each in ran.document["differences"]]


def test_history_knows_a_shadow_by_its_digest(place: Path) -> None:
    """The answer of the activity carries one digest, and none where no shadow is in force."""
    house = shadowed(place)
    beside = house.decide(greening_contract("LY-2025-0002"))
    alone = house.decide(small_contract("LY-2025-0003"))

    with Database(house.settings.records_url) as database:
        kept = Reading(database).shadows("greening")
    assert [NUMBER, "LY-2025-0002"] == [each.number for each in kept]
    assert (digest(kept[1].shadow.model_dump(mode="json")), None) == (beside.shadow_digest, alone.shadow_digest)


def test_a_shadow_never_decides(place: Path) -> None:
    """Neither the library nor the records ever offer it as the policy in force."""
    house = shadowed(place)
    day = epoch_day("2025-07-01")

    assert "2025-01-01" == Library.of(texts(house.settings.books)).policy_for("greening", day).spec.effective.first
    with Database(house.settings.records_url) as database:
        records = SqlRecords(database)
        found = records.edition_in_force("AllocationPolicy", "greening", day)
        beside = records.edition_in_force("ShadowPolicy", "greening", day)
    assert None not in (found, beside)
    assert found != beside


def test_a_shadow_that_was_never_published_is_told(lianyue: Any, place: Path) -> None:
    """A slip in the name is not full agreement."""
    shadowed(place)

    ran = lianyue("rules", "shadow", "grening", "--json")

    message = "no shadow of 'grening' was published; there are greening"
    assert (2, message) == (ran.code, ran.document["error"]["message"])
