"""Sixty tampered bundles and more: each is rejected, and the reason says where and what."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from lianyue.audit.bundle import read_bundle
from lianyue.audit.container import unwritten, written
from tests.lianyue.audit.bundles import AMENDED, TOGETHER, WHOLE_LIFE, failed, kept, restated, with_members
from tests.lianyue.audit.tampering import (
    acted,
    answered,
    asked,
    resealed,
    started,
    with_history,
    with_json,
    without_entry,
)

PASSED = "passed_between_colleagues"
EXCEPTED = "excepted_and_passed_on"

Tamper = Callable[[bytes], bytes]


def _set(*path: Any, to: Any) -> Callable[[Any], None]:
    """What sets the value at *path* of a document."""

    def change(value: Any) -> None:
        for step in path[:-1]:
            value = value[step]
        value[path[-1]] = to(value[path[-1]]) if callable(to) else to

    return change


def _flipped(permille: int) -> Tamper:
    def tamper(raw: bytes) -> bytes:
        changed = bytearray(raw)
        changed[(len(raw) - 1) * permille // 1000] ^= 1 << permille % 8
        return bytes(changed)

    return tamper


def _text(name: str, before: str, after: str) -> Tamper:
    """What changes words in a text member, and states its new SHA-256."""

    def tamper(raw: bytes) -> bytes:
        member = next(each for each in unwritten(raw) if each.startswith(name))
        content = unwritten(raw)[member].decode()
        assert before in content
        return restated(with_members(raw, {member: content.replace(before, after).encode()}))

    return tamper


def _history(path: str, change: Callable[..., Any]) -> Tamper:
    return lambda raw: with_history(raw, path, change)


def _json(name: str, change: Callable[[Any], object]) -> Tamper:
    return lambda raw: with_json(raw, name, change)


def _local_header(raw: bytes, field: int, value: int) -> bytes:
    """Change one field of the first local header."""
    head = list(struct.unpack_from("<4s5H3L2H", raw))
    head[field] = value
    return struct.pack("<4s5H3L2H", *head) + raw[30:]


def _renamed(name: str, to: str) -> Tamper:
    """What calls a member otherwise, where it lies and where it is listed."""

    def tamper(raw: bytes) -> bytes:
        before, last = raw[: raw.rindex(name.encode())], raw[raw.rindex(name.encode()) + len(name) :]
        at = before.rindex(name.encode())
        return before[:at] + to.encode() + before[at + len(name) :] + to.encode() + last

    return tamper


def _doubled(raw: bytes) -> bytes:
    """The first member twice in a row, as some unzippers would let the second win."""
    size = struct.unpack_from("<4s5H3L2H", raw)[7] + 30 + len("manifest.json")
    return raw[:size] + raw


def _reordered(raw: bytes) -> bytes:
    members = unwritten(raw)
    first, second = written({"manifest.json": members["manifest.json"]}), written({"a": b""})
    return second[:31] + first + raw


def _other_authority(raw: bytes) -> bytes:
    other = read_bundle(kept(AMENDED)).authorities()
    return restated(with_members(raw, {"trust/authority.pem": other, "trust/roots.pem": other}))


def _pdf_bit(raw: bytes) -> bytes:
    """One bit of the signed document changed."""
    name = "documents/agreement-v1.pdf"
    changed = bytearray(unwritten(raw)[name])
    changed[len(changed) // 2] ^= 1
    return restated(with_members(raw, {name: bytes(changed)}))


def _appended(raw: bytes) -> bytes:
    """Something written behind the end of the signed document."""
    name = "documents/agreement-v1.pdf"
    return restated(with_members(raw, {name: unwritten(raw)[name] + b"% and more\n"}))


def _without_pdf(raw: bytes) -> bytes:
    """The signed document left out, and not listed."""
    bundle = read_bundle(raw)
    left = tuple(each for each in bundle.manifest.documents if each.form != "pdf")
    unlisted = restated(raw, lambda _: {"documents": left})
    return restated(with_members(unlisted, {"documents/agreement-v1.pdf": None}))


CONTAINER: dict[str, tuple[Tamper, str]] = {
    **{f"bit flipped at {at}‰": (_flipped(at), "") for at in (0, 7, 90, 210, 333, 452, 571, 690, 808, 925, 988, 1000)},
    "cut off by a byte": (lambda raw: raw[:-1], "the file is not what its members make"),
    "cut off by half": (lambda raw: raw[: len(raw) // 2], "the file ends in the middle"),
    "emptied": (lambda _: b"", "no ZIP file"),
    "another file": (lambda _: b"%PDF-1.7\n", "no ZIP file"),
    "a byte behind": (lambda raw: raw + b"\0", "the file is not what its members make"),
    "a comment behind": (lambda raw: raw[:-2] + b"\5\0hello", "the file is not what its members make"),
    "a member doubled": (_doubled, "is there twice"),
    "a member said to be compressed": (lambda raw: _local_header(raw, 3, 8), "is compressed"),
    "a member said to be huge": (lambda raw: _local_header(raw, 8, 2**32 - 1), "too large"),
    "another time": (lambda raw: _local_header(raw, 4, 1), "the file is not what its members make"),
    "a way out of the folder": (_renamed("views/acts.json", "../../acts.json"), "is not the name of a member"),
    "an absolute name": (_renamed("views/acts.json", "/etc/acts.jsonx"), "is not the name of a member"),
    "another order": (_reordered, ""),
}


@pytest.mark.parametrize("name", CONTAINER)
def test_a_file_that_was_not_exported_is_refused(name: str) -> None:
    """Whatever byte of the file is another one, it is not read as a bundle."""
    tamper, reason = CONTAINER[name]

    found = failed(tamper(kept()))

    assert ["container"] == list(found)
    assert reason in found["container"]


MEMBERS: dict[str, tuple[str, Tamper, str, str]] = {
    "a member removed": (PASSED, lambda raw: with_members(raw, {"views/acts.json": None}), "manifest", "is not there"),
    "a member added": (PASSED, lambda raw: with_members(raw, {"views/more.json": b"{}"}), "manifest", "is not listed"),
    "a history removed": (
        PASSED,
        lambda raw: with_members(raw, {"histories/contract_LY-2025-0001_quote.pb.z": None}),
        "container",
        "names members that are not there",
    ),
    "a view without the manifest": (
        PASSED,
        lambda raw: with_members(raw, {"views/acts.json": b"{}"}),
        "manifest",
        "views/acts.json does not have the SHA-256",
    ),
    "a view with the manifest": (
        PASSED,
        _json("views/acts.json", _set("all", to=[])),
        "views",
        "views/acts.json is not",
    ),
    "money shown otherwise": (
        WHOLE_LIFE,
        _json("views/money.json", _set("payable_fen", to=lambda fen: fen - 1)),
        "views",
        "views/money.json is not what the histories say",
    ),
    "a file's SHA-256 shown otherwise": (
        WHOLE_LIFE,
        _json("views/evidence.json", _set("files", 0, "sha256", to="0" * 64)),
        "views",
        "views/evidence.json",
    ),
    "a document shown otherwise": (
        WHOLE_LIFE,
        _json("documents/agreement-v1.json", _set("total_fen", to=1)),
        "views",
        "documents/agreement-v1.json is not",
    ),
    "a page that tells otherwise": (PASSED, _text("report.zh", "640,000.00", "440,000.00"), "seal", "not the one"),
    "a rule changed": (PASSED, _text("editions/ParameterSet", "value:", "value: "), "seal", "not the one"),
    "a figure of a rule changed": (PASSED, _text("editions/CategoryPack", "10000", "9000"), "edition", "not the one"),
    "a rule removed": (
        PASSED,
        lambda raw: restated(raw, lambda manifest: {"editions": manifest.editions[:-1]}),
        "pins",
        "not there: part",
    ),
    "another authority": (WHOLE_LIFE, _other_authority, "conclude", "unknown-authority"),
    "the seal removed": (
        PASSED,
        lambda raw: with_members(raw, {"manifest.sig.json": None}),
        "seal",
        "nobody has signed",
    ),
    "the manifest changed": (
        PASSED,
        lambda raw: restated(raw, lambda _: {"companies": {}}),
        "seal",
        "not the one that the desk has signed",
    ),
    "the manifest signed anew": (
        PASSED,
        lambda raw: resealed(restated(raw, lambda _: {"companies": {}})),
        "seal",
        "the contract was started by the desk",
    ),
    "the office renamed": (
        PASSED,
        lambda raw: restated(raw, lambda _: {"office": "LAKE"}),
        "pins",
        "the histories are of",
    ),
}


HISTORIES: dict[str, tuple[str, Tamper, str, str]] = {
    "an event removed": (
        PASSED,
        _history("", lambda events: events[:-1] if len(events) > 1 else None),
        "log completeness",
        "",
    ),
    "an event from the middle removed": (
        PASSED,
        _history("/quote", lambda events: [*events[:9], *events[10:]]),
        "archive",
        "numbered",
    ),
    "two events exchanged": (
        PASSED,
        _history("/quote", lambda events: [*events[:8], events[9], events[8], *events[10:]]),
        "archive",
        "numbered",
    ),
    "a price lowered after the opening": (
        WHOLE_LIFE,
        _history("/quote", answered("open_quotes", _set("quotes", 0, "content", "price_fen", to=lambda fen: fen - 1))),
        "open_quotes",
        "is not the one that was sealed",
    ),
    "facts of the award changed": (
        WHOLE_LIFE,
        _history(
            "", answered("decide", _set("facts", "candidates", 0, "quote", "price_fen", to=lambda fen: fen - 100))
        ),
        "reference decide",
        "these differ: facts_digest",
    ),
    "a fen moved between shares": (
        WHOLE_LIFE,
        _history("", answered("decide", _set("decision", "shares", 0, "amount_fen", to=lambda fen: fen - 1))),
        "decide",
        "these differ: shares",
    ),
    "an engine that is none": (
        WHOLE_LIFE,
        _history("", answered("decide", _set("decision", "engine", to="lianyue-rules/0"))),
        "engine",
        "cannot decide as lianyue-rules/0 did",
    ),
    "fewer approvals planned": (
        WHOLE_LIFE,
        _history("", answered("decide", lambda answer: answer["approvals"]["needs"].pop())),
        "decide",
        "approvals planned again, these differ: needs",
    ),
    "an ineligible member admitted": (
        WHOLE_LIFE,
        _history("/quote", answered("screen", lambda answer: answer["screening"]["eligible"].append("LATE"))),
        "screen",
        "these differ: eligible",
    ),
    "the agreement's words changed": (
        WHOLE_LIFE,
        _history("", answered("draw_up", _set("agreement", "terms", "scope", to="绿地养护与清扫"))),
        "draw_up",
        "the document does not have the digest that was signed",
    ),
    "a signature left out": (
        WHOLE_LIFE,
        _history("/sign/v1", answered("sign", _set("revision", "company", to="LATE"))),
        "parties v1",
        "has signed 0 times",
    ),
    "a signature under another document": (
        WHOLE_LIFE,
        _history("/sign/v1", answered("sign", _set("revision", "digest", to="sha256:" + "0" * 64))),
        "conclude",
        "does not follow on the one before it",
    ),
    "a signature by somebody else": (
        WHOLE_LIFE,
        _history("/sign/v1", answered("sign", _set("revision", "evidence", "actor", "user", to="somebody"))),
        "sign",
        "is not the one that was asked for",
    ),
    "a signature's moment changed": (
        WHOLE_LIFE,
        _history("/sign/v1", answered("sign", _set("revision", "at", to="2025-07-02T00:00:00Z"))),
        "log completeness",
        "sign",
    ),
    "a bit of the signed document changed": (WHOLE_LIFE, _pdf_bit, "conclude", "is not the one that was recorded"),
    "something behind the signed document": (WHOLE_LIFE, _appended, "conclude", "invalid"),
    "the signed document left out": (WHOLE_LIFE, _without_pdf, "conclude", "does not hold the signed document"),
    "the portfolio left out": (
        TOGETHER,
        lambda raw: restated(raw, lambda _: {"together": None}),
        "portfolio",
        "is not in the bundle",
    ),
    "another decision of the portfolio": (
        TOGETHER,
        _json("portfolio/decision-3.json", _set("digest", to="sha256:" + "0" * 64)),
        "allocate",
        "the records do not hold decision 3",
    ),
    "a settlement raised": (
        WHOLE_LIFE,
        _history("/deliver/HILL", answered("settle", _set("payable", "gross_fen", to=lambda fen: fen + 1))),
        "settle",
        "these differ: payable",
    ),
    "a deduction hidden": (
        WHOLE_LIFE,
        _history("/deliver/LAKE", answered("settle", _set("agreed_fen", to=lambda fen: fen - 1))),
        "money",
        "fen payable",
    ),
    "a score improved": (
        WHOLE_LIFE,
        _history("/review", answered("draft", _set("reviews", 0, "score_bp", to=10_000))),
        "draft",
        "these differ: reviews",
    ),
    "a claw-back forgotten": (
        AMENDED,
        _history("/sign/v3", answered("conclude", _set("claw_backs", to=[]))),
        "log completeness",
        "conclude",
    ),
    "an exception prolonged": (
        EXCEPTED,
        _history("", answered("decide", _set("facts", "exceptions", 0, "to_day", to=lambda day: day + 1))),
        "decide",
        "the facts say of exceptions what was not signed",
    ),
    "an act of somebody else": (
        WHOLE_LIFE,
        _history("/sign/v1", acted(_set("actor", "user", to="somebody"))),
        "vouchers",
        "not for somebody of",
    ),
    "an act with another content": (
        WHOLE_LIFE,
        _history("/review", acted(_set("content", to={}))),
        "vouchers",
        "the desk vouches for another content",
    ),
    "an act without a voucher": (
        PASSED,
        _history("/quote", acted(_set("voucher", to=None))),
        "vouchers",
        "nobody vouches",
    ),
    "a voucher for more roles": (
        PASSED,
        _history(
            "/quote",
            acted(lambda act: (act["actor"]["roles"].append("auditor"), act["voucher"]["roles"].append("auditor"))),
        ),
        "vouchers",
        "the desk vouches for another content",
    ),
    "a voucher of another day": (
        PASSED,
        _history("/quote", acted(_set("voucher", "at", to="2025-07-01T00:00:00Z"))),
        "vouchers",
        "not signed by the desk",
    ),
    "a refused act left out of the log's reach": (
        PASSED,
        _history("/quote", asked("write_down", _set("journal", "happenings", to=[]), 0)),
        "views",
        "views/happenings.json",
    ),
    "another desk": (
        PASSED,
        _history("", started(_set("desk_key", to="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))),
        "vouchers",
        "not signed by the desk",
    ),
    "another client": (
        PASSED,
        _history("", started(_set("contract", "client", to="LAKE"))),
        "log completeness",
        "registered",
    ),
    "another run": (
        PASSED,
        lambda raw: restated(
            raw,
            lambda manifest: {
                "histories": tuple(each.model_copy(update={"run_id": "x"}) for each in manifest.histories)
            },
        ),
        "archive",
        "this is not the history of run x",
    ),
}

LOG: dict[str, tuple[str, Tamper, str, str]] = {
    "the log left out": (PASSED, lambda raw: restated(raw, lambda _: {"log": ""}), "log", "says nothing of the log"),
    "the last entry left out": (
        PASSED,
        _json("log/entries.json", without_entry(-1)),
        "log completeness",
        "is not in the log",
    ),
    "the first entry left out": (
        PASSED,
        _json("log/entries.json", without_entry(0)),
        "log sequence",
        "entry 1 about the contract is missing",
    ),
    "an entry from the middle left out": (
        PASSED,
        _json("log/entries.json", without_entry(2)),
        "log sequence",
        "entry 3 about",
    ),
    "entries exchanged": (
        PASSED,
        _json("log/entries.json", lambda log: log["entries"].insert(0, log["entries"].pop(1))),
        "log sequence",
        "entry 1 about the contract is missing",
    ),
    "an entry changed": (
        PASSED,
        _json(
            "log/entries.json",
            lambda log: log["entries"][1].update(entry=log["entries"][1]["entry"].replace("2025", "2024")),
        ),
        "log inclusion",
        "is not in the log of",
    ),
    "an entry at another place": (
        PASSED,
        _json("log/entries.json", lambda log: log["entries"][0].update(position=1)),
        "log inclusion",
        "entry 1 is not in the log",
    ),
    "a proof changed": (
        PASSED,
        _json("log/entries.json", lambda log: log["entries"][0]["proof"].__setitem__(0, "00" * 32)),
        "log inclusion",
        "entry 0 is not in the log",
    ),
    "the checkpoint over fewer entries": (
        PASSED,
        _json("log/entries.json", lambda log: log.update(checkpoint=_smaller(log["checkpoint"]))),
        "log checkpoint",
        "is not signed by",
    ),
    "another key of the log": (
        PASSED,
        _json(
            "log/entries.json",
            lambda log: log.update(key="PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        ),
        "log checkpoint",
        "not of PeterNeumann",
    ),
}


def _smaller(note: str) -> str:
    lines = note.split("\n")
    lines[1] = str(int(lines[1]) - 1)
    return "\n".join(lines)


TAMPERED = {**MEMBERS, **HISTORIES, **LOG}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_bundle_is_rejected_for_the_right_reason(name: str) -> None:
    """The manifest was made to fit; the check that is meant for it says where, and what differs."""
    story, tamper, check, reason = TAMPERED[name]

    found = failed(tamper(kept(story)))

    told = {each: detail for each, detail in found.items() if each.startswith(check)}
    assert told, found
    assert any(reason in detail for detail in told.values()), told


def test_there_are_sixty_of_them() -> None:
    """All in all more than sixty ways are tried."""
    assert len(CONTAINER) + len(TAMPERED) >= 60


def test_a_history_that_unpacks_to_more_than_any_history_is_refused() -> None:
    """A small member that would fill the memory is not unpacked."""
    bomb = zlib.compress(bytes(257 * 2**20), 1)
    member = "histories/contract_LY-2025-0001.pb.z"

    found = failed(restated(with_members(kept(PASSED), {member: bomb})))

    assert "larger than 268,435,456 bytes" in found["archive contract/LY-2025-0001"]
