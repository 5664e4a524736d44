"""`paidan user add|list|password`: who may sign in. The first administrator is made here."""

import sys
from typing import Annotated

import typer

from paidan.cli.app import user_app
from paidan.cli.database import acting_user, now, use_database
from paidan.cli.faults import FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.output import Column, out, say, table_of, write_json

Name = Annotated[str, typer.Argument(metavar="NAME", help=_("The name to sign in with."))]


@user_app.command("add", help=_("Add somebody who may sign in; the password is asked for, or read from a pipe."))
def add(
    name: Name,
    role: Annotated[
        str, typer.Option("--role", help=_("administrator, lead, clerk, team, viewer or integrator."))
    ] = "viewer",
) -> None:
    use_database()
    from paidan.accounts.capabilities import Role
    from paidan.accounts.services import add_user

    if role not in Role.values:
        sentence = _("There is no role %(role)s; the roles are %(roles)s.")
        raise Fault(sentence % {"role": role, "roles": ", ".join(Role.values)}, code="unknown_role")
    user = add_user(name, role=role, password=_password(), now=now(), by=acting_user())
    values = {"user": user.username, "role": user.get_role_display()}
    say(_("%(user)s may sign in as %(role)s.") % values)


@user_app.command("list", help=_("Who may sign in, and as what."))
def list_users(as_json: Json = False) -> None:
    use_database()
    from paidan.accounts.models import User

    users = [
        {
            "username": user.username,
            "name": user.display_name,
            "role": user.get_role_display() if not as_json else user.role,
            "active": user.is_active,
            "last_login": user.last_login,
        }
        for user in User.objects.order_by("username")
    ]
    if as_json:
        write_json(users)
        return
    columns = [Column("username", _("Sign-in name")), Column("name", _("Name")), Column("role", _("Role"))]
    out().print(table_of(users, columns))


@user_app.command("password", help=_("Give somebody a new password; it is asked for, or read from a pipe."))
def password(name: Name) -> None:
    use_database()
    from paidan.accounts.models import User
    from paidan.accounts.services import set_password

    user = User.objects.filter(username=name).first()
    if user is None:
        raise Fault(_("There is no user %(name)s.") % {"name": name}, code="unknown_user", exit_code=FOUND)
    set_password(user, _password(), now=now(), by=acting_user())
    say(_("%(user)s has a new password.") % {"user": user.username})


def _password() -> str:
    """Typed twice at a terminal, else the first line of standard input: never an argument others could see."""
    if sys.stdin.isatty():
        return str(typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
