"""Waves: run one, and read what they did."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.allocation.models import Wave
from paidan.allocation.states import WaveState
from paidan.allocation.wave import run_wave
from paidan.network.scopes import scope_of

from .auth import caller
from .orders import ERRORS
from .paging import LIMIT, WORD, page_of
from .problems import Problem
from .schemas import Strict

router = Router(tags=["Waves"])
MOST = 100_000


class WaveIn(Strict):
    limit: Annotated[int, Field(ge=1, le=MOST)] | None = Field(
        None, description="The most urgent so many of the queue; default 10,000"
    )


class WaveOut(BaseModel):
    id: int
    state: Literal["running", "done", "failed"]
    worker: str
    started_at: datetime
    finished_at: datetime | None
    rules_version: int | None
    statistics: dict[str, Any] = Field(description="Orders, allocations, what stayed open, freight, seconds")


class WavePage(BaseModel):
    items: list[WaveOut]
    next: str | None


class RunOut(BaseModel):
    wave: WaveOut | None = Field(description="null when nothing was queued")


def shown(row: Wave) -> WaveOut:
    return WaveOut(
        id=row.pk,
        state=WaveState(row.state).name.lower(),  # type: ignore[arg-type]
        worker=row.worker,
        started_at=row.started_at,
        finished_at=row.finished_at,
        rules_version=row.version.number if row.version else None,
        statistics=row.statistics,
    )


@router.post("", response={200: RunOut, **ERRORS}, summary="Run a wave now")
def run(request: HttpRequest, body: WaveIn) -> RunOut:
    """Decide what is queued, without waiting for the worker. Named orders are decided by `/orders/allocate`."""
    user = caller(request, Capability.CHANGE_ORDERS)
    if not scope_of(user).is_everything:
        raise Problem(403, "out_of_reach", _("A wave takes orders of everybody: only who reaches everything runs one."))
    report = run_wave(now=timezone.now(), worker=f"api:{user.username}", limit=body.limit or 10_000)
    if report.wave_id is None:
        return RunOut(wave=None)
    return RunOut(wave=shown(Wave.objects.select_related("version").get(pk=report.wave_id)))


@router.get("", response={200: WavePage, **ERRORS}, summary="List waves")
def waves(request: HttpRequest, after: str = WORD, limit: int = LIMIT) -> WavePage:
    """In the order in which they were run."""
    caller(request, Capability.SEE_ORDERS)
    found, following = page_of(Wave.objects.select_related("version"), after, limit)
    return WavePage(items=[shown(row) for row in found], next=following)


@router.get("/{int:wave_id}", response={200: WaveOut, **ERRORS}, summary="One wave")
def one_wave(request: HttpRequest, wave_id: int) -> WaveOut:
    caller(request, Capability.SEE_ORDERS)
    return shown(Wave.objects.select_related("version").get(pk=wave_id))
