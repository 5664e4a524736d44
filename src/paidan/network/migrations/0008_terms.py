"""Every change of what orders are decided on leaves a mark, so that processes may keep it in memory (ADR 0010)."""

from django.db import migrations

TABLES = ("warehouse", "calendarday", "team", "team_shops", "freightrate", "shop", "promotion")


class Migration(migrations.Migration):
    dependencies = [("network", "0007_automatic"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER network_{table}_terms AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON network_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION web_note_change('terms')",
            f"DROP TRIGGER network_{table}_terms ON network_{table}",
        )
        for table in TABLES
    ]
