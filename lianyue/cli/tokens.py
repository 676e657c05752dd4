"""`alliance token`, `tokens`, `revoke-token`: how programs are let in at the HTTP door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lianyue.cli.options import AsJson, Data

if TYPE_CHECKING:
    from lianyue.access.sign_in import SignIn

Name = Annotated[str, typer.Argument(metavar="NAME", help="令牌名称 What the token is called.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group *app*."""
    app.command()(token)
    app.command()(tokens)
    app.command("revoke-token")(revoke_token)


def token(
    name: Name,
    user: Annotated[str, typer.Option("--for", metavar="USER", help="代表谁 For whom the program acts.")],
    roles: Annotated[
        list[str] | None, typer.Option("--role", metavar="ROLE", help="只限这些角色 No role beyond these.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="有效天数 For how many days.")] = 90,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """签发令牌：Issue an API token; its secret is shown this once."""
    from pydantic import TypeAdapter, ValidationError

    from contracts.errors import Invalid
    from contracts.organisation import Role
    from contracts.value import Slug
    from lianyue.cli.output import emit, say

    try:
        TypeAdapter(Slug).validate_python(name)
        ceiling = tuple(Role(role) for role in roles or ())
    except ValidationError:
        raise Invalid(f"{name!r} is no name: small letters, digits and dashes", where="NAME") from None
    except ValueError as error:
        raise Invalid(f"{error}; there are {', '.join(Role)}", where="--role") from None
    with _sign_in(data) as sign_in:
        secret, kept = sign_in.issue(name, user, ceiling, days)
    if as_json:
        emit({"secret": secret, **kept.model_dump(mode="json", exclude={"secret_hash"})})
    else:
        say(
            f"{secret}\n只显示这一次。代表 {user}（{kept.company}），角色 {kept.roles}，{kept.expires_at:%Y-%m-%d} 到期"
        )


def tokens(data: Data = None, as_json: AsJson = False) -> None:
    """查看令牌：List the API tokens, without their secrets."""
    from lianyue.cli.output import emit, table

    with _sign_in(data) as sign_in:
        found = sign_in.tokens()
    if as_json:
        emit({"tokens": [each.model_dump(mode="json", exclude={"secret_hash"}) for each in found]})
        return
    rows = [
        (
            *(each.name, each.user, each.company, each.roles, f"{each.expires_at:%Y-%m-%d}"),
            f"{each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "",
            "已撤销" if each.revoked_at else "",
        )
        for each in found
    ]
    table(("名称", "代表", "公司", "角色", "到期", "上次使用", ""), rows, f"令牌 {len(rows)} 个")


def revoke_token(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """撤销令牌：End an API token at once."""
    from lianyue.cli.output import emit, say

    with _sign_in(data) as sign_in:
        sign_in.revoke(name)
    if as_json:
        emit({"name": name, "revoked": True})
    else:
        say(f"{name} 已撤销")


@contextmanager
def _sign_in(data: Path | None) -> Iterator[SignIn]:
    from lianyue.access.sign_in import SignIn
    from lianyue.cli.session import need_records, settings_of
    from lianyue.records.directory import Directory
    from lianyue.records.engine import Database
    from lianyue.records.sign_ins import SignIns

    settings = settings_of(data)
    need_records(settings)
    with Database(settings.records_url) as database:
        yield SignIn(SignIns(database), Directory(database))
