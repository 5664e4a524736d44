"""Reports, to read: the figures of the report pages, of the same days, within the same reach."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.engine.codes import Reason
from paidan.geo.codes import code_of
from paidan.kit.errors import Refusal
from paidan.network.intake import region_of
from paidan.network.models import Promotion, Shop, Team, Warehouse
from paidan.network.scopes import scope_of, visible_shops, visible_teams, visible_warehouses
from paidan.reports.asking import Asked, narrowed
from paidan.reports.columns import Measure, measures
from paidan.reports.documents import as_document
from paidan.reports.figures import Figures
from paidan.reports.periods import LONGEST_DAYS, Days, of_promotion
from paidan.reports.queries import Period, allocation_report
from paidan.reports.refresh import as_of, catch_up
from paidan.reports.rows import Report, Row, report_of

from . import report_schemas as out
from .auth import caller
from .orders import ERRORS
from .paging import WORD
from .problems import Problem

router = Router(tags=["Reports"])
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


OF_OUR_TIME: dict[str, Any] = {"ge": EARLIEST, "le": LATEST}
FIRST: date | None = Query(  # type: ignore[type-arg]
    None, alias="from", description="The first day; default six days before the last", **OF_OUR_TIME
)
LAST: date | None = Query(  # type: ignore[type-arg]
    None, alias="to", description="The last day, included; default yesterday", **OF_OUR_TIME
)
PROMOTION: str = Query(  # type: ignore[type-arg]
    "", max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$", description="The days of this one"
)
BESIDE: bool = Query(False, description="Compare with as many days right before")  # type: ignore[type-arg]
CODED: dict[str, Any] = {"warehouse": visible_warehouses, "team": visible_teams, "shop": visible_shops}
UNITS = {3600: "_s", 1000: "_m", 100: "_minor", 0.01: "_share"}
"""What a file divides by, as the ending of the name of what is not divided."""


@router.get("/allocation", response={200: out.CutOut, **ERRORS}, summary="The allocation report, cut one way")
def allocation(
    request: HttpRequest,
    by: out.By = "warehouse",
    first: date | None = FIRST,
    last: date | None = LAST,
    promotion: str = PROMOTION,
    beside: bool = BESIDE,
    warehouse: str = WORD,
    team: str = WORD,
    shop: str = WORD,
    platform: str = WORD,
    rule: str = WORD,
    region: str = WORD,
) -> out.CutOut:
    """Of the orders paid on these days: what became of them, as things stand now. Within the reach of the caller."""
    user = caller(request, Capability.SEE_REPORTS)
    days = days_of(first, last, promotion)
    given = {"warehouse": warehouse, "team": team, "shop": shop, "platform": platform, "rule": rule, "region": region}
    chosen = {name: _value(user, name, word) for name, word in given.items() if word}
    asked = Asked(days, days.before() if beside else None, by, chosen, narrowed(chosen, scope_of(user)))
    catch_up(now=timezone.now())
    try:
        return _written(report_of(asked))
    except Refusal as refusal:
        raise Problem(422, refusal.code, str(refusal), pointer="by") from refusal


@router.get("/outcome", response={200: out.OutcomeOut, **ERRORS}, summary="What became of some days' orders")
def outcome(
    request: HttpRequest, first: date | None = FIRST, last: date | None = LAST, promotion: str = PROMOTION
) -> dict[str, Any]:
    """By state, by warehouse and team, and why what is stuck is stuck; counted from the orders themselves."""
    everything(caller(request, Capability.SEE_REPORTS))
    days = days_of(first, last, promotion)
    found = as_document(allocation_report(Period(days.first, days.last)))
    return {"days": {"first": days.first, "last": days.last}, **found}


def everything(user: User) -> None:
    """Some reports look at all orders: only for who sees everything."""
    if not scope_of(user).is_everything:
        raise Problem(403, "out_of_reach", _("This report is of everything: only who reaches everything reads it."))


def days_of(first: date | None, last: date | None, promotion: str) -> Days:
    """The days asked for; the last seven that are over, where nothing is said."""
    if promotion:
        if first or last:
            wrong("promotion", "two_periods", _("Name either a promotion or days."))
        one = Promotion.objects.filter(code=promotion).first()
        if one is None:
            wrong("promotion", "unknown_promotion", _("“%(code)s” is not known.") % {"code": promotion})
        return of_promotion(one)
    until = last or max(timezone.localdate() - timedelta(days=1), first or EARLIEST)
    since = first or until - timedelta(days=6)
    if since > until:
        wrong("from", "ends_first", _("The last day is before the first."))
    if (until - since).days >= LONGEST_DAYS:
        said = _("A report is of at most %(most)d days.")
        wrong("from", "too_long", said % {"most": LONGEST_DAYS})
    return Days(since, until)


def wrong(name: str, code: str, said: object) -> NoReturn:
    """422 at a parameter."""
    raise Problem(422, code, said, pointer=name)


def _value(user: User, name: str, word: str) -> str:
    """A filter as the report knows it: ids instead of codes."""
    if name in CODED:
        row = CODED[name](user).filter(code=word).first()
        if row is None:
            wrong(name, f"unknown_{name}", _("There is no “%(code)s” within reach.") % {"code": word})
        return str(row.pk)
    if name == "region":
        number = region_of(word)
        if number is None or (number >= 100_000 and number % 10_000):
            wrong(name, "unknown_region", _("Name a province or a country, by its code or its name."))
        return str(number)
    return word


def _written(report: Report) -> out.CutOut:
    asked = report.asked
    shown, keys = measures(asked, everything=True), _keys(asked.by)
    rows = [
        out.RowOut(
            key=keys.get(row.key, "") if keys is not None else _plain_key(row, asked.by),
            name=row.name,
            figures=figures_of(shown, row.now),
            before=figures_of(shown, row.before) if row.before is not None else None,
            share=rounded(row.share),
            target_share=rounded(row.target),
            load_share=rounded(row.load),
        )
        for row in report.rows
    ]
    return out.CutOut(
        days=out.DaysOut(first=asked.days.first, last=asked.days.last),
        beside=out.DaysOut(first=asked.beside.first, last=asked.beside.last) if asked.beside else None,
        by=asked.by,
        as_of=as_of(),
        rows=rows,
        total=figures_of(shown, report.total.now),
        total_before=figures_of(shown, report.total.before) if report.total.before is not None else None,
    )


def _keys(by: str) -> dict[int, str] | None:
    """What a row's number is called outside, where it is the id of something."""
    model: Any = {"warehouse": Warehouse, "team": Team, "shop": Shop}.get(by)
    return None if model is None else dict(model.objects.values_list("pk", "code"))


def _plain_key(row: Row, by: str) -> str:
    if by == "region":
        return code_of(row.key) or ""
    if by == "reason":
        return Reason(row.key).code
    return row.value


def figures_of(shown: list[Measure], found: Figures) -> out.Figures:
    """Every measure by its key and unit, undivided."""
    return {one.key + UNITS.get(one.unit, ""): rounded(one.value(found)) for one in shown}


def rounded(value: out.Number) -> out.Number:
    """Whole numbers as they are; others with no more digits than they are worth."""
    return value if value is None or isinstance(value, int) else round(value, 4)
