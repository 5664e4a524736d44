"""Pages learn of every change to an order, for each writes an event."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_order_content_hash"), ("web", "0002_change_marks")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER orders_event_live AFTER INSERT ON orders_event FOR EACH STATEMENT "
            "EXECUTE FUNCTION web_note_change('orders')",
            "DROP TRIGGER orders_event_live ON orders_event",
        ),
    ]
