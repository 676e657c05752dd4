"""`rules except`, `exceptions`, `revoke`: exceptions to waivable rules, signed by the office and never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Data, File, FromDay, Reason, User

if TYPE_CHECKING:
    from contracts.facts import ExceptionFacts


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group *app*."""
    app.command("except")(grant)
    app.command("exceptions")(listed)
    app.command()(revoke)


def grant(file: File, data: Data = None, user: User = None, as_json: AsJson = False) -> None:
    """准予例外：Check an exception, sign it in the office's name, and keep it for good."""
    from lianyue.cli.documents import text_of
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of, wired

    text, settings = text_of(file), settings_of(data, user)
    desk = wired(settings).exceptions
    signed = desk.grant(text, str(file), settings.user)
    told = next(each for each in desk.all() if each.digest == signed.digest)
    if as_json:
        emit(_document(told))
    else:
        say(f"{told.name} 已由联盟办公室签名：{'、'.join(told.rules)}，{'、'.join(told.members)}，{_term(told)}")
        say(told.digest)


def listed(data: Data = None, as_json: AsJson = False) -> None:
    """查看例外：List every exception with its term and the check of its signature."""
    from lianyue.cli.output import emit, table
    from lianyue.cli.session import settings_of, wired

    settings = settings_of(data)
    every = wired(settings).exceptions.all()
    if as_json:
        emit({"exceptions": [_document(each) for each in every]})
        return
    rows = [
        (each.name, each.policy, "、".join(each.rules), "、".join(each.members), _term(each), each.granted_by)
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
    from lianyue.cli.documents import reason_given
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of, wired

    settings = settings_of(data, user)
    desk = wired(settings).exceptions
    signed = desk.revoke(exception, settings.user, epoch_day(first), reason_given(reason))
    told = next(each for each in desk.all() if each.digest == signed.digest)
    if as_json:
        emit(_document(told))
    else:
        say(f"{told.name} 自 {first} 起撤销")


def _document(exception: ExceptionFacts) -> dict[str, Any]:
    from contracts.calendar import iso_day

    days = {"from": iso_day(exception.from_day), "to": iso_day(exception.to_day)}
    revoked = None if exception.revoked_day is None else iso_day(exception.revoked_day)
    told = exception.model_dump(mode="json", exclude={"from_day", "to_day", "revoked_day"})
    return {**told, **days, "revoked_from": revoked}


def _term(exception: ExceptionFacts) -> str:
    from contracts.calendar import iso_day
    from contracts.signature import SignatureVerdict

    revoked = "" if exception.revoked_day is None else f"，自 {iso_day(exception.revoked_day)} 起撤销"
    doubtful = "" if exception.signature is SignatureVerdict.VALID else f"，签名 {exception.signature}"
    return f"{iso_day(exception.from_day)} 至 {iso_day(exception.to_day)}（不含）{revoked}{doubtful}"
