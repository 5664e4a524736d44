"""Answers kept for Idempotency-Key, and how many requests each token makes a minute (not logged)."""

import django.db.models.deletion
from django.db import migrations, models

UNLOGGED = """
ALTER TABLE api_callcount SET UNLOGGED;
ALTER TABLE api_callcount SET (fillfactor = 50);
"""
LOGGED = """
ALTER TABLE api_callcount SET LOGGED;
ALTER TABLE api_callcount RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_credentials"),
        ("api", "0001_told"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "token_id", "minute", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("minute", models.BigIntegerField()),
                ("calls_n", models.IntegerField()),
                (
                    "token",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apitoken",
                    ),
                ),
            ],
            options={
                "verbose_name": "counted requests",
                "verbose_name_plural": "counted requests",
            },
        ),
        migrations.CreateModel(
            name="Answered",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=200)),
                ("request", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("body", models.TextField(blank=True, default="")),
                ("content_type", models.CharField(blank=True, default="", max_length=100)),
                (
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.apitoken",
                    ),
                ),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "constraints": [models.UniqueConstraint(fields=("token", "key"), name="api_answered_once")],
            },
        ),
        migrations.RunSQL(UNLOGGED, LOGGED),
    ]
