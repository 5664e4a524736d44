"""Rule sets: versions of the rules by which orders are allocated. A published version never changes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from paidan.accounts.models import User

CATCH_ALL = "catch-all"
"""The code of the rule that serves an order no other rule wants: from the nearest warehouse that has everything."""


class VersionState(models.IntegerChoices):
    """Where a version of the rule set stands."""

    DRAFT = 1, _("draft")
    PUBLISHED = 2, _("published")
    PAST = 3, _("past")


class RuleSetVersion(models.Model):
    """One version of the rule set, with the weights of what an allocation costs: at most one published, one draft."""

    id = models.AutoField(primary_key=True)
    number = models.PositiveIntegerField(_("version"), unique=True)
    state = models.PositiveSmallIntegerField(_("state"), choices=VersionState.choices, default=VersionState.DRAFT)
    objective = models.JSONField(_("cost weights"), default=dict, blank=True)
    waves = models.JSONField(_("how waves decide"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by"))
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("published by"))
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+", verbose_name=_("based on"))
    revision = models.PositiveIntegerField(_("revision"), default=0)
    """Of a draft: counts its changes, so that nobody publishes what they have not seen."""
    changed_at = models.DateTimeField(_("changed"), null=True)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by"))

    class Meta:
        verbose_name = _("rule set version")
        verbose_name_plural = _("rule set versions")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state=VersionState.PUBLISHED), name="rules_one_published"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state=VersionState.DRAFT), name="rules_one_draft"),
        ]


class Rule(models.Model):
    """Conditions and an action, in the words of the problem format (`when`, `then`); small priority first.

    `code` stays the same from version to version, so that a rule can be followed through its history.
    """

    id = models.AutoField(primary_key=True)
    version = models.ForeignKey(RuleSetVersion, models.CASCADE, related_name="rules", verbose_name=_("version"))
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    priority = models.PositiveIntegerField(_("priority"), default=1)
    active = models.BooleanField(_("active"), default=True)
    when = models.JSONField(_("conditions"), default=dict, blank=True)
    then = models.JSONField(_("action"), default=dict, blank=True)
    limits = models.JSONField(_("validity"), default=dict, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="rules_code_once_per_version")]
        indexes = [models.Index(fields=["version", "priority", "id"], name="rules_in_order")]

    def __str__(self) -> str:
        if not self.name and self.code.startswith(CATCH_ALL):
            return gettext("Every other order")
        return self.name or self.code
