"""Charts as data: what the geometry says is what the numbers say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lianyue.portal.charts import Segment, bars, flow
from lianyue.portal.i18n import TAGS
from lianyue.portal.templating import environment
from lianyue.settings import Language

AMOUNTS = st.lists(
    st.tuples(st.sampled_from(["春", "夏", "秋"]), st.sampled_from(["北极星", "湖岸"]), st.integers(1, 10**12)),
    min_size=1,
    max_size=8,
)


@given(AMOUNTS)
def test_bands_fill_the_bars_at_both_ends(amounts: list[tuple[str, str, int]]) -> None:
    """At either side the bars sum to everything that flows, and every amount has its band."""
    chart = flow(amounts)

    assert chart is not None
    total = sum(amount for *_, amount in amounts)
    assert [total, total] == [sum(node.amount for node in side) for side in (chart.left, chart.right)]
    assert [amount for *_, amount in amounts] == [band.amount for band in chart.bands]
    assert all(node.height >= 3 and node.y + node.height <= chart.height for node in (*chart.left, *chart.right))


def test_a_band_runs_from_edge_to_edge() -> None:
    """One amount is one band, as high as both of its bars."""
    chart = flow([("合同总额", "北极星", 100)])

    assert chart is not None
    assert ["M160,14C260,14 260,14 360,14V314C260,314 260,314 160,314Z"] == [band.path for band in chart.bands]


def test_nothing_is_drawn_of_nothing() -> None:
    """Where there is no amount or no score, there is no chart."""
    assert (None, None, None) == (flow([]), flow([("甲", "乙", 0)]), bars({}))


@given(st.dictionaries(st.sampled_from(["甲", "乙"]), st.dictionaries(st.sampled_from("pqr"), st.integers(0, 3_300))))
def test_parts_stand_side_by_side(scores: dict[str, dict[str, int]]) -> None:
    """In every bar the parts touch, and the end of the bar is the sum of the parts."""
    chart = bars(scores)

    for stack in chart.stacks if chart else ():
        ends = [part.x + part.width for part in stack.segments]
        assert [part.x for part in stack.segments[1:]] == ends[:-1]
        assert sum(scores[stack.name].values()) == stack.total
        assert (ends[-1] if ends else 150) == stack.end


def test_a_part_keeps_its_colour() -> None:
    """A part has the same colour in every bar, also where another part is missing."""
    chart = bars({"甲": {"price": 4_000, "quality": 3_000}, "乙": {"quality": 3_500}})

    assert chart is not None
    assert (Segment("quality", 3_500, 150, 108, 1),) == chart.stacks[1].segments


def test_a_chart_is_told_to_those_who_do_not_see_it() -> None:
    """A drawn chart has a title, a description with the amounts, and the table behind it; and no style of its own."""
    source = (
        "{% import 'charts.html' as charts with context %}{{ charts.flow(chart, '谁分到多少', '节点', '成员单位') }}"
    )

    drawn = environment(Language.ZH).from_string(source).render(chart=flow([("验收<1>", "北极星", 12_345)]))

    assert '<desc id="flow-d">验收&lt;1&gt; 至 北极星：¥123.45</desc>' in drawn
    assert '<td>验收&lt;1&gt;</td><td>北极星</td><td class="n">¥123.45</td>' in drawn
    assert "style=" not in drawn
    assert {"zh-CN", "en"} == set(TAGS.values())
