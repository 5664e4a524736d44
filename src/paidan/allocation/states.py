"""The states of an allocation and of a wave, and which allocation states count as what. Stored: append only."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AllocationState(models.IntegerChoices):
    """Where an allocation stands (design §3a)."""

    ASSIGNED = 1, _("assigned")
    ACCEPTED = 2, _("accepted")
    PICKED = 3, _("picked")
    PACKED = 4, _("packed")
    SHIPPED = 5, _("shipped")
    CANCELLED = 6, _("cancelled")
    REASSIGNED = 7, _("reassigned")

    @property
    def code(self) -> str:
        return self.name.lower()


LIVE = (AllocationState.ASSIGNED, AllocationState.ACCEPTED, AllocationState.PICKED, AllocationState.PACKED)
"""States whose pieces are live: promised, reserved, not yet shipped."""
STARTED = (AllocationState.ACCEPTED, AllocationState.PICKED, AllocationState.PACKED)
"""States in which a team has the allocation in its hands."""
COUNTED = (*LIVE, AllocationState.SHIPPED)
"""States that count towards the load of their work day."""


class WaveState(models.IntegerChoices):
    """Where a wave stands."""

    RUNNING = 1, _("running")
    DONE = 2, _("done")
    FAILED = 3, _("failed")


class WaveMode(models.IntegerChoices):
    """How a wave decides its orders."""

    STREAM = 1, _("one by one")
    JOINT = 2, _("jointly")


class Origin(models.IntegerChoices):
    """Who decided an allocation."""

    AUTOMATIC = 1, _("automatic")
    BY_HAND = 2, _("by hand")
    REBALANCED = 3, _("decided again")


DECIDED = (Origin.AUTOMATIC, Origin.REBALANCED)
"""Origins of allocations whose place no person chose."""
