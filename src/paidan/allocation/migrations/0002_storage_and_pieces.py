"""Storage parameters of the hot tables, and the view that derives the pieces of every order line."""

from django.db import migrations

STORAGE = """
ALTER TABLE orders_order SET (fillfactor = 85);
ALTER TABLE orders_orderline SET (fillfactor = 85);
ALTER TABLE allocation_allocation SET (fillfactor = 85);
ALTER TABLE stock_stock SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE orders_queuedorder SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE allocation_warehouseday SET (fillfactor = 50);
ALTER TABLE allocation_teamday SET (fillfactor = 50);
"""

PIECES = """
CREATE VIEW allocation_line_pieces AS
SELECT l.id AS line_id, l.order_id, l.position, l.sku_id, l.shop_code, l.qty, l.cancelled_qty,
       coalesce(p.live_qty, 0)::integer AS live_qty,
       coalesce(p.shipped_qty, 0)::integer AS shipped_qty,
       (l.qty - l.cancelled_qty - coalesce(p.live_qty, 0) - coalesce(p.shipped_qty, 0))::integer AS open_qty
FROM orders_orderline l
LEFT JOIN LATERAL (
    SELECT sum(part.qty) FILTER (WHERE a.state IN (1, 2, 3, 4)) AS live_qty,
           sum(part.qty) FILTER (WHERE a.state = 5) AS shipped_qty
    FROM allocation_allocationline part
    JOIN allocation_allocation a ON a.id = part.allocation_id
    WHERE part.line_id = l.id
) p ON true;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("allocation", "0001_initial"),
        ("orders", "0001_initial"),
        ("stock", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL(PIECES, "DROP VIEW allocation_line_pieces"),
    ]
