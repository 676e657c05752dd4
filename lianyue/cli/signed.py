"""`documents`: the signed documents, fetched, prepared for keys outside, and checked by anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lianyue.cli.options import AsJson, Data, Number

app = typer.Typer(help="签署文件 The documents that companies sign.", no_args_is_help=True)

Pdf = Annotated[Path, typer.Argument(metavar="PDF", help="已签署的 PDF The signed PDF.")]
Expected = Annotated[
    str | None, typer.Option("--expect", metavar="NO", help="应为哪份合同 The contract of the records that it must be.")
]
Roots = Annotated[
    Path | None,
    typer.Option("--trust", metavar="PEM", help="信任的根证书 The root certificates to trust [of this installation]."),
]
Version = Annotated[int | None, typer.Option("--version", help="第几版 Which version; the latest without it.")]
Target = Annotated[Path, typer.Option("--output", "-o", metavar="PDF", help="写到何处 Where to write it.")]


@app.callback()
def documents() -> None:
    """签署文件：Fetch and check signed documents."""


@app.command()
def verify(pdf: Pdf, expect: Expected = None, trust: Roots = None, data: Data = None, as_json: AsJson = False) -> int:
    """验签：Say of a signed PDF whether every party has signed it; needs no server, and records only for --expect."""
    from datetime import UTC, datetime

    from lianyue.cli.session import settings_of
    from lianyue.signing.document_check import LARGEST
    from lianyue.signing.examining import examined
    from lianyue.signing.trusting import trust_here
    from lianyue.strict_files import bytes_of

    settings = settings_of(data)
    expected = _expectation(settings, expect) if expect else None
    check = examined(bytes_of(pdf, LARGEST), trust_here(settings, trust), datetime.now(UTC), expected)
    _tell(pdf, check, as_json=as_json)
    return 0 if check.verdict == "valid" else 1


@app.command()
def fetch(number: Number, output: Target, version: Version = None, data: Data = None, as_json: AsJson = False) -> int:
    """取文件：Write the present PDF of a contract to a file."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import found, need_records, settings_of
    from lianyue.wiring import Wiring

    settings = settings_of(data)
    need_records(settings)
    wiring = Wiring(found(settings))
    revision = _last_revision(wiring, number, version)
    output.write_bytes(wiring.documents.pdf(revision))
    if as_json:
        emit(revision.model_dump(mode="json"))
    else:
        say(f"{number} 第{revision.version}版，第{revision.ordinal}次修订，{revision.size:,} 字节：{output}")
    return 0


@app.command()
def prepare(
    number: Number,
    company: Annotated[str, typer.Option("--company", metavar="CODE", help="签署单位 The company that signs.")],
    version: Version = None,
    data: Data = None,
    as_json: AsJson = False,
) -> int:
    """备签：Prepare a company's signature for its own device; only a digest need leave this machine."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import found, need_records, settings_of
    from lianyue.wiring import Wiring

    settings = settings_of(data)
    need_records(settings)
    wiring = Wiring(found(settings))
    prepared = wiring.documents.prepare(_last_revision(wiring, number, version), company)
    if as_json:
        emit(prepared.model_dump(mode="json"))
    else:
        until = f"{prepared.expires_at:%Y-%m-%d %H:%M} UTC"
        say(f"prepared: {prepared.id}\nSHA-256:  {prepared.attributes_digest}\n有效至：{until}")
    return 0


@app.command()
def services(data: Data = None, as_json: AsJson = False) -> int:
    """试连：Try every key and service that LIANYUE_SIGNING_KEYS names; of companies only certificates are looked at."""
    from dataclasses import asdict

    from lianyue.cli.output import emit, say, table
    from lianyue.cli.session import settings_of, wired
    from lianyue.signing.fitness import tried

    settings = settings_of(data)
    wiring = wired(settings)
    wiring.require_signing()
    answers = list(tried(wiring.signing_ground)) if settings.signing_keys else []
    if as_json:
        emit({"services": [asdict(each) for each in answers]})
    elif answers:
        table(("对象", "可用", "说明"), [(each.what, "是" if each.is_fit else "否", each.told) for each in answers])
    else:
        say("没有配置：全部使用测试密钥与测试时间戳 (LIANYUE_SIGNING_KEYS)")
    return 0 if all(each.is_fit for each in answers) else 1


def _last_revision(wiring, number: str, version: int | None):  # type: ignore[no-untyped-def]
    from contracts.errors import UnknownName

    versions = [each.version.agreement.version for each in wiring.reading.agreements(number)]
    revisions = wiring.reading.revisions(number, version or max(versions, default=0))
    if not revisions:
        raise UnknownName(f"there is no document of {number} to sign")
    return revisions[-1]


def _expectation(settings, number: str):  # type: ignore[no-untyped-def]
    """Return what the records say the document of contract *number* must be: the version in force, else the latest."""
    from contracts.errors import UnknownName
    from lianyue.cli.session import need_records
    from lianyue.wiring import Wiring

    need_records(settings)
    wiring = Wiring(settings)
    kept = wiring.reading.agreements(number)
    if not kept:
        raise UnknownName(f"no agreement was drawn up for {number}")
    in_force = [each for each in kept if each.state == "in_force"]
    return wiring.documents.expectation((in_force or list(kept))[-1].version)


def _tell(pdf: Path, check, *, as_json: bool) -> None:  # type: ignore[no-untyped-def]
    from lianyue.cli.output import emit, say, table
    from lianyue.signing.wording import finding_in, said_of_a_signer, verdict_in

    if as_json:
        emit(check.model_dump(mode="json"))
        return
    if check.scope:
        say(f"{check.scope.number} 第{check.scope.version}版")
    rows = [
        (
            each.company,
            verdict_in(each.verdict, "zh"),
            said_of_a_signer(each.reason, "zh"),
            _moment(check, each.company),
        )
        for each in check.parties
    ]
    if rows:
        table(("单位", "结论", "说明", "签署时间"), rows)
    if check.test_keys:
        say("注意：其中有测试证书，不具法律效力 (test certificates)")
    found = f"{verdict_in(check.verdict, 'zh')}，{finding_in(check.reason, 'zh')}"
    say(f"{pdf}：{found} [{check.reason}] {check.detail}".rstrip())


def _moment(check, company: str) -> str:  # type: ignore[no-untyped-def]
    from contracts.calendar import SHANGHAI

    at = check.signed_at.get(company)
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""
