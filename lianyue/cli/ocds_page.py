"""Contracts as one OCDS publication, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from lianyue.audit.ocds import Json, package, release
from lianyue.audit.ocds_rules import faults
from lianyue.audit.replay import archived
from lianyue.audit.views import told_by
from lianyue.wiring import Wiring


def publication(wiring: Wiring, numbers: Sequence[str], prefix: str) -> tuple[Json, list[str], list[str]]:
    """
    Return the publication of the contracts *numbers*, or of all; its faults; and which of them are not archived yet.

    Raises:
        UnknownName: If there is no such contract.
    """
    wanted = [wiring.reading.contract(number).number for number in numbers]
    wanted = wanted or [each.number for each in wiring.reading.contracts()]
    companies = {each.code: each.name for each in wiring.directory.companies()}
    releases, running = [], []
    for number in wanted:
        histories = archived(wiring, number)
        if histories:
            releases.append(release(told_by(histories), companies, prefix))
        else:
            running.append(number)
    published = max((str(each["date"]) for each in releases), default="1970-01-01T00:00:00Z")
    found = package(releases, published, companies.get(wiring.directory.office(), "Lianyue"))
    return found, faults(found), running
