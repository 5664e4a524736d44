"""The demo's sign-ins, one per role, and its pages. They are for practice data on this machine only."""

import socket

from django.contrib.auth.hashers import make_password
from django.db.models import Count
from django.utils.translation import get_language
from rich.console import Console
from rich.table import Table

from paidan.accounts.capabilities import Role
from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.states import AllocationState
from paidan.cli.language import gettext as _
from paidan.cli.serve import plain_on_loopback, supervise
from paidan.network.models import Team

PASSWORD = "demo"
FIRST_PORT = 8000
PEOPLE = (
    ("admin", Role.ADMINISTRATOR, "陈", "静"),
    ("lead", Role.LEAD, "林", "晓"),
    ("clerk", Role.CLERK, "周", "敏"),
    ("team", Role.TEAM, "何", "强"),
    ("viewer", Role.VIEWER, "宋", "洁"),
    ("integrator", Role.INTEGRATOR, "杜", "磊"),
)


def make_sign_ins() -> None:
    """One user per role; the team member belongs to the team with most to do."""
    hashed = make_password(PASSWORD)  # too short for a real account: validation is for those
    language = "zh-hans" if (get_language() or "").startswith("zh") else ""
    for username, role, last_name, first_name in PEOPLE:
        user, _made = User.objects.update_or_create(
            username=username,
            defaults={
                "role": role,
                "last_name": last_name,
                "first_name": first_name,
                "password": hashed,
                "language": language,
            },
        )
        if role == Role.TEAM:
            team = _busiest_team()
            if team is not None:
                user.teams.set([team])


def _busiest_team() -> Team | None:
    waiting = Allocation.objects.filter(state=AllocationState.ASSIGNED, team__isnull=False)
    most = waiting.values("team_id").annotate(number=Count("id")).order_by("-number", "team_id").first()
    return Team.objects.get(pk=most["team_id"]) if most else Team.objects.order_by("id").first()


def print_sign_ins(console: Console) -> None:
    """Names, roles and the one password."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in (_("Sign-in name"), _("Password"), _("Role")):
        table.add_column(head)
    for username, role, _last, _first in PEOPLE:
        table.add_row(username, PASSWORD, str(Role(role).label))
    console.print(table)


def serve_demo(console: Console) -> int:
    """Serve the pages on this machine until stopped; the exit code."""
    port = free_port(FIRST_PORT)
    plain_on_loopback("127.0.0.1")
    console.print()
    address = f"http://localhost:{port}/"
    console.print(
        _("Open %(address)s and sign in as one of these; Ctrl-C ends it.") % {"address": address}, style="bold"
    )
    print_sign_ins(console)
    arguments = ["web", "--port", str(port), "--processes", "1", "--quiet"]
    return supervise({"web": arguments, "worker": ["worker"]})


def free_port(first: int) -> int:
    """The first port nobody listens on, so that a demo starts beside whatever runs."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    return first
