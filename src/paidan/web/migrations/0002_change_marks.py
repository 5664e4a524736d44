"""A trigger function that notes which topic changed; the apps that own the tables hang it on them."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION web_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO web_changemark (topic) VALUES (TG_ARGV[0]);
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("web", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION web_note_change() CASCADE")]
