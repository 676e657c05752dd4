"""Identifiers: each is unmade into what it was made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import UnknownName
from contracts.ids import (
    NUMBER,
    contract_workflow,
    delivering_workflow,
    number_of,
    quoting_workflow,
    reviewing_workflow,
    signing_workflow,
    task_id,
    task_place,
)

NUMBERS = st.from_regex(NUMBER, fullmatch=True)
CODES = st.from_regex(r"[A-Z][A-Z0-9]{1,11}", fullmatch=True)
NAMES = st.from_regex(r"[a-z][a-zA-Z0-9:-]{0,30}", fullmatch=True)


def workflows(number: str, member: str, version: int) -> list[str]:
    """The workflows of one contract, root first."""
    return [
        contract_workflow(number),
        quoting_workflow(number),
        signing_workflow(number, version),
        delivering_workflow(number, member),
        delivering_workflow(number, member, version),
        reviewing_workflow(number),
    ]


def test_ids_read_as_a_path() -> None:
    """The ids are the ones other people's scripts know."""
    assert [
        "contract/LY-2025-0001",
        "contract/LY-2025-0001/quote",
        "contract/LY-2025-0001/sign/v2",
        "contract/LY-2025-0001/deliver/LGWY",
        "contract/LY-2025-0001/deliver/LGWY/2",
        "contract/LY-2025-0001/review",
    ] == workflows("LY-2025-0001", "LGWY", 2)


@settings(deadline=None)
@given(NUMBERS, CODES, st.integers(1, 99))
def test_every_workflow_gives_its_number_back(number: str, member: str, version: int) -> None:
    """Root and children all name their contract."""
    assert [number] * 6 == [number_of(workflow_id) for workflow_id in workflows(number, member, version)]


@settings(deadline=None)
@given(NUMBERS, CODES, st.integers(1, 99), NAMES)
def test_every_task_gives_its_place_back(number: str, member: str, version: int, name: str) -> None:
    """A task's id leads back to its workflow and its name there, colons in the name included."""
    for workflow_id in workflows(number, member, version):
        assert (workflow_id, name) == task_place(task_id(workflow_id, name))


def test_a_task_id_is_the_path_and_the_name() -> None:
    """The prefix that all contracts share is left out."""
    assert "LY-2025-0001/quote:quote-LGWY-1" == task_id("contract/LY-2025-0001/quote", "quote-LGWY-1")


@pytest.mark.parametrize(
    "workflow_id",
    ["portfolio/LY-2025-0001", "LY-2025-0001", "contract/ly-2025-0001", "contract/", "", "contract/LY-2025-0001\n"],
)
def test_other_workflows_have_no_number(workflow_id: str) -> None:
    """An id that is not of a contract's workflow is refused."""
    with pytest.raises(UnknownName) as refusal:
        number_of(workflow_id)

    assert f"{workflow_id!r} is not the workflow of a contract" == refusal.value.message


@pytest.mark.parametrize("task", ["", "LY-2025-0001", "LY-2025-0001:", ":quote", "quote:LY-2025-0001", "LY-1:x"])
def test_other_text_is_no_task(task: str) -> None:
    """Text that no task id was made of is refused."""
    with pytest.raises(UnknownName) as refusal:
        task_place(task)

    assert f"{task!r} is not the id of a task; it looks like LY-2025-0001/quote:quote-LGWY-1" == refusal.value.message
