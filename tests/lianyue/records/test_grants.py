"""What was granted: kept once, revoked by an addition, read back as it was."""

from __future__ import annotations

import pytest

from contracts.approval import Revocation
from contracts.errors import UnknownName
from contracts.waiving import SignedRevocation
from lianyue.records.engine import Database
from lianyue.records.grants import Grants, KeptMandate, digest_of
from lianyue.records.writing import SqlWriting
from lianyue.testing import exception_text
from rules.exceptions import exception_in
from tests.lianyue.records.samples import AT, DAY, DIGEST, MANDATE, SIGNATURE


def keep(grants: Grants, name: str, mark: str) -> str:
    """Keep an exception called *name* under a digest that ends in *mark*; return the digest."""
    text = exception_text(name)
    digest = DIGEST[:-1] + mark
    grants.keep_exception(exception_in(text)[0], text, SIGNATURE.model_copy(update={"document": digest}), AT)
    return digest


def revocation(target: str, from_day: int) -> Revocation:
    """The end of *target*."""
    return Revocation(target=target, from_day=from_day, reason="不再需要", user="han.mei")


def signed(revoked: Revocation) -> SignedRevocation:
    """A signed *revoked*."""
    return SignedRevocation(digest=digest_of(revoked), revocation=revoked, signature=SIGNATURE)


def test_an_exception_is_kept_once(alliance: Database) -> None:
    """The same text signed again adds nothing: the first signature stands."""
    grants, text = Grants(alliance), exception_text()
    document, digest = exception_in(text)
    first = SIGNATURE.model_copy(update={"document": digest})

    assert grants.keep_exception(document, text, first, AT)
    assert not grants.keep_exception(document, text, first.model_copy(update={"algorithm": "other"}), AT)
    assert [(digest, text, first)] == [(each.digest, each.text, each.signature) for each in grants.exceptions()]


def test_a_revocation_is_added(alliance: Database) -> None:
    """The exception stays as it was signed; its revocations come with it, and no others."""
    grants = Grants(alliance)
    one, other = keep(grants, "one", "1"), keep(grants, "other", "2")
    ended = signed(revocation(one, DAY))

    assert grants.keep_signed_revocation(ended, AT)
    assert not grants.keep_signed_revocation(ended, AT)
    assert {one: (ended,), other: ()} == {each.digest: each.revocations for each in grants.exceptions()}


def test_an_exception_is_found_by_name_or_digest(alliance: Database) -> None:
    """A name that two exceptions have is not enough, and one that none has neither."""
    grants = Grants(alliance)
    one, again = keep(grants, "one", "1"), keep(grants, "one", "2")

    assert again == grants.exception(again).digest
    with pytest.raises(UnknownName, match="2 exceptions are called 'one'; give the digest"):
        grants.exception("one")
    with pytest.raises(UnknownName, match="there is no exception 'two'"):
        grants.exception("two")
    assert one < again


def test_a_decision_reads_what_has_not_ended_long_ago(alliance: Database) -> None:
    """Those whose term ends after the day asked for, ordered by digest."""
    grants = Grants(alliance)
    one = keep(grants, "one", "1")
    end = exception_in(exception_text("one"))[0].spec.effective.to_day
    assert end is not None

    with alliance.reading() as session:
        writing = SqlWriting(session)
        assert [one] == [each.digest for each in writing.exceptions(end - 1)]
        assert () == writing.exceptions(end)


def test_the_earliest_revocation_ends_a_mandate(alliance: Database) -> None:
    """Half-open: on its first day it holds, on the day of the earliest revocation no more."""
    grants = Grants(alliance)
    digest = grants.keep_mandate(MANDATE, AT).digest
    for day in (DAY + 9, DAY + 5, DAY + 20):
        grants.revoke_mandate(revocation(digest, day), AT)

    kept = grants.mandate(digest)

    assert KeptMandate(digest=digest, grant=MANDATE, revoked_day=DAY + 5) == kept
    assert [False, True, True, False] == [kept.is_in_force(day) for day in (DAY - 1, DAY, DAY + 4, DAY + 5)]


def test_the_people_of_the_office_may_sign(alliance: Database) -> None:
    """Nobody else approves an award, so nobody else is looked at."""
    with alliance.reading() as session:
        assert ["han.mei"] == [signer.user for signer in SqlWriting(session).signers()]
