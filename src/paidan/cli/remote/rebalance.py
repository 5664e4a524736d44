"""`paidan --server … rebalance`."""

from __future__ import annotations

from paidan.cli.language import gettext as _
from paidan.cli.options import Json
from paidan.cli.rebalance import APPLY, MOST, SAVING, SECONDS, SHOP, WAREHOUSE, minor, show
from paidan.cli.remote.door import server
from paidan.cli.remote.tree import remote_app


@remote_app.command(
    help=_("Decide again what no team has accepted: show what would move and what it saves, or move it.")
)
def rebalance(
    warehouse: WAREHOUSE = "",
    shop: SHOP = "",
    most: MOST = None,
    saving: SAVING = None,
    seconds: SECONDS = 8.0,
    apply: APPLY = False,
    as_json: Json = False,
) -> None:
    with server() as paidan:
        document = paidan.rebalances.preview(
            warehouse=warehouse, shop=shop, most=most, saving_minor=minor(saving), seconds=seconds
        )
        if apply and document["moving"]:
            applied = paidan.rebalances.apply(document["id"])
            document["applied"] = {name: applied[name] for name in ("done", "saving_minor", "refused")}
    show(document, as_json=as_json)
