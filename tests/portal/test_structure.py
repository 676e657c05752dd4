"""The shape that keeps the wall standing: one road to the data, one maker of viewers, an audience for every verb."""

from __future__ import annotations

from pathlib import Path

import lianyue
import lianyue.portal
from lianyue.access import permissions
from lianyue.story import SENTENCES


def test_handlers_reach_data_through_the_scope_alone() -> None:
    """No module of the portal imports the records or the wiring, but the process that puts them together."""
    folder = Path(lianyue.portal.__file__).parent
    forbidden = ("lianyue.records.reading", "lianyue.records.sql", "lianyue.records.directory", "lianyue.records.door")
    forbidden += ("lianyue.records.engine", "lianyue.records.tables", "lianyue.wiring", "lianyue.desk.orders")
    found = [
        f"{file.name}: {name}"
        for file in sorted(folder.rglob("*.py"))
        if file.name != "serving.py"
        for name in forbidden
        if name in file.read_text(encoding="utf-8")
    ]

    assert [] == found


def test_viewers_are_made_in_one_place() -> None:
    """Only the module that asks the directory makes a viewer; no request can."""
    makers = [
        file.name
        for file in sorted(Path(lianyue.__file__).parent.rglob("*.py"))
        if " Viewer(" in file.read_text(encoding="utf-8").replace("class Viewer(", "")
    ]

    assert ["viewer.py"] == makers


def test_every_verb_of_the_story_has_an_audience() -> None:
    """Whatever a workflow may tell, somebody decided who hears of it."""
    verbs = {key.removesuffix(" by").removesuffix(" task") for key in SENTENCES}

    assert verbs == set(permissions.HEARD_BY)
