"""Two editions compared: by id where there is one, whole where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from rules.edition_difference import Alteration, alteration_told, alterations
from rules.explain.tongue import Tongue
from rules.source import read
from tests.rules.test_decide import POLICY

ONE = {"spec": {"rules": [{"id": "a", "require": "x"}, {"id": "b", "require": "y"}], "tie": ["m", "n"], "k": 1}}


def changed(**spec: Any) -> dict[str, Any]:
    """The document ONE with another spec."""
    return {"spec": {**ONE["spec"], **spec}}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (changed(), ()),
        (changed(k=2), (Alteration("spec.k", "changed", 1, 2),)),
        (changed(tie=["n", "m"]), (Alteration("spec.tie", "changed", ["m", "n"], ["n", "m"]),)),
        (changed(more=True), (Alteration("spec.more", "added", after=True),)),
        (
            changed(rules=[{"id": "a", "require": "z"}]),
            (
                Alteration("spec.rules.a.require", "changed", "x", "z"),
                Alteration("spec.rules.b", "removed", {"id": "b", "require": "y"}),
            ),
        ),
        (
            changed(rules=list(reversed(ONE["spec"]["rules"]))),
            (Alteration("spec.rules", "moved", ["a", "b"], ["b", "a"]),),
        ),
        (
            changed(rules=[*ONE["spec"]["rules"], {"id": "c"}]),
            (Alteration("spec.rules.c", "added", after={"id": "c"}),),
        ),
    ],
)
def test_what_differs_is_named_by_its_place(after: dict[str, Any], expected: tuple[Alteration, ...]) -> None:
    """Entries with an id are compared by it, wherever they stand; anything else as a whole."""
    assert expected == alterations(ONE, after)


def test_layout_and_comments_do_not_count() -> None:
    """Only what the file says is compared."""
    one, other = read(POLICY, "a"), read("# a comment\n" + POLICY.replace("{id: spare, ", "{id:  spare,  "), "b")

    assert () == alterations(one.data, other.data)


def test_an_alteration_is_told_on_one_line() -> None:
    """An expression over several lines too."""
    alteration = Alteration("spec.variables.v.value", "changed", "a +\n  b", 3)

    assert "修改 spec.variables.v.value：a + b → 3" == alteration_told(alteration, Tongue("zh"))
    assert "changed spec.variables.v.value: a + b → 3" == alteration_told(alteration, Tongue("en"))
