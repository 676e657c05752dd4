"""`audit log verify`: the log hashed again, its checkpoints held against it, and the records against both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from contracts.errors import AllianceError
from lianyue.audit.checks import Check
from lianyue.log.entries import ARCHIVED, EFFECTS, NOTHING, Entry, hashed, payload_of
from lianyue.log.keeping import LogKeeper
from lianyue.log.note import Key, key_in, signed_by
from lianyue.log.tree import completed, leaf_hash, root
from lianyue.records.reading import Reading


def audited_log(keeper: LogKeeper, reading: Reading, trusted: Key | None = None) -> list[Check]:
    """
    Hash every entry again and compare: the tree that is kept, the checkpoints, and what the records hold.

    The checkpoints must be signed by the key *trusted*, or without one by the key that lies here.
    """
    lines = keeper.book.entries()
    entries = [_entry(line) for _, line in lines]
    return [
        _gapless([position for position, _ in lines], entries),
        _hashed_again(keeper, [line for _, line in lines]),
        *_checkpoints(keeper, [line for _, line in lines], trusted or keeper.key),
        _records(reading, [each for each in entries if each]),
    ]


def _entry(line: bytes) -> Entry | None:
    try:
        entry = Entry.model_validate_json(line)
    except ValidationError:
        return None
    return entry if entry.line() == line else None


def _gapless(positions: Sequence[int], entries: Sequence[Entry | None]) -> Check:
    """Positions count from nought, and the entries about each contract from one, each naming the one before."""
    wrong = "" if list(positions) == list(range(len(positions))) else "positions are missing"
    tips: dict[str, tuple[int, str]] = {}
    for position, entry in zip(positions, entries, strict=True):
        if wrong:
            break
        if entry is None:
            wrong = f"entry {position} cannot be read"
            break
        sequence, previous = tips.get(entry.number, (0, NOTHING))
        if (entry.sequence, entry.previous) != (sequence + 1, previous):
            wrong = f"entry {position} does not follow entry {sequence} about {entry.number or 'the alliance'}"
        tips[entry.number] = entry.sequence, hashed(leaf_hash(entry.line()))
    return Check(name="entries", ok=not wrong, detail=wrong or f"{len(entries)} entries about {len(tips)} subjects")


def _hashed_again(keeper: LogKeeper, lines: Sequence[bytes]) -> Check:
    again, there = _tree(lines), keeper.book.nodes()
    wrong = [
        f"level {level}, place {place}"
        for level, place in sorted(again.keys() | there.keys())
        if again.get((level, place)) != there.get((level, place))
    ]
    detail = f"not what the entries come to: {'; '.join(wrong[:3])}" if wrong else f"{len(again)} hashes as kept"
    return Check(name="tree", ok=not wrong, detail=detail)


def _tree(lines: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    nodes: dict[tuple[int, int], bytes] = {}
    for position, line in enumerate(lines):
        for level, place, found in completed(position, leaf_hash(line), lambda level, place: nodes[level, place]):
            nodes[level, place] = found
    return nodes


def _checkpoints(keeper: LogKeeper, lines: Sequence[bytes], key: Key) -> Iterator[Check]:
    nodes = _tree(lines)
    for checkpoint, note in keeper.book.checkpoints():
        name = f"checkpoint {checkpoint.size}"
        if checkpoint.size > len(lines):
            yield Check(name=name, ok=False, detail=f"the log has {len(lines)} entries: its end was cut off")
        elif root(checkpoint.size, lambda level, place: nodes[level, place]) != checkpoint.root:
            yield Check(name=name, ok=False, detail="the entries it covers are others now")
        elif checkpoint.origin != key.name or not signed_by(note, key):
            yield Check(name=name, ok=False, detail=f"it is not signed by {key.name}")
        else:
            yield _cosigned(name, note, keeper.book.witnesses(checkpoint.size))


def _cosigned(name: str, note: str, witnesses: Sequence[str]) -> Check:
    try:
        wrong = [each for each in witnesses if not signed_by(note, key_in(each))]
    except AllianceError as error:
        return Check(name=name, ok=False, detail=error.message)
    detail = f"not signed by {', '.join(wrong)}" if wrong else f"{len(witnesses)} witnesses have signed it"
    return Check(name=name, ok=not wrong, detail=detail)


def _records(reading: Reading, entries: Sequence[Entry]) -> Check:
    """Every effect and archived history in the records has its entry, and every such entry its row, alike."""
    wanted = {(each.kind, each.subject): each.payload for each in entries if each.kind in (*EFFECTS, ARCHIVED)}
    there = {(step, key): payload_of(json.loads(answer)) for key, step, answer in reading.effects(EFFECTS)}
    there |= {(ARCHIVED, f"{workflow} {run}"): digest for workflow, run, digest in reading.history_digests()}
    wrong = [
        f"{kind} {subject} is in the records and not in the log"
        for kind, subject in sorted(there.keys() - wanted.keys())
    ]
    wrong += [
        f"{kind} {subject} is in the log and not in the records"
        for kind, subject in sorted(wanted.keys() - there.keys())
    ]
    wrong += [
        f"{kind} {subject} is other than the log has it"
        for kind, subject in sorted(there.keys() & wanted.keys())
        if there[kind, subject] != wanted[kind, subject]
    ]
    return Check(name="records", ok=not wrong, detail="; ".join(wrong[:3]) or f"{len(there)} rows as entered")
