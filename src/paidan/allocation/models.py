"""Waves, allocations and the decisions behind them.

References on the tables a wave fills by the hundred thousand have no database constraint where the row they point
to is never deleted (docs/adr/0002-references-on-hot-tables.md); `paidan doctor` checks them instead.
"""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.catalog.models import Sku
from paidan.network.models import Team, Warehouse
from paidan.orders.models import Order, OrderLine
from paidan.rules.models import Rule, RuleSetVersion

from .states import LIVE, STARTED, AllocationState, Origin, WaveMode, WaveState


class Wave(models.Model):
    """One run of the allocator: parameters, sums, and the warehouses it looked at (the axis of its explanations)."""

    id = models.BigAutoField(primary_key=True)
    state = models.PositiveSmallIntegerField(_("state"), choices=WaveState.choices, default=WaveState.RUNNING)
    mode = models.PositiveSmallIntegerField(_("decided"), choices=WaveMode.choices, default=WaveMode.STREAM)
    worker = models.CharField(_("worker"), max_length=100)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    version = models.ForeignKey(
        RuleSetVersion, models.PROTECT, null=True, related_name="+", verbose_name=_("rule set version")
    )
    warehouse_ids = ArrayField(models.IntegerField(), default=list)
    parameters = models.JSONField(_("parameters"), default=dict)
    statistics = models.JSONField(_("statistics"), default=dict)
    bound_minor = models.BigIntegerField(_("proven bound"), null=True)

    class Meta:
        verbose_name = _("wave")
        verbose_name_plural = _("waves")
        indexes = [models.Index(fields=["-started_at"], name="allocation_recent_waves")]


class JointRun(models.Model):
    """How far a joint wave is, and what it came to: as its page and a person who would stop it see it."""

    wave = models.OneToOneField(Wave, models.CASCADE, primary_key=True, related_name="joint")
    orders_n = models.IntegerField(_("orders"), default=0)
    seconds = models.FloatField(_("seconds at most"))
    gap = models.FloatField(_("gap to stop at"))
    stop_asked_at = models.DateTimeField(_("stop asked"), null=True)
    stop_asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("stopped by"))
    chart = models.JSONField(default=list)  # [seconds, cost, bound or null], minor units
    plans = models.JSONField(default=dict)  # figures of the plan, and of the same orders decided otherwise
    prices = models.JSONField(default=list)  # [SKU id, warehouse id, team id (0 = none), minor units], dearest first
    moved_n = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("joint run")
        verbose_name_plural = _("joint runs")


class WaveMove(models.Model):
    """An order of a joint wave that went elsewhere than order by order; warehouse 0 = nowhere.

    `worth_minor` is what it leaves to others less what it takes from them, by the prices of the wave.
    """

    id = models.BigAutoField(primary_key=True)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="moves", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    before_id = models.IntegerField()
    after_id = models.IntegerField()
    freight_minor = models.BigIntegerField(default=0)
    distance_m = models.BigIntegerField(default=0)
    worth_minor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("order moved by a wave")
        verbose_name_plural = _("orders moved by waves")
        indexes = [
            models.Index(fields=["wave", "before_id", "after_id", "id"], name="allocation_wave_moves"),
            models.Index(fields=["order"], name="allocation_moved_order"),
        ]


class WaveClock(models.Model):
    """Which time of the joint waves has passed, and whether somebody asked for one now. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    passed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("clock of the joint waves")
        verbose_name_plural = _("clock of the joint waves")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="allocation_one_wave_clock")]


class Allocation(models.Model):
    """(Part of) an order assigned to one warehouse and one team: the unit a team works on."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="allocations", verbose_name=_("order"), db_constraint=False
    )
    wave = models.ForeignKey(Wave, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    replaces_id = models.BigIntegerField(_("replaces allocation"), null=True)
    freight_minor = models.BigIntegerField(_("freight (minor units)"), default=0)
    created_at = models.DateTimeField(_("created"))
    state_at = models.DateTimeField(_("in this state since"))
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, related_name="+", verbose_name=_("warehouse"), db_index=False, db_constraint=False
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, related_name="+", verbose_name=_("team"), db_index=False, db_constraint=False
    )
    rule = models.ForeignKey(
        Rule, models.PROTECT, null=True, related_name="+", verbose_name=_("rule"), db_index=False, db_constraint=False
    )
    distance_m = models.IntegerField(_("distance (m)"), null=True)
    late_s = models.IntegerField(_("late (s)"), default=0)
    work_day = models.DateField(_("work day"))
    state = models.PositiveSmallIntegerField(
        _("state"), choices=AllocationState.choices, default=AllocationState.ASSIGNED
    )
    origin = models.PositiveSmallIntegerField(_("decided"), choices=Origin.choices, default=Origin.AUTOMATIC)
    frozen = models.BooleanField(_("frozen"), default=False)
    carrier = models.CharField(_("carrier"), max_length=40, blank=True, default="")
    tracking_number = models.CharField(_("tracking number"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        indexes = [
            models.Index(
                fields=["warehouse", "team", "state", "id"],
                name="allocation_live",
                condition=Q(state__in=list(LIVE)),
            ),
            # What teams have in their hands, by order: few rows, written when one accepts, so no wave pays for it.
            models.Index(fields=["order"], name="allocation_begun", condition=Q(state__in=list(STARTED))),
            models.Index(fields=["tracking_number"], name="allocation_by_tracking", condition=~Q(tracking_number="")),
            BrinIndex(fields=["created_at"], name="allocation_by_created", pages_per_range=64),
            # What a team has shipped since when: its day so far and its pace.
            models.Index(
                fields=["team", "state_at"], name="allocation_shipped", condition=Q(state=AllocationState.SHIPPED)
            ),
        ]


class AllocationLine(models.Model):
    """Pieces of one order line on one allocation."""

    pk = models.CompositePrimaryKey("allocation_id", "line_id")
    allocation = models.ForeignKey(
        Allocation, models.CASCADE, related_name="parts", db_index=False, db_constraint=False
    )
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="parts", db_constraint=False)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    qty = models.IntegerField(_("pieces"))

    class Meta:
        verbose_name = _("allocation line")
        verbose_name_plural = _("allocation lines")
        constraints = [models.CheckConstraint(condition=Q(qty__gt=0), name="allocation_line_qty_positive")]


class Decision(models.Model):
    """Why an order went where it went, or is stuck, as one wave saw it: codes only, sentences are made on reading.

    The three byte strings run along the wave's `warehouse_ids`: rank (uint8, 0 = not ranked), reason (int8) and
    pieces short (uint16, little-endian). A later try that allocates nothing replaces an earlier one that did not.
    """

    pk = models.CompositePrimaryKey("order_id", "wave_id")
    order = models.ForeignKey(Order, models.CASCADE, related_name="decisions", db_index=False, db_constraint=False)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    rule = models.ForeignKey(Rule, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    outcome = models.PositiveSmallIntegerField()
    reason = models.PositiveSmallIntegerField(default=0)
    rank_w = models.BinaryField()
    reason_w = models.BinaryField()
    short_w = models.BinaryField()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")


class WarehouseDay(models.Model):
    """What a warehouse has to do on a work day, and its ratio credit: the counters capacity and ratios are kept by.

    A credit counts only while `credit_key` is that of the ratios in force, so it starts anew when one changes.
    """

    pk = models.CompositePrimaryKey("warehouse_id", "day")
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    load_n = models.IntegerField(default=0)
    credit = models.FloatField(default=0.0)
    credit_key = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("warehouse's work day")
        verbose_name_plural = _("warehouses' work days")
        constraints = [models.CheckConstraint(condition=Q(load_n__gte=0), name="allocation_warehouse_load")]


class TeamDay(models.Model):
    """What a team has to do on a work day, and its ratio credit."""

    pk = models.CompositePrimaryKey("team_id", "day")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    load_n = models.IntegerField(default=0)
    credit = models.FloatField(default=0.0)
    credit_key = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("team's work day")
        verbose_name_plural = _("teams' work days")
        constraints = [models.CheckConstraint(condition=Q(load_n__gte=0), name="allocation_team_load")]


class NightlyRebalance(models.Model):
    """That what no team has accepted is decided again every night, within which limits, and what it last came to.

    One row, or none: then it is off. `at` is the time of day in the business's time zone, `since_at` when the setting
    was last changed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    active = models.BooleanField(_("every night"), default=False)
    at = models.TimeField(_("time"), default=time(2))
    saving_minor = models.PositiveIntegerField(_("least saving of a move (minor units)"), default=100)
    most = models.PositiveIntegerField(_("most moves"), null=True, default=1000)
    since_at = models.DateTimeField(null=True)
    ran_at = models.DateTimeField(null=True)
    moved_n = models.IntegerField(default=0)
    stayed_n = models.IntegerField(default=0)
    saved_minor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("nightly rebalance")
        verbose_name_plural = _("nightly rebalances")


class HandedOut(models.Model):
    """An allocation that a warehouse's own system was told of by file, and what it was told since."""

    allocation = models.OneToOneField(Allocation, models.CASCADE, primary_key=True, related_name="handed_out")
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)  # asked to stop it
    closed_at = models.DateTimeField(null=True)  # withdrawn, or shipped: nothing more to say

    class Meta:
        verbose_name = _("allocation handed out")
        verbose_name_plural = _("allocations handed out")
        indexes = [
            models.Index(fields=["warehouse"], name="allocation_handed_open", condition=Q(closed_at__isnull=True)),
        ]


class WarehouseFile(models.Model):
    """A file for or from a warehouse's own system. One to be written keeps its bytes until it stands in the folder."""

    class Direction(models.TextChoices):
        OUT = "out", _("to the warehouse")
        IN = "in", _("from the warehouse")

    id = models.BigAutoField(primary_key=True)
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="+", verbose_name=_("warehouse"))
    direction = models.CharField(max_length=3, choices=Direction.choices)
    name = models.CharField(_("file"), max_length=200)
    body = models.BinaryField(null=True)
    rows_n = models.IntegerField(_("rows"), default=0)
    rejected_n = models.IntegerField(_("rejected"), default=0)
    at = models.DateTimeField(_("when"))
    done_at = models.DateTimeField(null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("warehouse's file")
        verbose_name_plural = _("warehouses' files")
        indexes = [
            models.Index(fields=["warehouse", "-id"], name="allocation_files_of"),
            models.Index(fields=["warehouse", "id"], name="allocation_files_due", condition=Q(body__isnull=False)),
        ]


class LookAhead(models.Model):
    """One row: whether prices for orders still to come may be used, how far they look, and what the last test found.

    `trusted` is what the test of the past days says; without it no price is used, whatever a rule asks for.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    on = models.BooleanField(_("look ahead"), default=True)
    horizon_days = models.PositiveSmallIntegerField(_("days until stock comes in"), default=7)
    trusted = models.BooleanField(default=False)
    tested_at = models.DateTimeField(null=True)
    test = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(horizon_days__gte=1, horizon_days__lte=60), name="look_ahead_horizon")
        ]


class ScarcityPrices(models.Model):
    """Prices solved at one moment: what a piece at a warehouse and a slot of a warehouse is worth to orders to come.

    The arrays run along the (SKU, warehouse) pairs that are scarce; everything else is worth nothing. `region` is
    where the piece is needed most (0: nowhere in particular), `free_qty` what was free.
    """

    id = models.BigAutoField(primary_key=True)
    solved_at = models.DateTimeField()
    sku_ids = ArrayField(models.IntegerField(), default=list)
    warehouse_ids = ArrayField(models.IntegerField(), default=list)
    minor = ArrayField(models.BigIntegerField(), default=list)
    free_qty = ArrayField(models.BigIntegerField(), default=list)
    region = ArrayField(models.IntegerField(), default=list)
    slot_warehouse_ids = ArrayField(models.IntegerField(), default=list)
    slot_minor = ArrayField(models.BigIntegerField(), default=list)
    statistics = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("scarcity prices")
        verbose_name_plural = _("scarcity prices")
        indexes = [models.Index(fields=["-solved_at"], name="allocation_prices_at")]
