"""Pages learn when the network changes: paused, resumed, new ratios."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("network", "0002_user_scopes"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER network_warehouse_live AFTER INSERT OR UPDATE OR DELETE ON network_warehouse FOR EACH STATEMENT "
            "EXECUTE FUNCTION web_note_change('network')",
            "DROP TRIGGER network_warehouse_live ON network_warehouse",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER network_team_live AFTER INSERT OR UPDATE OR DELETE ON network_team FOR EACH STATEMENT "
            "EXECUTE FUNCTION web_note_change('network')",
            "DROP TRIGGER network_team_live ON network_team",
        ),
    ]
