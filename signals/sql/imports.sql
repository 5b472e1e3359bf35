-- Imports in the browser: their files, who works on them, and undoing them.

-- name: keep_piece
-- A piece that is sent again is kept once.
INSERT INTO signals_importpiece (run_id, number, content) VALUES (%s, %s, %s) ON CONFLICT (run_id, number) DO NOTHING

-- name: delete_pieces
-- Of uploads that began before this moment.
DELETE FROM signals_importpiece p USING signals_importrun r WHERE r.id = p.run_id AND r.started_at < %s

-- name: claim
-- Takes a run that no worker holds: its id. The longest untouched first.
UPDATE signals_importrun SET claim = %(claim)s, claimed_until = %(until)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM signals_importrun
    WHERE uploaded AND state = 'running' AND (claimed_until IS NULL OR claimed_until < %(now)s)
       OR state = 'undoing' AND (claimed_until IS NULL OR claimed_until < %(now)s)
    ORDER BY claimed_until NULLS FIRST, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id

-- name: further
-- The worker that holds a run says how far it came, and holds on to it: 1, or 0 where it is no longer that worker's or
-- the run has been paused. Figures never go back.
UPDATE signals_importrun SET claimed_until = %(until)s, attempts = 0,
    bytes_done = greatest(bytes_done, %(bytes)s), stored = stored + %(stored)s,
    duplicates = duplicates + %(duplicates)s, failed = failed + %(failed)s
WHERE id = %(run)s AND claim = %(claim)s AND state = %(state)s

-- name: let_go
-- The worker has done its turn; another may take the run at once.
UPDATE signals_importrun SET claim = '', claimed_until = NULL WHERE id = %(run)s AND claim = %(claim)s

-- name: next_messages
-- Some messages that this run brought: source, message id.
SELECT source_id, message_id FROM signals_importedmessage WHERE run_id = %(run)s LIMIT %(limit)s

-- name: drop_events
-- Deletes the events of these messages that no other import has brought too: message id, actor, kind, signals version,
-- day, name, properties, day of arrival, day of knowing. Unique index of each partition on (source_id, message_id).
WITH gone AS (
    DELETE FROM signals_event e
    WHERE e.source_id = %(source)s AND e.message_id = ANY(%(ids)s::text[])
      AND NOT EXISTS (
          SELECT 1 FROM signals_importedmessage o
          WHERE o.source_id = %(source)s AND o.message_id = e.message_id AND o.run_id <> %(run)s
      )
    RETURNING e.*
)
SELECT e.message_id, e.actor_id, e.kind, e.signals_version,
       (e.timestamp AT TIME ZONE 'UTC')::date - '1970-01-01'::date,
       coalesce(n.name, e.payload ->> 'event', e.payload ->> 'name', e.payload ->> 'category'),
       e.payload ->> 'properties', (e.received_at AT TIME ZONE 'UTC')::date - '1970-01-01'::date,
       coalesce(m.known_on, (e.received_at AT TIME ZONE 'UTC')::date) - '1970-01-01'::date
FROM gone e LEFT JOIN signals_eventname n ON n.id = e.name_id
LEFT JOIN signals_importedmessage m
  ON m.source_id = e.source_id AND m.message_id = e.message_id AND m.run_id = %(run)s

-- name: drop_imported
-- This run brings these messages no more.
DELETE FROM signals_importedmessage
WHERE run_id = %(run)s AND source_id = %(source)s AND message_id = ANY(%(ids)s::text[])

-- name: touch_actors
-- Their accounts are scored again.
INSERT INTO accounts_dirtymark (actors, accounts) VALUES (%s::int[], '{}')

-- name: lock_usage
-- Holds the usage of these keys, in the order in which ingest takes it.
SELECT 1 FROM signals_usage u
JOIN unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
  ON u.actor_id = c.actor AND u.day = c.day AND u.definition_id = c.definition
ORDER BY u.actor_id, u.day, u.definition_id FOR UPDATE OF u

-- name: drop_usage
-- Usage that these events alone made.
DELETE FROM signals_usage u
USING unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[], %(counts)s::int[])
  AS c (actor, day, definition, n)
WHERE u.actor_id = c.actor AND u.day = c.day AND u.definition_id = c.definition AND u.count <= c.n

-- name: lower_usage
-- Usage without these events.
UPDATE signals_usage u SET count = u.count - c.n
FROM unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[], %(counts)s::int[])
  AS c (actor, day, definition, n)
WHERE u.actor_id = c.actor AND u.day = c.day AND u.definition_id = c.definition AND u.count > c.n

-- name: said_by_people
-- What identity is resolved from, of the events of these person rows: each fact, and of other events the first of each
-- actor under each pair of ids, and with each address sent along of each day. Source, day of
-- knowing, time, payload, and the visitor whose it is where its traffic was excluded. Index of each partition on
-- (actor_id, timestamp).
SELECT e.source_id, {known_day:e}, e.timestamp, e.payload::text, ({excluded_visitor:a})
FROM accounts_actor a JOIN signals_event e ON e.actor_id = a.id
WHERE a.profile_id = ANY(%(people)s) AND e.kind = ANY(%(facts)s)
UNION ALL
SELECT f.source_id, {known_day:f}, f.timestamp, f.payload, f.visitor FROM (
    SELECT DISTINCT ON (e.actor_id, e.source_id, e.payload ->> 'userId', e.payload ->> 'anonymousId', along.email, along.day)
           e.source_id, e.message_id, e.received_at, e.timestamp, e.payload::text AS payload,
           ({excluded_visitor:a}) AS visitor
    FROM accounts_actor a JOIN signals_event e ON e.actor_id = a.id
    CROSS JOIN LATERAL (
        SELECT sent AS email, CASE WHEN sent IS NOT NULL THEN (e.timestamp AT TIME ZONE 'UTC')::date END AS day
        FROM (SELECT e.payload #>> '{context,traits,email}' AS sent) s
    ) along
    WHERE a.profile_id = ANY(%(people)s) AND e.kind <> ALL(%(facts)s)
    ORDER BY e.actor_id, e.source_id, e.payload ->> 'userId', e.payload ->> 'anonymousId', along.email, along.day, e.timestamp
) f

-- name: excluded_visitor
-- A piece: the id under which excluded traffic is kept, where an actor is that.
SELECT i.value FROM accounts_identity i
WHERE i.person_id = {0}.profile_id AND i.kind = 2 AND i.value LIKE 'excluded-traffic:%%' LIMIT 1

-- name: said_in_workspaces
-- The group calls made in these workspaces: source, day of knowing, time, payload; what is excluded by its traffic names
-- no workspace.
SELECT e.source_id, {known_day:e}, e.timestamp, e.payload::text, NULL::text
FROM accounts_actor a JOIN signals_event e ON e.actor_id = a.id
WHERE a.workspace_id = ANY(%(workspaces)s) AND e.kind = %(group)s

-- name: acting
-- Those of the actors that have an event.
SELECT a.id FROM unnest(%s::int[]) AS a (id)
WHERE EXISTS (SELECT 1 FROM signals_event e WHERE e.actor_id = a.id)

-- name: first_arrival
-- When the earliest event came that a source still has.
SELECT min(received_at) FROM signals_event WHERE source_id = %s

-- name: first_seen_again
-- The earliest day of definitions whose earliest day may have been an import's that began then; nothing for those that
-- have counted nothing else. Reads all usage of these definitions.
UPDATE signals_signaldefinition d SET first_seen_on = found.day
FROM (
    SELECT e.id, min(u.day) AS day
    FROM signals_signaldefinition e LEFT JOIN signals_usage u ON u.definition_id = e.id
    WHERE e.first_seen_on >= %s GROUP BY 1
) found
WHERE d.id = found.id AND d.first_seen_on IS DISTINCT FROM found.day

-- name: lock_values
-- Holds the kept values of these actors' days, in the order in which ingest takes them.
SELECT 1 FROM signals_valueusage v
JOIN unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
  ON v.actor_id = c.actor AND v.day = c.day AND v.definition_id = c.definition
ORDER BY v.actor_id, v.day, v.definition_id, v.property FOR UPDATE OF v

-- name: drop_values
-- Largest and last cannot be counted out: the values of these days are kept again from the events that remain, and so
-- is what they were before late ones of these.
WITH before AS (
    DELETE FROM signals_valueusagebefore b
    USING unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
    WHERE b.actor_id = c.actor AND b.day = c.day AND b.definition_id = c.definition
)
DELETE FROM signals_valueusage v
USING unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
WHERE v.actor_id = c.actor AND v.day = c.day AND v.definition_id = c.definition

-- name: lock_cases
-- The same of the cases that these days' events belong to.
SELECT 1 FROM signals_caseusage v
JOIN unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
  ON v.actor_id = c.actor AND v.day = c.day AND v.definition_id = c.definition
ORDER BY v.actor_id, v.day, v.definition_id, v.property, v."case" FOR UPDATE OF v

-- name: drop_cases
-- Cases that no other event of a day belongs to are gone with these.
WITH before AS (
    DELETE FROM signals_caseusagebefore b
    USING unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
    WHERE b.actor_id = c.actor AND b.day = c.day AND b.definition_id = c.definition
)
DELETE FROM signals_caseusage v
USING unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[]) AS c (actor, day, definition)
WHERE v.actor_id = c.actor AND v.day = c.day AND v.definition_id = c.definition

-- name: known_day
-- The day on which an event was stored, as days since 1970.
coalesce(
    (SELECT min(m.known_on) FROM signals_importedmessage m
     WHERE m.source_id = {0}.source_id AND m.message_id = {0}.message_id),
    ({0}.received_at AT TIME ZONE 'UTC')::date
) - '1970-01-01'::date

-- name: events_of_days
-- The events of these actors on these days: source, actor, kind, signals version, seconds since 1970, name, properties,
-- day of knowing. Index of each partition on (actor_id, timestamp).
SELECT e.source_id, e.actor_id, e.kind, e.signals_version, extract(epoch FROM e.timestamp)::float8,
       coalesce(n.name, e.payload ->> 'event', e.payload ->> 'name', e.payload ->> 'category'), e.payload ->> 'properties',
       {known_day:e}
FROM (SELECT DISTINCT * FROM unnest(%(actors)s::int[], %(days)s::date[]) AS c (actor, day)) c
JOIN signals_event e ON e.actor_id = c.actor AND e.timestamp >= c.day::timestamp AT TIME ZONE 'UTC'
  AND e.timestamp < (c.day + 1)::timestamp AT TIME ZONE 'UTC'
LEFT JOIN signals_eventname n ON n.id = e.name_id
