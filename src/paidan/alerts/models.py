"""Reminders: what is watched, found and said through which channel; and webhooks: who hears of which events."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User
from paidan.network.models import Shop, Team, Warehouse


class Kind(models.TextChoices):
    """What can be watched."""

    UNALLOCATED = "unallocated", _("orders without a warehouse")
    DUE = "due", _("orders due soon")
    NOT_ACCEPTED = "not_accepted", _("a team does not accept")
    EXCEPTION = "exception", _("exceptions nobody settles")
    CAPACITY = "capacity", _("a warehouse near its capacity")
    SHORT = "short", _("stock short for orders that wait")
    SILENT = "silent", _("a shop that sends nothing")
    NO_LAST_RULE = "no_last_rule", _("rules that leave orders out")
    WEBHOOK = "webhook", _("a webhook that does not get through")


UNITS: dict[str, str | Promise] = {
    Kind.UNALLOCATED: _("minutes"),
    Kind.DUE: _("hours"),
    Kind.NOT_ACCEPTED: _("minutes"),
    Kind.EXCEPTION: _("minutes"),
    Kind.CAPACITY: _("% of its capacity"),
    Kind.SHORT: _("minutes"),
    Kind.SILENT: _("minutes"),
    Kind.NO_LAST_RULE: "",
    Kind.WEBHOOK: _("minutes"),
}
USUAL = {
    Kind.UNALLOCATED: 10,
    Kind.DUE: 2,
    Kind.NOT_ACCEPTED: 60,
    Kind.EXCEPTION: 240,
    Kind.CAPACITY: 90,
    Kind.SHORT: 60,
    Kind.SILENT: 180,
    Kind.NO_LAST_RULE: 0,
    Kind.WEBHOOK: 15,
}
"""The limits new installations begin with."""


class Channel(models.Model):
    """A way to reach people outside Paidan. `address` is an Apprise URL with its secret; it is never shown again."""

    class Service(models.TextChoices):
        DINGTALK = "dingtalk", _("DingTalk")
        WECOM = "wecom", _("WeCom")
        FEISHU = "feishu", _("Feishu")
        MAIL = "mail", _("mail")
        SLACK = "slack", _("Slack")
        WEBHOOK = "webhook", _("webhook")

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    service = models.CharField(_("service"), max_length=10, choices=Service.choices)
    address = models.CharField(_("address"), max_length=500)
    active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name


class ReminderRule(models.Model):
    """One thing that is watched, from which limit on it is a reminder, and who hears of it."""

    id = models.AutoField(primary_key=True)
    kind = models.CharField(_("watch"), max_length=20, choices=Kind.choices)
    limit = models.PositiveIntegerField(_("limit"), default=0)
    active = models.BooleanField(_("active"), default=True)
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("shop"))
    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("warehouse")
    )
    channels = models.ManyToManyField(Channel, blank=True, related_name="+", verbose_name=_("channels"))
    repeat_min = models.PositiveIntegerField(_("again every (minutes)"), default=60)
    escalate_min = models.PositiveIntegerField(_("escalate after (minutes)"), null=True, blank=True)
    escalate_to = models.ManyToManyField(Channel, blank=True, related_name="+", verbose_name=_("escalate to"))

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")


class Reminder(models.Model):
    """Something found, as one group (a shop's orders, a team, a warehouse), from when it began until it is over."""

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(ReminderRule, models.CASCADE, related_name="reminders", verbose_name=_("watch"))
    group = models.CharField(max_length=40)
    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+", verbose_name=_("shop"))
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, null=True, related_name="+", verbose_name=_("warehouse"))
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+", verbose_name=_("team"))
    number = models.IntegerField(_("how many"), default=1)
    since_at = models.DateTimeField(_("since"))
    opened_at = models.DateTimeField(_("opened"))
    seen_at = models.DateTimeField(_("seen last"))
    closed_at = models.DateTimeField(_("over"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("acknowledged by")
    )

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "group"], condition=Q(closed_at__isnull=True), name="alerts_one_open_per_group"
            )
        ]
        indexes = [models.Index(fields=["-opened_at"], name="alerts_latest")]


class Message(models.Model):
    """One message through one channel: every reminder that was due on it at that moment, together."""

    class State(models.TextChoices):
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="messages", verbose_name=_("channel"))
    at = models.DateTimeField(_("when"))
    state = models.CharField(max_length=10, choices=State.choices)
    text = models.TextField(_("text"))
    problem = models.CharField(_("problem"), max_length=300, blank=True, default="")
    reminders = models.ManyToManyField(Reminder, related_name="messages")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["channel", "-at"], name="alerts_messages_of")]


class ReportSubscription(models.Model):
    """A report sent through a channel every day or once a week, as its owner sees it: cut and filters are `query`."""

    class Days(models.TextChoices):
        YESTERDAY = "yesterday", _("yesterday")
        WEEK = "7", _("the last 7 days")
        MONTH = "30", _("the last 30 days")

    class Every(models.IntegerChoices):
        DAY = 0, _("every day")
        MONDAY = 1, _("on Mondays")
        TUESDAY = 2, _("on Tuesdays")
        WEDNESDAY = 3, _("on Wednesdays")
        THURSDAY = 4, _("on Thursdays")
        FRIDAY = 5, _("on Fridays")
        SATURDAY = 6, _("on Saturdays")
        SUNDAY = 7, _("on Sundays")

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("as seen by"))
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="+", verbose_name=_("channel"))
    query = models.CharField(max_length=500, blank=True, default="")
    days = models.CharField(_("of"), max_length=10, choices=Days.choices, default=Days.YESTERDAY)
    every = models.PositiveSmallIntegerField(_("goes out"), choices=Every.choices, default=Every.DAY)
    at = models.TimeField(_("at"))
    active = models.BooleanField(_("active"), default=True)
    sent_at = models.DateTimeField(_("sent last"), null=True)

    class Meta:
        verbose_name = _("regular report")
        verbose_name_plural = _("regular reports")

    def __str__(self) -> str:
        return self.name


class Endpoint(models.Model):
    """Where another system wants to hear of events. `secrets` signs, the newest first; it is shown once, then never.

    `rest_until_at` spares a receiver that is down; `stopped_at` says that it was down for so long that we gave it up.
    """

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    url = models.CharField(_("address"), max_length=500)
    events = ArrayField(models.CharField(max_length=30), verbose_name=_("events"))
    shops = models.ManyToManyField(Shop, blank=True, related_name="+", verbose_name=_("only these shops"))
    secrets = ArrayField(models.CharField(max_length=80))
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("made"))
    failing_since_at = models.DateTimeField(_("failing since"), null=True)
    failures_n = models.IntegerField(default=0)
    rest_until_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(_("given up"), null=True)
    heard_at = models.DateTimeField(_("last delivered"), null=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message for one endpoint. Those of one `key` (an order) leave in the order of their ids, one at a time."""

    class State(models.IntegerChoices):
        WAITING = 1, _("waiting")
        DELIVERED = 2, _("delivered")
        DEAD = 3, _("given up")

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"), db_index=False
    )
    message = models.CharField(_("message"), max_length=40)
    event = models.CharField(_("event"), max_length=30)
    key = models.BigIntegerField()
    order_number = models.CharField(_("order number"), max_length=64, blank=True, default="")
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("since"))
    next_at = models.DateTimeField(_("next try"))
    leased_until_at = models.DateTimeField(null=True)
    state = models.PositiveSmallIntegerField(_("state"), choices=State.choices, default=State.WAITING)
    tries_n = models.SmallIntegerField(_("tries"), default=0)
    status = models.SmallIntegerField(_("answer"), null=True)
    problem = models.CharField(_("problem"), max_length=300, blank=True, default="")
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["endpoint", "message"], name="alerts_delivery_once")]
        indexes = [
            models.Index(fields=["endpoint", "key", "id"], name="alerts_delivery_of_key", condition=Q(state=1)),
            models.Index(fields=["endpoint", "next_at", "id"], name="alerts_delivery_due", condition=Q(state=1)),
            models.Index(fields=["state", "id"], name="alerts_delivery_by_state"),
        ]
