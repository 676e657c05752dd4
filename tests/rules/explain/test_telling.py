"""A decision in sentences: complete in both languages, exact in its arithmetic, open to methods it does not know."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from contracts.approval import ApprovalPlan
from contracts.decision import ApprovalNeed
from rules.explain.sentences import SAID
from rules.explain.shown import part_of, percent, points, shown
from rules.explain.telling import Paragraph, told
from rules.explain.tongue import Tongue
from rules.explain.words import OUTCOMES, ROLES, TITLES, Words
from tests.rules.test_decide import candidate, decide, facts, trial

ZH, EN = Tongue("zh", {"A1": "甲", "B1": "乙"}), Tongue("en", {"A1": "Alpha"})


def account(tongue: Tongue, *needs: ApprovalNeed) -> dict[tuple[str, str], tuple[str, ...]]:
    """The sentences of a decision between three members, by part and member."""
    given = facts(candidate("A1", 900), candidate("B1", 1_000, awards=1), candidate("C1", score_bp=1_000))
    policy = trial()
    paragraphs: tuple[Paragraph, ...] = told(policy, given, decide(policy, given), ApprovalPlan(needs=needs), tongue)
    return {(each.part, each.member): each.sentences for each in paragraphs}


def test_an_exclusion_says_what_was_demanded_read_and_calculated() -> None:
    """Rule, demand, inputs and the way to false are one account, with units for people."""
    reason = (
        "未满足（quality）：得分不足。规则quality要求：`member.score_bp >= params.least_bp`。"
        "读到：member.score_bp = 10%；params.least_bp = 80%。"
        "推算：`member.score_bp >= params.least_bp`为假，因为`member.score_bp`为10%，且`params.least_bp`为80%。"
    )
    assert ("C1不合格，理由1条。", reason) == account(ZH)["eligibility", "C1"]


def test_scores_add_up_in_the_sentence() -> None:
    """Each part is its score times its weight, under its title."""
    assert ("乙（B1）得78.00分：价格 90.00分×60%＝54.00分；均衡 60.00分×40%＝24.00分。",) == account(ZH)["scores", "B1"]


def test_shares_are_reckoned_by_weight() -> None:
    """In proportion means T × w ÷ Σw, which is what the sentence says."""
    division = account(ZH)["division", ""]

    assert "甲（A1）（共同承担）承担5.62 元，占56.2%：10.00 元×10,000÷17,800。" in division
    assert "各份额之和为10.00 元，与分配总额一致；不足一分的尾数按最大余数处理。" == division[-1]


def test_approvals_are_told_with_their_reason() -> None:
    """A role is called by its name in the language, an unknown one by its code."""
    needs = (
        ApprovalNeed(role="council_member", count=2, rule="large", because="金额 20.00 元"),
        ApprovalNeed(role="x", count=1, rule="y", because="加急"),
    )

    expected = (
        "须批准者（large）：理事2人，理由：金额 20.00 元。",
        "须批准者（y）：x1人，理由：加急。",
        "同一人不得重复批准。",
    )
    assert expected == account(ZH, *needs)["approvals", ""]


def test_english_is_complete() -> None:
    """What we say in English holds no Chinese but what the policy's own authors wrote."""
    authored = ("得分不足", "试行", "章程")
    text = " ".join(sentence for sentences in account(EN).values() for sentence in sentences)
    for words in authored:
        text = text.replace(words, "")

    assert [] == re.findall(r"[\u4e00-\u9fff，。；：（）]+", text)
    assert "Alpha (A1) scores 100.00: price 100.00 × 60% = 60.00; fairness 100.00 × 40% = 40.00." in text


@pytest.mark.parametrize(
    "words", [*SAID.items(), *TITLES.items(), *OUTCOMES.items(), *ROLES.items()], ids=lambda each: each[0]
)
def test_both_languages_say_the_same(words: tuple[str, Words]) -> None:
    """A sentence has the same facts in both, and neither is empty."""
    zh, en = ({name for _, name, _, _ in Formatter().parse(text) if name} for text in words[1])

    assert (zh, True) == (en, all(words[1]))


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("quote.price_fen", 123_456, "1,234.56 元"),
        ("params.least_bp", 8_050, "80.5%"),
        ("contract.starts_day", 20_454, "2026-01-01"),
        ("contract.starts_day", 10**12, "1000000000000"),
        ("ledger.awards", 1_200, "1,200"),
        ("contract.urgent", True, "真"),
        ("member.parks", ["a"], '["a"]'),
        ("quote", None, "（无）"),
        ("held", [{"code": "x", "valid_to_day": 0}], '[{code: "x", valid_to_day: 1970-01-01}]'),
        ("text", "x" * 200, '"' + "x" * 158 + "…"),
    ],
)
def test_values_are_shown_in_their_unit(name: str, value: object, written: str) -> None:
    """The end of a name says what it counts."""
    assert written == shown(name, value, "zh")


def test_ratios_and_points() -> None:
    """Per cent without needless noughts, points with two places, a part rounded half up."""
    assert ("37.5%", "40%", "92.50", "33.33%", "66.67%", "0%") == (
        percent(3_750),
        percent(4_000),
        points(9_250),
        part_of(1, 3),
        part_of(2, 3),
        part_of(1, 0),
    )
