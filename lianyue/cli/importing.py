"""`contract import-ocds`: what others have published, as a batch of contracts to start."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lianyue.cli.options import AsJson

LARGEST_PUBLICATION = 100 * 2**20


def import_ocds(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="开放合同数据 A package of OCDS 1.1 releases, JSON.")],
    defaults: Annotated[
        Path | None,
        typer.Option("--defaults", metavar="FILE", help="补充字段 Contract fields that go before those of releases."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="写到哪个文件 The batch to write.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """读入开放合同数据：Read OCDS 1.1 releases as a batch that `start-batch` takes; 1 if a release was refused."""
    import json

    from lianyue.audit.ocds_import import taken_in
    from lianyue.cli.checks_page import write_file
    from lianyue.cli.output import emit, log
    from lianyue.strict_files import bytes_of, content, exact_json

    published = exact_json(bytes_of(file, LARGEST_PUBLICATION), str(file))
    found = taken_in(published, content(defaults) if defaults else {})
    batch = found.as_batch()
    if output is not None:
        write_file(output, (json.dumps(batch, ensure_ascii=False, indent=2) + "\n").encode())
    if as_json:
        emit({"batch": batch, "refused": [each._asdict() for each in found.refused]})
        return 1 if found.refused else 0
    if output is None:
        emit(batch)
    for refusal in found.refused:
        log(f"{refusal.path}: {refusal.reason}")
    log(f"{len(found.contracts)} contracts, {len(found.refused)} faults in the releases that were refused")
    return 1 if found.refused else 0
