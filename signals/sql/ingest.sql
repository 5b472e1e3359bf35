-- name: lock_signals
-- Held to the end of the transaction: while it is, no signal's definition changes under this batch. {lock} is
-- advisory.MEANINGS. Then the versions of the signals and of the identities, with a snapshot of its own.
SELECT pg_advisory_xact_lock_shared({lock});
SELECT signals_version, coalesce((SELECT version FROM accounts_identityversion), 0) FROM signals_configuration

-- name: not_undone
-- The run, held as it is, unless it is being undone.
SELECT id FROM signals_importrun WHERE id = %s AND state NOT IN ('undoing', 'undone') FOR SHARE

-- name: imported
-- These messages were stored by an import.
INSERT INTO signals_importedmessage (source_id, message_id, run_id, known_on)
SELECT %(source)s, m, %(run)s, %(known)s FROM unnest(%(stored)s::text[]) AS m ON CONFLICT DO NOTHING

-- name: imported_too
-- This import had messages that another has stored: they go when both are undone, and are known since the other.
INSERT INTO signals_importedmessage (source_id, message_id, run_id, known_on)
SELECT source_id, message_id, %(run)s, min(known_on) FROM signals_importedmessage
WHERE source_id = %(source)s AND message_id = ANY(%(again)s::text[])
GROUP BY 1, 2
ON CONFLICT DO NOTHING

-- name: came_live_too
-- Messages that came again, and not by an import: they stay when the import is undone that stored them.
DELETE FROM signals_importedmessage WHERE source_id = %(source)s AND message_id = ANY(%(again)s::text[])

-- name: insert_events
-- Stores what is new of a batch that holds repetitions; gives those message ids. Relies on the unique
-- (source_id, message_id) of each partition.
INSERT INTO signals_event
    (source_id, message_id, actor_id, kind, clock, name_id, timestamp, received_at, payload, signals_version)
SELECT %(source)s, m.message_id, m.actor, m.kind, m.clock, m.name, m.at, m.received, m.payload, %(version)s
FROM unnest(
    %(message_ids)s::text[], %(actors)s::int[], %(kinds)s::smallint[], %(clocks)s::smallint[], %(names)s::int[],
    %(at)s::timestamptz[], %(received)s::timestamptz[], %(payloads)s::json[]
) AS m (message_id, actor, kind, clock, name, at, received, payload)
ON CONFLICT DO NOTHING
RETURNING message_id

-- name: stored_before
-- Which of these messages came before the given instant (NULL for ever). Probes the unique index of each month.
SELECT message_id FROM signals_event
WHERE source_id = %s AND message_id = ANY(%s) AND (%s::timestamptz IS NULL OR received_at < %s)

-- name: stored_messages
-- What is stored under these ids: (message id, kind, text). Unique index of each month.
SELECT message_id, kind, payload::text FROM signals_event WHERE source_id = %s AND message_id = ANY(%s)

-- name: count_batch
-- Usage, a touched mark and the hour's figures of a batch, in one statement. Usage comes sorted by key, so that two
-- writers never wait for each other in a circle.
WITH usage AS (
    INSERT INTO signals_usage AS u (actor_id, day, definition_id, count)
    SELECT * FROM unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[], %(counts)s::int[])
    ON CONFLICT (actor_id, day, definition_id) DO UPDATE SET count = u.count + excluded.count
), touched AS (
    INSERT INTO accounts_dirtymark (actors, accounts) SELECT %(touched)s::int[], '{}'
    WHERE cardinality(%(touched)s::int[]) > 0
)
INSERT INTO signals_tally AS t (source_id, hour, slot, accepted, duplicates, failed)
VALUES (%(source)s, date_trunc('hour', %(received_at)s::timestamptz), %(slot)s, %(accepted)s, %(duplicates)s, %(failed)s)
ON CONFLICT (source_id, hour, slot) DO UPDATE
SET accepted = t.accepted + excluded.accepted, duplicates = t.duplicates + excluded.duplicates,
    failed = t.failed + excluded.failed

-- name: tell_at_once
-- One moment for each immediate signal that happened; of the same event only the first is kept.
INSERT INTO signals_moment (kind, cause, actor_id, signal_id, at, facts)
SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::timestamptz[], %s::json[])
ON CONFLICT (kind, cause) DO NOTHING

-- name: keep_failed
-- A failure that comes again is counted, not kept twice.
INSERT INTO signals_failedevent AS f
    (source_id, stage, reason, payload, digest, received_at, sent_at, import_run_id, seen)
SELECT %(source)s, stage, reason, payload, digest, %(received)s, to_timestamp(sent), %(run)s, 1
FROM unnest(
    %(stages)s::text[], %(reasons)s::text[], %(payloads)s::bytea[], %(digests)s::bytea[], %(sent)s::float8[]
) AS x (stage, reason, payload, digest, sent)
ON CONFLICT (source_id, digest) DO UPDATE
SET seen = f.seen + 1, received_at = excluded.received_at, sent_at = excluded.sent_at,
    stage = CASE WHEN f.edited_at IS NULL THEN excluded.stage ELSE f.stage END,
    reason = CASE WHEN f.edited_at IS NULL THEN excluded.reason ELSE f.reason END,
    -- A message that was told apart or corrected by hand and is stored stays so when the wrong one comes again.
    replayed_at = CASE WHEN f.stage = 'clash' OR f.edited_at IS NOT NULL THEN f.replayed_at END,
    import_run_id = CASE WHEN f.import_run_id = excluded.import_run_id THEN f.import_run_id END

-- name: event_names
-- Numbers of event names in the source's catalogue; new ones are added while it has room.
WITH wanted AS (SELECT * FROM unnest(%(kinds)s::smallint[], %(names)s::text[]) AS w (kind, name)),
room AS (SELECT %(limit)s - count(*) AS left FROM signals_eventname WHERE source_id = %(source)s AND NOT evicted),
made AS (
    INSERT INTO signals_eventname (source_id, kind, name, first_seen_at)
    SELECT %(source)s, kind, name, %(at)s FROM wanted
    WHERE NOT EXISTS (
        SELECT 1 FROM signals_eventname n
        WHERE n.source_id = %(source)s AND n.kind = wanted.kind AND n.name = wanted.name
    )
    LIMIT (SELECT greatest(0, room.left) FROM room)
    ON CONFLICT DO NOTHING RETURNING id, kind, name
)
SELECT id, kind, name FROM made
UNION ALL
SELECT n.id, n.kind, n.name FROM signals_eventname n JOIN wanted USING (kind, name) WHERE n.source_id = %(source)s

-- name: twins
-- Places of messages whose person, kind, name and time are stored under another id, and not by this run.
-- Index of each partition on (actor_id, timestamp).
SELECT DISTINCT m.place
FROM unnest(
    %(places)s::int[], %(who)s::smallint[], %(ids)s::text[], %(kinds)s::smallint[], %(names)s::text[],
    %(at)s::timestamptz[], %(message_ids)s::text[]
) AS m (place, who, id, kind, name, at, message_id)
JOIN accounts_identity i ON i.source_id = %(source)s AND i.kind = m.who AND i.value = m.id
JOIN accounts_actor a ON a.profile_id = i.person_id
JOIN signals_event e ON e.actor_id = a.id AND e.timestamp = m.at AND e.kind = m.kind AND e.source_id = %(source)s
  AND e.message_id <> m.message_id
JOIN signals_eventname n ON n.id = e.name_id AND n.name = m.name
WHERE NOT EXISTS (
    SELECT 1 FROM signals_importedmessage o
    WHERE o.source_id = %(source)s AND o.message_id = e.message_id AND o.run_id = %(run)s
)
AND NOT EXISTS (SELECT 1 FROM signals_event s WHERE s.source_id = %(source)s AND s.message_id = m.message_id)
ORDER BY 1
