-- name: candidates
-- Events that a definition could mean. Properties come as text, only where a condition needs them.
-- Names beyond the catalogue's limit have no number: their own text is compared.
SELECT e.source_id, e.actor_id, e.kind,
       (e.timestamp AT TIME ZONE 'UTC')::date - '1970-01-01'::date,
       CASE WHEN n.id IS NOT NULL THEN n.name
            WHEN e.kind = ANY(%(named_by_event)s) THEN e.payload ->> 'event'
            WHEN e.kind = ANY(%(named_by_name)s) THEN coalesce(nullif(e.payload ->> 'name', ''), e.payload ->> 'category') END,
       CASE WHEN %(with_properties)s THEN e.payload ->> 'properties' END,
       extract(epoch FROM e.timestamp)::float8, (e.received_at AT TIME ZONE 'UTC')::date - '1970-01-01'::date
FROM signals_event e LEFT JOIN signals_eventname n ON n.id = e.name_id
WHERE e.kind = ANY(%(kinds)s)
  AND (%(names)s::text[] IS NULL OR n.name = ANY(%(names)s)
       OR (n.id IS NULL AND coalesce(e.payload ->> 'event', e.payload ->> 'name', e.payload ->> 'category') = ANY(%(names)s)))
  AND (%(version)s::int IS NULL OR e.signals_version < %(version)s)
  AND {of_accounts}
  AND (%(since)s::timestamptz IS NULL OR (e.timestamp >= %(since)s AND e.received_at >= %(since)s::timestamptz - interval '1 hour'))

-- name: counted_by_number
-- Events of these names of the catalogue, of an earlier signals version. Grain: actor, day, day of knowing; integers only.
SELECT e.actor_id, (e.timestamp AT TIME ZONE 'UTC')::date - '1970-01-01'::date, {known_on}, count(*)::int
FROM signals_event e
WHERE e.name_id = ANY(%(numbers)s) AND e.signals_version < %(version)s AND {of_accounts}
GROUP BY 1, 2, 3

-- name: known_on
-- The day on which an event arrived; its own where it arrived before.
greatest((e.received_at AT TIME ZONE 'UTC')::date, (e.timestamp AT TIME ZONE 'UTC')::date) - '1970-01-01'::date

-- name: counted_nameless
-- The same of events whose name has no number. Grain: source, actor, kind, day, day of knowing, name.
SELECT e.source_id, e.actor_id, e.kind, (e.timestamp AT TIME ZONE 'UTC')::date - '1970-01-01'::date, {known_on},
       CASE WHEN e.kind = ANY(%(named_by_event)s) THEN e.payload ->> 'event'
            WHEN e.kind = ANY(%(named_by_name)s) THEN coalesce(nullif(e.payload ->> 'name', ''), e.payload ->> 'category') END
         AS name,
       count(*)::int
FROM signals_event e
WHERE e.name_id IS NULL AND e.kind = ANY(%(kinds)s) AND e.signals_version < %(version)s AND {of_accounts}
GROUP BY 1, 2, 3, 4, 5, 6

-- name: of_accounts
-- Events of all, or of those who act in some accounts: then by the index on actors.
(%(accounts)s::int[] IS NULL OR e.actor_id = ANY(ARRAY(
    SELECT id FROM accounts_actor WHERE account_id = ANY(%(accounts)s::int[])
    UNION SELECT actor_id FROM accounts_pastlink WHERE account_id = ANY(%(accounts)s::int[]))))

-- name: stored_events
-- About how many events there are, by the statistics of their partitions.
SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'signals_event'::regclass

-- name: past_messages
-- The same with what makes a message a moment, of the events of an earlier signals version, all or those
-- that arrived since (the index on arrival). Grain: event.
SELECT e.source_id, e.message_id, e.actor_id, e.kind,
       CASE WHEN n.id IS NOT NULL THEN n.name
            WHEN e.kind = ANY(%(named_by_event)s) THEN e.payload ->> 'event'
            WHEN e.kind = ANY(%(named_by_name)s) THEN coalesce(nullif(e.payload ->> 'name', ''), e.payload ->> 'category') END,
       e.payload ->> 'properties', extract(epoch FROM e.timestamp)::float8
FROM signals_event e LEFT JOIN signals_eventname n ON n.id = e.name_id
WHERE e.kind = ANY(%(kinds)s)
  AND (%(names)s::text[] IS NULL OR n.name = ANY(%(names)s)
       OR (n.id IS NULL AND coalesce(e.payload ->> 'event', e.payload ->> 'name', e.payload ->> 'category') = ANY(%(names)s)))
  AND e.signals_version < %(version)s
  AND (%(since)s::timestamptz IS NULL OR e.received_at >= %(since)s)

-- name: add_usage
-- Adds counts of one definition to the usage of actors. Grain: actor, day.
INSERT INTO signals_usage AS u (actor_id, day, definition_id, count)
SELECT actor, day, %s, n FROM unnest(%s::int[], %s::date[], %s::int[]) AS c (actor, day, n)
ON CONFLICT (actor_id, day, definition_id) DO UPDATE SET count = u.count + excluded.count

-- name: version_up
-- Writers and scorers must read the definitions again.
UPDATE signals_configuration SET signals_version = signals_version + 1, models_version = models_version + 1

-- name: touch_users_of
-- Every account that has usage of this signal, under its old or new meaning, is scored again.
INSERT INTO accounts_dirtymark (actors, accounts)
SELECT '{}', array_agg(account_id) FROM (
    SELECT account_id, row_number() OVER (ORDER BY account_id) / 1000 AS part FROM (
        SELECT DISTINCT a.account_id FROM signals_signaldefinition d
        JOIN signals_usage u ON u.definition_id = d.id JOIN accounts_actor a ON a.id = u.actor_id
        WHERE d.signal_id = %(signal)s AND a.account_id IS NOT NULL
        UNION
        SELECT l.account_id FROM signals_signaldefinition d
        JOIN accounts_pastlink l ON l.account_id IS NOT NULL JOIN signals_usage u ON u.definition_id = d.id AND u.actor_id = l.actor_id
        WHERE d.signal_id = %(signal)s
    ) used
) parted GROUP BY part

-- name: events_between
-- The events of a span of time with what a definition may ask of them: the rebuild counts from these.
SELECT e.source_id, e.actor_id, e.kind, (e.timestamp AT TIME ZONE 'UTC')::date - '1970-01-01'::date,
       coalesce(n.name, e.payload ->> 'event', e.payload ->> 'name', e.payload ->> 'category'),
       e.payload ->> 'properties', extract(epoch FROM e.timestamp)::float8, {known_on}
FROM signals_event e LEFT JOIN signals_eventname n ON n.id = e.name_id
WHERE e.timestamp >= %s AND e.timestamp < %s

-- name: retire
-- What is kept of definitions that no longer count, beside their usage. {table} is one of those that are kept.
DELETE FROM {table} WHERE definition_id = ANY(%s)

-- name: clear
-- What is kept of some days, before it is counted again.
DELETE FROM {table} WHERE day >= %s AND day < %s
