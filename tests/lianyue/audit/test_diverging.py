"""A divergence that somebody plants is told by `audit replay` and `audit verify` alike, in words of the contract."""

from __future__ import annotations

import pytest

from lianyue.audit import diverging, replay
from lianyue.audit.replay import replay_checks
from tests.lianyue.audit.bundles import WHOLE_LIFE, failed, kept
from tests.replay.recorded import recording
from tests.replay.variants import OneStepMore, OtherOrder
from workflows.registry import WORKFLOWS

PLANTED = {
    OneStepMore: (
        "/quote",
        "contract/LY-2025-0001/quote@9: expected: wrote down what had happened; actual: asked the rules who may quote",
    ),
    OtherOrder: (
        "/sign/v1",
        (
            "contract/LY-2025-0001/sign/v1@19: expected: took a request in, had a party sign; "
            "actual: took a request in, put the agreement into force"
        ),
    ),
}


def plant(variant: type, patch: pytest.MonkeyPatch) -> None:
    """Have *variant* stand where the workflow that it changes stood."""
    others = tuple(each for each in WORKFLOWS if not issubclass(variant, each))
    for module in (diverging, replay):
        patch.setattr(module, "WORKFLOWS", (*others, variant))


@pytest.mark.parametrize("variant", PLANTED, ids=lambda variant: variant.__name__)
async def test_a_divergence_is_told_in_contract_words(variant: type, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replay says where, in which stage, what was expected and what today's code does instead."""
    path, told = PLANTED[variant]
    plant(variant, monkeypatch)

    (check,) = await replay_checks([recording(WHOLE_LIFE, path).history()])

    assert (False, told) == (check.ok, check.detail)


def test_an_exported_contract_tells_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a bundle the same words are said under the name of the workflow, and nothing else is found wrong."""
    path, told = PLANTED[OneStepMore]
    plant(OneStepMore, monkeypatch)

    assert {f"replay contract/LY-2025-0001{path}": told} == failed(kept())
