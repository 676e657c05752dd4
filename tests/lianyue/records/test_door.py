"""What comes in at the desk comes in once."""

from __future__ import annotations

import pytest

from activities.recording import Written
from contracts.errors import AlreadyStarted, Invalid, RequestReused, RoleMissing, UnknownName
from contracts.organisation import Actor
from contracts.quote import SealedQuote
from contracts.service_contract import Stage
from lianyue.records.door import Door
from lianyue.records.engine import Database
from lianyue.records.kept import RefusedAttempt
from lianyue.records.reading import Reading
from lianyue.records.sql import SqlRecords
from tests.lianyue.records.samples import AT, DIGEST, NUMBER, order, request, write

OTHER = "sha256:" + "1" * 64


@pytest.fixture
def door(alliance: Database) -> Door:
    """The door of these records."""
    return Door(alliance)


def test_order_is_registered_once(door: Door, reading: Reading) -> None:
    """The same body again is not the first; the order is kept whole."""
    assert (True, False) == (door.register(order(), DIGEST, AT), door.register(order(), DIGEST, AT))
    assert order() == reading.order(NUMBER)
    assert Stage.REGISTERED == reading.contract(NUMBER).stage


def test_number_of_another_contract_is_taken(door: Door, reading: Reading) -> None:
    """Another body under a number is refused, and the first is unchanged."""
    door.register(order(), DIGEST, AT)

    with pytest.raises(AlreadyStarted) as refusal:
        door.register(order(title="另一个"), OTHER, AT)

    assert f"{NUMBER} is the number of another contract" == str(refusal.value)
    assert order() == reading.order(NUMBER)


def test_unknown_client_is_refused(door: Door) -> None:
    """A contract for nobody is not registered."""
    with pytest.raises(UnknownName) as refusal:
        door.register(order(client="NOBODY"), DIGEST, AT)

    assert "NOBODY is not a company of the alliance" == str(refusal.value)


def test_orders_that_no_workflow_heard_of(door: Door, alliance: Database) -> None:
    """An order waits to be started until a workflow has written about it."""
    door.register(order(), DIGEST, AT)
    door.register(order("LY-2025-0002"), DIGEST, AT)
    SqlRecords(alliance).once(request(), lambda _: Written(key="heard"), Written)

    assert (order("LY-2025-0002"),) == door.orders_registered()


def test_request_id_is_remembered(door: Door) -> None:
    """The same request again is not the first."""
    asked = ("r-1", "li.lei", "submit", DIGEST, AT)

    assert (True, False) == (door.remember_request(*asked), door.remember_request(*asked))


@pytest.mark.parametrize(
    ("user", "verb", "body_hash"),
    [("han.mei", "submit", DIGEST), ("li.lei", "sign", DIGEST), ("li.lei", "submit", OTHER)],
)
def test_request_id_is_not_reused(door: Door, user: str, verb: str, body_hash: str) -> None:
    """One request id serves one user for one act with one body."""
    door.remember_request("r-1", "li.lei", "submit", DIGEST, AT)

    with pytest.raises(RequestReused) as refusal:
        door.remember_request("r-1", user, verb, body_hash, AT)

    assert "request r-1 was used for something else" == str(refusal.value)


def test_refused_attempt_is_on_record(door: Door, reading: Reading) -> None:
    """An attempt at a contract, a task of it or its parts is found under its number; hostile text does not hide it."""
    intruder = Actor(user="li.lei", company="LGWY", roles=())
    door.refuse(AT, intruder, "sign", f"{NUMBER}/sign/v1:sign-LGWY", RoleMissing("a\0b"))
    door.refuse(AT, intruder, "sign", "LY-2025-00011", RoleMissing("another"))

    expected = RefusedAttempt(
        at=AT,
        user="li.lei",
        company="LGWY",
        verb="sign",
        target=f"{NUMBER}/sign/v1:sign-LGWY",
        code="role-missing",
        message="a\ufffdb",
    )
    assert (expected,) == reading.refused_attempts(NUMBER)
    assert 2 == len(reading.refused_attempts())


def test_envelope_is_kept_until_the_opening(door: Door, alliance: Database) -> None:
    """A ciphertext is found by contract, member and commitment; twice is once."""
    door.register(order(), DIGEST, AT)
    kept = [door.keep_envelope(NUMBER, "LGWY", DIGEST, b"\0sealed", AT) for _ in range(2)]
    sealed = SealedQuote(member="LGWY", round=1, commitment=DIGEST, arrived_at=AT)

    assert [True, False] == kept
    assert b"\0sealed" == write(alliance, lambda writing: writing.envelope(NUMBER, sealed))


def test_commitment_of_another_is_refused(door: Door, alliance: Database) -> None:
    """Nobody brings in, or opens, what another member committed to."""
    door.register(order(), DIGEST, AT)
    door.keep_envelope(NUMBER, "LGWY", DIGEST, b"sealed", AT)
    copied = SealedQuote(member="LGNY", round=1, commitment=DIGEST, arrived_at=AT)

    with pytest.raises(Invalid):
        door.keep_envelope(NUMBER, "LGNY", DIGEST, b"sealed", AT)
    with pytest.raises(UnknownName):
        write(alliance, lambda writing: writing.envelope(NUMBER, copied))
