"""The partitioned event table and storage settings that models cannot say."""

from django.db import migrations

EVENTS = """
CREATE SEQUENCE signals_event_id_seq CACHE 100;
CREATE TABLE signals_event (
    id bigint NOT NULL DEFAULT nextval('signals_event_id_seq'),
    timestamp timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    source_id integer NOT NULL,
    actor_id integer NOT NULL,
    name_id integer,
    signals_version integer NOT NULL,
    kind smallint NOT NULL,
    clock smallint NOT NULL,
    message_id text NOT NULL,
    payload json NOT NULL
) PARTITION BY RANGE (received_at);
ALTER SEQUENCE signals_event_id_seq OWNED BY signals_event.id;
-- Evidence and timelines read one actor's events by time.
CREATE INDEX signals_event_actor ON signals_event (actor_id, timestamp);
CREATE INDEX signals_event_received ON signals_event USING brin (received_at);
CREATE TABLE signals_event_default PARTITION OF signals_event DEFAULT;
-- Not on the parent: there Postgres would want received_at in the key, and a repeated message would pass.
CREATE UNIQUE INDEX signals_event_default_message ON signals_event_default (source_id, message_id);
"""

# Room in each page lets a day's count grow in place (HOT), and marks that come and go are cleaned up early.
STORAGE = """
ALTER TABLE signals_usage SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE accounts_dirtymark SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
INSERT INTO signals_configuration (id, signals_version, models_version) VALUES (1, 1, 1);
"""


class Migration(migrations.Migration):
    dependencies = [("signals", "0001_initial")]

    operations = [
        migrations.RunSQL(EVENTS, "DROP TABLE signals_event"),
        migrations.RunSQL(
            STORAGE,
            """
            DELETE FROM signals_configuration;
            ALTER TABLE signals_usage RESET (fillfactor, autovacuum_vacuum_scale_factor);
            ALTER TABLE accounts_dirtymark RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold);
            """,
        ),
    ]
