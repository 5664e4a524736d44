"""Pages learn when stock changes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER stock_stock_live AFTER INSERT OR UPDATE OR DELETE ON stock_stock FOR EACH STATEMENT "
            "EXECUTE FUNCTION web_note_change('stock')",
            "DROP TRIGGER stock_stock_live ON stock_stock",
        ),
    ]
