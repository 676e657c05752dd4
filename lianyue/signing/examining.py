"""The check of a document that anybody may have made: in a process of its own, with little memory and little time."""

from __future__ import annotations

import base64
import json
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, Final

from contracts.signed_document import VERDICT_OF, DocumentCheck, DocumentFinding, Expectation
from lianyue.signing.trust import Trust

LARGEST_PUBLIC: Final = 4 * 2**20
"""Bytes of a document that strangers may have looked at."""

MEMORY: Final = 768 * 2**20
CPU_SECONDS: Final = 20
PATIENCE_SECONDS: Final = 60
"""What one examination may take; whatever takes more is answered with `gave-up`."""


def examined(pdf: bytes, trust: Trust, moment: datetime, expected: Expectation | None = None) -> DocumentCheck:
    """
    Check *pdf* as `check_document` does, in another process that cannot write, and that ends in any case.

    Nothing of it is stored; what the process says beside its answer is thrown away.
    """
    asked = {
        "roots": [base64.b64encode(each).decode() for each in trust.roots],
        "lists": [base64.b64encode(each).decode() for each in trust.lists],
        "platform": trust.platform,
        "moment": moment.isoformat(),
        "expected": expected.model_dump(mode="json") if expected else None,
    }
    command = [sys.executable, "-I", "-m", "lianyue.signing.examining"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asked).encode() + b"\n" + pdf,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
            check=False,
        )
        return DocumentCheck.model_validate_json(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        finding = DocumentFinding.GAVE_UP
        return DocumentCheck(verdict=VERDICT_OF[finding], reason=finding, digest=_digest(pdf))


def _digest(pdf: bytes) -> str:
    from hashlib import sha256

    return f"sha256:{sha256(pdf).hexdigest()}"


def _answer(asked: dict[str, Any], pdf: bytes) -> DocumentCheck:
    from lianyue.signing.document_check import check_document

    expected = Expectation.model_validate(asked["expected"]) if asked["expected"] else None
    roots, lists = (tuple(base64.b64decode(each) for each in asked[name]) for name in ("roots", "lists"))
    trust = Trust(roots, lists, asked["platform"])
    return check_document(pdf, trust, datetime.fromisoformat(asked["moment"]).astimezone(UTC), expected)


def main() -> None:
    """Answer what stands on standard input: a line of JSON, then the document."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    print(_answer(asked, sys.stdin.buffer.read()).model_dump_json())


if __name__ == "__main__":
    main()
