"""Named time limits and retry policies, in the one place where they are chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

from contracts.errors import PayloadUnreadable, Unreachable, every_error

CURABLE = (PayloadUnreadable, Unreachable)
"""A key that is put back and a service that answers again cure these."""

FINAL_ERRORS = sorted({error.__name__ for error in every_error() if error not in CURABLE} | {"ValidationError"})
"""Failures that trying again cannot cure."""

WRITING: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        maximum_interval=timedelta(seconds=20),
        non_retryable_error_types=FINAL_ERRORS,
    ),
}
"""One transaction in the records, tried until the database answers; a worker that died in it is noticed in 20 s."""

ARCHIVING: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        backoff_coefficient=1.2,
        maximum_interval=timedelta(seconds=30),
        non_retryable_error_types=FINAL_ERRORS,
    ),
}
"""Reads every history of a tree; tried until the last workflow has closed."""
