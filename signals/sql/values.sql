-- What is kept of events' properties per actor and day: numbers added up, and cases.

-- name: add_values
-- Adds events to the kept values; commutes and associates, so that any order of batches ends the same. Sorted by key.
-- What stood until a later day than its own is kept by a trigger.
INSERT INTO signals_valueusage AS v
    (actor_id, day, definition_id, property, events, readable, total, largest, last_at, last, known_on)
SELECT actor, day, definition, property, events, readable, total::numeric, largest, last_at, last, nullif(known, day)
FROM unnest(
    %s::int[], %s::date[], %s::int[], %s::text[], %s::int[], %s::int[], %s::text[], %s::float8[], %s::timestamptz[],
    %s::float8[], %s::date[]
) AS new (actor, day, definition, property, events, readable, total, largest, last_at, last, known)
ON CONFLICT (actor_id, day, definition_id, property) DO UPDATE
SET events = v.events + excluded.events,
    readable = v.readable + excluded.readable,
    total = v.total + excluded.total,
    largest = greatest(v.largest, excluded.largest),
    last_at = greatest(v.last_at, excluded.last_at),
    last = CASE WHEN excluded.last_at > v.last_at THEN excluded.last
                WHEN excluded.last_at < v.last_at THEN v.last
                ELSE greatest(v.last, excluded.last) END,
    known_on = greatest(v.known_on, excluded.known_on)

-- name: values_of_some
-- Kept values of the given accounts' actors: one index range for each actor. NaN for what there is not.
-- Grain: actor, day, definition, property.
SELECT v.actor_id, v.definition_id, array_position(%(properties)s::text[], v.property::text) - 1,
       v.day - '1970-01-01'::date, v.events, v.readable, v.total::float8, coalesce(v.largest, 'NaN'),
       extract(epoch FROM v.last_at)::float8, coalesce(v.last, 'NaN')
FROM accounts_actor a
CROSS JOIN LATERAL (
    SELECT * FROM signals_valueusage r
    WHERE r.actor_id = a.id AND r.day >= %(since)s
      AND r.definition_id = ANY(%(wanted)s) AND r.property = ANY(%(properties)s)
    OFFSET 0
) v
WHERE a.account_id = ANY(%(accounts)s)

-- name: values_of_range
-- The same for a whole range of account ids.
SELECT v.actor_id, v.definition_id, array_position(%(properties)s::text[], v.property::text) - 1,
       v.day - '1970-01-01'::date, v.events, v.readable, v.total::float8, coalesce(v.largest, 'NaN'),
       extract(epoch FROM v.last_at)::float8, coalesce(v.last, 'NaN')
FROM accounts_actor a JOIN signals_valueusage v ON v.actor_id = a.id
WHERE a.account_id BETWEEN %(first)s AND %(last)s AND v.day >= %(since)s
  AND v.definition_id = ANY(%(wanted)s) AND v.property = ANY(%(properties)s)

-- name: values_of_actors
-- The same of some actors.
SELECT v.actor_id, v.definition_id, array_position(%(properties)s::text[], v.property::text) - 1,
       v.day - '1970-01-01'::date, v.events, v.readable, v.total::float8, coalesce(v.largest, 'NaN'),
       extract(epoch FROM v.last_at)::float8, coalesce(v.last, 'NaN')
FROM signals_valueusage v
WHERE v.actor_id = ANY(%(actors)s) AND v.day >= %(since)s
  AND v.definition_id = ANY(%(wanted)s) AND v.property = ANY(%(properties)s)

-- name: add_cases
-- Adds events of cases: of each day the last, so that any order of batches ends the same. Sorted by key.
INSERT INTO signals_caseusage AS c (actor_id, day, definition_id, property, "case", last_at, known_on)
SELECT actor, day, definition, property, "case", last_at, nullif(known, day)
FROM unnest(%s::int[], %s::date[], %s::int[], %s::text[], %s::text[], %s::timestamptz[], %s::date[])
  AS new (actor, day, definition, property, "case", last_at, known)
ON CONFLICT (actor_id, day, definition_id, property, "case") DO UPDATE
SET last_at = greatest(c.last_at, excluded.last_at), known_on = greatest(c.known_on, excluded.known_on)

-- name: cases_of_some
-- Events of cases of the given accounts' actors: one index range for each actor. Grain: actor, day, definition, case.
SELECT c.actor_id, c.definition_id, array_position(%(properties)s::text[], c.property::text) - 1,
       extract(epoch FROM c.last_at)::float8, c."case"
FROM accounts_actor a
CROSS JOIN LATERAL (
    SELECT * FROM signals_caseusage r
    WHERE r.actor_id = a.id AND r.definition_id = ANY(%(wanted)s) AND r.property = ANY(%(properties)s)
    OFFSET 0
) c
WHERE a.account_id = ANY(%(accounts)s)

-- name: cases_of_range
-- The same for a whole range of account ids.
SELECT c.actor_id, c.definition_id, array_position(%(properties)s::text[], c.property::text) - 1,
       extract(epoch FROM c.last_at)::float8, c."case"
FROM accounts_actor a JOIN signals_caseusage c ON c.actor_id = a.id
WHERE a.account_id BETWEEN %(first)s AND %(last)s
  AND c.definition_id = ANY(%(wanted)s) AND c.property = ANY(%(properties)s)

-- name: cases_of_actors
-- The same of some actors.
SELECT c.actor_id, c.definition_id, array_position(%(properties)s::text[], c.property::text) - 1,
       extract(epoch FROM c.last_at)::float8, c."case"
FROM signals_caseusage c
WHERE c.actor_id = ANY(%(actors)s) AND c.definition_id = ANY(%(wanted)s) AND c.property = ANY(%(properties)s)
