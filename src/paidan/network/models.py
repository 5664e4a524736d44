"""The network orders flow through: shops, warehouses, teams, their calendars and freight."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import ApiToken, User
from paidan.catalog.models import Sku


class Shop(models.Model):
    """A sales channel of one platform, with its promise to ship within so many hours of payment."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    platform = models.CharField(_("platform"), max_length=40, blank=True, default="")
    ship_within_h = models.PositiveIntegerField(_("ship within (hours)"), default=48)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")

    def __str__(self) -> str:
        return self.name or self.code


class ShopHook(models.Model):
    """The secret a platform signs its messages to a shop with. Kept readable, for it verifies; shown to nobody."""

    shop = models.OneToOneField(Shop, models.CASCADE, primary_key=True, related_name="hook", verbose_name=_("shop"))
    secret = models.CharField(_("secret"), max_length=200)
    changed_at = models.DateTimeField(_("changed"))
    heard_at = models.DateTimeField(_("last heard"), null=True)

    class Meta:
        verbose_name = _("shop's hook")
        verbose_name_plural = _("shops' hooks")


class ShopSku(models.Model):
    """A shop's own code for one of our SKUs. A code without a row that is no SKU's code either is `unknown_sku`."""

    id = models.AutoField(primary_key=True)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sku_codes", verbose_name=_("shop"))
    code = models.CharField(_("shop's SKU code"), max_length=100)
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="shop_codes", verbose_name=_("SKU"))

    class Meta:
        verbose_name = _("shop SKU code")
        verbose_name_plural = _("shop SKU codes")
        constraints = [models.UniqueConstraint(fields=["shop", "code"], name="network_shop_code_once")]


class Warehouse(models.Model):
    """A place that ships. `position` breaks ties; `covers` empty (null) = everywhere."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    position = models.PositiveIntegerField(_("position"), default=1)
    is_open = models.BooleanField(_("open"), default=True)
    region = models.PositiveIntegerField(_("region"), default=0)
    address = models.CharField(_("address"), max_length=300, blank=True, default="")
    lat = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    lng = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    covers = ArrayField(models.CharField(max_length=6), verbose_name=_("covers"), null=True, blank=True)
    excludes = ArrayField(models.CharField(max_length=6), verbose_name=_("does not cover"), blank=True, default=list)
    capacity = models.PositiveIntegerField(_("capacity per work day"), null=True, blank=True)
    ratio = models.PositiveIntegerField(_("ratio"), default=0)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    cutoff = models.TimeField(_("cut-off"), null=True, blank=True)
    handling_s = models.PositiveIntegerField(_("handling time (s)"), default=0)
    weekdays_off = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("weekly days off"), blank=True, default=list
    )
    holidays = models.CharField(_("public holidays"), max_length=10, blank=True, default="")

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        constraints = [
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lng__isnull=True) | Q(lat__range=(-90, 90), lng__range=(-180, 180)),
                name="network_warehouse_coordinates",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.code


class CalendarDay(models.Model):
    """A single day that differs from a warehouse's weekly and holiday calendar: worked although off, or off."""

    id = models.AutoField(primary_key=True)
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="days", verbose_name=_("warehouse"))
    day = models.DateField(_("day"))
    working = models.BooleanField(_("working"), default=False)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        constraints = [models.UniqueConstraint(fields=["warehouse", "day"], name="network_day_once")]


class WarehouseFiles(models.Model):
    """That a warehouse's own system (WMS) is told by files, and in which format; the row says yes, its lack no."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    warehouse = models.OneToOneField(
        Warehouse, models.CASCADE, primary_key=True, related_name="files", verbose_name=_("warehouse")
    )
    format = models.CharField(_("format"), max_length=4, choices=Format.choices, default=Format.CSV)
    since_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("warehouse's files")
        verbose_name_plural = _("warehouses' files")


class Team(models.Model):
    """People who handle orders, of a warehouse and/or for some shops."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    warehouse = models.ForeignKey(
        Warehouse, models.PROTECT, null=True, blank=True, related_name="teams", verbose_name=_("warehouse")
    )
    shops = models.ManyToManyField(Shop, blank=True, related_name="teams", verbose_name=_("shops"))
    members = models.ManyToManyField(User, blank=True, related_name="teams", verbose_name=_("members"))
    skills = ArrayField(models.CharField(max_length=40), verbose_name=_("skills"), blank=True, default=list)
    ratio = models.PositiveIntegerField(_("ratio"), default=0)
    capacity = models.PositiveIntegerField(_("capacity per work day"), null=True, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name or self.code


class UserScope(models.Model):
    """One warehouse, team or shop that a user is limited to; no row = not limited (see `network.scopes`)."""

    id = models.AutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="scopes", verbose_name=_("user"))
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, null=True, related_name="+", verbose_name=_("warehouse"))
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+", verbose_name=_("team"))
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+", verbose_name=_("shop"))

    class Meta:
        verbose_name = _("limit of a user")
        verbose_name_plural = _("limits of users")
        constraints = [
            models.CheckConstraint(
                condition=Q(warehouse__isnull=False, team__isnull=True, shop__isnull=True)
                | Q(warehouse__isnull=True, team__isnull=False, shop__isnull=True)
                | Q(warehouse__isnull=True, team__isnull=True, shop__isnull=False),
                name="network_scope_is_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["user", "warehouse", "team", "shop"], name="network_scope_once", nulls_distinct=False
            ),
        ]


class TokenLimit(models.Model):
    """One warehouse or shop that an API token is limited to, within what its owner reaches.

    Without its last limit it would reach everything, so what a token is limited to cannot be deleted.
    """

    id = models.AutoField(primary_key=True)
    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="limits", verbose_name=_("API token"))
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, related_name="+", verbose_name=_("warehouse"))
    shop = models.ForeignKey(Shop, models.PROTECT, null=True, related_name="+", verbose_name=_("shop"))

    class Meta:
        verbose_name = _("limit of an API token")
        verbose_name_plural = _("limits of API tokens")
        constraints = [
            models.CheckConstraint(
                condition=Q(warehouse__isnull=False, shop__isnull=True) | Q(warehouse__isnull=True, shop__isnull=False),
                name="network_token_limit_is_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["token", "warehouse", "shop"], name="network_token_limit_once", nulls_distinct=False
            ),
        ]


class FreightRate(models.Model):
    """What a carrier asks from a warehouse to a region: first weight, then each further weight begun."""

    id = models.AutoField(primary_key=True)
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="freight", verbose_name=_("warehouse"))
    carrier = models.CharField(_("carrier"), max_length=40)
    region = models.PositiveIntegerField(_("region"), default=0)
    first_g = models.PositiveIntegerField(_("first weight (g)"), default=1000)
    first_minor = models.PositiveIntegerField(_("first weight price (minor units)"))
    next_g = models.PositiveIntegerField(_("further weight (g)"), default=1000)
    next_minor = models.PositiveIntegerField(_("further weight price (minor units)"), default=0)
    transit_s = models.PositiveIntegerField(_("transit time (s)"), default=0)
    volumetric_cm3_per_kg = models.PositiveIntegerField(_("volumetric ratio (cm³/kg)"), default=0)

    class Meta:
        verbose_name = _("freight rate")
        verbose_name_plural = _("freight rates")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "carrier", "region"], name="network_freight_once"),
            models.CheckConstraint(condition=Q(first_g__gt=0) & Q(next_g__gt=0), name="network_freight_steps_positive"),
        ]


class Promotion(models.Model):
    """A named period that reports can be cut by and rules limited to."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="network_promotion_ends_after_start")
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Plan(models.Model):
    """The normal ratio and capacity of one warehouse or team, beside what is planned for other times.

    What is automatic follows the advice of the reports every night; it changes the normal value alone.
    `in_force` is the time whose values were last put on the warehouse or team (`network.plans`); empty: none yet.
    """

    id = models.AutoField(primary_key=True)
    warehouse = models.OneToOneField(Warehouse, models.CASCADE, null=True, related_name="plan")
    team = models.OneToOneField(Team, models.CASCADE, null=True, related_name="plan")
    ratio = models.PositiveIntegerField(_("ratio"), default=0)
    capacity = models.PositiveIntegerField(_("capacity per work day"), null=True)
    automatic_ratio = models.BooleanField(default=False)
    automatic_capacity = models.BooleanField(default=False)
    in_force = models.CharField(max_length=24, blank=True, default="")
    since = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(warehouse__isnull=True) ^ Q(team__isnull=True), name="network_plan_of_one_member"
            )
        ]

    @property
    def member(self) -> Warehouse | Team:
        """Whose plan it is."""
        member = self.warehouse or self.team
        assert member is not None
        return member


class PlannedValue(models.Model):
    """What differs from normal on a weekday (0 = Monday) or during a promotion; null = as normally."""

    id = models.AutoField(primary_key=True)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="values")
    weekday = models.PositiveSmallIntegerField(null=True)
    promotion = models.ForeignKey(Promotion, models.CASCADE, null=True, related_name="+")
    ratio = models.PositiveIntegerField(_("ratio"), null=True)
    capacity = models.PositiveIntegerField(_("capacity per work day"), null=True)
    unlimited = models.BooleanField(_("no limit"), default=False)

    class Meta:
        verbose_name = _("planned value")
        verbose_name_plural = _("planned values")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) ^ Q(promotion__isnull=True), name="network_planned_for_one_time"
            ),
            models.UniqueConstraint(fields=["plan", "weekday"], name="network_planned_once_a_weekday"),
            models.UniqueConstraint(fields=["plan", "promotion"], name="network_planned_once_a_promotion"),
        ]

    @property
    def when(self) -> str:
        """The time as `network.plans` names it."""
        return f"promotion:{self.promotion_id}" if self.weekday is None else f"weekday:{self.weekday}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs from normal."""
        return self.ratio is None and self.capacity is None and not self.unlimited
