"""The other reports, to read: how the teams' day goes, promotions beside each other, advice, and stock to move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import isfinite
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from paidan.accounts.capabilities import Capability
from paidan.geo.codes import code_of
from paidan.network.models import Promotion, Team, Warehouse
from paidan.network.ratios import as_percent
from paidan.network.scopes import visible_teams
from paidan.reports.advice_views import by_warehouse, rules_to_look_at
from paidan.reports.goods import LISTED, transfers
from paidan.reports.pace import TeamPace, paces
from paidan.reports.periods import Days, of_promotion
from paidan.reports.places import look_at_places
from paidan.reports.rates import Rate
from paidan.reports.refresh import catch_up
from paidan.reports.sale_figures import SALE_FIGURES
from paidan.reports.sale_views import LONGEST_H, MOST, name_of
from paidan.reports.sales import Sale, ordinary_before, sale_of
from paidan.reports.speeds import WEEKS, Speed, hours_of_work, speeds_of_warehouses
from paidan.reports.words import place_of

from . import report_schemas as out
from .auth import caller
from .orders import ERRORS
from .reports import everything, rounded, wrong

router = Router(tags=["Reports"])
CODES: list[str] = Query([], max_length=MOST, description="Codes, up to three; default the latest two that have begun")  # type: ignore[type-arg]
MANY: int = Query(100, ge=1, le=LISTED)  # type: ignore[type-arg]


@router.get("/teams", response={200: list[out.TeamPaceOut], **ERRORS}, summary="How every team's day goes")
def teams(request: HttpRequest) -> list[out.TeamPaceOut]:
    """Who is drowning, who has room, and who will be through when; of the teams within reach that work."""
    user = caller(request, Capability.SEE_REPORTS)
    found = visible_teams(user).filter(active=True).select_related("warehouse")
    rows = paces(list(found.order_by("warehouse__position", "warehouse_id", "code")), timezone.now())
    together: dict[int, dict[int, int]] = {}
    for row in rows:
        together.setdefault(row.team.warehouse_id or 0, {})[row.team.pk] = row.team.ratio
    shares = {key: share for ratios in together.values() for key, share in as_percent(ratios).items()}
    return [_pace(row, shares[row.team.pk]) for row in rows]


def _pace(row: TeamPace, share: int) -> out.TeamPaceOut:
    return out.TeamPaceOut(
        team=row.team.code,
        name=row.team.name,
        warehouse=row.team.warehouse.code if row.team.warehouse else None,
        work_day=row.day,
        load=row.load,
        capacity=row.team.capacity,
        share_percent=share,
        waiting=row.waiting,
        in_hand=row.in_hand,
        oldest_waiting_at=row.oldest_at,
        shipped_today=row.shipped,
        exceptions=row.problems,
        late=row.late,
        may_be_late=row.may_be_late,
        per_hour=rounded(row.per_hour),
        done_at=row.done_at,
        overloaded=row.is_overloaded,
    )


@router.get("/promotions", response={200: list[out.SaleOut], **ERRORS}, summary="Promotions compared")
def promotions(request: HttpRequest, promotion: list[str] = CODES) -> list[out.SaleOut]:
    """The ordinary days before the first of them, then each; nothing where no promotion has begun yet."""
    everything(caller(request, Capability.SEE_REPORTS))
    now = timezone.now()
    begun = {one.code: one for one in Promotion.objects.filter(starts_at__lte=now).order_by("-starts_at")}
    for code in promotion:
        if code not in begun:
            wrong("promotion", "unknown_promotion", _("No promotion “%(code)s” has begun.") % {"code": code})
    chosen = [one for code, one in begun.items() if code in promotion] or list(begun.values())[:2]
    if not chosen:
        return []
    catch_up(now=now)
    first = min(of_promotion(one).first for one in chosen)
    sales = [ordinary_before(Promotion.objects.all(), first), *(sale_of(one) for one in reversed(chosen))]
    places = list(Warehouse.objects.order_by("position", "id"))
    working = Team.objects.filter(active=True, warehouse__isnull=False).select_related("warehouse")
    crews = list(working.order_by("warehouse__position", "code"))
    return [_sale(sale, places, crews) for sale in sales]


def _sale(sale: Sale, places: Sequence[Warehouse], crews: Sequence[Team]) -> out.SaleOut:
    speeds = [*((place, sale.rate(place.pk)) for place in places), *((crew, sale.rate(0, crew.pk)) for crew in crews)]
    return out.SaleOut(
        promotion=sale.promotion.code if sale.promotion else None,
        name=name_of(sale),
        days=list(sale.days),
        figures={one.key: rounded(one.value(sale)) for one in SALE_FIGURES},
        speeds=[out.SpeedOut(**_speed(place, rate)) for place, rate in speeds],
        exceptions={kind.name.lower(): number for kind, number in sale.problems},
        moved_by_hand=dict(sale.moved),
        shipped_within=[(round(at, 2), round(share, 4)) for at, share in sale.curve if at <= LONGEST_H],
    )


def _speed(place: Any, rate: Rate) -> dict[str, Any]:
    """Of a warehouse or team; null where it is known too little to act on."""
    home: Any = place.warehouse if isinstance(place, Team) else place
    mean, low, high = (None, None, None) if rate.is_thin else (rate.mean, rate.low, rate.high)
    return {
        "warehouse": home.code,
        "team": place.code if isinstance(place, Team) else None,
        "per_hour": rounded(mean),
        "low": rounded(low),
        "high": rounded(high),
        "hours": rate.hours,
    }


@router.get("/advice", response={200: out.AdviceOut, **ERRORS}, summary="What the last weeks advise")
def advice(request: HttpRequest) -> out.AdviceOut:
    """About ratios, capacities, rules and regions. Nothing is changed by reading it."""
    everything(caller(request, Capability.SEE_REPORTS))
    now = timezone.now()
    catch_up(now=now)
    today = timezone.localdate(now)
    days = Days(today - timedelta(weeks=WEEKS), today - timedelta(days=1))
    warehouses, hours = list(Warehouse.objects.order_by("position", "id")), hours_of_work(now)
    found = look_at_places(days, warehouses)
    return out.AdviceOut(
        days=out.DaysOut(first=days.first, last=days.last),
        warehouses=[_advised(one) for one in speeds_of_warehouses(warehouses, hours)],
        teams=[_advised(one) for speeds in by_warehouse(hours) for one in speeds],
        rules=[
            out.RuleAdviceOut(rule=one["rule"].code, name=str(one["rule"]), why=str(one["why"]), active=one["on"])
            for one in rules_to_look_at(days)
        ],
        elsewhere=[
            out.ElsewhereOut(
                region=code_of(one.region) or "",
                name=place_of(one.region),
                warehouse=one.warehouse.code,
                better=one.better.code,
                parcels=one.number,
                cheaper_each_minor=one.each_minor,
                stake_minor=one.stake_minor,
                nearer_m=one.nearer_m,
            )
            for one in found.elsewhere
        ],
        passed_over=[
            out.PassedOverOut(
                region=code_of(one.region) or "",
                name=place_of(one.region),
                nearest=one.nearest.code,
                share=round(one.share, 4),
                parcels=one.number,
                detour_m=one.detour_m,
            )
            for one in found.passed_over
        ],
        overtaken=[one.code for one in found.overtaken],
    )


def _advised(one: Speed) -> out.PlaceAdviceOut:
    return out.PlaceAdviceOut(
        **_speed(one.place, one.rate),
        ratio_percent=one.ratio,
        ratio_percent_then=one.ratio_then,
        capacity=one.place.capacity,
        capacity_then=one.capacity_then,
    )


@router.get("/transfers", response={200: list[out.TransferOut], **ERRORS}, summary="Stock that lies in the wrong place")
def stock_to_move(request: HttpRequest, limit: int = MANY) -> list[out.TransferOut]:
    """Where stock outlasts its demand while another warehouse nearly runs out; the largest first."""
    everything(caller(request, Capability.SEE_REPORTS))
    return [
        out.TransferOut(
            sku=one.sku.code,
            source=one.source.code,
            target=one.target.code,
            pieces=one.pieces,
            source_days=round(one.source_days, 1) if isfinite(one.source_days) else None,
            target_days=round(one.target_days, 1) if isfinite(one.target_days) else None,
        )
        for one in transfers(list(Warehouse.objects.order_by("position", "id")), timezone.now(), limit)
    ]
