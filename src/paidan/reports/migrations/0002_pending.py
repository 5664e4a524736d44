"""Every statement that appends events leaves the range of their ids for the next refresh of the roll-ups."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION reports_note_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reports_pendingevents (first, last) SELECT min(id), max(id) FROM written HAVING min(id) IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_event_reports AFTER INSERT ON orders_event REFERENCING NEW TABLE AS written
FOR EACH STATEMENT EXECUTE FUNCTION reports_note_events();
"""
UNDO = """
DROP TRIGGER orders_event_reports ON orders_event;
DROP FUNCTION reports_note_events();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_cells"), ("orders", "0008_caretaker"), ("rules", "0003_drafts")]

    operations = [migrations.RunSQL(FUNCTION, UNDO)]
