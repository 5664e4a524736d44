"""What-ifs that were asked for, kept with their results so that they can be looked at and compared later."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.orders.models import Order
from paidan.rules.models import RuleSetVersion


class WhatIf(models.Model):
    """One period under one set of assumptions, beside what happened.

    `assumed` holds codes and numbers as `paidan.whatif.running` writes them, `before` and `after` the figures.
    """

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", _("waits for a worker")
        RUNNING = "running", _("being worked out")
        DONE = "done", _("worked out")
        STOPPED = "stopped", _("stopped")
        FAILED = "failed", _("failed")

    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to"))
    version = models.ForeignKey(RuleSetVersion, models.SET_NULL, null=True, related_name="+", verbose_name=_("rules"))
    rules_name = models.CharField(_("rules"), max_length=40, blank=True, default="")  # empty: those there were
    assumed = models.JSONField(default=dict)
    done_n = models.IntegerField(default=0)
    total_n = models.IntegerField(default=0)
    seconds = models.FloatField(null=True)
    problem = models.CharField(max_length=300, blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    moved_n = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("what-if")
        verbose_name_plural = _("what-ifs")
        indexes = [models.Index(fields=["-created_at"], name="whatif_recent")]


class Move(models.Model):
    """An order that would have gone elsewhere; 0 = nowhere."""

    id = models.BigAutoField(primary_key=True)
    what_if = models.ForeignKey(WhatIf, models.CASCADE, related_name="moves", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    before_id = models.IntegerField()
    after_id = models.IntegerField()
    freight_minor = models.BigIntegerField(default=0)
    distance_m = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        indexes = [models.Index(fields=["what_if", "before_id", "after_id", "id"], name="whatif_moves")]
