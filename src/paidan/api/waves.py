"""Waves: run one, and read what they did."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.allocation.joint import Jointly, ask_stop
from paidan.allocation.models import JointRun, Wave
from paidan.allocation.states import WaveMode, WaveState
from paidan.allocation.turns import as_rules_say
from paidan.allocation.wave import run_wave
from paidan.catalog.models import Sku
from paidan.network.models import Team, Warehouse
from paidan.network.scopes import scope_of
from paidan.rules.waves import LONGEST_S

from .auth import caller
from .orders import ERRORS
from .paging import LIMIT, WORD, page_of
from .problems import Problem
from .schemas import Strict

router = Router(tags=["Waves"])
MOST = 100_000
PRICES = 1_000


class WaveIn(Strict):
    limit: Annotated[int, Field(ge=1, le=MOST)] | None = Field(
        None, description="The most urgent so many of the queue; default 10,000, jointly all"
    )
    mode: Literal["stream", "joint"] | None = Field(
        None, description="One by one or jointly; by default as the rules in force say"
    )
    seconds: Annotated[float, Field(gt=0, le=LONGEST_S)] | None = Field(
        None, description="Jointly: at most so long; by default as the rules say, else 20"
    )
    gap: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="Jointly: end when the plan is this near the bound, 0.001 = 0.1 %"
    )


class WaveOut(BaseModel):
    id: int
    state: Literal["running", "done", "failed"]
    mode: Literal["stream", "joint"]
    worker: str
    started_at: datetime
    finished_at: datetime | None
    rules_version: int | None
    statistics: dict[str, Any] = Field(description="Orders, allocations, what stayed open, freight, seconds")


class PriceOut(BaseModel):
    sku: str | None
    warehouse: str | None
    team: str | None
    minor: int


class JointOut(BaseModel):
    orders: int
    seconds: float = Field(description="At most")
    gap: float = Field(description="To stop at")
    stop_asked_at: datetime | None
    plans: dict[str, dict[str, int]] = Field(
        description="Figures of the same orders: `nearest` first, the `rules` order by order (absent where they are "
        "nearest first), and the `joint` plan"
    )
    moved: int = Field(description="Orders that went elsewhere than order by order")
    chart: list[list[float | None]] = Field(description="Seconds, cost and bound, minor units")
    prices: list[PriceOut] = Field(description="What one more of each would have saved, dearest first; 1,000 at most")


class OneWaveOut(WaveOut):
    joint: JointOut | None = Field(None, description="null for a wave that decides one by one")


class WavePage(BaseModel):
    items: list[WaveOut]
    next: str | None


class RunOut(BaseModel):
    wave: WaveOut | None = Field(description="null when nothing was queued")


def shown(row: Wave) -> WaveOut:
    return WaveOut(
        id=row.pk,
        state=WaveState(row.state).name.lower(),  # type: ignore[arg-type]
        mode=WaveMode(row.mode).name.lower(),  # type: ignore[arg-type]
        worker=row.worker,
        started_at=row.started_at,
        finished_at=row.finished_at,
        rules_version=row.version.number if row.version else None,
        statistics=row.statistics,
    )


@router.post("", response={200: RunOut, **ERRORS}, summary="Run a wave now")
def run(request: HttpRequest, body: WaveIn) -> RunOut:
    """Decide what is queued, without waiting for the worker. Named orders are decided by `/orders/allocate`."""
    user = _planner(request)
    how = _how(body)
    limit = body.limit or (None if how else 10_000)
    report = run_wave(now=timezone.now(), worker=f"api:{user.username}", limit=limit, joint=how)
    if report.wave_id is None:
        return RunOut(wave=None)
    return RunOut(wave=shown(Wave.objects.select_related("version").get(pk=report.wave_id)))


def _how(body: WaveIn) -> Jointly | None:
    """Jointly, and how far, or one by one."""
    says = as_rules_say()
    if body.mode == "stream" or (body.mode is None and says is None):
        return None
    how = says or Jointly()
    return Jointly(how.seconds if body.seconds is None else body.seconds, how.gap if body.gap is None else body.gap)


@router.get("", response={200: WavePage, **ERRORS}, summary="List waves")
def waves(request: HttpRequest, after: str = WORD, limit: int = LIMIT) -> WavePage:
    """In the order in which they were run."""
    caller(request, Capability.SEE_ORDERS)
    found, following = page_of(Wave.objects.select_related("version"), after, limit)
    return WavePage(items=[shown(row) for row in found], next=following)


@router.get("/{int:wave_id}", response={200: OneWaveOut, **ERRORS}, summary="One wave")
def one_wave(request: HttpRequest, wave_id: int) -> OneWaveOut:
    caller(request, Capability.SEE_ORDERS)
    row = Wave.objects.select_related("version", "joint").get(pk=wave_id)
    run: JointRun | None = getattr(row, "joint", None)
    return OneWaveOut(**shown(row).model_dump(), joint=_joint(run) if run else None)


@router.post("/{int:wave_id}/stop", response={200: WaveOut, **ERRORS}, summary="End a joint wave with the best so far")
def stop(request: HttpRequest, wave_id: int) -> WaveOut:
    """The search ends within a second or two; 409 where there is none under way."""
    user = _planner(request)
    row = Wave.objects.select_related("version").get(pk=wave_id)
    if not ask_stop(row.pk, now=timezone.now(), by=user):
        raise Problem(409, "not_running", _("No joint wave of this number is under way."))
    return shown(row)


def _planner(request: HttpRequest) -> User:
    user = caller(request, Capability.CHANGE_ORDERS)
    if not scope_of(user).is_everything:
        raise Problem(403, "out_of_reach", _("A wave takes orders of everybody: only who reaches everything runs one."))
    return user


def _joint(run: JointRun) -> JointOut:
    prices = run.prices[:PRICES]
    skus = Sku.objects.in_bulk({one[0] for one in prices})
    places, teams = (model.objects.in_bulk() for model in (Warehouse, Team))
    return JointOut(
        orders=run.orders_n,
        seconds=run.seconds,
        gap=run.gap,
        stop_asked_at=run.stop_asked_at,
        plans=run.plans,
        moved=run.moved_n,
        chart=run.chart,
        prices=[
            PriceOut(
                sku=skus[sku].code if sku in skus else None,
                warehouse=places[warehouse].code if warehouse in places else None,
                team=teams[team].code if team in teams else None,
                minor=minor,
            )
            for sku, warehouse, team, minor in prices
        ],
    )
