"""
What holds of a whole decision, whatever policy and facts: 3,120 random cases of selections and divisions.

By themselves each selection has 3,000 contests in ``select/test_selecting.py`` and each division 3,000 awards in
``divide/test_every_method.py``, where reversals are: a decision is of a positive amount. Bounds and Sainte-Laguë have
3,000 more each, there and in ``divide/test_rounding.py``.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.decision import Decision, DecisionOutcome
from contracts.facts import Facts
from contracts.money import share_of
from rules.decide import decide
from tests.rules.sound import CAP_BP, FLOOR_BP, SELECTIONS, SEVERAL, Case, candidate, cases, fingerprint, policy

ROOT = Path(__file__).parents[2]
FACTOR = 7


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_same_facts_in_another_order_give_the_same_bytes(selection: str) -> None:
    """However the candidates come in, and how often one decides."""
    chance = random.Random(selection)
    for case in cases(selection):
        shuffled = list(case.facts.candidates)
        chance.shuffle(shuffled)

        again = case.facts.model_copy(update={"candidates": tuple(shuffled)})

        assert case.decision.model_dump_json() == decide(case.policy, again).model_dump_json()


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_member_that_is_not_eligible_changes_nothing(selection: str) -> None:
    """Apart from its own reason, and its place at the end of a queue that had not seen it."""
    chance = random.Random(selection)
    for case in cases(selection):
        outsider = candidate(chance, "ZZ", "south")

        beside = decide(case.policy, case.facts.model_copy(update={"candidates": (outsider, *case.facts.candidates)}))

        assert ["served"] == [reason.rule for reason in beside.excluded["ZZ"]]
        assert told(case.decision) == told(beside)


def told(decision: Decision) -> dict[str, Any]:
    """What a decision says of everybody but ZZ."""
    said = decision.model_dump(mode="json", exclude={"facts_digest"})
    said["excluded"].pop("ZZ", None)
    said["trace"] = [line for line in said["trace"] if line["member"] != "ZZ"]
    for part in ("order", "joining") if said["queue_after"] else ():
        said["queue_after"][part] = [code for code in said["queue_after"][part] if code != "ZZ"]
    return said


@pytest.mark.parametrize("selection", SELECTIONS)
def test_whoever_is_not_selected_has_a_rank_or_a_reason(selection: str) -> None:
    """And never both; the eligible are the ranked, and no outcome but an award selects."""
    for case in cases(selection):
        decision = case.decision
        codes = sorted(each.member.code for each in case.facts.candidates)

        assert codes == sorted([*decision.ranking, *decision.excluded])
        assert sorted(decision.eligible) == sorted(decision.ranking)
        assert set(decision.selected) <= set(decision.ranking)
        assert bool(decision.selected) is (decision.outcome is DecisionOutcome.AWARDED)


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_shares_sum_to_the_amount(selection: str) -> None:
    """To the fen; each of the selected has one, of more than nothing."""
    for case in cases(selection):
        shares = [share.amount_fen for share in case.decision.shares]

        assert case.decision.amount_fen == sum(shares)
        assert min(shares, default=1) > 0
        assert case.decision.selected == tuple(share.member for share in case.decision.shares)


@pytest.mark.parametrize("selection", SEVERAL)
def test_nobody_is_above_the_cap_or_below_the_floor(selection: str) -> None:
    """Where the policy states bounds, to the fen."""
    for case in cases(selection):
        amount_fen = case.decision.amount_fen
        for share in case.decision.shares if case.division == "bounded" else ():
            assert FLOOR_BP * amount_fen <= 10_000 * share.amount_fen <= CAP_BP * amount_fen


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_lines_of_a_fee_sum_to_it(selection: str) -> None:
    """Each level is what its formula says of the whole amount, whoever bears it."""
    for case in cases(selection):
        if case.decision.amount_fen and (expected := owed(case)) is not None:
            fees = case.decision.fees

            assert expected == sum(fee.amount_fen for fee in fees if fee.level != "management")
            assert all(fee.payer in case.decision.selected for fee in fees)


def owed(case: Case) -> int | None:
    """The formulae of the reference, written down once more; None where the policy states no fee."""
    amount_fen = case.decision.amount_fen
    match case.division:
        case "waterfall":
            alliance = share_of(amount_fen, 250)
            return alliance + share_of(amount_fen - alliance, 300)
        case "referral":
            return share_of(amount_fen, 150)
        case "tiered_commission":
            return (min(amount_fen, 500) * 1_000 + max(0, amount_fen - 500) * 333 + 5_000) // 10_000
        case "emc_share":
            return 140 + 195
        case "minimum_guarantee":
            return max(70, share_of(amount_fen, 800))
    return None


@pytest.mark.parametrize("selection", SELECTIONS)
def test_scaling_the_weights_changes_nothing(selection: str) -> None:
    """Weights of a division, of turns (with what the queue has kept on their scale) and targets: proportions count."""
    for case in cases(selection):
        scaled = policy(case.selection, case.division, FACTOR)

        found = decide(scaled, on_the_scale(case.facts) if "weights:" not in SELECTIONS[selection] else case.facts)

        assert (case.decision.selected, case.decision.ranking, case.decision.shares, case.decision.fees) == (
            found.selected,
            found.ranking,
            found.shares,
            found.fees,
        )


def on_the_scale(facts: Facts) -> Facts:
    """The same facts, with the credits and weights of the queue so many times as much."""
    queue = facts.queue
    assert queue is not None
    kept = {
        "credits": {code: credit * FACTOR for code, credit in queue.credits.items()},
        "weights": {code: weight * FACTOR for code, weight in queue.weights.items()},
    }
    return facts.model_copy(update={"queue": queue.model_copy(update=kept)})


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_every_process_decides_in_the_same_bytes(seed: str) -> None:
    """Whatever it hashes texts with."""
    command = [sys.executable, "-c", "from tests.rules.sound import fingerprint; print(fingerprint())"]

    given = {**os.environ, "PYTHONHASHSEED": seed}
    ran = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=True)

    assert fingerprint() == ran.stdout.strip()
