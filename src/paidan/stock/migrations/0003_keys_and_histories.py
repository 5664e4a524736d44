"""Stock rows have a key of one column; movements are found by warehouse and by day."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("network", "0003_live"),
        ("stock", "0002_live"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # A list walks and a batch keeps one number per row. It follows from two columns that never change, so
        # reservations still update in place.
        migrations.RunSQL(
            "ALTER TABLE stock_stock ADD COLUMN key bigint "
            "GENERATED ALWAYS AS (sku_id::bigint * 4294967296 + warehouse_id) STORED NOT NULL; "
            "CREATE UNIQUE INDEX stock_stock_key ON stock_stock (key)",
            "ALTER TABLE stock_stock DROP COLUMN key",
        ),
        migrations.CreateModel(
            name="StockRow",
            fields=[
                ("key", models.BigIntegerField(primary_key=True, serialize=False)),
                ("on_hand_qty", models.BigIntegerField()),
                ("reserved_qty", models.BigIntegerField()),
                ("safety_qty", models.BigIntegerField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "stock_stock",
                "managed": False,
            },
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=models.Index(fields=["warehouse", "-id"], name="stock_movement_of_place"),
        ),
        migrations.AddIndex(
            model_name="stockmovement",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["at"], name="stock_movement_by_time", pages_per_range=64
            ),
        ),
    ]
