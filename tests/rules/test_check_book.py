"""Checking a set of rule files: everything that is wrong, at its place, in words that say what to do."""

from __future__ import annotations

import pytest

from contracts.calendar import epoch_day
from rules.check_book import problems_in

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, value_fen: int}
    Member: {code: string, score_bp: int}
    Ledger: {awards: int}
    Quote: {price_fen: int}
"""

PARAMS = """\
apiVersion: lianyue/v1
kind: ParameterSet
metadata: {name: few, title: 参数}
spec:
  parameters:
    least_bp: {type: int, unit: bp, values: [{from: "2025-01-01", value: 7000}]}
"""

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试行, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: pv}
  eligibility:
    - {id: quality, require: member.score_bp >= params.least_bp, message: 得分不足}
  scoring:
    - {id: price, title: 价格, weight_bp: 6000, score: "mulDiv(best_price_fen, 10000, quote.price_fen)"}
    - {id: standing, title: 考核, weight_bp: 4000, score: member.score_bp}
  select: {method: top_k, k_min: 2, k_max: 3}
  divide: {method: equal}
"""

AUTHORITY = """\
apiVersion: lianyue/v1
kind: AuthorityMatrix
metadata: {name: signoff, title: 批准, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  bands:
    - {id: small, up_to_fen: 1000, require: [{role: desk_officer, count: 1}]}
    - {id: large, up_to_fen: unlimited, require: [{role: council_member, count: 2}]}
"""

CASES = """\
apiVersion: lianyue/v1
kind: PolicyTest
metadata: {name: trial-cases, title: 试行的案例}
spec:
  policy: trial
  decision_day: "2025-08-01"
  given:
    contract: {number: LY-2025-0001, category: pv, client: LGCX, park: fengxian, value_fen: 1,
      quantity: 1, starts_day: 1, ends_day: 2}
    candidates: []
  cases:
    - {case: 没有人报价, expect: {outcome: no_eligible}}
"""

FILES = {
    "types.yaml": TYPES,
    "params.yaml": PARAMS,
    "policy.yaml": POLICY,
    "signoff.yaml": AUTHORITY,
    "cases.yaml": CASES,
}


def found(*changes: tuple[str, str, str], more: dict[str, str] | None = None) -> list[str]:
    """The problems after some text of some files has been replaced."""
    files = {**FILES, **(more or {})}
    for file, old, new in changes:
        assert old in files[file]
        files[file] = files[file].replace(old, new)
    return [str(problem) for problem in problems_in(files)]


def test_files_that_agree_have_no_problems() -> None:
    """The ground on which the other tests stand."""
    assert [] == found()


EQUAL = "divide: {method: equal}"

MALFORMED = {
    "an unknown field": (
        ("policy.yaml", "message: 得分不足", "massage: 得分不足"),
        ["policy.yaml:10:66: unknown field 'massage'; did you mean 'message'?"],
    ),
    "a missing field": (
        ("policy.yaml", ", message: 得分不足", ""),
        ["policy.yaml:10:7: field 'message' is missing"],
    ),
    "a number in quotes": (
        ("policy.yaml", "weight_bp: 6000", 'weight_bp: "6000"'),
        ["policy.yaml:12:41: 'weight_bp' must be a whole number, not \"6000\"; take the quotes away"],
    ),
    "an unknown method": (
        ("policy.yaml", EQUAL, "divide: {method: eqaul}"),
        [
            (
                "policy.yaml:15:20: 'method' must be one of whole, equal, fixed_share, rank_tiers, pro_rata, "
                "score_prop, inverse_price, deficit_fill, graded, bounded, lead_sub, actual_based, waterfall, "
                "referral, tiered_commission, emc_share, minimum_guarantee, not \"eqaul\"; did you mean 'equal'?"
            )
        ],
    ),
    "no source": (
        ("policy.yaml", ", reference: [章程]", ""),
        ["policy.yaml:3:1: field 'reference' is missing"],
    ),
    "an empty source": (
        ("signoff.yaml", "reference: [章程]", "reference: []"),
        ["signoff.yaml:3:49: 'reference' must be a list of at least 1, not an empty list"],
    ),
    "an unknown kind": (
        ("signoff.yaml", "kind: AuthorityMatrix", "kind: AuthorityMatrx"),
        ["signoff.yaml:2:7: unknown kind 'AuthorityMatrx'; did you mean 'AuthorityMatrix'?"],
    ),
    "another version": (
        ("params.yaml", "lianyue/v1", "lianyue/v2"),
        ["params.yaml:1:13: 'apiVersion' must be 'lianyue/v1', not \"lianyue/v2\""],
    ),
    "an unknown name": (
        ("policy.yaml", "params.least_bp", "params.last_bp"),
        ["policy.yaml:10:56: unknown field 'last_bp' of Params; did you mean 'least_bp'?"],
    ),
    "weights that do not sum": (
        ("policy.yaml", "weight_bp: 4000", "weight_bp: 4100"),
        ["policy.yaml:11:3: the scoring weights sum to 10100, not 10000"],
    ),
    "a rule id twice": (
        ("policy.yaml", "id: standing", "id: quality"),
        ["policy.yaml:13:12: the rule id 'quality' stands on line 10 already"],
    ),
    "the id of a built-in reason": (
        ("policy.yaml", "id: standing", "id: declined"),
        ["policy.yaml:13:12: the rule id 'declined' is kept for a built-in reason"],
    ),
    "shares that do not sum": (
        ("policy.yaml", EQUAL, "divide: {method: fixed_share, shares_bp: [5000, 3000, 1999]}"),
        ["policy.yaml:15:33: the shares sum to 9999, not 10000"],
    ),
    "too few shares": (
        ("policy.yaml", EQUAL, "divide: {method: fixed_share, shares_bp: [6000, 4000]}"),
        ["policy.yaml:15:33: 2 shares for up to 3 members"],
    ),
    "shares in neither way": (
        ("policy.yaml", EQUAL, "divide: {method: fixed_share}"),
        ["policy.yaml:15:3: fixed_share needs either shares_bp (by rank) or members_bp (by member)"],
    ),
    "tiers that do not sum": (
        ("policy.yaml", EQUAL, 'divide: {method: rank_tiers, tiers: {"2": [6000, 4000], "3": [5000, 3000, 1000]}}'),
        ["policy.yaml:15:59: the tiers for 3 members sum to 9000, not 10000"],
    ),
    "tiers that are missing": (
        ("policy.yaml", EQUAL, 'divide: {method: rank_tiers, tiers: {"2": [6000, 4000]}}'),
        ["policy.yaml:15:32: no tiers for 3 members, which select may pick"],
    ),
    "tiers that rise": (
        ("policy.yaml", EQUAL, 'divide: {method: rank_tiers, tiers: {"2": [4000, 6000], "3": [5000, 3000, 2000]}}'),
        ["policy.yaml:15:40: the tiers for 2 members rise; a better rank must not get less"],
    ),
    "floors above the whole": (
        ("policy.yaml", EQUAL, "divide: {method: bounded, weigh: {method: equal}, floor_bp: 3400}"),
        ["policy.yaml:15:63: 3 members at a floor of 3400 make 10200, more than 10000"],
    ),
    "caps below the whole": (
        ("policy.yaml", EQUAL, "divide: {method: bounded, weigh: {method: equal}, cap_bp: 4900}"),
        ["policy.yaml:15:61: 2 members at a cap of 4900 make 9800, less than 10000"],
    ),
    "a weight that is no number": (
        ("policy.yaml", EQUAL, "divide: {method: pro_rata, weight: member.code}"),
        ["policy.yaml:15:38: this must be int, is string"],
    ),
    "everything to one of several": (
        ("policy.yaml", EQUAL, "divide: {method: whole}"),
        ["policy.yaml:15:20: 'whole' gives everything to one member, but select may pick several"],
    ),
    "a division among one": (
        ("policy.yaml", "{method: top_k, k_min: 2, k_max: 3}", "{method: scored}"),
        ["policy.yaml:15:20: equal divides among several, but scored selects one; use whole"],
    ),
    "a minimum above the maximum": (
        ("policy.yaml", "k_min: 2", "k_min: 4"),
        ["policy.yaml:14:34: k_min 4 is larger than k_max 3"],
    ),
    "ties that stay": (
        ("policy.yaml", "k_max: 3}", "k_max: 3, tie: [ledger.awards]}"),
        ["policy.yaml:14:47: the tie keys must end with member.code, so that no two members stay equal"],
    ),
    "parameters that are not there": (
        ("policy.yaml", "params: few", "params: fev"),
        ["policy.yaml:7:11: no ParameterSet called 'fev' among these files; did you mean 'few'?"],
    ),
    "types that are not there": (
        ("policy.yaml", "types: core", "types: cores"),
        ["policy.yaml:6:10: no TypeSet called 'cores' among these files; did you mean 'core'?"],
    ),
    "cases without their policy": (
        ("cases.yaml", "policy: trial", "policy: trail"),
        ["cases.yaml:5:11: no AllocationPolicy called 'trail' among these files; did you mean 'trial'?"],
    ),
    "a fact that does not exist": (
        ("cases.yaml", "park: fengxian", "prak: fengxian"),
        ["cases.yaml:8:66: unknown field 'prak'; did you mean 'park'?"],
    ),
    "a day that does not exist": (
        ("policy.yaml", '"2025-01-01"', '"2025-02-30"'),
        ['policy.yaml:5:15: "2025-02-30" is not a date; write it like "2025-07-01"'],
    ),
    "an edition that ends before it begins": (
        ("policy.yaml", '{from: "2025-01-01"}', '{from: "2025-01-01", to: "2024-01-01"}'),
        ['policy.yaml:5:3: "to" must be later than "from" 2025-01-01'],
    ),
    "bands that descend": (
        (
            "signoff.yaml",
            "- {id: large",
            "- {id: middle, up_to_fen: 900, require: [{role: buyer, count: 1}]}\n    - {id: large",
        ),
        ["signoff.yaml:10:31: 900 is not above 1000, where the band before ends"],
    ),
    "bands that end": (
        ("signoff.yaml", "up_to_fen: unlimited", "up_to_fen: 2000"),
        ["signoff.yaml:10:30: the last band ends at 20.00 元; it must be unlimited"],
    ),
    "a band behind the unlimited": (
        ("signoff.yaml", "up_to_fen: 1000", "up_to_fen: unlimited"),
        ["signoff.yaml:9:30: a band without limit must be the last"],
    ),
    "a limit that is neither": (
        ("signoff.yaml", "up_to_fen: unlimited", "up_to_fen: much"),
        ["signoff.yaml:10:30: 'up_to_fen' must be a whole number or 'unlimited', not \"much\""],
    ),
    "an unknown role": (
        ("signoff.yaml", "role: desk_officer", "role: desk_oficer"),
        [
            (
                "signoff.yaml:9:53: 'role' must be one of coordinator, handler, signer, buyer, desk_officer, "
                'finance_lead, council_member, reviewer, auditor, operator, not "desk_oficer"; '
                "did you mean 'desk_officer'?"
            )
        ],
    ),
    "a value of the wrong type": (
        ("params.yaml", "value: 7000", "value: many"),
        ["params.yaml:6:74: 'least_bp' is of type int, but this value is string"],
    ),
    "values out of order": (
        ("params.yaml", "value: 7000}", 'value: 7000}, {from: "2024-01-01", value: 1}'),
        ['params.yaml:6:88: "2024-01-01" does not come after "2025-01-01"'],
    ),
    "an unknown type": (
        ("types.yaml", "awards: int", "awards: number"),
        ["types.yaml:8:22: unknown type 'number'; did you mean 'Member'?"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_is_told_where_and_why(change: tuple[str, str, str], expected: list[str]) -> None:
    """The whole message and the place, and nothing that only follows from it."""
    assert expected == found(change)


def test_all_problems_of_all_files_are_told_at_once() -> None:
    """In order of file and line."""
    problems = found(
        ("policy.yaml", "k_min: 2", "k_min: 4"),
        ("policy.yaml", "weight_bp: 4000", "weight_bp: 1"),
        ("signoff.yaml", "up_to_fen: unlimited", "up_to_fen: 1"),
    )

    expected = [
        "policy.yaml:11:3: the scoring weights sum to 6001, not 10000",
        "policy.yaml:14:34: k_min 4 is larger than k_max 3",
        "signoff.yaml:10:30: 1 is not above 1000, where the band before ends",
        "signoff.yaml:10:30: the last band ends at 0.01 元; it must be unlimited",
    ]
    assert expected == problems


def test_what_only_follows_from_another_problem_is_not_told() -> None:
    """Rules that use a broken variable, and cases of a policy that cannot be read."""
    variables = "  variables:\n    - {name: spare, value: member.spair}\n  eligibility:\n"

    problems = found(
        ("policy.yaml", "  eligibility:\n", variables),
        ("policy.yaml", "require: member.score_bp", "require: spare"),
    )

    assert ["policy.yaml:10:35: unknown field 'spair' of Member"] == problems
    kind = ("policy.yaml", "kind: AllocationPolicy", "kind: Policy")
    assert ["policy.yaml:2:7: unknown kind 'Policy'; did you mean 'PolicyTest'?"] == found(kind)


def test_two_editions_may_not_begin_on_one_day() -> None:
    """Nobody could say which is in force."""
    problems = found(more={"second.yaml": POLICY})

    overlap = "second.yaml:5:21: AllocationPolicy 'trial' overlaps its edition in policy.yaml"
    expected = f"{overlap}: both are in force on 2025-01-01"
    assert [expected] == problems


def test_an_edition_may_not_end_after_the_next_has_begun() -> None:
    """An open end is closed by the next edition, a stated one is a promise."""
    second = POLICY.replace('from: "2025-01-01"', 'from: "2025-07-01"')

    problems = found(
        ("policy.yaml", '{from: "2025-01-01"}', '{from: "2025-01-01", to: "2025-08-01"}'), more={"second.yaml": second}
    )

    overlap = "second.yaml:5:21: AllocationPolicy 'trial' overlaps its edition in policy.yaml"
    expected = f"{overlap}: both are in force on 2025-07-01"
    assert [expected] == problems
    assert [] == found(more={"second.yaml": second})


def test_two_type_sets_of_one_name_overlap() -> None:
    """They have no first day that could tell them apart."""
    problems = found(more={"more.yaml": TYPES})

    expected = "types.yaml:3:18: TypeSet 'core' overlaps its edition in more.yaml"
    assert [expected] == problems


def test_an_indivisible_category_has_no_dividing_policy() -> None:
    """The reason of the category is in the message."""
    problems = problems_in(FILES, {"pv": "一处场地一家", "canteen": "无关"})

    expected = "policy.yaml:15:20: category 'pv' is indivisible (一处场地一家), but this policy divides"
    assert [expected] == [str(problem) for problem in problems]


def test_a_dividing_policy_for_any_category_meets_the_indivisible_ones() -> None:
    """``any`` is also the category that must stay whole."""
    files = {**FILES, "policy.yaml": POLICY.replace("category: pv", "category: any")}

    problems = problems_in(files, {"property": "一处场地一家"})

    expected = "policy.yaml:15:20: category 'property' is indivisible (一处场地一家), but this policy divides"
    assert [expected] == [str(problem) for problem in problems]


def test_a_file_that_is_no_mapping_is_told_so() -> None:
    """It has no kind."""
    message = (
        "list.yaml:1:1: field 'kind' is missing; it says what this file is: TypeSet, ParameterSet, GuardSet, "
        "AllocationPolicy, AuthorityMatrix, DecisionTable, PolicyException, PolicyTest"
    )
    assert [message] == found(more={"list.yaml": "- 1\n"})


def dated(text: str, first: str, end: str | None = None) -> str:
    """An edition of *text* with other days."""
    to = f', to: "{end}"' if end else ""
    return text.replace('effective: {from: "2025-01-01"}', f'effective: {{from: "{first}"{to}}}')


DATED_PARAMS = PARAMS.replace("spec:\n", 'spec:\n  effective: {from: "2025-01-01"}\n')


def test_a_gap_between_editions_that_a_policy_needs_is_told() -> None:
    """On none of these days could a contract start."""
    files = {
        **FILES,
        "params.yaml": dated(DATED_PARAMS, "2025-01-01", "2025-07-01"),
        "later.yaml": dated(DATED_PARAMS, "2025-08-01"),
    }
    del files["signoff.yaml"], files["cases.yaml"]

    gap = "no ParameterSet 'few' is in force from 2025-07-01 to 2025-07-31, but AllocationPolicy 'trial' in policy.yaml"
    assert [f"params.yaml:5:39: {gap} rests on it"] == [str(problem) for problem in problems_in(files)]


def test_an_end_without_a_next_edition_is_told() -> None:
    """The policy goes on, its parameters do not."""
    files = {**FILES, "params.yaml": dated(DATED_PARAMS, "2025-01-01", "2026-01-01")}
    del files["signoff.yaml"]

    gap = (
        "no ParameterSet 'few' is in force from 2026-01-01 on, but AllocationPolicy 'trial' in policy.yaml rests on it"
    )
    assert [f"params.yaml:5:39: {gap}"] == [str(problem) for problem in problems_in(files)]


def test_a_gap_that_nobody_needs_is_none() -> None:
    """A policy may pause, and what ends with the policy is not missed."""
    files = {
        **FILES,
        "policy.yaml": dated(POLICY, "2025-01-01", "2025-07-01"),
        "again.yaml": dated(POLICY, "2025-08-01", "2026-01-01"),
        "params.yaml": dated(DATED_PARAMS, "2025-01-01", "2025-07-01"),
        "later.yaml": dated(DATED_PARAMS, "2025-08-01", "2026-01-01"),
    }
    del files["signoff.yaml"]

    assert () == problems_in(files)


def test_an_edition_that_begins_before_its_publication_is_back_dated() -> None:
    """Where a day of publication is given."""
    files = {"policy.yaml": POLICY, "params.yaml": dated(DATED_PARAMS, "2025-03-01"), "types.yaml": TYPES}

    problems = problems_in(files, publish_day=epoch_day("2025-02-01"))

    expected = "policy.yaml:5:21: this edition is back-dated: it is published on 2025-02-01; begin on that day or later"
    assert [expected] == [str(problem) for problem in problems]
    assert () == problems_in(files, publish_day=epoch_day("2025-01-01"))


def test_payment_that_waits_for_a_third_party_is_not_lawful() -> None:
    """Wherever a rule file says it; what forbids it is welcome."""
    clause = ("policy.yaml", "message: 得分不足", "message: 以收到业主付款为前提支付")
    source = "《保障中小企业款项支付条例》第九条"
    assert [f"policy.yaml:10:75: payment that waits for a third party's (背靠背) is not allowed: {source}"] == found(
        clause
    )
    assert [] == found(("policy.yaml", "message: 得分不足", "message: 不得约定背靠背付款"))


def test_a_policy_that_another_shadows_is_told() -> None:
    """A category's contracts go to the policy of its name; one for something else takes them from whom they are for."""
    solar = POLICY.replace("name: trial", "name: charging")
    stations = POLICY.replace("name: trial", "name: stations").replace("category: pv", "category: charging")

    shadow = "contracts of category 'charging' get this policy by its name, but it is for 'pv'; 'stations' in"
    assert [f"solar.yaml:8:21: {shadow} stations.yaml is never chosen for them"] == found(
        more={"solar.yaml": solar, "stations.yaml": stations}
    )


def test_a_default_for_a_category_with_its_own_policy_is_never_chosen() -> None:
    """The category's own always comes first."""
    default, own = POLICY.replace("name: trial", "name: default"), POLICY.replace("name: trial", "name: pv")

    never = "never chosen: contracts of category 'pv' have a policy of that name, others it is not for"
    assert [f"default.yaml:8:21: {never}"] == found(more={"default.yaml": default, "pv.yaml": own})
