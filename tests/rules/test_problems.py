"""Problems: drawn with a caret under the place, sorted, and with a suggestion."""

from __future__ import annotations

import pytest

from rules.problems import Problem, RuleProblems, did_you_mean, render


def test_a_problem_is_drawn_with_its_line_and_a_caret() -> None:
    """The reader sees file, line and column, the message, the line, and what is meant on it."""
    text = "\n" * 13 + "    - wen: contract.urgent\n"
    problem = Problem("books/a.yaml", 14, 7, "unknown-field", "unknown field 'wen'; did you mean 'when'?", 3)

    assert (
        "books/a.yaml:14:7: unknown field 'wen'; did you mean 'when'?\n"
        "   14 |     - wen: contract.urgent\n"
        "      |       ^^^"
    ) == render(problem, text)


def test_the_caret_stands_right_after_chinese_text() -> None:
    """A Chinese character takes two cells, and a marked one gets two carets."""
    assert (
        "p.yaml:1:7: no\n"
        "    1 | a: 四川 x省\n"
        "      |         ^^^"
    ) == render(Problem("p.yaml", 1, 7, "c", "no", 2), "a: 四川 x省")  # fmt: skip


def test_a_hidden_character_is_shown_as_a_mark() -> None:
    """A character that would move the cursor or turn the text cannot do so in the drawing."""
    assert (
        "p.yaml:1:2: no\n"
        "    1 | a�b�\n"
        "      |  ^"
    ) == render(Problem("p.yaml", 1, 2, "c", "no"), "a\u202eb\x1b")  # fmt: skip


def test_a_long_line_is_cut_around_the_place() -> None:
    """At most 120 characters of a line are shown, the place among them."""
    _, excerpt, caret = render(Problem("p", 1, 5_001, "c", "no", 3), "x" * 5_000 + "bad" + "y" * 5_000).split("\n")

    assert 120 + len("    1 | ……") == len(excerpt)
    assert excerpt[caret.index("^") :][:3] == "bad"


@pytest.mark.parametrize("line", [0, 2, 99])
def test_a_place_outside_the_text_is_drawn_without_a_line(line: int) -> None:
    """A problem at the end of a file, or in a file without text, is still drawn."""
    assert f"p:{line}:1: no\n{line:>5} | \n      | ^" == render(Problem("p", line, 1, "c", "no"), "")


def test_problems_are_sorted_by_place_and_each_is_there_once() -> None:
    """The list reads from the top of the file to its end."""
    late, early = Problem("p", 9, 1, "c", "late"), Problem("p", 2, 5, "c", "early")
    error = RuleProblems([late, early, late])

    assert (early, late) == error.problems
    assert "p:2:5: early\np:9:1: late" == str(error)
    assert "rule-problems" == error.code


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("wen", "; did you mean 'when'?"),
        ("STATUS", "; did you mean 'status'?"),
        ("xyz", ""),
        ("", ""),
        ("w" * 10_000, ""),
    ],
)
def test_the_nearest_known_word_is_suggested(word: str, suggestion: str) -> None:
    """Only a word that is really near is suggested."""
    assert suggestion == did_you_mean(word, ["when", "status", "weight"])
