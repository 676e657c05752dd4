"""Holes that somebody might make in the scope's filters, by what they let through."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lianyue.access import scope, views
from lianyue.access.scope import Scope

Hole = Callable[[pytest.MonkeyPatch], None]

FORGOTTEN_FILTERS: dict[str, Hole] = {
    "everybody sees every task": lambda patch: patch.setattr(scope, "may_see_task", lambda *_: True),
    "everybody sees every quote": lambda patch: patch.setattr(Scope, "_Scope__sees_quote", lambda *_: True),
    "everybody hears everything": lambda patch: patch.setattr(scope, "heard", lambda _, __, each, ___: each),
    "the decision is shown whole": lambda patch: patch.setattr(
        views.DecisionSeen, "of", classmethod(lambda _, kept, __: kept)
    ),
}
