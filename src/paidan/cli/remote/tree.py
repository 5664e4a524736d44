"""The tree of the commands that work on a server, and which commands never do."""

from paidan.cli.language import gettext as _
from paidan.cli.tree import Tree

LOCAL = ("solve", "address")
"""What needs neither a database nor a server is done here in any case."""

remote_app = Tree(
    name="paidan",
    help=_("Work on a Paidan elsewhere, over its API."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _group(name: str, about: str) -> Tree:
    group = Tree(name=name, help=about, no_args_is_help=True)
    remote_app.add_typer(group)
    return group


order_app = _group("order", _("Orders: list and push them."))
warehouse_app = _group("warehouse", _("Warehouses: list, pause, resume."))
stock_app = _group("stock", _("Stock: list and set it."))
rules_app = _group("rules", _("Allocation rules: show, check, compare, publish, go back, simulate."))

from paidan.cli.remote import orders, places, rebalance, report, rules, work  # noqa: E402 - each module adds its commands to the tree above

__all__ = ["orders", "places", "rebalance", "remote_app", "report", "rules", "work"]
