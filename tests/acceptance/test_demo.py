"""`lianyue demo`: the ceremony by one command, and the figures in the shape that others rely on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.machine import Machine, Ran

CONTRACTS = 3


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The first three contracts of the ceremony; the demonstration needs no instance and leaves none behind."""
    return Machine(tmp_path_factory.mktemp("demo")).lianyue("demo", "--contracts", str(CONTRACTS), "--json")


def kinds(value: Any) -> Any:
    """The shape of a document: the types of its values, one for all entries of a mapping by code."""
    return {name: kinds(each) for name, each in value.items()} if isinstance(value, dict) else type(value).__name__


def test_it_ends_well(demo: Ran) -> None:
    """Exit code 0: every contract ended as its story says, and was verified."""
    assert (0, CONTRACTS, CONTRACTS) == (demo.code, demo.document["contracts"], demo.document["verified"])


def test_the_figures_have_their_shape(demo: Ran) -> None:
    """Nothing but the promised fields, whole numbers throughout."""
    figures = demo.document
    by_category = {"contracts": "int", "amount_fen": "int", "quantity": "int", "unit": "str"}
    by_member = {"contracts": "int", "amount_fen": "int"}

    assert {
        "contracts": "int",
        "amount_fen": "int",
        "members": "int",
        "by_category": dict.fromkeys(figures["by_category"], by_category),
        "by_member": dict.fromkeys(figures["by_member"], by_member),
        "stages": {"reviewed": "int"},
        "verified": "int",
        "seconds": "int",
    } == kinds(figures)


def test_the_figures_add_up(demo: Ran) -> None:
    """Categories and members are two views of the same money."""
    figures = demo.document
    categories, members = figures["by_category"].values(), figures["by_member"].values()

    assert figures["amount_fen"] == sum(each["amount_fen"] for each in categories)
    assert figures["amount_fen"] == sum(each["amount_fen"] for each in members)
    assert (CONTRACTS, len(members)) == (sum(each["contracts"] for each in categories), figures["members"])


def test_nothing_else_is_on_stdout(demo: Ran) -> None:
    """One line with the document; progress and logs are for stderr."""
    assert 1 == len(demo.out.splitlines())
    assert "" == demo.err.strip()
