"""Files that people bring in, and what became of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0002_change_marks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("size_bytes", models.BigIntegerField()),
                ("kind", models.CharField(blank=True, default="", max_length=20, verbose_name="kind")),
                ("mapping", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "not imported yet"),
                            ("checking", "being checked"),
                            ("checked", "checked"),
                            ("importing", "being imported"),
                            ("done", "imported"),
                            ("failed", "failed"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("done_n", models.IntegerField(default=0)),
                ("total_n", models.IntegerField(default=0)),
                ("checked", models.JSONField(null=True)),
                ("result", models.JSONField(null=True)),
                ("problem", models.TextField(blank=True, default="")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
            },
        ),
        migrations.CreateModel(
            name="UploadContent",
            fields=[
                (
                    "upload",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="web.upload",
                    ),
                ),
                ("body", models.BinaryField()),
                ("rejects", models.BinaryField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["owner", "-id"], name="web_uploads_of_owner"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["kind", "-id"], name="web_uploads_of_kind"),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["created_at"], name="web_uploads_by_time"),
        ),
    ]
