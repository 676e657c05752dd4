"""The desks at which authority is handed over and exceptions are granted: who may, for what, and on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contracts.approval import MandateGrant
from contracts.calendar import epoch_day
from contracts.errors import AllianceError, DutiesNotSeparated, Invalid, NotYourTask, RoleMissing, WrongState
from contracts.signature import SignatureVerdict
from lianyue.books import publish
from lianyue.settings import Settings
from lianyue.testing import exception_text, small_alliance
from lianyue.wiring import Wiring
from rules.exceptions import exception_in
from rules.problems import RuleProblems

TODAY = epoch_day("2025-07-01")


@pytest.fixture
def wiring(tmp_path: Path, records_url: str) -> Iterator[Wiring]:
    """The small alliance with the shipped books, on 2025-07-01, on each of both databases."""
    values: dict[str, Any] = {"data": tmp_path, "database_url": records_url, "sqlite_synchronous": "OFF"}
    made = Wiring(Settings(**values, clock_origin="2025-07-01T09:00"))
    publish(made.records, None, made.categories)
    made.directory.load(small_alliance())
    yield made
    made.database.close()


def grant(principal: str, delegate: str, first: int = 0, days: int | None = 31) -> MandateGrant:
    """A mandate that begins *first* days from today."""
    from_day = TODAY + first
    to_day = None if days is None else from_day + days
    return MandateGrant(principal=principal, delegate=delegate, from_day=from_day, to_day=to_day, reason="出差")


def refused(wiring: Wiring, attempt: Callable[[], object]) -> tuple[type[AllianceError], str]:
    """How *attempt* is refused; the refusal is on record."""
    with pytest.raises(AllianceError) as refusal:
        attempt()
    assert refusal.value.message == wiring.reading.refused_attempts()[-1].message
    return type(refusal.value), refusal.value.message


# --- mandates ---------------------------------------------------------------------------------------------------


def test_a_mandate_is_given_by_its_principal(wiring: Wiring) -> None:
    """The same again is the same mandate."""
    first = wiring.mandates.grant(grant("money", "judge"), "money")
    again = wiring.mandates.grant(grant("money", "judge"), "money")

    assert (first,) == wiring.mandates.all()
    assert first == again


def test_nobody_hands_over_what_is_not_theirs(wiring: Wiring) -> None:
    """Neither the authority of somebody else, nor to somebody outside the office, nor from outside."""
    mandates = wiring.mandates

    assert (NotYourTask, "judge cannot hand over the authority of money") == refused(
        wiring, lambda: mandates.grant(grant("money", "judge"), "judge")
    )
    outside = "is of NORTH; only people of OFFICE approve awards"
    assert (NotYourTask, f"north {outside}") == refused(
        wiring, lambda: mandates.grant(grant("money", "north"), "money")
    )
    assert (NotYourTask, f"north {outside}") == refused(
        wiring, lambda: mandates.grant(grant("north", "money"), "north")
    )
    assert () == mandates.all()


@pytest.mark.parametrize("others", [("judge",), ("judge", "deputy")])
def test_mandates_do_not_go_in_a_circle(wiring: Wiring, others: tuple[str, ...]) -> None:
    """On overlapping days nothing that was handed over comes back, however many hands it goes through."""
    way = ("money", *others)
    for principal, delegate in pairwise(way):
        wiring.mandates.grant(grant(principal, delegate), principal)

    told = f"the mandate would go round in a circle: {' → '.join((way[-1], *way))}"
    assert (DutiesNotSeparated, told) == refused(
        wiring, lambda: wiring.mandates.grant(grant(way[-1], "money"), way[-1])
    )


def test_days_that_do_not_overlap_make_no_circle(wiring: Wiring) -> None:
    """From day to day is half-open: one may begin on the day on which the other ends."""
    wiring.mandates.grant(grant("money", "judge", 0, 10), "money")

    wiring.mandates.grant(grant("judge", "money", 10, 10), "judge")

    assert 2 == len(wiring.mandates.all())


def test_a_mandate_is_revoked_by_its_principal_only(wiring: Wiring) -> None:
    """And not backwards: what was approved by it stays approved."""
    digest = wiring.mandates.grant(grant("money", "judge"), "money").digest

    assert (NotYourTask, "the mandate was given by money, who alone revokes it") == refused(
        wiring, lambda: wiring.mandates.revoke(digest, "judge", TODAY, "不再需要")
    )
    with pytest.raises(Invalid, match="a revocation does not reach back; today is 2025-07-01"):
        wiring.mandates.revoke(digest, "money", TODAY - 1, "不再需要")
    assert TODAY == wiring.mandates.revoke(digest, "money", TODAY, "返岗").to_day


# --- exceptions -------------------------------------------------------------------------------------------------


def test_an_exception_is_signed_by_the_office(wiring: Wiring) -> None:
    """Whoever holds the role grants it once; the signature is that of the office, and valid."""
    signed = wiring.exceptions.grant(exception_text(), "exception.yaml", "council1")
    again = wiring.exceptions.grant(exception_text(), "exception.yaml", "council1")

    (told,) = wiring.exceptions.all()
    assert signed == again
    assert ("OFFICE", "council1") == (signed.signature.company, signed.signature.actor.user)
    assert (signed.digest, SignatureVerdict.VALID) == (told.digest, told.signature)


def _granted_by(user: str, role: str = "council_member", day: str = "2025-07-01") -> dict[str, Any]:
    return {"granted_by": {"user": user, "role": role, "day": day}}


@pytest.mark.parametrize(
    ("user", "changes", "error", "told"),
    [
        ("money", _granted_by("money"), RoleMissing, "money of OFFICE does not hold the role council_member of OFFICE"),
        ("north", _granted_by("north"), RoleMissing, "north of NORTH does not hold the role council_member of OFFICE"),
        (
            "council2",
            {},
            NotYourTask,
            "the exception says that council1 grants it as council_member, not council2",
        ),
        (
            "council1",
            {**_granted_by("council1", day="2025-07-02"), "effective": {"from": "2025-07-02", "to": "2025-08-01"}},
            WrongState,
            "the exception says it was granted on 2025-07-02; today is 2025-07-01",
        ),
        (
            "council1",
            {**_granted_by("council1", day="2025-06-01"), "effective": {"from": "2025-06-01", "to": "2025-07-01"}},
            WrongState,
            "the exception ended on 2025-07-01; today is 2025-07-01",
        ),
    ],
)
def test_whoever_may_not_grant_is_refused(
    wiring: Wiring, user: str, changes: dict[str, Any], error: type[AllianceError], told: str
) -> None:
    """The role, the person named in it, and its days; nothing is signed, and the attempt is on record."""
    text = exception_text(**changes)

    assert (error, told) == refused(wiring, lambda: wiring.exceptions.grant(text, "exception.yaml", user))
    assert () == wiring.exceptions.all()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"waives": ["capacity"]}, "the rule 'capacity' of the policy 'property' is not waivable"),
        ({"waives": ["parc"]}, "no eligibility rule of the policy 'property' is called 'parc'; did you mean 'park'?"),
        ({"waives": ["declined"]}, "'declined' comes from the facts; nobody can waive it"),
        (
            {"effective": {"from": "2025-07-01", "to": "2026-07-01"}},
            "365 days are more than the 184 that an exception may last; grant a new one later",
        ),
        (
            {"policy": "propperty"},
            "no AllocationPolicy called 'propperty' among these files; did you mean 'property'?",
        ),
        (
            {"effective": {"from": "2025-06-01", "to": "2025-08-01"}},
            'an exception does not reach back: it was granted on "2025-07-01"',
        ),
    ],
)
def test_what_cannot_be_waived_is_not_signed(wiring: Wiring, changes: dict[str, Any], told: str) -> None:
    """Only waivable rules, for at most as long as the parameters say, from the day of the grant on."""
    with pytest.raises(RuleProblems) as found:
        wiring.exceptions.grant(exception_text(**changes), "exception.yaml", "council1")

    assert [told] == [problem.message for problem in found.value.problems]
    assert () == wiring.exceptions.all()


def test_an_exception_is_revoked_by_an_object_of_its_own(wiring: Wiring) -> None:
    """The exception stays with its signature; from the day of the revocation on it is no longer in force."""
    signed = wiring.exceptions.grant(exception_text(), "exception.yaml", "council1")

    revoked = wiring.exceptions.revoke("north-in-south", "council2", TODAY + 3, "已有登记单位")

    (end,) = revoked.revocations
    assert (signed.text, signed.signature) == (revoked.text, revoked.signature)
    assert SignatureVerdict.VALID == wiring.signatures.check(end.signature, end.digest).verdict
    assert [TODAY + 3] == [each.revoked_day for each in wiring.exceptions.all()]


def test_whoever_may_not_grant_may_not_revoke(wiring: Wiring) -> None:
    """The same role is needed for both."""
    wiring.exceptions.grant(exception_text(), "exception.yaml", "council1")

    told = "money of OFFICE does not hold the role council_member of OFFICE"
    assert (RoleMissing, told) == refused(
        wiring, lambda: wiring.exceptions.revoke("north-in-south", "money", TODAY, "不同意")
    )


def test_a_signature_under_another_text_is_invalid(wiring: Wiring) -> None:
    """Whoever writes into the database gains nothing: the text is not the one that was signed."""
    signed = wiring.exceptions.grant(exception_text(), "exception.yaml", "council1")
    text = exception_text("forged", members=["LAKE"])
    forged = signed.signature.model_copy(update={"document": "sha256:" + "1" * 64})
    wiring.grants.keep_exception(exception_in(text)[0], text, forged, forged.signed_at)

    verdicts = {each.name: each.signature for each in wiring.exceptions.all()}

    assert {"north-in-south": SignatureVerdict.VALID, "forged": SignatureVerdict.INVALID} == verdicts
