from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0010_platform_words"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("by__isnull", False), ("kind", 9)),
                fields=["at"],
                name="orders_moved_by_hand",
            ),
        ),
    ]
