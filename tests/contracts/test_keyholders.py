"""Keyholders in the file of an alliance: a public key or a test key, one each."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from contracts.organisation import Alliance, Keyholder
from lianyue.testing import small_alliance

KEY = "ab" * 32
COMMON = {"title": "审计人", "company": "OFFICE", "role": "auditor"}


@pytest.mark.parametrize(
    ("holders", "told"),
    [
        ([{"name": "a1"}], "keyholder a1 needs either a public_key or test: true"),
        ([{"name": "a1", "test": True, "public_key": KEY}], "keyholder a1 needs either a public_key or test: true"),
        ([{"name": n, "public_key": KEY} for n in ("a1", "a2")], f"public key {KEY} is listed twice"),
        ([{"name": "a1", "test": True}] * 2, "keyholder a1 is listed twice"),
        ([{"name": "a1", "test": True, "company": "NOBODY"}], "keyholder a1 is of NOBODY, which is not a company here"),
    ],
)
def test_the_alliance_file_says_what_is_wrong_with_a_keyholder(holders: list[dict[str, object]], told: str) -> None:
    """A key and the word test exclude one another, one key is one keyholder's, and names are unique."""
    own = json.loads(small_alliance().model_dump_json())

    with pytest.raises(ValidationError) as refused:
        Alliance.model_validate({**own, "keyholders": [{**COMMON, **holder} for holder in holders]})
    assert [f"Value error, {told}"] == [each["msg"] for each in refused.value.errors()]


def test_there_is_no_place_for_a_private_key() -> None:
    """The directory knows public keys only."""
    assert {"name", "title", "company", "role", "public_key", "test"} == set(Keyholder.model_fields)
