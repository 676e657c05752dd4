"""The portal of `lianyue up`: over a real socket, for a browser and for a program, until it is stopped."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import httpx2

from tests.acceptance.machine import EXAMPLES, PATIENCE_SECONDS, Machine, machine

EXAMPLE = EXAMPLES / "01-one-member"


def test_the_portal_answers_beside_the_worker(tmp_path: Path) -> None:
    """`up` prints where it is; people sign in, programs bring a token, and a portal that died comes back."""
    with machine(tmp_path / "data", LIANYUE_CLOCK_ORIGIN="2025-07-01T09:00") as made:
        made.soon("alliance", "load", str(EXAMPLE / "alliance.yaml"))
        made.soon("contract", "start", str(EXAMPLE / "contract.yaml"), "--as", _coordinator())
        issued = made.soon("alliance", "token", "robot", "--for", _coordinator(), "--json").document
        listed = made.soon("alliance", "tokens", "--json").document["tokens"]
        with httpx2.Client(base_url=f"http://127.0.0.1:{made.port}") as door:
            signed_in = door.post("/sign-in", data={"user": _coordinator()})
            me = door.get("/api/v1/me").json()
            bearer = {"Authorization": f"Bearer {issued['secret']}"}
            contracts = door.get("/api/v1/contracts", headers=bearer).json()["contracts"]
            ready = door.get("/readyz").json()
            _kill_portal(made)
            again = _until_it_answers(door)
            made.soon("alliance", "revoke-token", "robot")
            revoked = door.get("/api/v1/me", headers=bearer)
        stopped = made.interrupt()

    assert (303, _coordinator()) == (signed_in.status_code, me["user"])
    assert ["robot"] == [each["name"] for each in listed]
    assert 1 == len(contracts)
    assert {"ready": True, "records": True, "temporal": True} == ready
    assert (200, 401, 0) == (again, revoked.status_code, stopped.code)


def _coordinator() -> str:
    text = (EXAMPLE / "alliance.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "coordinator" in line and "user:" in line)
    return line.partition("user: ")[2].partition(",")[0]


def _kill_portal(made: Machine) -> None:
    os.kill(int((made.data / "portal.pid").read_text(encoding="ascii")), signal.SIGKILL)


def _until_it_answers(door: httpx2.Client) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            return door.get("/healthz").status_code
        except httpx2.TransportError:
            time.sleep(0.2)
    return 0
