"""
What a bundle shows beside the histories, so that it can be read without Lianyue; each is a function of the histories.

The values stand as the histories have them, field by field: another release makes the same documents of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHistory

from activities.signing import SignOutcome
from contracts.errors import UnknownName
from contracts.ids import contract_workflow, number_of
from contracts.service_contract import ContractOrder
from contracts.signed_document import DocumentRevision
from lianyue.audit.acts import Act, acts_of
from lianyue.audit.evidence import Done, activities_done, started_with
from rules.canonical import canonical

View = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The histories of one contract, read once: what was asked of activities and answered, and what people did."""

    number: str
    histories: tuple[WorkflowHistory, ...]
    done: tuple[Done, ...]
    acts: tuple[Act, ...]

    @property
    def root(self) -> WorkflowHistory:
        """The history of the contract itself."""
        return next(each for each in self.histories if each.workflow_id == contract_workflow(self.number))

    @property
    def order(self) -> ContractOrder:
        """What the contract was started with."""
        return started_with(self.root, ContractOrder)

    @property
    def signed(self) -> tuple[DocumentRevision, ...]:
        """The revisions by which companies signed; what a key outside could not sign yet is none."""
        outcomes = [each.answered(SignOutcome) for each in self.done if each.name == "sign"]
        return tuple(each.revision for each in outcomes if each.revision is not None)

    def answers(self, *names: str) -> Iterator[tuple[Done, Any]]:
        """Yield what the activities called *names* were asked and answered, the answer as JSON."""
        for each in self.done:
            if each.name in names:
                yield each, json.loads(each.answer)


def told_by(histories: Sequence[WorkflowHistory]) -> Told:
    """
    Read the *histories* of one contract.

    Raises:
        UnknownName: If the contract's own is not among them.
    """
    ordered = sorted(histories, key=lambda each: each.workflow_id)
    numbers = dict.fromkeys(number_of(each.workflow_id) for each in ordered)
    roots = [contract_workflow(number) for number in numbers]
    if not ordered or [each.workflow_id for each in ordered[:1]] != roots:
        raise UnknownName(f"these are not the histories of one contract, but of {', '.join(numbers) or 'none'}")
    return Told(
        number=ordered[0].workflow_id.partition("/")[2],
        histories=tuple(ordered),
        done=tuple(done for each in ordered for done in activities_done(each)),
        acts=tuple(act for each in ordered for act in acts_of(each)),
    )


def views_of(told: Told) -> dict[str, bytes]:
    """Return every document that follows from the histories, by its name in the bundle."""
    views = {f"views/{name}.json": canonical(view(told)) for name, view in _VIEWS.items()}
    return {**views, **documents_of(told)}


def documents_of(told: Told) -> dict[str, bytes]:
    """Return every version of the agreement as drawn up: the bytes whose SHA-256 was signed."""
    return {
        f"documents/agreement-v{answer['agreement']['version']}.json": canonical(answer["agreement"])
        for _, answer in told.answers("draw_up", "amend")
    }


def money_of(told: Told) -> View:
    """What was agreed, and what was settled: members by milestones, with the sums of rows and columns."""
    agreed = [_plan(answer["agreement"]) for _, answer in told.answers("draw_up", "amend")]
    lines = list(settled(told))
    return {
        "versions": agreed,
        "settlements": lines,
        "agreed_fen": sum(line["agreed_fen"] for line in lines),
        "deducted_fen": sum(line["deduction_fen"] for line in lines),
        "payable_fen": sum(line["payable"]["gross_fen"] for line in lines),
    }


def settled(told: Told) -> Iterator[Any]:
    """Yield every settlement line, and every claw-back that an amendment brought."""
    for _, line in told.answers("settle"):
        yield line
    for _, concluded in told.answers("conclude"):
        yield from concluded.get("claw_backs", ())


def _plan(agreement: Any) -> View:
    cells = [(each["member"], each["milestone"], each["amount_fen"]) for each in agreement["instalments"]]
    backs = agreement.get("claw_backs", ())
    cells += [(each["member"], f"claw-back-v{each['version']}", -each["amount_fen"]) for each in backs]
    return {
        "version": agreement["version"],
        "total_fen": agreement["total_fen"],
        "by_member": _sums((member, fen) for member, _, fen in cells),
        "by_milestone": _sums((milestone, fen) for _, milestone, fen in cells),
        "shares": {share["member"]: share["amount_fen"] for share in agreement["shares"]},
        "cells": [{"member": member, "milestone": milestone, "amount_fen": fen} for member, milestone, fen in cells],
    }


def _sums(parts: Any) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, fen in parts:
        sums[name] = sums.get(name, 0) + fen
    return dict(sorted(sums.items()))


def order_of(told: Told) -> View:
    """Return what the contract was started with, field by field."""
    begun = told.root.events[0].workflow_execution_started_event_attributes
    found: View = json.loads(begun.input.payloads[0].data)
    return found


def _all_answers(*names: str) -> Callable[[Told], View]:
    """A view that lists what the activities called *names* answered."""

    def view(told: Told) -> View:
        listed = [
            {"workflow_id": done.workflow_id, "event": done.event, "activity": done.name, **answer}
            for done, answer in told.answers(*names)
        ]
        return {"all": listed}

    return view


def _quotes(told: Told) -> View:
    """The sealed quotes by their commitments, and what was opened; commitments stand in the requests."""
    return {
        "openings": [
            {
                "workflow_id": done.workflow_id,
                "event": done.event,
                "sealed": json.loads(done.request)["sealed"],
                "opened": answer["quotes"],
            }
            for done, answer in told.answers("open_quotes")
        ]
    }


def _acts(told: Told) -> View:
    return {"all": [_act(each) for each in told.acts]}


def _act(act: Act) -> View:
    own = {"workflow_id": act.workflow_id, "event": act.event, "at": act.at, "request_id": act.request_id}
    return {**own, "verb": act.verb, "refusal": act.refusal, "answered": act.answered, "request": act.request}


def _happenings(told: Told) -> View:
    found = [
        happening
        for each in told.done
        for happening in json.loads(each.request).get("journal", {}).get("happenings", ())
    ]
    return {"all": sorted(found, key=lambda each: (each["at"], each["verb"], each["task"]))}


def _evidence(told: Told) -> View:
    """Every file that a delivery names, with its SHA-256; the files themselves are kept by their owners."""
    listed = [
        {"task": act.task, "by": act.actor.get("user", ""), "event": act.event, **file}
        for act in told.acts
        for file in (act.request.get("content", {}).get("evidence", ()) if act.verb == "submit" else ())
        if isinstance(file, dict) and "sha256" in file
    ]
    return {"files": listed}


_VIEWS: dict[str, Callable[[Told], View]] = {
    "order": order_of,
    "screenings": _all_answers("screen"),
    "decisions": _all_answers("decide", "take_up"),
    "quotes": _quotes,
    "agreements": _all_answers("draw_up", "amend", "conclude", "void"),
    "signatures": _all_answers("certify", "sign"),
    "reviews": _all_answers("draft", "finalise"),
    "money": money_of,
    "acts": _acts,
    "happenings": _happenings,
    "evidence": _evidence,
}
"""By its name; what each holds is said in docs/reference/bundle.md."""
