"""Errors: one tree, drawn as it is, with advice and a code in every leaf."""

import re

import pytest

from contracts import errors
from contracts.errors import AllianceError, EffectConflict, Invalid, UnknownName, every_error, named

KINDS = tuple(kind for kind in every_error() if kind.__module__ == errors.__name__)


def drawn(kind: type[AllianceError], edge: str = "    ") -> list[str]:
    """Draw the tree below *kind*, one name a line."""
    children = [child for child in kind.__subclasses__() if child in KINDS]
    lines = []
    for child in children:
        is_last = child is children[-1]
        lines.append(f"{edge}{'└' if is_last else '├'}── {child.__name__}")
        lines += drawn(child, f"{edge}{' ' if is_last else '│'}   ")
    return lines


def test_the_tree_is_drawn_as_it_is() -> None:
    """The picture in the module's docstring is the real tree, branch by branch."""
    picture = re.findall(r"^( *[│├└][│├└─ ]* \w+)", errors.__doc__ or "", re.MULTILINE)

    assert drawn(AllianceError) == picture


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_gives_advice(kind: type[AllianceError]) -> None:
    """The advice is the class's own docstring, one sentence or more on one line."""
    assert "__doc__" in vars(kind)
    assert re.fullmatch(r"[A-Z][^\n]+\.", kind("a fact").advice)


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_is_the_name(kind: type[AllianceError]) -> None:
    """The code for machines is the class name in small letters with dashes."""
    assert re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower() == kind.code


def test_no_two_errors_share_a_code() -> None:
    """Every code names one class."""
    codes = [kind.code for kind in KINDS]

    assert sorted(dict.fromkeys(codes)) == sorted(codes)


def test_each_error_is_found_once() -> None:
    """The list of all errors names none twice."""
    assert list(dict.fromkeys(every_error())) == list(every_error())


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_rebuilt_by_name(kind: type[AllianceError]) -> None:
    """Class name and message, all that crosses a process boundary, give the error back."""
    error = named(kind.__name__, "LY-2025-0001 is suspended")

    assert (kind, "LY-2025-0001 is suspended", "") == (type(error), error.message, error.where)
    assert "LY-2025-0001 is suspended" == str(error)


def test_a_strange_name_is_an_error_without_advice_of_its_own() -> None:
    """An error of another program becomes the root of the tree, with the message kept."""
    error = named("ZeroDivisionError", "division by zero")

    assert (AllianceError, "division by zero") == (type(error), error.message)


def test_facts_are_kept() -> None:
    """An error says what, where, and what to do."""
    error = UnknownName("no contract LY-2025-0009", where="contract show")

    assert ("no contract LY-2025-0009", "contract show", "unknown-name") == (error.message, error.where, error.code)
    assert "Check the spelling; `list` and `show` commands print the names that exist." == error.advice


def test_a_refusal_of_a_kind_is_caught_as_its_kind() -> None:
    """Whoever catches invalid input catches unknown names too, and never a conflict of effects."""
    assert (True, False) == (issubclass(UnknownName, Invalid), issubclass(EffectConflict, Invalid))
