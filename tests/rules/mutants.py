"""Bugs that somebody might write by mistake: one change of the text each, and a test that must fail of it."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A bug in ``file``: the text that ``stands`` there, once, ``becomes`` another, and the ``test`` fails."""

    bug: str
    file: str
    stands: str
    becomes: str
    test: str


MONEY = [
    Mutant(
        "of equal remainders the higher code gets the fen",
        "contracts/money.py",
        "by_remainder = sorted(weights, key=lambda m: (-(total_fen * weights[m] % whole), -weights[m], m))",
        "by_remainder = sorted(weights, key=lambda m: (total_fen * weights[m] % whole, weights[m], m))[::-1]",
        "contracts/test_money.py::test_known_splits",
    ),
    Mutant(
        "the smallest remainder gets the fen",
        "contracts/money.py",
        "key=lambda m: (-(total_fen * weights[m] % whole)",
        "key=lambda m: (total_fen * weights[m] % whole",
        "contracts/test_money.py::test_known_splits",
    ),
    Mutant(
        "a credit note is split like any number",
        "contracts/money.py",
        "if total_fen < 0:",
        "if False:",
        "contracts/test_money.py::test_known_splits",
    ),
    Mutant(
        "a half is rounded down",
        "contracts/money.py",
        "(amount_fen * ratio_bp + 5_000) // 10_000",
        "(amount_fen * ratio_bp + 4_999) // 10_000",
        "contracts/test_money.py::test_a_ratio_is_rounded_half_up",
    ),
]

DIVIDING = [
    Mutant(
        "the cap is rounded up",
        "rules/divide/dividing.py",
        "amount_fen * cap_bp // WHOLE_BP",
        "-(-amount_fen * cap_bp // WHOLE_BP)",
        "rules/divide/test_every_method.py::test_nobody_is_above_the_cap_or_below_the_floor",
    ),
    Mutant(
        "the floor is rounded down",
        "rules/divide/dividing.py",
        "floor = -(-amount_fen * floor_bp // WHOLE_BP)",
        "floor = amount_fen * floor_bp // WHOLE_BP",
        "rules/divide/test_every_method.py::test_nobody_is_above_the_cap_or_below_the_floor",
    ),
    Mutant(
        "a turn of Sainte-Laguë costs what one of D'Hondt does",
        "rules/divide/rounding.py",
        "Fraction(-weights[member], 2 * had + 1)",
        "Fraction(-weights[member], had + 1)",
        "rules/divide/test_rounding.py::test_an_independent_library_agrees",
    ),
    Mutant(
        "the lead has no minimum",
        "rules/divide/dividing.py",
        "floors[lead] = -(-amount_fen * lead_min_bp // WHOLE_BP)",
        "floors[lead] = 0",
        "rules/divide/test_dividing.py::test_the_lead_keeps_its_minimum",
    ),
    Mutant(
        "tied ranks get the tiers one after the other",
        "rules/divide/weighing.py",
        "dict.fromkeys(group, sum(tiers) * (common // len(group)))",
        "zip(group, (tier * common for tier in tiers), strict=False)",
        "rules/divide/test_dividing.py::test_tied_ranks_share_the_mean_of_their_tiers",
    ),
    Mutant(
        "a score counts from nought, not from the pass mark",
        "rules/divide/weighing.py",
        "max(0, score - pass_bp) ** power",
        "score**power",
        "rules/divide/test_weighing.py::test_a_score_counts_above_the_pass_mark",
    ),
    Mutant(
        "whoever asks more gets more",
        "rules/divide/weighing.py",
        "common // price for",
        "price for",
        "rules/divide/test_weighing.py::test_half_the_price_is_twice_the_share",
    ),
    Mutant(
        "what is awarded now is not part of the target",
        "rules/divide/weighing.py",
        "sum(awarded_fen.values()) + amount_fen",
        "sum(awarded_fen.values())",
        "rules/divide/test_weighing.py::test_the_most_under_served_catch_up",
    ),
    Mutant(
        "the payers' parts of a fee do not sum to it",
        "rules/divide/sharing.py",
        "return split(amount_fen, left if 0 < amount_fen <= sum(left.values()) else weights)",
        "return {code: amount_fen * part // (sum(left.values()) or 1) for code, part in left.items()}",
        "rules/divide/test_fees.py::test_the_parts_of_a_fee_sum_to_it",
    ),
    Mutant(
        "the bracket reached is the rate of the whole amount",
        "rules/divide/fees.py",
        "exact += max(0, end - start) * tier.rate_bp",
        "exact = amount_fen * tier.rate_bp if end > start else exact",
        "rules/divide/test_fees.py::test_a_commission_is_marginal",
    ),
    Mutant(
        "what was paid too much is not given back",
        "rules/instalments.py",
        "claw_backs={member: max(0, -rest)",
        "claw_backs={member: min(0, -rest)",
        "rules/test_instalments.py::test_too_much_paid_is_clawed_back",
    ),
    Mutant(
        "each milestone is rounded without regard to the members' totals",
        "rules/instalments.py",
        "    rise = _Rise(exact)\n",
        "    scale = lcm(*(value.denominator for value in exact.values()))\n"
        "    return {\n"
        "        (row, name): part\n"
        "        for name in columns\n"
        "        for row, part in split(\n"
        "            parts[name], {at: int(value * scale) for (at, column), value in exact.items() if column == name}\n"
        "        ).items()\n"
        "    }\n"
        "    rise = _Rise(exact)\n",
        "rules/test_instalments.py::test_three_equal_members_gain_in_turn",
    ),
]

SELECTING = [
    Mutant(
        "the lowest score wins",
        "rules/select/ordering.py",
        "return -contender.score_bp",
        "return contender.score_bp",
        "rules/select/test_selecting.py::test_the_highest_score_wins",
    ),
    Mutant(
        "equals stay in the order in which they came",
        "rules/select/ordering.py",
        "(measure(contender), *contender.tie)",
        "measure(contender)",
        "rules/select/test_selecting.py::test_a_tie_names_the_key_that_broke_it",
    ),
    Mutant(
        "a price at the ceiling is above it",
        "rules/select/merit.py",
        "each.price_fen > ceiling]",
        "each.price_fen >= ceiling]",
        "rules/select/test_merit.py::test_the_lowest_price_within_the_ceiling_wins",
    ),
    Mutant(
        "the median of an even number of prices is one of them",
        "rules/select/merit.py",
        "prices[middle] + prices[-middle - 1]",
        "2 * prices[middle]",
        "rules/select/test_merit.py::test_far_below_the_median_is_exact",
    ),
    Mutant(
        "a deficit does not look at the target",
        "rules/select/merit.py",
        "contender.awarded_fen + ahead, contender.measure)",
        "contender.awarded_fen + ahead)",
        "rules/select/test_merit.py::test_the_most_under_served_is_first",
    ),
    Mutant(
        "a deficit does not look ahead",
        "rules/select/merit.py",
        "ahead = contest.terms.amount_fen if method.look_ahead else 0",
        "ahead = 0",
        "rules/select/test_merit.py::test_looking_ahead_spares_the_small_target",
    ),
    Mutant(
        "a decline keeps the turn",
        "rules/select/turns.py",
        "passed_over = contest.terms.declined if method.decline_consumes_turn else {}",
        "passed_over = {}",
        "rules/select/test_turns.py::test_a_decline_uses_the_turn",
    ),
    Mutant(
        "whoever is not eligible loses the turn",
        "rules/select/turns.py",
        '"served": (*queue.served, *used)}',
        '"served": queue.order[: queue.order.index(used[-1]) + 1]}',
        "rules/select/test_turns.py::test_who_is_not_eligible_keeps_the_turn",
    ),
    Mutant(
        "a new member has a turn in this cycle",
        "rules/select/turns.py",
        "joining = (*queue.joining, *new) if queue.order else ()",
        "joining = ()",
        "rules/select/test_turns.py::test_a_new_member_joins_at_the_end_of_the_next_cycle",
    ),
    Mutant(
        "whoever has a turn pays its own weight, not the sum",
        "rules/select/weighting.py",
        "now[chosen] -= sum(weights.values())",
        "now[chosen] -= weights[chosen]",
        "rules/select/test_weighting.py::test_the_textbook_sequence_comes_out",
    ),
    Mutant(
        "credits outlive a change of weights",
        "rules/select/weighting.py",
        "return {} if changed else dict(queue.credits)",
        "return dict(queue.credits)",
        "rules/select/test_weighting.py::test_a_changed_weight_begins_all_credits_again",
    ),
    Mutant(
        "a member that reaches its cap exactly is over it",
        "rules/select/capping.py",
        "each.awarded_fen + lot > each.measure}",
        "each.awarded_fen + lot >= each.measure}",
        "rules/select/test_capping.py::test_the_current_member_stays_up_to_its_cap",
    ),
    Mutant(
        "the lots do not depend on the seed",
        "rules/select/lottery.py",
        'f"{seed}{number}{member}"',
        'f"{number}{member}"',
        "rules/select/test_lottery.py::test_the_order_is_that_of_the_hashes",
    ),
    Mutant(
        "an incumbent may be renewed once too often",
        "rules/select/preferring.py",
        "contest.terms.renewals >= method.max_renewals",
        "contest.terms.renewals > method.max_renewals",
        "rules/select/test_preferring.py::test_an_incumbent_that_is_not_kept_competes",
    ),
    Mutant(
        "an optimum forgets the least number of a group",
        "rules/select/optimising.py",
        "all(count >= group.at_least for",
        "all(True for",
        "rules/select/test_optimising.py::test_a_group_is_kept_whatever_it_costs",
    ),
]

AROUND = [
    Mutant(
        "the best price is that of somebody who may not be selected",
        "rules/decide.py",
        "best = min((quotes[each.code].price_fen for each in offering), default=0)",
        "best = min((quote.price_fen for quote in quotes.values()), default=0)",
        "rules/test_decide.py::test_an_ineligible_member_changes_nothing_for_the_others",
    ),
    Mutant(
        "an interval holds at its open end",
        "rules/table/cells.py",
        'high = int(part[-2].text) - (part[-1].text == ")")',
        "high = int(part[-2].text)",
        "rules/table/test_cells.py::test_a_cell_of_whole_numbers_holds_for_ranges",
    ),
    Mutant(
        "a number in the last place of its part is outside the table",
        "rules/table/axes.py",
        "value <= self.parts[index][1]",
        "value < self.parts[index][1]",
        "rules/table/test_evaluate.py::test_first_takes_the_first_row_that_matches",
    ),
    Mutant(
        "a band begins above its lower bound",
        "rules/standing.py",
        "if score_bp >= LOWEST_BP[band])",
        "if score_bp > LOWEST_BP[band])",
        "rules/test_standing.py::test_lower_bounds_are_inclusive",
    ),
]

MUTANTS = (*MONEY, *DIVIDING, *SELECTING, *AROUND)
