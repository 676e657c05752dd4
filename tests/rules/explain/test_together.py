"""What is said of contracts that are awarded together, where it is not said by `allocate` too."""

from __future__ import annotations

from rules.explain.together import TogetherTold
from rules.explain.tongue import Tongue
from rules.portfolio.answer import Progress
from rules.portfolio.documents import PolicySpec


def test_a_search_says_how_far_it_is() -> None:
    """Best so far, bound and gap; before anything is found, that there is nothing yet."""
    told = TogetherTold(Tongue("zh"), PolicySpec())
    found = Progress(aim="price", objective=1_250_000, bound=1_240_000)

    assert "正在求解：已得 12,500.00 元，下界 12,400.00 元，差距不超过 80 基点" == told.searching(found)
    assert "正在求解：已得 尚无，下界 尚无" == told.searching(Progress(aim="price"))
