"""People who sign in, the tokens programs use for them, and the log of what was changed.

Which warehouses, teams and shops they reach is `network.scopes`.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from paidan.web.kept import Mark

from .capabilities import CAPABILITIES, Capability, Role
from .token_scopes import TokenScope, capabilities_of


class User(AbstractUser):
    """Somebody who works with Paidan: their role, and how they like to be shown things."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.VIEWER)
    language = models.CharField(_("language"), max_length=10, blank=True, default="", choices=settings.LANGUAGES)
    theme = models.CharField(
        _("theme"),
        max_length=5,
        blank=True,
        default="",
        choices=[("light", _("light")), ("dark", _("dark"))],
    )
    density = models.CharField(
        _("row height"),
        max_length=11,
        blank=True,
        default="",
        choices=[("compact", _("compact")), ("comfortable", _("comfortable"))],
    )
    sessions_n = models.PositiveIntegerField(_("sessions ended"), default=0)
    """Counts up when every browser of this user must sign in again; part of what a session is checked against."""

    token: "ApiToken | None" = None
    """Set on the instance while a program acts for this user: what the token may not do, it cannot."""

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this user may do; nothing once the account is closed."""
        if not self.is_active:
            return frozenset()
        own = CAPABILITIES[Role.ADMINISTRATOR if self.is_superuser else Role(self.role)]
        return own if self.token is None else own & self.token.capabilities

    def can(self, capability: str) -> bool:
        """Whether this user may do this at all; where is for `network.scopes` to say."""
        return capability in self.capabilities

    def get_session_auth_hash(self) -> str:
        """What a session must still match: changes with the password, and whenever sessions are ended."""
        return salted_hmac("paidan.session", f"{self.sessions_n}:{self.password}", algorithm="sha256").hexdigest()

    @property
    def display_name(self) -> str:
        """How pages call this person: as Chinese or Latin names are written, else the sign-in name."""
        if not (self.first_name and self.last_name):
            return self.first_name or self.last_name or self.username
        if (self.last_name + self.first_name).isascii():
            return f"{self.first_name} {self.last_name}"
        return f"{self.last_name}{self.first_name}"


class ApiToken(models.Model):
    """A program's key to the API. It acts as its owner, never beyond what its scopes and its limits allow.

    Only a digest is kept; `prefix` is the part that may be shown. Limits to warehouses and shops: `network.TokenLimit`.
    """

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("acts as"))
    prefix = models.CharField(_("begins with"), max_length=12, unique=True)
    digest = models.CharField(_("digest"), max_length=64)
    scopes = ArrayField(models.CharField(max_length=30, choices=TokenScope.choices), verbose_name=_("may"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    seen_under: Mark | None = None
    """The state of access under which it was read, where it was kept in memory."""

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the scopes allow, whoever the owner is."""
        return capabilities_of(self.scopes)

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class Protocol(models.TextChoices):
    """Another product's protocol that Paidan answers, and so the form its credentials have."""

    WDT = "wdt", _("Wangdiantong open API")
    WDT_QIMEN = "wdt-qimen", _("Wangdiantong through the Qimen gateway")


class Credential(models.Model):
    """What a program that speaks another product's protocol signs with. `token` says for whom it acts, and how far.

    `account` and `app_key` name it in a request (Wangdiantong: sid and appkey). Through a gateway `gateway_key` and
    `target_key` are the gateway's names of caller and receiver, and `sealed_gateway` is what the gateway signs with.
    Secrets are sealed (`kit.sealing`): to check a signature they must be read.
    """

    protocol = models.CharField(_("protocol"), max_length=20, choices=Protocol.choices)
    account = models.CharField(_("account"), max_length=64)
    app_key = models.CharField(_("app key"), max_length=64)
    gateway_key = models.CharField(_("gateway's app key"), max_length=64, blank=True, default="")
    target_key = models.CharField(_("target app key"), max_length=64, blank=True, default="")
    sealed_secret = models.TextField(_("secret"))
    sealed_gateway = models.TextField(_("gateway's secret"), blank=True, default="")
    active = models.BooleanField(_("active"), default=True)
    token = models.OneToOneField(ApiToken, models.PROTECT, related_name="credential", verbose_name=_("acts by"))

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "account", "app_key", "gateway_key"],
                condition=models.Q(active=True),
                name="accounts_credential_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account}/{self.app_key}"


class ChangeLogEntry(models.Model):
    """Who changed what and when, before and after as codes and values: append-only."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    action = models.CharField(_("action"), max_length=60)
    subject = models.CharField(_("subject"), max_length=40, blank=True, default="")
    subject_id = models.CharField(_("subject's number"), max_length=64, blank=True, default="")
    label = models.CharField(_("subject's name"), max_length=200, blank=True, default="")
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    address = models.GenericIPAddressField(_("from"), null=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = [
            # The page shows the newest first, of everything or narrowed by one of these, a screenful at a time.
            models.Index(fields=["at", "id"], name="accounts_changes_by_moment"),
            models.Index(fields=["by", "at", "id"], name="accounts_changes_by_person"),
            models.Index(fields=["action", "at", "id"], name="accounts_changes_by_action"),
            models.Index(fields=["subject", "subject_id", "id"], name="accounts_changes_of_subject"),
        ]
