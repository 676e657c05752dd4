"""What a rule file rests on: named once, found through other files, pinned, and never in a loop."""

from __future__ import annotations

import pytest

from contracts.calendar import epoch_day
from contracts.errors import UnknownName
from rules.check_book import problems_in
from rules.closure import rests_on
from rules.edition import edition_of
from rules.library import Library
from rules.policy import CompiledPolicy, compile_policy

TYPES = """\
apiVersion: lianyue/v1
kind: TypeSet
metadata: {name: core, title: 事实}
spec:
  types:
    Contract: {category: string, value_fen: int, urgent: bool}
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

GUARDS = """\
apiVersion: lianyue/v1
kind: GuardSet
metadata: {name: law, title: 法, reference: [某法]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  variables:
    - {name: short_bp, value: params.least_bp - member.score_bp}
  guards:
    - {id: good, require: short_bp <= 0, message: 得分不足, reference: 某法第一条}
    - {id: calm, when: contract.urgent, require: ledger.awards < 3, message: 太忙, reference: 某法第二条}
"""

POLICY = """\
apiVersion: lianyue/v1
kind: AllocationPolicy
metadata: {name: trial, title: 试行, reference: [章程]}
spec:
  effective: {from: "2025-01-01"}
  types: core
  params: few
  match: {category: any}
  guards: [law]
  select: {method: cascade, rank_by: price}
  divide: {method: whole}
"""

FILES = {"types.yaml": TYPES, "params.yaml": PARAMS, "law.yaml": GUARDS, "policy.yaml": POLICY}
DAY = epoch_day("2025-08-01")


def found(*changes: tuple[str, str, str], more: dict[str, str] | None = None) -> list[str]:
    """The problems after some text of some files has been replaced."""
    files = {**FILES, **(more or {})}
    for file, old, new in changes:
        assert old in files[file]
        files[file] = files[file].replace(old, new)
    return [str(problem) for problem in problems_in(files)]


def test_a_file_says_what_it_rests_on() -> None:
    """Kind, name and place; the check, the library and the pins all ask this."""
    named = rests_on(edition_of(POLICY, "policy.yaml").document)

    assert [
        ("TypeSet", "core", ("spec", "types")),
        ("ParameterSet", "few", ("spec", "params")),
        ("GuardSet", "law", ("spec", "guards", 0)),
    ] == [(each.kind, each.name, each.path) for each in named]


def test_files_that_agree_have_no_problems() -> None:
    """The ground on which the other tests stand."""
    assert [] == found()


def test_an_unknown_part_is_named_with_the_nearest() -> None:
    """At its place in the list."""
    expected = "policy.yaml:9:12: no GuardSet called 'lav' among these files; did you mean 'law'?"
    assert [expected] == found(("policy.yaml", "[law]", "[lav]"))


def test_what_follows_from_a_broken_part_is_not_told() -> None:
    """The policies that include it are not to blame, however it is broken."""
    expected = "law.yaml:11:27: unknown name 'shor_bp'; did you mean 'short_bp'?"
    assert [expected] == found(("law.yaml", "require: short_bp", "require: shor_bp"))
    assert ["law.yaml:11:7: field 'message' is missing"] == found(("law.yaml", " message: 得分不足,", ""))


def test_a_guard_must_name_its_source() -> None:
    """What nobody can trace nobody can judge."""
    assert ["law.yaml:11:7: field 'reference' is missing"] == found(("law.yaml", ", reference: 某法第一条", ""))


def test_a_guard_speaks_of_the_contract_where_it_says_when() -> None:
    """A condition on a member would be a requirement."""
    expected = "law.yaml:12:24: unknown name 'member'"
    assert [expected] == found(("law.yaml", "when: contract.urgent", "when: member.score_bp > 0"))


def test_ids_of_shared_guards_do_not_clash() -> None:
    """Neither with the policy's own rules, nor with one another, nor with built-in reasons."""
    own = "  eligibility: [{id: good, require: member.score_bp > 0, message: 得分为零}]\n  select:"
    second = GUARDS.replace("name: law", "name: charter").replace("id: calm", "id: sane")

    problems = found(
        ("policy.yaml", "  select:", own), ("policy.yaml", "[law]", "[law, charter]"), more={"charter.yaml": second}
    )

    clash = "the guard 'good' of '{}' clashes with its own rule 'good'; rename one of them"
    assert [
        f"policy.yaml:9:12: {clash.format('law')}",
        f"policy.yaml:9:17: {clash.format('charter')}",
    ] == problems
    again = found(("policy.yaml", "[law]", "[law, charter]"), more={"charter.yaml": second})
    assert ["policy.yaml:9:17: the guard 'good' of 'charter' clashes with that of 'law'; rename one of them"] == again
    kept = "law.yaml:12:12: the rule id 'declined' is kept for a built-in reason"
    assert [kept] == found(("law.yaml", "id: calm", "id: declined"))
    twice = "law.yaml:12:12: the rule id 'good' stands on line 11 already"
    assert [twice] == found(("law.yaml", "id: calm", "id: good"))


def test_a_policy_needs_somebody_to_say_who_may() -> None:
    """Rules of its own or guards."""
    expected = "policy.yaml:4:1: nothing here says who may; give eligibility rules of its own, or guards"
    assert [expected] == found(("policy.yaml", "  guards: [law]\n", ""))


def test_guards_are_written_against_the_ground_of_the_policy() -> None:
    """One decision reads one set of parameters."""
    many = PARAMS.replace("name: few", "name: many")

    problems = found(("law.yaml", "params: few", "params: many"), more={"many.yaml": many})

    assert ["law.yaml:7:11: it asks for the params 'many', but was given 'few'"] == problems


def test_the_library_takes_the_parts_in_force_on_the_day() -> None:
    """And the reference names them, so that the decision says what it rests on."""
    later = GUARDS.replace('from: "2025-01-01"', 'from: "2026-01-01"')
    library = Library.of({**FILES, "later.yaml": later})

    def parts(day: str) -> tuple[str, ...]:
        return library.policy("trial", epoch_day(day)).reference(epoch_day(day)).parts

    assert (edition_of(GUARDS, "x").digest,) == parts("2025-12-31")
    assert (edition_of(later, "x").digest,) == parts("2026-01-01")


def compiled(*parts: str) -> CompiledPolicy:
    """The policy compiled with the texts of *parts*."""
    return compile_policy(POLICY, PARAMS, TYPES, parts)


def test_a_policy_is_not_compiled_without_its_parts() -> None:
    """A pin that is missing is said by name; a part too many does no harm and is not counted."""
    with pytest.raises(UnknownName) as caught:
        compiled()

    assert "AllocationPolicy 'trial' rests on GuardSet 'law', which is not here" == caught.value.message
    other = GUARDS.replace("name: law", "name: other")
    assert (edition_of(GUARDS, "x").digest,) == compiled(other, GUARDS).parts


def test_the_same_texts_compile_once() -> None:
    """With their parts too."""
    assert compiled(GUARDS) is compiled(GUARDS)


FALLING = POLICY.replace("name: trial", "name: first") + "  fallback: {after: [no_eligible], policy: trial}\n"


def test_a_fallback_is_a_part_with_its_own_parts() -> None:
    """Everything that might decide is pinned."""
    other = GUARDS.replace("name: law", "name: custom").replace("good", "fine").replace("calm", "rest")
    first = FALLING.replace("[law]", "[custom]")
    library = Library.of({**FILES, "custom.yaml": other, "first.yaml": first})

    parts = library.parts_of(library.find("AllocationPolicy", "first", DAY), DAY)

    assert ["custom", "law", "trial"] == sorted(part.name for part in parts)
    assert sorted(part.digest for part in parts) == [part.digest for part in parts]
    assert ("first", "trial") == tuple(each.name for each in library.policy("first", DAY).chain)


def test_an_unknown_fallback_is_named_with_the_nearest() -> None:
    """At its place."""
    expected = "first.yaml:12:44: no AllocationPolicy called 'trail' among these files; did you mean 'trial'?"
    assert [expected] == found(more={"first.yaml": FALLING.replace("policy: trial", "policy: trail")})


def test_a_loop_of_fallbacks_is_told_once_with_its_whole_path() -> None:
    """Whoever leads into it; the policies of the loop cannot be used."""
    second = POLICY.replace("name: trial", "name: second") + "  fallback: {after: [exhausted], policy: third}\n"
    third = POLICY.replace("name: trial", "name: third") + "  fallback: {after: [exhausted], policy: second}\n"
    leading = FALLING.replace("policy: trial", "policy: second")

    problems = found(more={"first.yaml": leading, "second.yaml": second, "third.yaml": third})

    assert ["second.yaml:12:42: this never ends: 'second' → 'third' → 'second'"] == problems
    itself = FALLING.replace("policy: trial", "policy: first")
    assert ["first.yaml:12:44: this never ends: 'first' → 'first'"] == found(more={"first.yaml": itself})


def test_a_fallback_is_for_the_same_contracts() -> None:
    """A policy for one category cannot help one for all."""
    problems = found(("policy.yaml", "category: any", "category: pv"), more={"first.yaml": FALLING})

    assert ["first.yaml:12:44: 'trial' is for 'pv' only, this policy for 'any'"] == problems


def test_one_decision_turns_one_queue() -> None:
    """The facts hold one."""
    cascade = "select: {method: cascade, rank_by: price}"
    first = FALLING.replace(cascade, "select: {method: rotation, queue: one}")

    problems = found(("policy.yaml", cascade, "select: {method: rotation, queue: two}"), more={"first.yaml": first})

    assert ["first.yaml:12:44: 'trial' turns the queue 'two', this policy 'one'; take one for both"] == problems


def test_a_fallback_follows_only_what_comes_to_nothing() -> None:
    """An award is final."""
    wrong = FALLING.replace("[no_eligible]", "[awarded]")
    message = 'must be one of no_eligible, too_few_quotes, above_ceiling, exhausted, infeasible, not "awarded"'
    assert [f"first.yaml:12:22: an entry of 'after' {message}"] == found(more={"first.yaml": wrong})
