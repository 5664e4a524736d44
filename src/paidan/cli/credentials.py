"""`paidan credential create|list|revoke`: programs that speak another product's protocol."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.cli.app import credential_app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json

if TYPE_CHECKING:
    from paidan.accounts.models import Credential, User

Codes = list[str]


@credential_app.command("create", help=_("Let a program in that signs with these keys; see docs/how-to/wdt.md."))
def create(
    sid: Annotated[str, typer.Option("--sid", help=_("The account: sid, or the customer's id behind a gateway."))],
    appkey: Annotated[str, typer.Option("--appkey", help=_("The app key the program names itself by."))],
    protocol: Annotated[str, typer.Option("--protocol", help=_("wdt or wdt-qimen."))] = "wdt",
    secret: Annotated[
        str, typer.Option("--secret", help=_("What it signs with (wdt-qimen: secret:salt); asked for if left out."))
    ] = "",
    gateway_key: Annotated[str, typer.Option("--gateway-key", help=_("The gateway's app key; wdt-qimen only."))] = "",
    gateway_secret: Annotated[
        str, typer.Option("--gateway-secret", help=_("What the gateway signs with; wdt-qimen only."))
    ] = "",
    target_key: Annotated[str, typer.Option("--target-key", help=_("The target app key; wdt-qimen only."))] = "",
    owner: Annotated[
        str, typer.Option("--owner", help=_("The user it acts for; by default one of its own who cannot sign in."))
    ] = "",
    shop: Annotated[Codes, typer.Option("--shop", help=_("Only this shop; may be repeated."))] = [],  # noqa: B006
    warehouse: Annotated[Codes, typer.Option("--warehouse", help=_("Only this warehouse; may be repeated."))] = [],  # noqa: B006
    buyers: Annotated[
        bool,
        typer.Option("--buyers", help=_("It may read buyers in clear, if its owner may; that is logged.")),
    ] = False,
) -> None:
    use_database()
    from paidan.accounts.credentials import SCOPES, Keys
    from paidan.accounts.models import Protocol
    from paidan.accounts.token_scopes import TokenScope
    from paidan.cli.references import shop_named, warehouse_named
    from paidan.network.people import add_limited_credential

    if protocol not in Protocol.values:
        words = {"protocol": protocol, "protocols": ", ".join(Protocol.values)}
        sentence = _("There is no protocol %(protocol)s; the protocols are %(protocols)s.") % words
        raise Fault(sentence, code="unknown_protocol")
    made = add_limited_credential(
        Protocol(protocol),
        Keys(sid, appkey, secret or _asked(), gateway_key, gateway_secret, target_key),
        owner=_user(owner) if owner else None,
        scopes=[*SCOPES, *([TokenScope.BUYERS_READ] if buyers else [])],
        shops=[shop_named(code) for code in shop],
        warehouses=[warehouse_named(code) for code in warehouse],
        now=now(),
        by=acting_user(),
    )
    named = {"number": made.pk, "name": str(made), "user": made.token.owner.username}
    say(_("Credential #%(number)d: %(name)s is let in and acts for %(user)s.") % named)


@credential_app.command("list", help=_("Programs that are let in, and those that were."))
def list_credentials(as_json: Json = False) -> None:
    use_database()
    from paidan.accounts.models import Credential

    rows = [_record(row) for row in Credential.objects.select_related("token__owner").order_by("id")]
    if as_json:
        write_json(rows)
        return
    columns = [
        Column("id", _("Number"), align="right"),
        Column("protocol", _("Protocol")),
        Column("account", _("Account (sid)")),
        Column("app_key", _("App key")),
        Column("owner", _("Acts as")),
        Column("state", _("State")),
        Column("last_used", _("Last used"), wide=True),
    ]
    shown = [{**row, "state": _("good") if row["active"] else _("revoked")} for row in rows]
    out().print(table_of(shown, columns))


@credential_app.command("revoke", help=_("Shut a program out for good."))
def revoke(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help=_("The credential's number, as listed."))],
) -> None:
    use_database()
    from paidan.accounts.credentials import revoke_credential
    from paidan.accounts.models import Credential

    row = Credential.objects.select_related("token").filter(pk=number).first()
    if row is None:
        sentence = _("There is no credential #%(number)d; “paidan credential list” shows them.") % {"number": number}
        raise Fault(sentence, code="unknown_credential", exit_code=FOUND)
    if revoke_credential(row, now=now(), by=acting_user()):
        say(_("%(name)s is shut out.") % {"name": str(row)})
    else:
        say(_("%(name)s was shut out before.") % {"name": str(row)})


def _record(row: "Credential") -> dict[str, Any]:
    return {
        "id": row.pk,
        "protocol": row.protocol,
        "account": row.account,
        "app_key": row.app_key,
        "owner": row.token.owner.username,
        "active": row.active,
        "created": row.token.created_at,
        "last_used": row.token.last_used_at,
    }


def _user(name: str) -> "User":
    from paidan.accounts.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        raise Fault(_("There is no user %(name)s.") % {"name": name}, code="unknown_user", exit_code=FOUND)
    return user


def _asked() -> str:
    """Typed at a terminal, else the first line of standard input: an argument can be seen by others."""
    if sys.stdin.isatty():
        return str(typer.prompt(_("Secret"), hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")
