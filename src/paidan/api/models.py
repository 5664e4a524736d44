"""What programs have been told: answers by Idempotency-Key, and under other products' protocols stock and parcels.

What they are told about is never written here: stock and allocations know nothing of these programs.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import ApiToken, Credential
from paidan.allocation.models import Allocation
from paidan.catalog.models import Sku
from paidan.network.models import Shop


class StockTold(models.Model):
    """What a program knows of the stock behind one code of a shop.

    `listed_qty` is what it was last offered, `told_qty` what it confirmed (null = nothing yet); `changes_n` counts the
    offers, so that a confirmation of an older one is not taken for the newer.
    """

    id = models.BigAutoField(primary_key=True)
    credential = models.ForeignKey(Credential, models.CASCADE, related_name="+")
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    sku = models.ForeignKey(Sku, models.CASCADE, related_name="+")
    code = models.CharField(max_length=100)
    changes_n = models.BigIntegerField(default=1)
    listed_qty = models.BigIntegerField()
    told_qty = models.BigIntegerField(null=True)
    listed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("stock told to a program")
        verbose_name_plural = _("stock told to programs")
        constraints = [models.UniqueConstraint(fields=["credential", "shop", "code"], name="api_stock_told_once")]


class ParcelTold(models.Model):
    """A shipped allocation that a program is to tell the platform of, until it says that it has."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TOLD = "told", _("told")
        NEEDLESS = "needless", _("not needed")

    id = models.BigAutoField(primary_key=True)
    credential = models.ForeignKey(Credential, models.CASCADE, related_name="+")
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="+", db_index=False)
    shipped_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries_n = models.IntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("parcel told to a program")
        verbose_name_plural = _("parcels told to programs")
        constraints = [models.UniqueConstraint(fields=["credential", "allocation"], name="api_parcel_told_once")]
        indexes = [
            models.Index(
                fields=["credential", "shop", "tries_n", "id"], name="api_parcels_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=["credential", "shop", "-shipped_at"], name="api_parcels_newest"),
        ]


class Answered(models.Model):
    """What a token was answered to the request it named by a key; `status` 0 while it is being worked on."""

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True, default="")
    content_type = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="api_answered_once")]


class CallCount(models.Model):
    """How many requests a token made in one minute. Not logged by the database: a crash may forget it."""

    pk = models.CompositePrimaryKey("token_id", "minute")
    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    minute = models.BigIntegerField()
    calls_n = models.IntegerField()

    class Meta:
        verbose_name = _("counted requests")
        verbose_name_plural = _("counted requests")
