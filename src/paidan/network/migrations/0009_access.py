"""Every change of what users and tokens are limited to leaves a mark among those of access (ADR 0010)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("network", "0008_terms"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER network_{table}_access AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON network_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION web_note_change('access')",
            f"DROP TRIGGER network_{table}_access ON network_{table}",
        )
        for table in ("tokenlimit", "userscope", "team_members")
    ]
