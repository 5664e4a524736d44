"""Every change of tokens and users leaves a mark, so that processes may keep who calls in memory (ADR 0010)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_credentials"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER accounts_{table}_access AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON accounts_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION web_note_change('access')",
            f"DROP TRIGGER accounts_{table}_access ON accounts_{table}",
        )
        for table in ("apitoken", "user")
    ] + [
        # Where users are there already: without a mark nothing would be kept until one of them changes.
        migrations.RunSQL("INSERT INTO web_changemark (topic) VALUES ('access')", migrations.RunSQL.noop)
    ]
