"""Sainte-Laguë beside the largest remainder: turn by turn, as another author has it, and never less of more."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from apportionment.methods import compute

from rules.decide import decide
from rules.divide.dividing import bounded, shared_out
from rules.divide.rounding import Rounding
from rules.policy import compile_policy
from rules.problems import RuleProblems
from tests.rules.divide.test_every_method import MEMBER_DIVISIONS
from tests.rules.divide.trials import divided, shares, some_amount, some_members
from tests.rules.select.contests import codes
from tests.rules.test_decide import PARAMS, POLICY, TYPES, candidate, facts, trial

CASES = 3_000
LARGEST_REMAINDER, SAINTE_LAGUE = Rounding.LARGEST_REMAINDER, Rounding.SAINTE_LAGUE


def some_weights(chance: Random) -> dict[str, int]:
    """Weights for up to six members, small ones so that ties are frequent, some of them nought."""
    codes = chance.sample("ABCDEFGH", chance.randint(1, 6))
    weights = {code: chance.choice((chance.randint(0, 5), chance.randint(1, 100))) for code in codes}
    return weights if any(weights.values()) else dict.fromkeys(codes, 1)


def test_an_independent_library_agrees() -> None:
    """In 3,000 cases; it breaks ties in the order in which members are named, so they are named in ours."""
    chance = Random("saintelague")
    for _ in range(CASES):
        weights, amount_fen = some_weights(chance), chance.randint(1, 40)
        members = sorted(weights, key=lambda member: (-weights[member], member))

        theirs = compute("saintelague", [weights[member] for member in members], amount_fen, fractions=True)

        assert dict(zip(members, theirs, strict=True)) == shared_out(amount_fen, weights, SAINTE_LAGUE)


def test_bounded_turns_are_given_one_by_one() -> None:
    """From the floors on, each fen goes to the largest w / (2a + 1) below its top: the definition, 3,000 times."""
    chance = Random("turns")
    for _ in range(CASES):
        weights = some_weights(chance)
        floors = {member: chance.choice((0, chance.randint(0, 6))) for member in weights}
        caps = {member: floors[member] + chance.choice((100, chance.randint(0, 10))) for member in weights}
        room = sum(caps[member] - floors[member] for member in weights if weights[member])
        amount_fen = sum(floors.values()) + min(room, chance.randint(0, 60))

        assert turn_by_turn(amount_fen, weights, floors, caps) == bounded(
            amount_fen, weights, floors, caps, SAINTE_LAGUE
        )


def turn_by_turn(
    amount_fen: int, weights: dict[str, int], floors: dict[str, int], caps: dict[str, int]
) -> dict[str, int]:
    """The definition, fen by fen."""
    parts = dict(floors)
    for _ in range(amount_fen - sum(floors.values())):
        waiting = [member for member in parts if parts[member] < caps[member] and weights[member]]
        parts[min(waiting, key=lambda m: (-Fraction(weights[m], 2 * parts[m] + 1), -weights[m], m))] += 1
    return parts


def test_more_never_lowers_a_part() -> None:
    """For amounts of every size, with the same floors and caps: one fen more is one fen more for one member."""
    chance = Random("monotone")
    for _ in range(CASES):
        weights, amount_fen = some_weights(chance), some_amount(chance) + 20
        floors = {member: chance.randint(0, 3) for member in weights}
        caps = dict.fromkeys(weights, amount_fen + 1)

        less = bounded(amount_fen, weights, floors, caps, SAINTE_LAGUE)
        more = bounded(amount_fen + 1, weights, floors, caps, SAINTE_LAGUE)

        assert [0] * (len(weights) - 1) + [1] == sorted(more[member] - less[member] for member in weights)


def test_the_largest_remainder_knows_the_alabama_paradox() -> None:
    """Weights of 1, 3 and 3: of 4 fen the first has nothing, of 3 fen it had one."""
    weights = {"A": 1, "B": 3, "C": 3}

    assert [{"A": 1, "B": 1, "C": 1}, {"A": 0, "B": 2, "C": 2}] == [
        shared_out(amount_fen, weights, LARGEST_REMAINDER) for amount_fen in (3, 4)
    ]
    assert [{"A": 0, "B": 2, "C": 1}, {"A": 0, "B": 2, "C": 2}] == [
        shared_out(amount_fen, weights, SAINTE_LAGUE) for amount_fen in (3, 4)
    ]


def test_sainte_lague_may_leave_the_quota() -> None:
    """Of 5 fen 3.75 are due to the first of these, and it gets all: that is the price of never taking back."""
    weights = {"A": 9, "B": 1, "C": 1, "D": 1}

    assert {"A": 5, "B": 0, "C": 0, "D": 0} == shared_out(5, weights, SAINTE_LAGUE)
    assert {"A": 4, "B": 1, "C": 0, "D": 0} == shared_out(5, weights, LARGEST_REMAINDER)


@pytest.mark.parametrize("name", MEMBER_DIVISIONS)
def test_every_division_keeps_its_sum_and_cancels(name: str) -> None:
    """Under Sainte-Laguë as under the largest remainder: 1,000 random inputs each, and in any order of members."""
    chance, stated = Random(f"rounding/{name}"), MEMBER_DIVISIONS[name]
    for _ in range(CASES // 3):
        amount_fen, figures = some_amount(chance) + 100, some_members(chance)
        found = shares(divided(stated, amount_fen, figures, SAINTE_LAGUE))

        assert amount_fen == sum(found.values())
        assert found == {
            member: -fen for member, fen in shares(divided(stated, -amount_fen, figures, SAINTE_LAGUE)).items()
        }


def test_a_policy_states_its_rounding() -> None:
    """Without a word it is the largest remainder; whoever gets nothing is not selected."""
    changes = (("weight: score_bp", "weight: member.joined_day"), ("k_max: 2", "k_max: 4"))
    given = facts(
        *(candidate(code, spare=weight) for code, weight in zip(codes("ABCD"), (9, 1, 1, 1), strict=True)), value_fen=5
    )

    usual = decide(trial(*changes), given)
    stated = decide(trial(*changes, ("  divide:", "  rounding: sainte_lague\n  divide:")), given)

    assert [("AA", 4), ("BB", 1)] == [(share.member, share.amount_fen) for share in usual.shares]
    assert [("AA", 5)] == [(share.member, share.amount_fen) for share in stated.shares]


def test_another_rounding_is_refused() -> None:
    """At its place, with the nearest word."""
    text = POLICY.replace("  divide:", "  rounding: saint_lague\n  divide:")

    with pytest.raises(RuleProblems) as caught:
        compile_policy(text, PARAMS, TYPES)

    message = (
        "'rounding' must be one of largest_remainder, sainte_lague, not \"saint_lague\"; did you mean 'sainte_lague'?"
    )
    assert [f"policy.yaml:18:13: {message}"] == [str(problem).partition("\n")[0] for problem in caught.value.problems]
