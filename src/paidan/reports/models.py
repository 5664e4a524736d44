"""Roll-ups: what reports read instead of orders. All of it follows from the rows below and can be made anew.

`docs/reports.md` says what every column counts; `facts.py` and `cells.py` make them, `refresh.py` keeps them true.
"""

from django.db import models


class Cell(models.Model):
    """Sums over the orders paid on one day, for one pair of values of up to two dimensions (`dimensions.view_of`).

    `source` is the day whose recount made the row (business time zone): it is thrown away and written anew as a whole.
    `day` is the day it counts for: the warehouse's own for what lies at a warehouse. Histograms: see `spans.py`.
    """

    pk = models.CompositePrimaryKey("view", "day", "a", "b", "source")
    source = models.DateField()
    day = models.DateField()
    view = models.SmallIntegerField()
    a = models.IntegerField()
    b = models.IntegerField()
    # Of orders; zero in views by warehouse, team or rule.
    received_n = models.IntegerField(default=0)
    pending_n = models.IntegerField(default=0)
    stuck_n = models.IntegerField(default=0)
    held_n = models.IntegerField(default=0)
    allocated_n = models.IntegerField(default=0)
    fulfilled_n = models.IntegerField(default=0)
    cancelled_n = models.IntegerField(default=0)
    merged_n = models.IntegerField(default=0)
    troubled_n = models.IntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    # Of allocations; zero in views by reason.
    auto_n = models.IntegerField(default=0)
    hand_n = models.IntegerField(default=0)
    waiting_n = models.IntegerField(default=0)
    progress_n = models.IntegerField(default=0)
    shipped_n = models.IntegerField(default=0)
    gone_n = models.IntegerField(default=0)
    out_n = models.IntegerField(default=0)
    in_n = models.IntegerField(default=0)
    split_n = models.IntegerField(default=0)
    problems_n = models.IntegerField(default=0)
    measured_n = models.IntegerField(default=0)
    due_n = models.IntegerField(default=0)
    on_time_n = models.IntegerField(default=0)
    overdue_n = models.IntegerField(default=0)
    orders_n = models.IntegerField(default=0)
    split_orders_n = models.IntegerField(default=0)
    orders_w_n = models.IntegerField(default=0)
    orders_t_n = models.IntegerField(default=0)
    orders_r_n = models.IntegerField(default=0)
    distance_m = models.BigIntegerField(default=0)
    freight_minor = models.BigIntegerField(default=0)
    to_allocated_s = models.BigIntegerField(default=0)
    to_accepted_s = models.BigIntegerField(default=0)
    to_shipped_s = models.BigIntegerField(default=0)
    whole_s = models.BigIntegerField(default=0)
    to_allocated = models.BinaryField(default=bytes)
    to_accepted = models.BinaryField(default=bytes)
    to_shipped = models.BinaryField(default=bytes)
    whole = models.BinaryField(default=bytes)

    class Meta:
        indexes = [
            models.Index(fields=["source"], name="reports_cell_source"),
            models.Index(fields=["view", "a", "day"], name="reports_cell_a"),
            models.Index(fields=["view", "b", "day"], name="reports_cell_b"),
        ]


class WorkHour(models.Model):
    """What was done in one hour (UTC) at one warehouse and team (0 = none), from the events of that hour."""

    pk = models.CompositePrimaryKey("hour", "warehouse", "team")
    hour = models.DateTimeField()
    warehouse = models.IntegerField()
    team = models.IntegerField()
    assigned_n = models.IntegerField(default=0)
    accepted_n = models.IntegerField(default=0)
    shipped_n = models.IntegerField(default=0)
    back_n = models.IntegerField(default=0)
    out_n = models.IntegerField(default=0)
    out_hand_n = models.IntegerField(default=0)
    gone_n = models.IntegerField(default=0)
    problems_n = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["team", "hour"], name="reports_work_of_team")]


class ReportedRule(models.Model):
    """A rule's code as a small number: the same rule through all versions of the rule set."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)


class PendingEvents(models.Model):
    """A range of event ids written by one statement, left by a trigger for the next refresh.

    It becomes visible with its events and not before, so that nothing is skipped, whoever commits first.
    """

    id = models.BigAutoField(primary_key=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()


class StaleDay(models.Model):
    """A day whose cells are to be counted anew."""

    day = models.DateField(primary_key=True)


class StaleHour(models.Model):
    """An hour whose work is to be counted anew."""

    hour = models.DateTimeField(primary_key=True)


class RefreshState(models.Model):
    """One row: until when everything is counted, how long that took, and by which clocks (warehouses' time zones)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    as_of = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    took_s = models.FloatField(default=0)
    clocks = models.JSONField(default=dict)
