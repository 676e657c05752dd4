"""Clauses that make payment depend on somebody else's: found where they stand, and not where they are forbidden."""

from __future__ import annotations

import pytest

from rules.law.clauses import clauses_in, pay_when_paid

CLAUSES = [
    "本合同采用背靠背付款",
    "付款以甲方收到业主支付的相应款项为前提",
    "以总包取得发包方工程款为条件支付",
    "待收到业主回款后十日内支付乙方",
    "Payment is Pay-When-Paid.",
]

NO_CLAUSES = [
    "甲方自验收合格之日起三十日内付款",
    "不得约定背靠背付款",
    "不得以收到第三方付款作为付款的条件",
    "甲方收到乙方发票后十日内支付",
    "",
]


@pytest.mark.parametrize("text", CLAUSES)
def test_a_pay_when_paid_clause_is_found(text: str) -> None:
    """In the wordings in which it is usually written."""
    assert pay_when_paid(text) is not None


@pytest.mark.parametrize("text", NO_CLAUSES)
def test_what_only_speaks_of_payment_is_no_such_clause(text: str) -> None:
    """An invoice is nobody else's money, and a prohibition is the opposite."""
    assert pay_when_paid(text) is None


def test_clauses_are_found_anywhere_in_the_terms() -> None:
    """Each with its path."""
    terms = {"payment": {"notes": ["按月支付", "背靠背"]}, "area_m2": 3, "other": "背靠背结算"}

    assert (("payment", "notes", 1), ("other",)) == clauses_in(terms)


def test_a_hostile_text_is_read_in_time() -> None:
    """The patterns are linear."""
    assert pay_when_paid("以收到" * 200_000) is None
