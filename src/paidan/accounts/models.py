"""People who sign in, and the log of what they changed. Which warehouses they may see is `network.scopes`."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from .capabilities import CAPABILITIES, Capability, Role


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

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this user may do; nothing once the account is closed."""
        if not self.is_active:
            return frozenset()
        return CAPABILITIES[Role.ADMINISTRATOR if self.is_superuser else Role(self.role)]

    def can(self, capability: str) -> bool:
        """Whether this user may do this at all; where is for `network.scopes` to say."""
        return capability in self.capabilities

    @property
    def display_name(self) -> str:
        """How pages call this person: as Chinese or Latin names are written, else the sign-in name."""
        if not (self.first_name and self.last_name):
            return self.first_name or self.last_name or self.username
        if (self.last_name + self.first_name).isascii():
            return f"{self.first_name} {self.last_name}"
        return f"{self.last_name}{self.first_name}"


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
            BrinIndex(fields=["at"], name="accounts_changes_by_time", pages_per_range=64),
            models.Index(fields=["subject", "subject_id", "id"], name="accounts_changes_of_subject"),
            models.Index(fields=["by", "id"], name="accounts_changes_by_user"),
        ]
