"""Orders, their lines, holds, exceptions and events. What was decided about them lives in `allocation`.

Hot tables carry narrow fixed-width columns; references on append-only rows have no database constraint
(docs/adr/0002-references-on-hot-tables.md), `paidan doctor` checks them instead.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.catalog.models import Sku
from paidan.network.models import Shop, Warehouse

from .states import AddressState, EventKind, ExceptionKind, OrderState

MAX_PIECES = 1_000_000_000
"""The most pieces one line may ask for: keeps every sum of pieces far inside 64 bits."""


class Order(models.Model):
    """What a buyer paid for; unique by shop and platform order number.

    `region` is the resolved address (geo.codes numbers, 0 = none). `content_hash` is of what the source last said
    (0 = not known), so that the same said again is no change, whatever was mended since. `version` rises with every
    change that a decision depends on, so that a decision made on older facts is not committed.
    """

    id = models.BigAutoField(primary_key=True)
    received_at = models.DateTimeField(_("received"))
    paid_at = models.DateTimeField(_("paid"), null=True)
    ship_by_at = models.DateTimeField(_("ship by"), null=True)
    amount_minor = models.BigIntegerField(_("amount (minor units)"), default=0)
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="orders", verbose_name=_("shop"), db_index=False)
    region = models.PositiveIntegerField(_("region"), default=0)
    priority = models.IntegerField(_("priority"), default=0)
    version = models.IntegerField(_("version"), default=1)
    lat = models.FloatField(_("latitude"), null=True)
    lng = models.FloatField(_("longitude"), null=True)
    state = models.PositiveSmallIntegerField(_("state"), choices=OrderState.choices, default=OrderState.PENDING)
    reason = models.PositiveSmallIntegerField(_("reason"), default=0)
    address_state = models.PositiveSmallIntegerField(
        _("address state"), choices=AddressState.choices, default=AddressState.NONE
    )
    content_hash = models.BigIntegerField(_("content hash"), default=0, db_default=0)
    number = models.CharField(_("order number"), max_length=64)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    payment = models.CharField(_("payment type"), max_length=20, blank=True, default="")
    delivery = models.CharField(_("delivery type"), max_length=20, blank=True, default="")
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), blank=True, default=list)
    buyer_remark = models.TextField(_("buyer's remark"), blank=True, default="")
    seller_remark = models.TextField(_("seller's remark"), blank=True, default="")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged_from", verbose_name=_("merged into"), db_index=False
    )

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(fields=["number", "shop"], name="orders_number_once_per_shop"),
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lng__isnull=True) | Q(lat__range=(-90, 90), lng__range=(-180, 180)),
                name="orders_lat_with_lng",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="orders_amount_not_negative"),
        ]
        indexes = [
            # What is not yet shipped, by state and deadline: the desk's tabs, their counts and their first pages.
            models.Index(
                fields=["state", "ship_by_at", "id"],
                name="orders_to_ship",
                condition=Q(
                    state__in=[OrderState.PENDING, OrderState.UNALLOCATED, OrderState.PARTIAL, OrderState.ALLOCATED]
                ),
            ),
            models.Index(fields=["paid_at", "id"], name="orders_by_paid"),
            BrinIndex(fields=["received_at"], name="orders_by_received", pages_per_range=64),
            models.Index(fields=["merged_into"], name="orders_merged_into", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class Recipient(models.Model):
    """Who receives an order and where, as the platform wrote it: personal data, masked unless a role may see it."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="recipient")
    buyer = models.CharField(_("buyer"), max_length=100, blank=True, default="")
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    country = models.CharField(_("country"), max_length=60, blank=True, default="")
    province = models.CharField(_("province"), max_length=60, blank=True, default="")
    city = models.CharField(_("city"), max_length=60, blank=True, default="")
    district = models.CharField(_("district"), max_length=60, blank=True, default="")
    address = models.CharField(_("address"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")


class OrderLine(models.Model):
    """Pieces of one SKU that an order asks for: qty = cancelled + shipped + live + open.

    Live and shipped pieces are on allocations, so only what no allocation can tell is kept here. `sku` is null
    while the shop's code is unmapped; `bundle` names the bundle a component line was exploded from. `reason` says why
    the line is open where that is not the order's own reason (0 = as the order says).
    """

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    qty = models.IntegerField(_("pieces"))
    cancelled_qty = models.IntegerField(_("cancelled pieces"), default=0)
    sku = models.ForeignKey(
        Sku, models.PROTECT, null=True, related_name="+", verbose_name=_("SKU"), db_index=False, db_constraint=False
    )
    bundle = models.ForeignKey(
        Sku, models.PROTECT, null=True, related_name="+", verbose_name=_("bundle"), db_index=False, db_constraint=False
    )
    amount_minor = models.BigIntegerField(_("amount (minor units)"), default=0)
    source_line_id = models.BigIntegerField(_("merged from line"), null=True)
    position = models.PositiveSmallIntegerField(_("position"))
    reason = models.PositiveSmallIntegerField(_("reason"), default=0)
    number = models.CharField(_("line number"), max_length=64, blank=True, default="")
    shop_code = models.CharField(_("shop's SKU code"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position_once"),
            models.CheckConstraint(
                condition=Q(qty__gte=0) & Q(qty__lte=MAX_PIECES) & Q(cancelled_qty__range=(0, F("qty"))),
                name="orders_line_pieces",
            ),
        ]
        indexes = [
            models.Index(fields=["shop_code"], name="orders_line_unmapped", condition=Q(sku__isnull=True)),
            models.Index(fields=["sku", "order"], name="orders_line_of_sku"),
            models.Index(fields=["number"], name="orders_line_by_number", condition=~Q(number="")),
        ]


class QueuedOrder(models.Model):
    """An order to be tried by the allocator. A wave claims it by writing itself and an end of lease here.

    Narrow on purpose: claiming half a million orders must not rewrite half a million wide rows.
    """

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="queued", db_constraint=False)
    priority = models.IntegerField(default=0)
    ship_by_at = models.DateTimeField(null=True)
    wave_id = models.BigIntegerField(null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("queued order")
        verbose_name_plural = _("queued orders")


class Hold(models.Model):
    """Keeps an order out of allocation while it is active, with who, why and until when.

    `detail` holds codes and values of what the order check found; null on holds people and rules place.
    """

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.CASCADE, related_name="holds", verbose_name=_("order"))
    reason = models.CharField(_("reason"), max_length=200)
    until_at = models.DateTimeField(_("until"), null=True, blank=True)
    held_at = models.DateTimeField(_("held"))
    held_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("held by"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("released by"))
    detail = models.JSONField(_("detail"), null=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "reason"], condition=Q(released_at__isnull=True), name="orders_hold_reason_once"
            )
        ]
        indexes = [
            models.Index(fields=["order"], name="orders_hold_active", condition=Q(released_at__isnull=True)),
            models.Index(
                fields=["until_at"],
                name="orders_hold_ending",
                condition=Q(released_at__isnull=True, until_at__isnull=False),
            ),
        ]


class Caretaker(models.Model):
    """Who looks after a stuck order: the person to ask. A row, so that it has a since and a by whom."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="caretaker")
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("caretaker"))
    since_at = models.DateTimeField(_("since"))
    entrusted_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("entrusted by"))

    class Meta:
        verbose_name = _("caretaker")
        verbose_name_plural = _("caretakers")


class OrderException(models.Model):
    """A problem on an order, an allocation or a stock row, opened by a person or the system, until it is resolved.

    `detail` holds codes and values: what an intercept was opened for, and which pieces to cancel once it is confirmed.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.PositiveSmallIntegerField(_("kind"), choices=ExceptionKind.choices)
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="exceptions", verbose_name=_("order"))
    allocation_id = models.BigIntegerField(_("allocation"), null=True, db_index=True)
    sku = models.ForeignKey(Sku, models.PROTECT, null=True, related_name="+", verbose_name=_("SKU"))
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, related_name="+", verbose_name=_("warehouse"))
    note = models.CharField(_("note"), max_length=500, blank=True, default="")
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("opened by"))
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("assignee"))
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("resolved by"))
    resolution = models.CharField(_("resolution"), max_length=500, blank=True, default="")
    detail = models.JSONField(_("detail"), null=True)

    class Meta:
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "warehouse"],
                condition=Q(resolved_at__isnull=True, kind=ExceptionKind.SHORTAGE, order__isnull=True),
                name="orders_one_open_shortage",
            ),
            models.UniqueConstraint(
                fields=["allocation_id"],
                condition=Q(resolved_at__isnull=True, kind=ExceptionKind.INTERCEPT),
                name="orders_one_open_intercept",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "opened_at"], name="orders_exception_open", condition=Q(resolved_at=None)),
            models.Index(fields=["order"], name="orders_exception_open_of", condition=Q(resolved_at=None)),
        ]


class Event(models.Model):
    """Who, when and why of every transition: append-only; report times and the replay check come from here.

    `state` is the order's or allocation's state after it; `detail` holds codes and values, never sentences.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    order = models.ForeignKey(Order, models.CASCADE, related_name="events", db_index=False, db_constraint=False)
    allocation_id = models.BigIntegerField(null=True)
    wave_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False)
    kind = models.PositiveSmallIntegerField(choices=EventKind.choices)
    state = models.PositiveSmallIntegerField()
    detail = models.JSONField(null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["order", "id"], name="orders_events_of_order"),
            BrinIndex(fields=["at"], name="orders_events_by_time", pages_per_range=64),
            # What people moved, and why: few rows, so no wave pays for it.
            models.Index(
                fields=["at"],
                name="orders_moved_by_hand",
                condition=Q(kind=EventKind.REASSIGNED, by__isnull=False),
            ),
        ]


class PlatformWord(models.Model):
    """When the platform last changed an order, as far as we were told: older news of it is not listened to."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="platform_word")
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = _("platform's word")
        verbose_name_plural = _("platforms' words")


class Announcement(models.Model):
    """Word of transitions for those outside, left in the transaction that made them: the outbox. Gone once passed on.

    The arrays run along each other; an order of 0 is none, `details` is a list along them or null.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.PositiveSmallIntegerField(choices=EventKind.choices)
    order_ids = ArrayField(models.BigIntegerField())
    allocation_ids = ArrayField(models.BigIntegerField(), null=True)
    reasons = ArrayField(models.SmallIntegerField(), null=True)
    details = models.JSONField(null=True)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")


class AnnouncedKind(models.Model):
    """A kind of event that somebody outside wants to hear of."""

    kind = models.PositiveSmallIntegerField(primary_key=True, choices=EventKind.choices)

    class Meta:
        verbose_name = _("announced kind")
        verbose_name_plural = _("announced kinds")


class CheckProfile(models.Model):
    """What is checked before allocation, by default (no shop) or in one shop: settings by check, only those set."""

    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+", verbose_name=_("shop"), db_index=False)
    checks = models.JSONField(_("checks"), default=dict)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("check profile")
        verbose_name_plural = _("check profiles")
        constraints = [models.UniqueConstraint(fields=["shop"], nulls_distinct=False, name="orders_one_check_profile")]

    def __str__(self) -> str:
        return str(self.shop or "")


class RemarkWord(models.Model):
    """A word that, found in a remark, tags the order: a warehouse, a carrier, urgent."""

    word = models.CharField(_("word"), max_length=40, unique=True)
    tag = models.CharField(_("tag"), max_length=40)

    class Meta:
        verbose_name = _("remark word")
        verbose_name_plural = _("remark words")


class Blacklisted(models.Model):
    """Whose orders are held until somebody has looked. In plain words, as buyers' data is elsewhere."""

    class What(models.TextChoices):
        PHONE = "phone", _("phone")
        BUYER = "buyer", _("buyer")
        NAME = "name", _("name")
        ADDRESS = "address", _("address contains")

    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    text = models.CharField(_("text"), max_length=100)

    class Meta:
        verbose_name = _("blacklist entry")
        verbose_name_plural = _("blacklist")
        constraints = [models.UniqueConstraint(fields=["what", "text"], name="orders_blacklisted_once")]


class UsualAmount(models.Model):
    """The median of what a shop's last orders were worth, reckoned by the hour."""

    shop = models.OneToOneField(Shop, models.CASCADE, primary_key=True, related_name="+")
    amount_minor = models.BigIntegerField()
    orders_n = models.IntegerField()
    reckoned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("usual amount")
        verbose_name_plural = _("usual amounts")


class BuyerKey(models.Model):
    """Who and where an order goes to as one number; kept only of orders that are looked at for others like them."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    key = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name = _("buyer's key")
        verbose_name_plural = _("buyers' keys")
