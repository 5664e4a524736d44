"""Every change of the rules leaves a mark among the terms orders are decided on (ADR 0010)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rules", "0003_drafts"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER rules_{table}_terms AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rules_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION web_note_change('terms')",
            f"DROP TRIGGER rules_{table}_terms ON rules_{table}",
        )
        for table in ("rulesetversion", "rule")
    ] + [
        # Where terms are there already: without a mark nothing would be kept until one of them changes.
        migrations.RunSQL("INSERT INTO web_changemark (topic) VALUES ('terms')", migrations.RunSQL.noop)
    ]
