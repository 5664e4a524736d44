"""How far the loads of a work day are from the ratios, kept along with every move."""

from __future__ import annotations

from .moves import Move
from .standing import Standing


class Shares:
    """Σ over warehouses with a ratio of |load − ratio ÷ Σ ratio x their loads together|, in allocations."""

    def __init__(self, ground: Standing) -> None:
        warehouses = ground.read.problem.warehouses
        ratios = warehouses.ratio_w.tolist()
        total = sum(ratios)
        self._share: list[float] = [ratio / total if total else 0.0 for ratio in ratios]
        self._load: list[int] = [
            load if ratio else 0 for load, ratio in zip(ground.load_w.tolist(), ratios, strict=True)
        ]
        self._sum = sum(self._load)
        self.weight_minor = ground.read.problem.objective.ratio_minor if total else 0

    @property
    def weighs(self) -> bool:
        """Whether the objective counts it."""
        return self.weight_minor > 0

    @property
    def deviation(self) -> float:
        return sum(abs(load - share * self._sum) for load, share in zip(self._load, self._share, strict=True) if share)

    def move(self, move: Move, *, back: bool = False) -> None:
        """One allocation more at the target, one fewer at the source if it counts for the same day."""
        step = -1 if back else 1
        for warehouse, change in ((move.target, step), (move.source, -step if move.counted else 0)):
            if self._share[warehouse]:
                self._load[warehouse] += change
                self._sum += change
