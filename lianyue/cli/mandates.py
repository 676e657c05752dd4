"""`alliance delegate`, `mandates`, `recall`: authority and tasks, handed over from day to day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from lianyue.cli.options import AsJson, Colleague, Data, FromDay, Reason, User

if TYPE_CHECKING:
    from lianyue.records.grants import KeptMandate


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
    from pydantic import ValidationError

    from contracts.approval import MandateGrant
    from contracts.calendar import epoch_day
    from contracts.errors import Invalid
    from contracts.organisation import MandateScope
    from lianyue.cli.documents import reason_given
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of, wired

    if scope not in list(MandateScope):
        raise Invalid(f"{scope!r} is none of {', '.join(MandateScope)}", where="--scope")
    settings = settings_of(data, user)
    wiring = wired(settings)
    days = {"from_day": epoch_day(first), "to_day": epoch_day(until) if until else None}
    try:
        grant = MandateGrant.model_validate(
            {"principal": settings.user, "delegate": to, **days, "reason": reason_given(reason), "scope": scope}
        )
    except ValidationError as error:
        raise Invalid(error.errors()[0]["msg"].removeprefix("Value error, "), where="alliance delegate") from None
    kept = wiring.mandates.grant(grant, settings.user)
    if as_json:
        emit(_document(kept))
    else:
        say(f"{grant.principal} 授权 {grant.delegate} {SCOPES[grant.scope]}，{_term(kept)}：{kept.digest}")


def mandates(data: Data = None, as_json: AsJson = False) -> None:
    """查看授权：List every mandate, past ones and revoked ones too."""
    from lianyue.cli.output import emit, table
    from lianyue.cli.session import settings_of, wired

    settings = settings_of(data)
    every = wired(settings).mandates.all()
    if as_json:
        emit({"mandates": [_document(each) for each in every]})
        return
    rows = [
        (
            each.grant.principal,
            each.grant.delegate,
            SCOPES[each.grant.scope],
            _term(each),
            each.grant.reason,
            each.digest,
        )
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
    from lianyue.cli.documents import reason_given
    from lianyue.cli.output import emit, say
    from lianyue.cli.session import settings_of, wired

    settings = settings_of(data, user)
    kept = wired(settings).mandates.revoke(mandate, settings.user, epoch_day(first), reason_given(reason))
    if as_json:
        emit(_document(kept))
    else:
        say(f"{kept.grant.principal} 对 {kept.grant.delegate} 的授权已收回，{_term(kept)}")


def _document(kept: KeptMandate) -> dict[str, Any]:
    from contracts.calendar import iso_day

    days = {"from": kept.grant.from_day, "to": kept.grant.to_day, "revoked_from": kept.revoked_day}
    written = {name: None if day is None else iso_day(day) for name, day in days.items()}
    return {"mandate": kept.digest, **kept.grant.model_dump(exclude={"from_day", "to_day"}), **written}


def _term(kept: KeptMandate) -> str:
    from contracts.calendar import iso_day

    end = "未定截止日" if kept.to_day is None else f"至 {iso_day(kept.to_day)}（不含）"
    return f"{iso_day(kept.grant.from_day)} {end}"
