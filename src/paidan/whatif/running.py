"""Asking for a what-if, working it out in the background, stopping it, keeping what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from paidan.accounts.models import User
from paidan.kit.copy import copy_in
from paidan.kit.errors import Refusal
from paidan.rules.models import RuleSetVersion
from paidan.web.live import note_change

from .comparing import Comparison, compare
from .figures import Figures
from .models import Move, WhatIf
from .otherwise import Added
from .replay import Assumptions

State = WhatIf.State
BUSY = (State.QUEUED, State.RUNNING)
TOPIC = "whatif"
EVERY_S = 0.5
"""How often progress is written, and looked whether somebody wants it stopped."""
_MOVES = {
    "what_if_id": "i8",
    "order_id": "i8",
    "before_id": "i4",
    "after_id": "i4",
    "freight_minor": "i8",
    "distance_m": "i8",
}


class StoppedError(Exception):
    """Somebody wants it no more."""


def ask(
    since: datetime,
    until: datetime,
    *,
    version: RuleSetVersion | None,
    rules_name: str,
    assumed: Mapping[str, Any],
    now: datetime,
    by: User,
) -> WhatIf:
    """Keep the question and hand it to a worker. `assumed` as `assumptions_of` reads it."""
    from .jobs import run_what_if

    if until <= since:
        raise Refusal("empty_period", _("The period ends before it begins."), pointer="/until")
    with transaction.atomic():
        asked = WhatIf.objects.create(
            owner=by,
            created_at=now,
            since=since,
            until=until,
            version=version,
            rules_name=rules_name if version else "",
            assumed=dict(assumed),
        )
        run_what_if.defer(what_if_id=asked.pk)
    note_change(TOPIC)
    return asked


def stop(what_if_id: int, *, now: datetime) -> bool:
    """Stop what waits or runs; whether there was anything to stop."""
    stopped = WhatIf.objects.filter(pk=what_if_id, state__in=BUSY).update(state=State.STOPPED, finished_at=now)
    note_change(TOPIC)
    return bool(stopped)


def assumptions_of(what_if: WhatIf) -> Assumptions:
    """The stored assumptions: `ratio_w`, `ratio_t`, `capacity_w`, `capacity_t` by id, `paused`, `opened`, `added`
    (fields of `otherwise.Added`), `freight_percent` by warehouse id (0 = all)."""
    assumed = what_if.assumed
    numbers = {
        name: {int(key): value for key, value in assumed.get(name, {}).items()}
        for name in ("ratio_w", "ratio_t", "capacity_w", "capacity_t")
    }
    return Assumptions(
        version=what_if.version,
        **numbers,
        paused=frozenset(assumed.get("paused", ())),
        opened=frozenset(assumed.get("opened", ())),
        added=tuple(Added(**{k: v for k, v in one.items() if k != "id"}) for one in assumed.get("added", ())),
        freight_percent={int(key): value for key, value in assumed.get("freight_percent", {}).items()},
    )


def work_out(what_if_id: int) -> None:
    """Work one out. A run that was stopped keeps nothing; one whose worker died is worked out anew."""
    what_if = WhatIf.objects.select_related("owner", "version").filter(pk=what_if_id, state__in=BUSY).first()
    if what_if is None:
        return
    WhatIf.objects.filter(pk=what_if_id, state__in=BUSY).update(state=State.RUNNING)
    started = time.perf_counter()
    with translation.override(what_if.owner.language or "en"):
        try:
            if what_if.rules_name and what_if.version is None:
                raise Refusal("no_version", _("The rules to be tried are gone: the draft was thrown away."))
            found = compare(what_if.since, what_if.until, assumptions_of(what_if), _progress_of(what_if_id))
        except StoppedError:
            pass
        except Refusal as refusal:
            _end(what_if_id, State.FAILED, problem=str(refusal)[:300])
        except Exception:
            _end(what_if_id, State.FAILED, problem=_("It broke off. Ask for it again."))
            raise
        else:
            _keep(what_if_id, found, time.perf_counter() - started)


def _progress_of(what_if_id: int) -> Any:
    said = 0.0

    def progress(done: int, of: int) -> None:
        nonlocal said
        if done < of and time.monotonic() - said < EVERY_S:
            return
        said = time.monotonic()
        if not WhatIf.objects.filter(pk=what_if_id, state=State.RUNNING).update(done_n=done, total_n=of):
            raise StoppedError
        note_change(TOPIC)

    return progress


def _end(what_if_id: int, state: WhatIf.State, **values: Any) -> bool:
    found = WhatIf.objects.filter(pk=what_if_id, state=State.RUNNING)
    ended = found.update(state=state, finished_at=timezone.now(), **values)
    note_change(TOPIC)
    return bool(ended)


def _keep(what_if_id: int, found: Comparison, seconds: float) -> None:
    """Keep figures and moves together, unless it was stopped at the last moment."""
    moves = found.moves
    values: dict[str, Any] = {
        "before": as_plain(found.before),
        "after": as_plain(found.after),
        "moved_n": len(moves.order_o),
    }
    with transaction.atomic():
        what_if = WhatIf.objects.select_for_update().get(pk=what_if_id)
        for one, key in zip(what_if.assumed.get("added", ()), found.added_ids, strict=True):
            one["id"] = key  # what the results call it
        if found.added_ids:
            what_if.save(update_fields=["assumed"])
        if not _end(what_if_id, State.DONE, seconds=round(seconds, 2), **values):
            return
        Move.objects.filter(what_if=what_if_id).delete()
        columns: dict[str, npt.NDArray[Any]] = {
            "what_if_id": np.full(len(moves.order_o), what_if_id, np.int64),
            "order_id": moves.order_o,
            "before_id": moves.before_o,
            "after_id": moves.after_o,
            "freight_minor": moves.freight_minor_o,
            "distance_m": moves.distance_m_o,
        }
        if len(moves.order_o):
            copy_in(connection.connection, "whatif_move", _MOVES, columns)


def as_plain(one: Figures) -> dict[str, Any]:
    """Figures as JSON can hold them: reasons as numbers, loads as [id, day since 1970, parcels]."""
    plain = asdict(one)
    plain["unserved"] = {str(reason): n for reason, n in one.unserved.items()}
    plain["load_w"] = [[key, day, n] for (key, day), n in one.load_w.items()]
    plain["load_t"] = [[key, day, n] for (key, day), n in one.load_t.items()]
    return plain
