"""Clauses that the law does not allow, found in the texts of terms and rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PAY_WHEN_PAID_SOURCE = "《保障中小企业款项支付条例》第九条"
"""No payment may be made to depend on a third party's payment."""

# Bounded gaps keep every pattern linear, and a clause that only forbids the practice is none.
_MONEY = "(?:款项?|付款|支付|回款|资金)"
_PAY_WHEN_PAID = re.compile(
    "背靠背"
    f"|以[^。；;]{{0,12}}(?:收到|取得|获得)[^。；;]{{0,16}}{_MONEY}[^。；;]{{0,6}}为(?:前提|条件)"
    f"|(?:收到|取得|获得)(?:业主|上游|发包方|总包|第三方|最终用户)[^。；;]{{0,12}}{_MONEY}[^。；;]{{0,6}}后[^。；;]{{0,12}}支付"
    "|(?i:pay[- ]when[- ]paid|pay[- ]if[- ]paid|back[- ]to[- ]back payment)"
)
_FORBIDDEN = re.compile("不得|禁止|严禁|不以|(?i:must not|shall not|no )")
_NEAR = 12


def pay_when_paid(text: str) -> int | None:
    """
    Return where in *text* a clause begins that makes payment depend on a third party's (背靠背), None without one.

    What forbids such a clause (不得…) is none. This finds wordings, it does not judge: a person reads what is found.
    """
    for found in _PAY_WHEN_PAID.finditer(text):
        if not _FORBIDDEN.search(text, max(0, found.start() - _NEAR), found.start() + 2):
            return found.start()
    return None


def clauses_in(terms: Any, path: tuple[str | int, ...] = ()) -> tuple[tuple[str | int, ...], ...]:
    """Return the path of every text within *terms*, a JSON value, that has a pay-when-paid clause."""
    if isinstance(terms, str):
        return () if pay_when_paid(terms) is None else (path,)
    return tuple(found for step, value in _entries(terms) for found in clauses_in(value, (*path, step)))


def _entries(terms: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(terms, Mapping):
        yield from terms.items()
    elif isinstance(terms, Sequence):
        yield from enumerate(terms)
