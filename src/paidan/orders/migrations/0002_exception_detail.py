"""What an intercept was opened for, and at most one open intercept per allocation."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.AddField("orderexception", "detail", models.JSONField(null=True, verbose_name="detail")),
        migrations.AddConstraint(
            "orderexception",
            models.UniqueConstraint(
                fields=["allocation_id"],
                condition=Q(resolved_at__isnull=True, kind=2),
                name="orders_one_open_intercept",
            ),
        ),
    ]
