"""Why a member may decline an award so that the next one is asked: the causes that a policy can name."""

from __future__ import annotations

import re
from enum import StrEnum


class DeclineReason(StrEnum):
    """The causes a policy may list, told by the first word of the reason that the member gives."""

    GIVES_UP = "gives_up"
    NO_CAPACITY = "no_capacity"
    FORCE_MAJEURE = "force_majeure"
    NO_BOND = "no_bond"
    CONFLICT = "conflict"
    VIOLATION = "violation"
    TIMEOUT = "timeout"


TITLES: dict[DeclineReason, str] = {
    DeclineReason.GIVES_UP: "放弃",
    DeclineReason.NO_CAPACITY: "能力不足",
    DeclineReason.FORCE_MAJEURE: "不可抗力",
    DeclineReason.NO_BOND: "未交履约保证金",
    DeclineReason.CONFLICT: "利益冲突",
    DeclineReason.VIOLATION: "查实违法",
    DeclineReason.TIMEOUT: "逾期未签",
}
"""What people say for each cause; a signature that did not come in time is told as 逾期未签."""


def reason_in(text: str) -> DeclineReason | None:
    """
    Return the cause that *text* begins with, as code or in Chinese, up to a colon: ``force_majeure: 台风``.

    None if it begins with none of them.
    """
    word = re.split(r"[:：]", text, maxsplit=1)[0].strip()
    for reason, title in TITLES.items():
        if word in (reason.value, title):
            return reason
    return None
