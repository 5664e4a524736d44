"""A rebalance somebody looks at before it is made: kept as it was shown, made step by step, and good only for a while.

It is a row of the page toolkit's `Batch`: the allocations in the order of their steps, in `choices` how many each step
has, and in `undo` where each comes from and goes: what is never written again costs nothing when the rest is.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.kit.errors import Refusal
from paidan.web.models import Batch

from ..outcomes import Batch as Outcome
from ..rebalanced import Cause
from .applying import Applied, apply_step, log_rebalance
from .planning import Planned, PlannedStep, RebalancePlan

PAGE = "rebalance"
KEPT_FOR = timedelta(minutes=15)
AT_ONCE = 200
"""Moves after which whoever waits is told how far it is."""


def keep_preview(plan: RebalancePlan, *, owner: User, asked_by: str, now: datetime) -> Batch:
    """Keep what was planned; what the same person only looked at before, through the same door, is dropped."""
    states = [Batch.State.OPENED, Batch.State.PREVIEWED]
    Batch.objects.filter(owner=owner, page=PAGE, action=asked_by, state__in=states).delete()
    moves = plan.moves
    return Batch.objects.create(
        owner=owner,
        page=PAGE,
        action=asked_by,
        state=Batch.State.PREVIEWED,
        created_at=now,
        row_ids=[move.allocation for move in moves],
        choices={"saved_minor": 0, "steps": [[len(step.moves), step.together] for step in plan.steps]},
        undo=[[move.source, move.target, move.team, move.saving_minor, move.cause] for move in moves],
    )


def preview_of(owner: User, key: UUID) -> Batch | None:
    """The kept rebalance of this id, if it is this person's."""
    return Batch.objects.filter(pk=key, owner=owner, page=PAGE).first()


def apply_some(batch: Batch, *, now: datetime, by: User, seconds: float = 0.0) -> Batch:
    """Make the next steps: as many as come to a chunk, or take so many seconds. Two callers at once share the steps.

    A preview nobody has begun with is refused when it is too old to be what somebody saw.
    """
    if batch.state == Batch.State.PREVIEWED and batch.created_at + KEPT_FOR < now:
        raise Refusal("preview_expired", _("This preview is older than 15 minutes; look at a new one."))
    applied, until = Applied(), monotonic() + seconds
    tried = 0
    while tried < AT_ONCE or monotonic() < until:
        step = _claim(batch)
        if step is None:
            break
        with transaction.atomic():
            outcome = apply_step(step, now=now, by=by)
            _note(batch, step, outcome)
        applied.add(step, outcome)
        tried += len(step.moves)
    log_rebalance(applied, now=now, by=by)
    return Batch.objects.get(pk=batch.pk)


def stop(batch: Batch) -> Batch:
    """No further step; one that is on its way still ends."""
    Batch.objects.filter(pk=batch.pk, state=Batch.State.APPLYING).update(state=Batch.State.APPLIED)
    return Batch.objects.get(pk=batch.pk)


GOING_ON = [Batch.State.PREVIEWED, Batch.State.APPLYING]


def _claim(batch: Batch) -> PlannedStep | None:
    """The next step, ours alone: whoever moves the counter has it."""
    going_on = Batch.objects.filter(pk=batch.pk, state__in=GOING_ON)
    while (first := going_on.values_list("tried_n", flat=True).first()) is not None:
        step = _step_at(batch, first)
        if step is None:
            return None
        if going_on.filter(tried_n=first).update(tried_n=first + len(step.moves), state=Batch.State.APPLYING):
            return step
    return None


def _step_at(batch: Batch, first: int) -> PlannedStep | None:
    """The step that begins with this move."""
    start = 0
    for number, together in batch.choices["steps"]:
        if start == first:
            chosen = slice(first, first + number)
            rows = zip(batch.row_ids[chosen], batch.undo[chosen], strict=True)
            return PlannedStep(tuple(_planned(key, kept) for key, kept in rows), together)
        start += number
    return None


def _planned(allocation: int, kept: tuple[int, int, int, int, str]) -> Planned:
    source, target, team, saving, cause = kept
    return Planned(allocation, source, target, team, saving, Cause(cause))


def _note(batch: Batch, step: PlannedStep, outcome: Outcome) -> None:
    found = Batch.objects.select_for_update().defer("undo", "row_ids").get(pk=batch.pk)
    applied = Applied()
    applied.add(step, outcome)
    counts = Counter({row["reason"]: row["number"] for row in found.failures}) + applied.refused
    found.failures = [{"reason": code, "number": number} for code, number in counts.most_common()]
    found.done_n += applied.done
    found.choices = {**found.choices, "saved_minor": found.choices["saved_minor"] + applied.saving_minor}
    if found.tried_n >= len(batch.row_ids):
        found.state = Batch.State.APPLIED
    found.save(update_fields=["failures", "done_n", "choices", "state"])
