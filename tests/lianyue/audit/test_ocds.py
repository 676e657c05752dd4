"""Releases of the Open Contracting Data Standard: sound for every story, every fen once, and a fault is found."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest

from lianyue.audit.ocds import package, release
from lianyue.audit.ocds_rules import faults
from lianyue.audit.views import Told, money_of, told_by
from tests.replay.recorded import recordings
from tests.replay.stories import NUMBER, STORIES

NAMES = {"NORTH": "北极星", "HARBOUR": "港口平台", "OFFICE": "联盟办公室"}


@cache
def told(story: str) -> Told:
    """The recorded histories of a story."""
    tree = [each for each in recordings() if each.story == story and each.workflow_id.startswith(f"contract/{NUMBER}")]
    return told_by([each.history() for each in tree])


def published(story: str) -> dict[str, Any]:
    """The story as one publication."""
    return package([release(told(story), NAMES)], "2026-01-01T00:00:00Z", "小联盟")


@pytest.mark.parametrize("story", STORIES)
def test_every_story_is_a_sound_release(story: str) -> None:
    """Whatever turn a contract takes, its release keeps the rules of the standard."""
    assert [] == faults(published(story))


@pytest.mark.parametrize("story", ["divided_whole_life", "changed_and_amended", "cancelled_in_delivery"])
def test_every_fen_counts_once(story: str) -> None:
    """The contracts of a release add up to the agreement in force, and what was paid to what was settled."""
    (told_release,), money = published(story)["releases"], money_of(told(story))
    contracts = told_release["contracts"]
    paid = [each["value"]["amount"] for one in contracts for each in one["implementation"].get("transactions", ())]

    assert {each["total_fen"] for each in money["versions"]} >= {
        100 * sum(each["value"]["amount"] for each in contracts)
    }
    assert money["payable_fen"] == round(100 * sum(paid))


def _two_contracts(one: dict[str, Any]) -> None:
    one["contracts"].append({**one["contracts"][0], "id": "again"})


FAULTS: dict[str, Any] = {
    "an amount in words": lambda one: one["tender"]["value"].update(amount="640000"),
    "a status that is none": lambda one: one["awards"][0].update(status="won"),
    "a field of nobody": lambda one: one["tender"].update(colour="red"),
    "a lot that is not there": lambda one: one["awards"][0].update(relatedLots=["2"]),
    "a supplier that is no party": lambda one: one["awards"][0]["suppliers"][0].update(id="LATE"),
    "several suppliers on one award": lambda one: one["awards"][0]["suppliers"].append({"id": "LAKE", "name": "湖岸"}),
    "an award without a contract's value": lambda one: one["contracts"][0]["value"].update(amount=1),
    "an award counted twice": _two_contracts,
    "no date": lambda one: one.pop("date"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    """What the standard refuses is refused, and so is what would count twice."""
    damaged = copy.deepcopy(published("divided_whole_life"))
    FAULTS[name](damaged["releases"][0])

    assert faults(damaged)
