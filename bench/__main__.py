"""``python -m bench``: take all figures on this machine and print them; ``--json`` prints one document instead."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

from bench import allocating, deciding, hostile, inbox, live, printing, replaying, signing, verifying
from bench.counts import counts_of
from bench.playing import place
from bench.report import Report, show

PAIRS = 7


async def measure(data: Path, pairs: int, large: bool = False) -> Report:
    """Take every figure, one after the other, so that none disturbs another."""
    began = time.monotonic()
    ratios, whole = deciding.measure(pairs)
    refused = hostile.measure()
    printed, signed = printing.measure(), signing.measure()
    allocated = allocating.measure(pairs)
    gaps = allocating.measure_large() if large else ()
    waits = await inbox.measure(data / "inbox")
    _say("rules and inbox measured; now the reference contract and its bare counterparts in turn")
    async with place(data) as at:
        lived = await live.measure(at, pairs)
        _say("live measured; now replay")
        replayed = await replaying.measure(lived.histories, lived.bare_histories, pairs)
        proved = await verifying.measure(at, lived.played.number, lived.bare_histories, pairs)
        flat = await replaying.measure_flatness(at, pairs)
    return Report(
        ratios=(*lived.ratios, replayed, proved, flat, *ratios, *allocated),
        gaps=gaps,
        counts=counts_of(lived.played, lived.histories),
        decision=whole,
        hostile=refused,
        waits=waits,
        printed=printed,
        signed=signed,
        seconds=round(time.monotonic() - began),
    )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> int:
    """Run the bench; return 0 if every figure could be taken, whatever it is."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"pairs of each ratio (default {PAIRS})")
    parser.add_argument("--large", action="store_true", help="decide the large portfolios too; takes minutes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianyue-bench-", ignore_cleanup_errors=True) as folder:
        report = asyncio.run(measure(Path(folder), given.pairs, given.large))
    if given.json:
        print(report.model_dump_json())
    else:
        show(report)
    return 0


if __name__ == "__main__":
    try:
        code = main()
    except BaseException:  # noqa: BLE001 - the entry point: said, then the process ends as below
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the SDK's runtime threads may abort an ordinary exit of the interpreter
