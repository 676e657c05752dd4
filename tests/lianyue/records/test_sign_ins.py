"""Sessions, tokens and sign-ins under way are kept alike on both databases, and end when they must."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.errors import UnknownName
from lianyue.records.engine import Database
from lianyue.records.sign_ins import KeptSession, KeptSignIn, KeptToken, SignIns
from tests.lianyue.records.samples import AT

HOUR = timedelta(hours=1)


def kept_session(name: str, **changes: object) -> KeptSession:
    """A session of an hour."""
    stated = {"id_hash": name, "user": "li.lei", "company": "LGWY", "created_at": AT, "seen_at": AT}
    return KeptSession.model_validate({**stated, "expires_at": AT + HOUR, **changes})


TOKEN = KeptToken(
    name="robot",
    secret_hash="hash",
    user="li.lei",
    company="LGWY",
    roles="handler",
    created_at=AT,
    expires_at=AT + HOUR,
)


def test_sessions_are_kept_seen_and_forgotten(database: Database) -> None:
    """A session is found by its hash, remembers its use, and is gone once it is ended or another one opens later."""
    kept = SignIns(database)
    kept.open_session(kept_session("one"))
    kept.see_session("one", AT + HOUR / 2)
    seen = kept.session("one")
    kept.open_session(kept_session("two", created_at=AT + 2 * HOUR, expires_at=AT + 3 * HOUR))
    kept.end_session("two")
    kept.end_session("two")

    assert kept_session("one", seen_at=AT + HOUR / 2) == seen
    assert [None, None] == [kept.session("one"), kept.session("two")]


def test_tokens_are_kept_used_and_revoked(database: Database) -> None:
    """A token's name is taken once; its first revocation counts, and one that is not there cannot be revoked."""
    kept = SignIns(database)
    taken = [kept.keep_token(TOKEN), kept.keep_token(TOKEN)]
    kept.use_token("robot", AT)
    kept.revoke_token("robot", AT + HOUR)
    kept.revoke_token("robot", AT + 2 * HOUR)
    with pytest.raises(UnknownName):
        kept.revoke_token("other", AT)

    expected = TOKEN.model_copy(update={"last_used_at": AT, "revoked_at": AT + HOUR})
    assert [True, False] == taken
    assert (expected, (expected,), None) == (kept.token("hash"), kept.tokens(), kept.token("other"))


def test_a_sign_in_is_finished_once(database: Database) -> None:
    """What is under way is taken out by its state, and what was never finished is forgotten."""
    kept = SignIns(database)
    one, two = (
        KeptSignIn(state_hash=name, nonce="n", verifier="v", back_to="/", expires_at=AT + HOUR) for name in ("a", "b")
    )
    kept.begin(one, AT)
    finished = [kept.finish("a"), kept.finish("a")]
    kept.begin(one, AT)
    kept.begin(two, AT + 2 * HOUR)

    assert [one, None] == finished
    assert [None, two] == [kept.finish("a"), kept.finish("b")]
