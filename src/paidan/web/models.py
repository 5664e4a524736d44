"""What the page toolkit remembers: saved views, chosen columns, batches with their undo, and that things changed."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SavedView(models.Model):
    """A list page's filter, sort and columns under a name; shared ones are everybody's to use."""

    id = models.AutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner"))
    page = models.CharField(_("page"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filter"), blank=True, default="")
    shared = models.BooleanField(_("shared with everybody"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="web_view_name_once")]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(models.Model):
    """Which columns a user wants to see on a list page, in order."""

    id = models.AutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    columns = ArrayField(models.CharField(max_length=40))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "page"], name="web_columns_once")]


class PastedNumbers(models.Model):
    """A list of numbers somebody pasted to search by, too long for an address. Whoever has the link may read it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    numbers = ArrayField(models.CharField(max_length=100))
    created_at = models.DateTimeField(db_default=Now())


class Batch(models.Model):
    """One batch action on selected rows: what was previewed is what is applied, chunk by chunk, and can be undone."""

    class State(models.TextChoices):
        OPENED = "opened", pgettext_lazy("batch", "opened")
        PREVIEWED = "previewed", _("previewed")
        APPLYING = "applying", _("applying")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPENED)
    created_at = models.DateTimeField()
    row_ids = ArrayField(models.BigIntegerField())
    choices = models.JSONField(default=dict)
    tried_n = models.IntegerField(default=0)
    done_n = models.IntegerField(default=0)
    failures = models.JSONField(default=list)
    undo = models.JSONField(default=list)
    undo_until_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes = [models.Index(fields=["created_at"], name="web_batches_by_time")]


class ChangeMark(models.Model):
    """That rows of a topic changed. Inserted by statement triggers (docs/adr/0005-live-pages.md), pruned hourly."""

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=30)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["topic", "id"], name="web_changes_of_topic")]


class Upload(models.Model):
    """A file somebody brings in, and what became of it. Its bytes are a row of their own, so that any worker on any
    machine has them and no web server ever serves them."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not imported yet")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        IMPORTING = "importing", _("being imported")
        DONE = "done", _("imported")
        FAILED = "failed", _("failed")

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    name = models.CharField(_("file"), max_length=200)
    size_bytes = models.BigIntegerField()
    kind = models.CharField(_("kind"), max_length=20, blank=True, default="")
    mapping = models.JSONField(default=dict)
    shop_code = models.CharField(_("shop"), max_length=40, blank=True, default="")  # of rows that name none
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    done_n = models.IntegerField(default=0)
    total_n = models.IntegerField(default=0)
    checked = models.JSONField(null=True)
    result = models.JSONField(null=True)
    problem = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [
            models.Index(fields=["owner", "-id"], name="web_uploads_of_owner"),
            models.Index(fields=["kind", "-id"], name="web_uploads_of_kind"),
            models.Index(fields=["created_at"], name="web_uploads_by_time"),
        ]

    def __str__(self) -> str:
        return self.name


class UploadContent(models.Model):
    """The bytes of an upload, and of the rows it had rejected; forgotten after a while, the result stays."""

    upload = models.OneToOneField(Upload, models.CASCADE, primary_key=True, related_name="content")
    body = models.BinaryField()
    rejects = models.BinaryField(null=True)
