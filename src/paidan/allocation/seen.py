"""What a wave keeps of the network it saw, for replays: what was open, limits, ratios and credits."""

from __future__ import annotations

from typing import Any

from .snapshot import Snapshot


def seen_by(snapshot: Snapshot) -> dict[str, Any]:
    """The parts of the network that change from day to day, along the wave's warehouses and teams, as plain values.

    Credits are kept because nothing else tells them: they are forgotten with every work day and change of a ratio.
    """
    warehouses, teams = snapshot.problem.warehouses, snapshot.problem.teams
    return {
        "warehouses": [warehouse.id for warehouse in snapshot.network.warehouses],
        "open_w": warehouses.open_w.astype(int).tolist(),
        "capacity_w": warehouses.capacity_w.tolist(),
        "ratio_w": warehouses.ratio_w.tolist(),
        "credit_w": warehouses.credit_w.tolist(),
        "teams": [team.id for team in snapshot.network.teams],
        "capacity_t": teams.capacity_t.tolist(),
        "ratio_t": teams.ratio_t.tolist(),
        "credit_t": teams.credit_t.tolist(),
        **({} if snapshot.prices_id is None else {"prices": snapshot.prices_id}),
    }
