"""The way from a command to the database: Django on demand, the tables made or checked before the first question."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from paidan.cli.faults import BROKEN, FOUND, Fault
from paidan.cli.language import gettext as _
from paidan.cli.language import language
from paidan.cli.output import say

if TYPE_CHECKING:
    from paidan.accounts.models import User


_looked_at: list[bool] = []
"""Once per process is enough: the tables do not change under a program that is running."""


def use_django() -> None:
    """Load Django in the reader's language; touches no database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidan.config.settings")
    import django
    from django.apps import apps
    from django.utils import translation

    if not apps.ready:
        django.setup()
    translation.activate(language().lower())


def use_database() -> None:
    """Load Django and see to it that the tables are those of this program.

    An empty database is filled and our own server's is brought up to date without asking, for it has no other
    user. One that others share is only ever changed by `paidan migrate`, so that nobody upgrades it by accident.
    """
    use_django()
    if _looked_at:
        return
    missing, foreign = migration_state()
    if foreign:
        sentence = _("The database was made by a newer Paidan than this one; install that version here too.")
        raise Fault(sentence, code="database_newer", exit_code=BROKEN)
    if missing and not (ours() or is_empty()):
        sentence = _("The database was made by an older Paidan; bring it up to date with “paidan migrate”.")
        raise Fault(sentence, code="database_older", exit_code=BROKEN)
    if missing:
        migrate()
    _looked_at.append(True)


def migration_state() -> tuple[bool, bool]:
    """Whether our tables lack something, and whether they have something this program does not know."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    apps = {app for app, _name in known}
    unknown = {key for key in applied - known if key[0] in apps}
    return bool(known - applied), bool(unknown)


def ours() -> bool:
    """Whether the database is the one Paidan itself runs."""
    from django.db import connection

    return bool(connection.settings_dict.get("CLUSTER"))


def is_empty() -> bool:
    """Whether nobody has made a table of Django's here yet."""
    from django.db import connection

    return "django_migrations" not in connection.introspection.table_names()


def migrate() -> None:
    """Make or upgrade the tables; of several processes one does it, the others wait."""
    from django.core.management import call_command
    from django.db import connection

    say(_("Preparing the database…"), "dim")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('paidan migrate'))")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('paidan migrate'))")


def now() -> datetime:
    """The moment a command acts at; the one place in the commands that reads the clock."""
    return datetime.now(UTC)


def acting_user() -> "User | None":
    """Who acts: the user PAIDAN_USER names, or nobody in particular."""
    name = os.environ.get("PAIDAN_USER", "")
    if not name:
        return None
    from paidan.accounts.models import User

    user = User.objects.filter(username=name).first()
    if user is None:
        sentence = _("PAIDAN_USER names %(name)s, and there is no such user.") % {"name": name}
        raise Fault(sentence, code="unknown_user", exit_code=FOUND)
    return user
