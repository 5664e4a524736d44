"""Every change of the order check's settings leaves a mark among the terms orders are taken in on (ADR 0010)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_order_check"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER orders_checkprofile_terms AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
            "ON orders_checkprofile FOR EACH STATEMENT EXECUTE FUNCTION web_note_change('terms')",
            "DROP TRIGGER orders_checkprofile_terms ON orders_checkprofile",
        )
    ]
