"""`rules except`, `exceptions`, `revoke`: exceptions to waivable rules, signed by the office and never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Data, File, FromDay, Reason, User

if TYPE_CHECKING:
    from lianyue.desk.exceptions import ExceptionDesk


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group *app*."""
    app.command("except")(grant)
    app.command("exceptions")(listed)
    app.command()(revoke)


def grant(file: File, data: Data = None, user: User = None, as_json: AsJson = False) -> None:
    """准予例外：Check an exception, sign it in the office's name, and keep it for good."""
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import elsewhere, settings_of, wired
    from lianyue.strict_files import text_of

    text, settings = text_of(file), settings_of(data, user)
    remote = elsewhere(settings)
    if remote is not None:
        told = remote.grant_exception(text)
    else:
        desk = wired(settings).exceptions
        told = _told(desk, desk.grant(text, str(file), settings.user).digest)
    if as_json:
        emit(told)
    else:
        rules, members = "、".join(told["rules"]), "、".join(told["members"])
        say(f"{told['name']} 已由联盟办公室签名：{rules}，{members}，{_term(told)}")
        say(told["digest"])


def listed(data: Data = None, as_json: AsJson = False) -> None:
    """查看例外：List every exception with its term and the check of its signature."""
    from lianyue.access.grants import exception_document
    from lianyue.cli.output import emit, table
    from lianyue.cli.session import elsewhere, settings_of, wired

    settings = settings_of(data)
    remote = elsewhere(settings)
    if remote is not None:
        every = remote.exceptions()
    else:
        every = [exception_document(each) for each in wired(settings).exceptions.all()]
    if as_json:
        emit({"exceptions": every})
        return
    rows = [
        (
            *(each["name"], each["policy"], "、".join(each["rules"]), "、".join(each["members"])),
            *(_term(each), each["granted_by"]),
        )
        for each in every
    ]
    table(("名称", "规则册", "规则", "成员", "期间", "准予人"), rows, f"规则例外 {len(rows)} 项")


def revoke(
    exception: Annotated[str, typer.Argument(metavar="NAME", help="例外名称或摘要 The exception's name or digest.")],
    first: FromDay,
    reason: Reason,
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """撤销例外：End an exception from a day on, by a signed object of its own; the exception stays on record."""
    from contracts.calendar import epoch_day
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import elsewhere, settings_of, wired
    from lianyue.strict_files import reason_given

    settings, why = settings_of(data, user), reason_given(reason)
    remote = elsewhere(settings)
    if remote is not None:
        told = remote.revoke_exception(exception, first, why)
    else:
        desk = wired(settings).exceptions
        told = _told(desk, desk.revoke(exception, settings.user, epoch_day(first), why).digest)
    if as_json:
        emit(told)
    else:
        say(f"{told['name']} 自 {first} 起撤销")


def _told(desk: ExceptionDesk, digest: str) -> dict[str, Any]:
    from lianyue.access.grants import exception_document

    return exception_document(next(each for each in desk.all() if each.digest == digest))


def _term(exception: dict[str, Any]) -> str:
    from contracts.signature import SignatureVerdict

    revoked = "" if exception["revoked_from"] is None else f"，自 {exception['revoked_from']} 起撤销"
    doubtful = "" if exception["signature"] == SignatureVerdict.VALID else f"，签名 {exception['signature']}"
    return f"{exception['from']} 至 {exception['to']}（不含）{revoked}{doubtful}"
