"""One before all others: named, incumbent or at home, and what happens where that member may not be."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.decision import DecisionOutcome
from rules.select.ranking import Selected
from tests.rules.select.contests import contender, method, queue, selected

DIRECT = method("direct", member="x", rationale="quality", limit="100")
INCUMBENT = method("incumbent", min_score_bp=7_000, premium_bp=500, max_renewals=2)
BASIS = "同一经济实体内部分工"


def keep(stated: Any = INCUMBENT, score_bp: int = 7_000, price_fen: int = 105, **terms: Any) -> Selected:
    """What comes of an incumbent BB beside a better and cheaper AA."""
    field = [contender("AA", 9_000, 100), contender("BB", score_bp, price_fen)]
    return selected(stated, field, **{"incumbent": "BB", **terms})


def home(stated: Any, park: str = "fengxian", members: str = "AB", **terms: Any) -> Selected:
    """What comes of a contract in *park*."""
    field = [contender(letter * 2, score_bp=ord(letter)) for letter in members]
    return selected(stated, field, park=park, **terms)


def test_direct_takes_the_member_named() -> None:
    """Whatever the others offer; the rationale is told."""
    found = selected(DIRECT, [contender("AA"), contender("BB")], member="BB", amount_fen=100, limit_fen=100)

    assert (("BB", "AA"), ("BB",), "直接选定，理由：quality") == (found.ranking, found.selected, found.note)


def test_direct_takes_nobody_else() -> None:
    """If the one named is not eligible, nobody is selected."""
    found = selected(DIRECT, [contender("AA")], member="BB")

    expected = Selected(
        DecisionOutcome.NO_ELIGIBLE, ("AA",), ranks=(("AA",),), note="直接选定的成员 BB 不在合格成员之列"
    )
    assert expected == found


def test_direct_has_a_limit() -> None:
    """One fen above it, the contract has to be competed for."""
    found = selected(DIRECT, [contender("BB")], member="BB", amount_fen=101, limit_fen=100)

    assert (DecisionOutcome.NO_ELIGIBLE, (), "合同额 1.01 元 超过直接选定的限额 1.00 元") == (
        found.outcome,
        found.selected,
        found.note,
    )


def test_an_incumbent_is_kept() -> None:
    """At the least score, at the largest premium, for the last time."""
    found = keep(renewals=1)

    assert (("BB",), ("BB", "AA"), "续用现任 BB，第 2 次") == (found.selected, found.ranking, found.note)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"score_bp": 6_999}, "不续用现任 BB：得分 6999 低于 7000"),
        ({"price_fen": 106}, "不续用现任 BB：报价 1.06 元 高于最低报价 1.00 元 的 10500 基点"),
        ({"renewals": 2}, "不续用现任 BB：已续用 2 次，最多 2 次"),
        ({"incumbent": "CC"}, "不续用现任 CC：不在合格成员之列"),
        ({"incumbent": ""}, ""),
    ],
)
def test_an_incumbent_that_is_not_kept_competes(changes: dict[str, Any], note: str) -> None:
    """The ranking decides, and the note says why."""
    found = keep(**changes)

    assert (("AA",), ("AA", "BB"), note) == (
        found.selected,
        found.ranking,
        found.note,
    )


def test_an_incumbent_takes_no_turn() -> None:
    """The queue behind it stays as it was; where it is not kept, the queue's turn is taken."""
    stated = method(
        "incumbent",
        min_score_bp=7_000,
        premium_bp=500,
        max_renewals=2,
        rank_by={"method": "rotation", "queue": "turns"},
    )

    kept, not_kept = keep(stated, queue=queue("AB")), keep(stated, renewals=2, queue=queue("AB"))

    assert (("BB",), (), None) == (kept.selected, kept.turns, kept.queue)
    assert (("AA",), ("AA",)) == (not_kept.selected, not_kept.turns)


def test_the_home_member_is_first() -> None:
    """With the basis on record, and the others behind it by the ranking."""
    stated = method("territory", homes={"fengxian": "AA"}, basis=BASIS, rank_by="scored")

    found = home(stated, members="ABC")

    assert (("AA",), ("AA", "CC", "BB"), f"属地依据：{BASIS}") == (found.selected, found.ranking, found.note)


def test_without_its_home_a_park_falls_to_the_ranking() -> None:
    """Whether the home is not eligible, or there is none."""
    stated = method("territory", homes={"fengxian": "ZZ"}, basis=BASIS, rank_by="scored")

    absent, homeless = home(stated), home(stated, "lingang")

    assert (("BB",), f"属地依据：{BASIS}；属地成员 ZZ 不在合格成员之列") == (absent.selected, absent.note)
    assert (("BB",), f"属地依据：{BASIS}；园区 lingang 没有属地成员") == (homeless.selected, homeless.note)


def test_without_a_ranking_only_the_home_is_selected() -> None:
    """Also where another method would take more."""
    stated = method("territory", homes={"fengxian": "AA"}, basis=BASIS)
    several = method("top_k", k_max=2, rank_by={"method": "territory", "homes": {"fengxian": "AA"}, "basis": BASIS})

    assert (DecisionOutcome.NO_ELIGIBLE, ("AA", "BB"), ()) == (
        (found := home(stated, "lingang")).outcome,
        found.ranking,
        found.selected,
    )
    assert ("AA",) == home(several).selected
