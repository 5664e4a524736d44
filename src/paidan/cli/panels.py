"""Under which head a command stands on the first help page."""

import typer

from paidan.cli.language import gettext as _

PANELS = (
    (
        _("Orders"),
        (
            "allocate",
            "explain",
            "order",
            "allocation",
            "reassign",
            "rebalance",
            "hold",
            "release",
            "cancel",
            "mend-address",
            "map-sku",
        ),
    ),
    (_("Teams at work"), ("accept", "pick", "pack", "ship", "hand-back", "files")),
    (_("Network, stock and rules"), ("import", "shop", "warehouse", "team", "sku", "stock", "rules", "checks")),
    (_("Looking and checking"), ("report", "reports", "doctor")),
    (_("Without a database"), ("solve", "address")),
    (_("Running Paidan"), ("demo", "serve", "web", "worker", "user", "credential", "db", "migrate")),
)


def arrange(app: typer.Typer) -> None:
    """Put every command under its head, and the commands of a head in the order above."""
    place = {name: (head, at) for head, names in PANELS for at, name in enumerate(names)}
    heads = [head for head, _names in PANELS]

    def rank(info: typer.models.CommandInfo | typer.models.TyperInfo) -> tuple[int, int]:
        head, at = place.get(_name_of(info), (heads[-1], len(place)))
        info.rich_help_panel = head
        return heads.index(head), at

    app.registered_commands.sort(key=rank)
    app.registered_groups.sort(key=rank)


def _name_of(info: typer.models.CommandInfo | typer.models.TyperInfo) -> str:
    """A command's own name, a group's from its tree, else that of its function."""
    own = info if isinstance(info, typer.models.CommandInfo) else info.typer_instance and info.typer_instance.info
    name = getattr(own, "name", None)
    return name if isinstance(name, str) else getattr(info.callback, "__name__", "")
