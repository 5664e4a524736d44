"""Pages learn when rules change or are published."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER rules_rulesetversion_live AFTER INSERT OR UPDATE ON rules_rulesetversion FOR EACH STATEMENT "
            "EXECUTE FUNCTION web_note_change('rules')",
            "DROP TRIGGER rules_rulesetversion_live ON rules_rulesetversion",
        ),
    ]
