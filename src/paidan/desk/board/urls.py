"""The addresses of the dispatch board."""

from django.urls import path

from .move_views import apply, move, undo
from .ratio_views import ratios
from .rebalance_views import apply_rebalance, rebalance
from .relief_views import relieve
from .views import board, pause, resume

urlpatterns = [
    path("board/", board, name="board"),
    path("board/move/", move, name="board-move"),
    path("board/ratios/", ratios, name="board-ratios"),
    path("board/rebalance/", rebalance, name="board-rebalance"),
    path("board/rebalance/<uuid:batch>/apply/", apply_rebalance, name="board-rebalance-apply"),
    path("board/relieve/<int:warehouse_id>/", relieve, name="board-relieve"),
    path("board/pause/<int:warehouse_id>/", pause, name="board-pause"),
    path("board/resume/<int:warehouse_id>/", resume, name="board-resume"),
    path("board/moves/<uuid:batch>/apply/", apply, name="board-apply"),
    path("board/moves/<uuid:batch>/undo/", undo, name="board-undo"),
]
