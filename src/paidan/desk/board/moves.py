"""Moves in progress: what was previewed is what is applied, chunk by chunk, can be stopped and taken back.

A move is a row of the page toolkit's `Batch`: its ids grouped by target, and the targets as runs of (warehouse, team,
number) in `choices`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction

from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.models import Allocation
from paidan.allocation.reassign import reassign_allocations
from paidan.allocation.relieve import move_chunk
from paidan.kit.errors import Refusal
from paidan.network.models import Team, Warehouse
from paidan.web.models import Batch

PAGE = "board"
CHUNK = 200
REASON_CHARACTERS = 100
UNDO_FOR = timedelta(minutes=30)
Run = tuple[int, int, int]
"""Warehouse, team (0 = whoever has least to do), number of allocations."""


def runs_of(targets: Sequence[tuple[int, int]]) -> list[Run]:
    """Targets along the ids, shortened."""
    return [(warehouse, team, len(list(same))) for (warehouse, team), same in groupby(targets)]


def open_move(user: User, action: str, ids: Sequence[int], runs: Sequence[Run], now: datetime, **choices: Any) -> Batch:
    """Keep what a preview found, so that exactly this can be applied; what was only looked at before is dropped."""
    Batch.objects.filter(owner=user, page=PAGE, state__in=[Batch.State.OPENED, Batch.State.PREVIEWED]).delete()
    return Batch.objects.create(
        owner=user,
        page=PAGE,
        action=action,
        state=Batch.State.PREVIEWED,
        created_at=now,
        row_ids=list(ids),
        choices={**choices, "runs": [list(run) for run in runs]},
    )


def give_reason(batch: Batch, reason: str) -> None:
    """Keep why somebody moves these, said with the first chunk."""
    if reason.strip() and not batch.tried_n:
        batch.choices = {**batch.choices, "reason": reason.strip()[:REASON_CHARACTERS]}
        batch.save(update_fields=["choices"])


@dataclass(frozen=True, slots=True)
class _Claim:
    ids: list[int]
    warehouse: int
    team: int


def apply_next(batch: Batch, user: User, now: datetime) -> Batch:
    """Move one chunk in one transaction; of two requests at once one finds nothing to claim."""
    claim = _claim(batch)
    if claim.ids:
        _apply(batch, claim, user, now)
    return Batch.objects.get(pk=batch.pk)


def _claim(batch: Batch) -> _Claim:
    """The next ids of one target, ours alone: whoever moves the counter has them."""
    first, start = batch.tried_n, 0
    for warehouse, team, number in batch.choices["runs"]:
        if first < start + number:
            ids = batch.row_ids[first : min(first + CHUNK, start + number)]
            mine = Batch.objects.filter(
                pk=batch.pk, tried_n=first, state__in=[Batch.State.PREVIEWED, Batch.State.APPLYING]
            ).update(tried_n=first + len(ids), state=Batch.State.APPLYING)
            return _Claim(list(ids) if mine else [], warehouse, team)
        start += number
    return _Claim([], 0, 0)


def _apply(batch: Batch, claim: _Claim, user: User, now: datetime) -> None:
    """1. Move. 2. Log. 3. Note what was done and how to take it back; all in one transaction."""
    force, capped = bool(batch.choices.get("force")), bool(batch.choices.get("capped"))
    reason = str(batch.choices.get("reason") or "")
    warehouse = Warehouse.objects.get(id=claim.warehouse)
    team = Team.objects.filter(id=claim.team).first()
    refused: dict[int, str] = {}
    with transaction.atomic():
        move = move_chunk if capped else _move
        try:
            with transaction.atomic():
                moved = move(claim.ids, warehouse=warehouse, team=team, now=now, by=user, force=force, reason=reason)
            refused = {key: str(code) for key, code in moved.refused.items()}
            done, created = moved.done, moved.created
        except Refusal as refusal:
            done, created = (), ()
            refused = dict.fromkeys(claim.ids, refusal.code)
        old_rows = Allocation.objects.filter(id__in=done).values_list("id", "warehouse", "team")
        places = {key: (at, handled_by) for key, at, handled_by in old_rows}
        back = [[new, *places[old]] for old, new in zip(done, created, strict=True)]
        if done:
            action = f"allocations.{batch.action}"
            record_change(action, by=user, now=now, of=warehouse, reason=reason, number=len(done))
        _note(batch, len(done), Counter(refused.values()), back, now)


def _move(ids: Sequence[int], **place: Any) -> Any:
    return reassign_allocations(ids, **place)


def _note(batch: Batch, done: int, refused: Counter[str], back: list[list[Any]], now: datetime) -> None:
    found = Batch.objects.select_for_update().get(pk=batch.pk)
    counts = Counter({row["reason"]: row["number"] for row in found.failures}) + refused
    found.failures = [{"reason": code, "number": number} for code, number in counts.most_common()]
    found.done_n += done
    found.undo = [*found.undo, *back]
    found.undo_until_at = now + UNDO_FOR if found.undo else None
    if found.tried_n >= len(found.row_ids):
        found.state = Batch.State.APPLIED
    found.save(update_fields=["failures", "done_n", "undo", "undo_until_at", "state"])


def stop(batch: Batch) -> Batch:
    """No further chunk; one that is on its way still ends."""
    Batch.objects.filter(pk=batch.pk, state=Batch.State.APPLYING).update(state=Batch.State.APPLIED)
    return Batch.objects.get(pk=batch.pk)


def can_undo(batch: Batch, now: datetime) -> bool:
    until = batch.undo_until_at
    return batch.state == Batch.State.APPLIED and bool(batch.undo) and until is not None and until > now


def undo(batch: Batch, user: User, now: datetime) -> tuple[int, int]:
    """Bring back what no team has accepted meanwhile; answers how many came back and how many did not.

    Every chunk is its own transaction, so that waves wait no longer than for the moves themselves.
    """
    mine = Batch.objects.filter(pk=batch.pk, state=Batch.State.APPLIED).update(state=Batch.State.UNDONE)
    if not mine:
        return 0, 0
    by_place: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    for new, warehouse, team in batch.undo:
        by_place[warehouse, team].append(new)
    warehouses, teams = Warehouse.objects.in_bulk(), Team.objects.in_bulk()
    done = left = 0
    for (warehouse, team), ids in by_place.items():
        for start in range(0, len(ids), CHUNK):
            chunk, home = ids[start : start + CHUNK], teams.get(team or 0)
            try:
                back = reassign_allocations(chunk, warehouse=warehouses[warehouse], team=home, now=now, by=user)
                done, left = done + len(back.done), left + len(back.refused)
            except Refusal:
                left += len(chunk)
    record_change("allocations.moved_back", by=user, now=now, number=done)
    return done, left
