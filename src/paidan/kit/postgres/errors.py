"""What can go wrong with the server of our own: a stable code and values, and the sentence with its remedy."""

from django.db.utils import OperationalError

from paidan.kit.postgres.wording import N_, worded

SENTENCES = {
    "foreign_folder": N_(
        "The database folder %(folder)s belongs to the user %(owner)s. Run this command as that user, "
        "or set PAIDAN_DATA to a folder of your own."
    ),
    "no_account": N_(
        "PostgreSQL does not run as root, and there is no account to run it for you. Create one with "
        "“useradd --system --user-group paidan”, or name an existing account that nobody else uses "
        "in PAIDAN_DB_ACCOUNT, or run this command as an ordinary user."
    ),
    "unknown_account": N_(
        "PAIDAN_DB_ACCOUNT names %(account)s, and there is no such account on this machine. "
        "Create it, or name one that exists."
    ),
    "unfit_account": N_(
        "The account %(account)s cannot run the database: it is root, or shared by unrelated services. "
        "Name an account that nobody else uses in PAIDAN_DB_ACCOUNT."
    ),
    "nameless_user": N_(
        "The user number %(uid)s has no name on this machine, and PostgreSQL needs one. "
        "Add it to /etc/passwd, or point DATABASE_URL to a server that runs elsewhere."
    ),
    "root_needs_proc": N_(
        "Starting the database as root needs Linux with /proc. Run this command as an ordinary user, "
        "or point DATABASE_URL to a server that runs elsewhere."
    ),
    "binaries_unreachable": N_(
        "The account %(account)s may not read the PostgreSQL programs in %(folder)s, and they could not be copied to "
        "%(copy)s (%(why)s). Install Paidan where every user may read it, or run this command as an ordinary user."
    ),
    "wrong_version": N_(
        "The data in %(folder)s were written by PostgreSQL %(found)s; this installation brings version %(ours)s. "
        "Start them once more with the Paidan that made them and dump them with “pg_dump”, then restore into "
        "a new data folder, or upgrade them with “pg_upgrade”."
    ),
    "not_made": N_(
        "The database could not be created in %(folder)s. PostgreSQL says:\n%(log)s\n"
        "Free disk space or mend the permissions it names, then run the command again."
    ),
    "died": N_(
        "The database server stopped while starting. Its log %(file)s ends with:\n%(log)s\n"
        "Mend what the log names (a full disk is the commonest cause) and run “paidan db start”."
    ),
    "still_starting": N_(
        "The database is still not ready after %(waited)s seconds. It goes on by itself; run the command again "
        "later, or watch %(file)s."
    ),
    "still_stopping": N_(
        "The database has not stopped after %(waited)s seconds. It goes on by itself; look again with "
        "“paidan db status”, or watch %(file)s."
    ),
    "stopped": N_(
        "The database was stopped by “paidan db stop”. Start it with “paidan db start”; this process will then go on."
    ),
}


class ClusterError(OperationalError):
    """The server cannot do what was asked; a database error, so that callers need no second kind of `except`."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        return worded(SENTENCES[self.code], **self.values)
