"""How a contract stood after an event, as programs read it."""

from __future__ import annotations

from lianyue.audit.time_travel import Standing, seen_by
from lianyue.audit.views import Told


def standing_document(told: Told, standing: Standing) -> dict[str, object]:
    """Return the document of `audit at`."""
    place, order = standing.place, told.order
    companies = sorted({order.office, order.contract.client, *(task.company for task in standing.open_tasks)})
    root = standing.states.get(told.root.workflow_id, {})
    return {
        "number": told.number,
        "event": {
            "number": place.number,
            "of": standing.of,
            "at": place.at,
            "workflow_id": place.workflow_id,
            "event": place.event,
            "what": place.what,
        },
        "stage": root.get("stage", "registered"),
        "open_tasks": [
            {
                **task.model_dump(mode="json", include={"id", "title", "kind", "company", "role", "user", "due_at"}),
                "seen_by": seen_by(task, order.contract.client, order.office, companies),
            }
            for task in standing.open_tasks
        ],
        "diverged": standing.diverged,
        "states": standing.states,
    }
