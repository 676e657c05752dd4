"""`alliance delegate`, `mandates`, `recall`: authority and tasks, handed over from day to day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Colleague, Data, FromDay, Reason, User

if TYPE_CHECKING:
    from lianyue.settings import Settings


SCOPES = {"approvals": "代为审批", "tasks": "代办任务"}


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group *app*."""
    app.command()(delegate)
    app.command()(mandates)
    app.command()(recall)


def delegate(
    to: Colleague,
    first: FromDay,
    reason: Reason,
    until: Annotated[
        str, typer.Option("--until", metavar="DAY", help="至何日止（不含） The first day it no longer holds.")
    ] = "",
    scope: Annotated[
        str, typer.Option("--scope", help="审批 approvals · 离岗期间代办任务 tasks, while one is away")
    ] = "approvals",
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """授权：Hand one's own authority to approve, or one's tasks while away, over to a colleague, from day to day."""
    from contracts.errors import Invalid
    from contracts.organisation import MandateScope
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import elsewhere, settings_of
    from lianyue.strict_files import reason_given

    if scope not in list(MandateScope):
        raise Invalid(f"{scope!r} is none of {', '.join(MandateScope)}", where="--scope")
    settings, why = settings_of(data, user), reason_given(reason)
    remote = elsewhere(settings)
    if remote is not None:
        kept = remote.grant_mandate(to, first, until, why, MandateScope(scope))
    else:
        kept = _handed_over(settings, to, first, until, why, scope)
    if as_json:
        emit(kept)
    else:
        say(f"{kept['principal']} 授权 {to} {SCOPES[scope]}，{_term(kept)}：{kept['mandate']}")


def mandates(data: Data = None, as_json: AsJson = False) -> None:
    """查看授权：List every mandate, past ones and revoked ones too."""
    from lianyue.access.grants import mandate_document
    from lianyue.cli.output import emit, table
    from lianyue.cli.session import elsewhere, settings_of, wired

    settings = settings_of(data)
    remote = elsewhere(settings)
    every = remote.mandates() if remote is not None else [mandate_document(e) for e in wired(settings).mandates.all()]
    if as_json:
        emit({"mandates": every})
        return
    rows = [
        (*(each["principal"], each["delegate"], SCOPES[each["scope"]]), _term(each), each["reason"], each["mandate"])
        for each in every
    ]
    table(("授权人", "代理人", "范围", "期间", "理由", "编号"), rows, f"授权 {len(rows)} 项")


def recall(
    mandate: Annotated[str, typer.Argument(metavar="ID", help="授权编号 The mandate, as `mandates` prints it.")],
    first: FromDay,
    reason: Reason,
    data: Data = None,
    user: User = None,
    as_json: AsJson = False,
) -> None:
    """收回授权：End a mandate from a day on; what was done by it stays done."""
    from contracts.calendar import epoch_day
    from lianyue.access.grants import mandate_document
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import elsewhere, settings_of, wired
    from lianyue.strict_files import reason_given

    settings, why = settings_of(data, user), reason_given(reason)
    remote = elsewhere(settings)
    if remote is not None:
        kept = remote.recall(mandate, first, why)
    else:
        kept = mandate_document(wired(settings).mandates.revoke(mandate, settings.user, epoch_day(first), why))
    if as_json:
        emit(kept)
    else:
        say(f"{kept['principal']} 对 {kept['delegate']} 的授权已收回，{_term(kept)}")


def _handed_over(settings: Settings, to: str, first: str, until: str, reason: str, scope: str) -> dict[str, Any]:
    from contracts.calendar import epoch_day
    from lianyue.access.grants import granted, mandate_document
    from lianyue.cli.session import wired

    days = {"from_day": epoch_day(first), "to_day": epoch_day(until) if until else None}
    wiring = wired(settings)
    grant = granted({"principal": settings.user, "delegate": to, **days, "reason": reason, "scope": scope})
    return mandate_document(wiring.mandates.grant(grant, settings.user))


def _term(kept: dict[str, Any]) -> str:
    ends = [day for day in (kept["to"], kept["revoked_from"]) if day is not None]
    end = f"至 {min(ends)}（不含）" if ends else "未定截止日"
    return f"{kept['from']} {end}"
