"""Strict YAML: what is read, where it stands, and every refusal with its whole message."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bench.hostile import HOSTILE_FILES
from rules.canonical import NotCanonical
from rules.problems import Problem, RuleProblems
from rules.source import Place, Source, canonical, digest, read

POLICY = """\
apiVersion: lianyue/v1
spec:
  rules:
    - id: ELG-010
      when: "member.status == \\"active\\" && \\u0041 != '四川'"
      else: 'it''s contract.area'
    - when: |
        contract.value_fen > 5 &&

          member.staus == "x"
      weights: [1, -2, {a: true}]
  none: null
"""

KEEPS = "so that every character keeps its place"
QUOTE = "or put it in quotes if it is text"
LARGEST = "a whole number beyond int64; the largest is 9223372036854775807"
HIDDEN = "can hide what the text says; delete it"
LOOK = "look at the indentation, colons, brackets and quotes"
SWITCH = f"a yes or no to some programs and text to others; write true or false, {QUOTE}"
BASE = f"not the same number to every program; write it in plain decimals, {QUOTE}"


def problems_in(text: str) -> tuple[Problem, ...]:
    """Return the problems for which *text* is refused."""
    with pytest.raises(RuleProblems) as caught:
        read(text, "p.yaml")
    return caught.value.problems


@pytest.fixture
def source() -> Source:
    """Read a policy with every way of writing text."""
    return read(POLICY, "p.yaml")


def test_a_policy_is_read_with_its_values_in_order(source: Source) -> None:
    """Mappings keep the order of the file; text, whole numbers, true, false and null have their types."""
    block = 'contract.value_fen > 5 &&\n\n  member.staus == "x"\n'

    assert {
        "apiVersion": "lianyue/v1",
        "spec": {
            "rules": [
                {"id": "ELG-010", "when": "member.status == \"active\" && A != '四川'", "else": "it's contract.area"},
                {"when": block, "weights": [1, -2, {"a": True}]},
            ],
            "none": None,
        },
    } == source.data
    assert ["id", "when", "else"] == list(source.data["spec"]["rules"][0])


def test_a_value_and_its_key_have_a_place(source: Source) -> None:
    """A place counts lines and columns from 1 and knows how long the text is."""
    assert Place(4, 11, 7) == source.at(("spec", "rules", 0, "id"))
    assert Place(4, 7, 2) == source.key_at(("spec", "rules", 0, "id"))
    assert Place(11, 20, 2) == source.at(("spec", "rules", 1, "weights", 1))


def test_a_path_that_does_not_exist_has_the_place_of_its_nearest_parent(source: Source) -> None:
    """A missing field is reported where its record begins."""
    assert source.at(("spec", "rules", 0)) == source.at(("spec", "rules", 0, "then", 3))
    assert Place(1, 1, 1) == source.at(("nothing",))


@pytest.mark.parametrize(
    ("path", "word"),
    [
        (("spec", "rules", 0, "when"), "status"),
        (("spec", "rules", 0, "when"), "四川"),
        (("spec", "rules", 0, "else"), "contract"),
        (("spec", "rules", 1, "when"), "value_fen"),
        (("spec", "rules", 1, "when"), "staus"),
        (("apiVersion",), "lianyue"),
    ],
)
def test_a_character_of_a_text_has_its_place_in_the_file(
    source: Source, path: tuple[str | int, ...], word: str
) -> None:
    """Quotes, escapes, doubled quotes, and the indentation of a block are allowed for."""
    value = source.data
    for step in path:
        value = value[step]

    place = source.inside(path, value.index(word))

    assert POLICY.split("\n")[place.line - 1][place.column - 1 :].startswith(word)


def test_a_word_inside_a_text_is_marked_as_a_whole(source: Source) -> None:
    """The problem at an offset is as long as the word there."""
    path = ("spec", "rules", 1, "when")
    offset = source.data["spec"]["rules"][1]["when"].index("staus")

    assert Problem("p.yaml", 10, 18, "unknown-field", "no", 5) == source.problem(
        path, "unknown-field", "no", offset=offset
    )


def test_windows_line_ends_are_read_as_line_ends() -> None:
    """A file from Windows has the same values and lines."""
    assert {"a": "x\n", "b": 1} == read("a: |\r\n  x\r\nb: 1\r\n", "p.yaml").data


@pytest.mark.parametrize(
    ("text", "line", "column", "code", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "duplicate-key",
         "the key 'a' again; it stands on line 1 already, keep one of the two"),
        ("a: &x 1", 1, 4, "anchor", "the anchor &x; delete it and write values out where they are used"),
        ("a: !!str 1", 1, 4, "tag", "the tag !!str; delete it, a value has the type it looks like"),
        ("a: !x 1", 1, 4, "tag", "the tag !x; delete it, a value has the type it looks like"),
        ("a: 1\n---\nb: 2", 2, 1, "second-document", "a second document begins here; keep one document in a file"),
        ("%YAML 1.1\n---\na: 1", 1, 1, "directive", "a % directive; delete the line, this is plain YAML"),
        ("a: >\n  b\n", 1, 4, "folded", f"a folded text (>); use a | block, {KEEPS}"),
        ("a: b\n  c\n", 1, 4, "several-lines", f"a text over several lines; use a | block, {KEEPS}"),
        ("a: 'b\n  c'\n", 1, 4, "several-lines", f"a text over several lines; use a | block, {KEEPS}"),
        ("a: 9223372036854775808", 1, 4, "integer-range", LARGEST),
        ("a: -9223372036854775809", 1, 4, "integer-range", LARGEST),
        ("1: a", 1, 1, "key", "the key 1 is not text; put it in quotes"),
        ("true: a", 1, 1, "key", "the key true is not text; put it in quotes"),
        ("'': a", 1, 1, "key", "an empty key; name the entry"),
        ("[a]: b", 1, 1, "key", "a key that is a list or a mapping; keys are plain words"),
        ("mеmber: a", 1, 1, "key", "a key with the character U+0435; keys are ASCII letters, digits and signs"),
        ("on: a", 1, 1, "ambiguous", f"as a key, 'on' is {SWITCH}"),
        ("", 1, 1, "empty", "the file is empty; it needs apiVersion, kind, metadata and spec"),
        ("# a remark\n", 1, 1, "empty", "the file is empty; it needs apiVersion, kind, metadata and spec"),
        ("a: 'x\ty'", 1, 6, "tab", "a tab; indent and align with spaces"),
        ("a: 'x\0y'", 1, 6, "control-character", "the control character U+0000; delete it"),
        ("a: 'x\x85y'", 1, 6, "control-character", "the control character U+0085; delete it"),
        ("a: b\rc: d", 1, 5, "control-character", "the control character U+000D; delete it"),
        ("a: 'x\ud800y'", 1, 6, "surrogate", "half a character (U+D800); save the file again as UTF-8"),
        ("a: 'x\u202ey'", 1, 6, "hidden-character", f"the invisible character U+202E {HIDDEN}"),
        ("a: 'x\u2067y'", 1, 6, "hidden-character", f"the invisible character U+2067 {HIDDEN}"),
        ('a: "x\\u202ey"', 1, 4, "hidden-character", f"by an escape, the invisible character U+202E {HIDDEN}"),
        ('a: "x\\0y"', 1, 4, "control-character", "by an escape, the control character U+0000; delete it"),
        ("\ufeffa: b", 1, 1, "byte-order-mark", "a byte order mark; save the file as UTF-8 without it"),
        ("a: [1, 2\n", 2, 1, "syntax",
         f"not YAML: did not find expected ',' or ']' while parsing a flow sequence; {LOOK}"),
        ("[" * 33 + "]" * 33, 1, 33, "depth", "nested deeper than 32; flatten the document"),
        ("- 1\n" * 50_000, 50_000, 3, "nodes", "more than 50,000 values; split the file"),
        ("a: " + "x" * 1_000_000, 1, 1, "too-large", "the file is larger than 1,000,000 bytes; split it"),
        ("a: " + "四" * 333_333, 1, 1, "too-large", "the file is larger than 1,000,000 bytes; split it"),
    ],
)  # fmt: skip
def test_a_doubtful_file_is_refused(text: str, line: int, column: int, code: str, message: str) -> None:
    """Each refusal says where, what, and what to write instead."""
    (problem, *_) = [found for found in problems_in(text) if found.code == code]

    assert ("p.yaml", line, column, code, message) == (
        problem.file,
        problem.line,
        problem.column,
        problem.code,
        problem.message,
    )


@pytest.mark.parametrize(
    ("word", "code", "message"),
    [
        *((word, "ambiguous", f"'{word}' is {SWITCH}")
          for word in ("yes", "no", "NO", "No", "on", "off", "Off")),
        ("True", "ambiguous", f"'True' means true to some programs and text to others; write true, {QUOTE}"),
        ("NULL", "ambiguous", f"'NULL' means null to some programs and text to others; write null, {QUOTE}"),
        ("~", "ambiguous", 'no value; write null, "" or [] so that the reader sees what is meant'),
        ("", "ambiguous", 'no value; write null, "" or [] so that the reader sees what is meant'),
        ("-0", "ambiguous", f"'-0' is not a whole number of its own; write 0, {QUOTE}"),
        *((word, "ambiguous", f"'{word}' is {BASE}")
          for word in ("010", "08", "0x1F", "0o7", "0b11")),
        *((word, "ambiguous", f"'{word}' is a number to some programs and text to others; write digits only, {QUOTE}")
          for word in ("1_000", "+5")),
        *((word, "float", f"'{word}' is a fraction; count in whole fen (_fen) or basis points (_bp), {QUOTE}")
          for word in ("1.5", "1e3", "-.5", "1.", "1.5e-3", ".nan", ".inf", "-.Inf", "1_0.5")),
        ("12:30:45", "ambiguous", "'12:30:45' is a number of seconds to some programs; put it in quotes"),
        *((word, "ambiguous", f"'{word}' is a date to some programs and text to others; put it in quotes")
          for word in ("2025-01-01", "2025-1-1", "2025-01-01T10:00:00Z", "2025-01-01 10:00")),
        ("=", "ambiguous", "'=' has a meaning of its own to some programs; put it in quotes"),
    ],
)  # fmt: skip
def test_a_word_that_programs_read_differently_is_refused(word: str, code: str, message: str) -> None:
    """An unquoted word has one meaning for every reader, or it is refused."""
    assert ((code, message),) == tuple((found.code, found.message) for found in problems_in(f"a: {word}\n"))


@pytest.mark.parametrize("word", ["yes", "010", "1.5", "12:30:45", "2025-01-01", "~", "null", "5", "1e3"])
def test_a_quoted_word_is_text(word: str) -> None:
    """Quotes make any word text."""
    assert {"a": word, "b": word} == read(f"a: '{word}'\nb: \"{word}\"\n", "p.yaml").data


@pytest.mark.parametrize("word", ["1.2.3", "ELG-010", "5%", "四川省", "a.b >= 3 && !c", "2025", "-", "x:y", "1-2"])
def test_an_unmistakable_word_needs_no_quotes(word: str) -> None:
    """Ordinary text and whole numbers are written as they are."""
    expected = int(word) if word == "2025" else word

    assert {"a": expected} == read("a: '-'" if word == "-" else f"a: {word}", "p.yaml").data


def test_an_alias_and_a_merge_key_are_refused_together() -> None:
    """A copy by reference is refused at the anchor, the alias and the merge key."""
    assert (
        (1, 4, "anchor", "the anchor &x; delete it and write values out where they are used"),
        (2, 4, "alias", "the alias *x; write the value out, a policy has no copies by reference"),
        (4, 3, "merge-key", "a merge key (<<); write the entries out"),
        (4, 7, "alias", "the alias *x; write the value out, a policy has no copies by reference"),
    ) == tuple(
        (found.line, found.column, found.code, found.message)
        for found in problems_in("a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n")
    )


def test_all_problems_are_reported_at_once() -> None:
    """One reading finds every problem, also those beside a hidden character and before a syntax error."""
    assert [
        (1, "float"),
        (1, "duplicate-key"),
        (2, "ambiguous"),
        (3, "hidden-character"),
        (4, "syntax"),
    ] == [(found.line, found.code) for found in problems_in("{a: 1.5, a: 1,\nb: NO,\nc: x\u200by,\n]\n")]


def test_more_than_a_hundred_problems_are_counted() -> None:
    """The list stops at a hundred and says how many are left."""
    with pytest.raises(RuleProblems) as caught:
        read("- NO\n" * 250, "p.yaml")

    assert (100, 150) == (len(caught.value.problems), caught.value.rest)
    assert str(caught.value).endswith("\nand 150 more")


MOST_EXTRA_BYTES = 200_000_000

MEASURE_READING = """
import json, resource, sys
from rules.problems import RuleProblems
from rules.source import read


def most_taken():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


texts = json.load(sys.stdin)
before = most_taken()
for text in texts:
    try:
        read(text, "p.yaml")
    except RuleProblems:
        pass
print(most_taken() - before)
"""
"""A programme that reads every text it is given, and prints how many more bytes it took than to hold them."""


@pytest.mark.parametrize("name", [name for name in HOSTILE_FILES if name != "nearly a float"])
def test_a_hostile_file_is_refused(name: str) -> None:
    """No file within or beyond the limits is read without a problem; the bench prints how long the slowest takes."""
    assert problems_in(HOSTILE_FILES[name])


def test_a_long_text_that_looks_like_a_number_is_text() -> None:
    """What nearly is a number takes no more than one look at each character."""
    assert {"a": HOSTILE_FILES["nearly a float"].removeprefix("a: ")} == read(
        HOSTILE_FILES["nearly a float"], "p.yaml"
    ).data


def test_hostile_files_take_little_memory() -> None:
    """No hostile file takes more than 200 MB beyond itself."""
    child = [sys.executable, "-c", MEASURE_READING]
    told = subprocess.run(
        child, input=json.dumps(list(HOSTILE_FILES.values())), text=True, capture_output=True, check=True
    )

    assert int(told.stdout) <= MOST_EXTRA_BYTES


def test_the_digest_ignores_layout_and_order_of_keys() -> None:
    """Two files that say the same have the same digest."""
    one = read("b: [1, '四川']  # remark\na: true\n", "p.yaml").data
    two = read('{"a": true,\n "b": [1, "四川"]}\n', "q.yaml").data

    assert '{"a":true,"b":[1,"四川"]}'.encode() == canonical(one)
    assert digest(one) == digest(two)
    assert "sha256:" + "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" == digest({})


def test_keys_are_sorted_by_their_utf16_code_units() -> None:
    """As RFC 8785 has it: a character beyond the basic plane stands before U+FF00."""
    assert '{"a":1,"😀":2,"ｚ":3}'.encode() == canonical({"ｚ": 3, "😀": 2, "a": 1})


def test_text_is_kept_without_normalisation() -> None:
    """A composed and a decomposed letter are two texts."""
    assert digest("é") != digest("e\u0301")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.0, "a value of type float has no canonical form"),
        ([b"x"], "a value of type bytes has no canonical form"),
        ({1: 2}, "a key of type int is not text"),
        (2**63, "an integer is outside the range of int64"),
        ("\ud800", "text holds the lone surrogate U+D800"),
    ],
)
def test_what_is_not_json_has_no_canonical_form(value: object, message: str) -> None:
    """A float or anything else that two programs could write differently is refused."""
    with pytest.raises(NotCanonical) as caught:
        canonical(value)

    assert message == str(caught.value)
