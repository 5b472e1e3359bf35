-- Usage that became known late. All take actors, days, definitions, days of knowing and counts, sorted by key.

-- name: given
-- What is to be added or taken away.
unnest(%(actors)s::int[], %(days)s::date[], %(definitions)s::int[], %(known)s::date[], %(counts)s::int[])
    AS c (actor, day, definition, known, n)

-- name: same
-- The row of a key. Primary key.
l.actor_id = c.actor AND l.day = c.day AND l.definition_id = c.definition AND l.known_on = c.known

-- name: add_late
-- Adds counts; commutes and associates, so that any order of batches of one day ends the same.
INSERT INTO signals_lateusage AS l (actor_id, day, definition_id, known_on, count)
SELECT actor, day, definition, known, n FROM {given}
ON CONFLICT (actor_id, day, definition_id, known_on) DO UPDATE SET count = l.count + excluded.count

-- name: lock_late
-- Holds the rows of these keys, in the order in which ingest takes them.
SELECT 1 FROM signals_lateusage l JOIN {given} ON {same}
ORDER BY l.actor_id, l.day, l.definition_id, l.known_on FOR UPDATE OF l

-- name: drop_late
-- Rows that these events alone made.
DELETE FROM signals_lateusage l USING {given} WHERE {same} AND l.count <= c.n

-- name: lower_late
-- Rows without these events.
UPDATE signals_lateusage l SET count = l.count - c.n FROM {given} WHERE {same} AND l.count > c.n
