"""`alliance delegate`, `rules except` and what belongs to them: handed over and granted on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lianyue.books import publish
from lianyue.settings import Settings
from lianyue.testing import exception_text, small_alliance
from lianyue.wiring import Wiring

ORIGIN = "2025-07-01T09:00"
GRANT = ("rules", "except", "exception.yaml", "--as", "council1", "--json")
HAND_OVER = ("alliance", "delegate", "--as", "money", "--to", "judge", "--from", "2025-07-01")


@pytest.fixture
def house(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiring]:
    """Records of the small alliance with the shipped books, on 2025-07-01."""
    monkeypatch.setenv("LIANYUE_CLOCK_ORIGIN", ORIGIN)
    wiring = Wiring(Settings(data=loaded / ".lianyue", clock_origin=ORIGIN))
    publish(wiring.records, None, wiring.categories)
    wiring.directory.load(small_alliance())
    Path("exception.yaml").write_text(exception_text(), encoding="utf-8")
    yield wiring
    wiring.database.close()


def test_an_exception_is_granted_listed_and_revoked(lianyue: Any, house: Wiring) -> None:
    """What one command signs the next lists; a revocation takes nothing away but the days to come."""
    granted = lianyue(*GRANT)
    revoked = lianyue(
        *("rules", "revoke", "north-in-south", "--as", "council1", "--from", "2025-07-05"),
        *("--reason", "已有登记单位", "--json"),
    )
    listed = lianyue("rules", "exceptions", "--json")

    expected = {
        "name": "north-in-south",
        "policy": "property",
        "rules": ["park"],
        "members": ["NORTH"],
        "contracts": [],
        "category": None,
        "granted_by": "council1",
        "role": "council_member",
        "signature": "valid",
        "from": "2025-07-01",
        "to": "2025-10-01",
        "revoked_from": None,
    }
    digest = granted.document["digest"]
    assert (0, {"digest": digest, **expected}) == (granted.code, granted.document)
    ended = {"digest": digest, **expected, "revoked_from": "2025-07-05"}
    assert (0, ended) == (revoked.code, revoked.document)
    assert (0, {"exceptions": [ended]}) == (listed.code, listed.document)
    assert "north-in-south" in lianyue("rules", "exceptions").out


def test_an_exception_with_problems_is_told_at_its_place(lianyue: Any, house: Wiring) -> None:
    """As every rule file: with line, column and advice, and nothing is signed."""
    Path("exception.yaml").write_text(exception_text(waives=["capacity"]), encoding="utf-8")

    ran = lianyue(*GRANT)

    assert 1 == ran.code
    assert "the rule 'capacity' of the policy 'property' is not waivable" in ran.document["error"]["message"]
    assert () == house.exceptions.all()


def test_an_exception_is_checked_like_a_rule_file(lianyue: Any, house: Wiring) -> None:
    """`rules check` knows the kind, with the shipped policies behind it."""
    ran = lianyue("rules", "check", "exception.yaml", "--json")

    assert (0, {"files": 1, "problems": []}) == (ran.code, ran.document)


def test_whoever_may_not_grant_is_refused(lianyue: Any, house: Wiring) -> None:
    """Refused is 3, and on record."""
    ran = lianyue("rules", "except", "exception.yaml", "--as", "money", "--json")

    assert (3, "role-missing") == (ran.code, ran.document["error"]["code"])
    assert ["north-in-south"] == [each.target for each in house.reading.refused_attempts()]


def test_a_mandate_is_given_listed_and_recalled(lianyue: Any, house: Wiring) -> None:
    """From day to day, by the person whose authority it is."""
    given = lianyue(*HAND_OVER, "--until", "2025-07-15", "--reason", "出差", "--json")
    digest = given.document["mandate"]
    recalled = lianyue(
        *("alliance", "recall", digest, "--as", "money", "--from", "2025-07-08", "--reason", "提前返岗", "--json")
    )
    listed = lianyue("alliance", "mandates", "--json")

    mandate = {
        "mandate": digest,
        "principal": "money",
        "delegate": "judge",
        "reason": "出差",
        "scope": "approvals",
        "from": "2025-07-01",
        "to": "2025-07-15",
        "revoked_from": None,
    }
    ended = {**mandate, "revoked_from": "2025-07-08"}
    assert [(0, mandate), (0, ended)] == [(each.code, each.document) for each in (given, recalled)]
    assert (0, {"mandates": [ended]}) == (listed.code, listed.document)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2025-07-01", "the mandate ends on 2025-07-01, exclusive, before it holds for a day"),
        ("2025-7-1", "'2025-7-1' is not a date; write it like \"2025-07-01\""),
    ],
)
def test_a_mandate_runs_forward(lianyue: Any, house: Wiring, until: str, told: str) -> None:
    """For at least one day, and days are days of the calendar."""
    ran = lianyue(*HAND_OVER, "--until", until, "--reason", "出差", "--json")

    assert (2, told) == (ran.code, ran.document["error"]["message"])
