-- What arrives, by name and day: counted from the events themselves, in portions, beside ingest.
-- Days are UTC days of arrival. `settled` is counted once for good; `recent` is counted again at each look.

-- name: begin
-- The first look ever: from now on arrivals are counted as they come, and every day before is counted once.
WITH made AS (
    INSERT INTO signals_cataloguestate (id, settled_until, sampled_until) VALUES (1, %(until)s, %(until)s)
    ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO signals_catalogueday (source_id, day, asked)
SELECT DISTINCT e.source_id, (e.received_at AT TIME ZONE 'UTC')::date, 1 FROM signals_event e
WHERE e.received_at < %(until)s AND EXISTS (SELECT 1 FROM made)
ON CONFLICT DO NOTHING

-- name: claim_state
-- The one row, for this worker alone; nothing where another looks already.
SELECT settled_until, sampled_until FROM signals_cataloguestate WHERE id = 1 FOR UPDATE SKIP LOCKED

-- name: settle
-- Counts [from, until) for good. Finds events by arrival (BRIN). Gives how many there were.
WITH counted AS (
    SELECT e.name_id, (e.received_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n,
           min(e.received_at) AS first, max(e.received_at) AS last
    FROM signals_event e
    WHERE e.received_at >= %(from)s AND e.received_at < %(until)s AND e.name_id IS NOT NULL
    GROUP BY 1, 2
), written AS (
    INSERT INTO signals_eventnameday AS d (name_id, day, settled, recent) SELECT name_id, day, n, 0 FROM counted
    ON CONFLICT (name_id, day) DO UPDATE SET settled = d.settled + excluded.settled
), seen AS (
    UPDATE signals_eventname n
    SET last_seen_at = greatest(n.last_seen_at, c.last), first_seen_at = least(n.first_seen_at, c.first)
    FROM (SELECT name_id, min(first) AS first, max(last) AS last FROM counted GROUP BY 1) c WHERE n.id = c.name_id
)
SELECT coalesce(sum(n), 0)::bigint FROM counted

-- name: move_on
-- What is before this instant is settled.
UPDATE signals_cataloguestate SET settled_until = %s WHERE id = 1

-- name: forget_recent
-- Before the open end is counted again.
UPDATE signals_eventnameday SET recent = 0 WHERE recent > 0

-- name: count_recent
-- Counts the open end [from, now], over what was counted of it before.
WITH counted AS (
    SELECT e.name_id, (e.received_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n,
           min(e.received_at) AS first, max(e.received_at) AS last
    FROM signals_event e WHERE e.received_at >= %(from)s AND e.name_id IS NOT NULL GROUP BY 1, 2
), written AS (
    INSERT INTO signals_eventnameday AS d (name_id, day, settled, recent) SELECT name_id, day, 0, n FROM counted
    ON CONFLICT (name_id, day) DO UPDATE SET recent = excluded.recent
), seen AS (
    UPDATE signals_eventname n
    SET last_seen_at = greatest(n.last_seen_at, c.last), first_seen_at = least(n.first_seen_at, c.first)
    FROM (SELECT name_id, min(first) AS first, max(last) AS last FROM counted GROUP BY 1) c WHERE n.id = c.name_id
)
SELECT coalesce(sum(n), 0)::bigint FROM counted

-- name: ask_again
-- History came into these days: they are counted again. In the transaction that stores it.
INSERT INTO signals_catalogueday AS d (source_id, day, asked) SELECT %s, day, 1 FROM unnest(%s::date[]) AS a (day)
ON CONFLICT (source_id, day) DO UPDATE SET asked = d.asked + 1

-- name: claim_days
-- Some days to count again, oldest first, for this worker alone.
DELETE FROM signals_catalogueday WHERE (source_id, day) IN (
    SELECT source_id, day FROM signals_catalogueday ORDER BY day, source_id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING source_id, day

-- name: count_day
-- Counts one day of a source again, up to what is settled.
WITH counted AS (
    SELECT e.name_id, count(*) AS n, min(e.received_at) AS first, max(e.received_at) AS last
    FROM signals_event e
    WHERE e.received_at >= %(from)s AND e.received_at < least(%(to)s::timestamptz, %(until)s::timestamptz)
      AND e.source_id = %(source)s AND e.name_id IS NOT NULL
    GROUP BY 1
), gone AS (
    UPDATE signals_eventnameday d SET settled = 0
    FROM signals_eventname n
    WHERE n.id = d.name_id AND n.source_id = %(source)s AND d.day = %(day)s
      AND NOT EXISTS (SELECT 1 FROM counted c WHERE c.name_id = d.name_id)
), written AS (
    INSERT INTO signals_eventnameday AS d (name_id, day, settled, recent) SELECT name_id, %(day)s, n, 0 FROM counted
    ON CONFLICT (name_id, day) DO UPDATE SET settled = excluded.settled
), seen AS (
    UPDATE signals_eventname n
    SET last_seen_at = greatest(n.last_seen_at, c.last), first_seen_at = least(n.first_seen_at, c.first)
    FROM counted c WHERE n.id = c.name_id
)
SELECT coalesce(sum(n), 0)::bigint FROM counted

-- name: sample
-- A few messages of each name and source that arrived in [from, until), and a few with traits. Bounded twice: the
-- newest %(most)s arrivals are looked at, and of those each name's first %(each)s.
SELECT source_id, kind, name_id, received_at, payload::text AS payload FROM (
    SELECT e.*, row_number() OVER (PARTITION BY e.source_id, e.kind, e.name_id ORDER BY e.received_at DESC) AS place
    FROM (
        SELECT e.source_id, e.kind, e.name_id, e.received_at, e.payload FROM signals_event e
        WHERE e.received_at >= %(from)s AND e.received_at < %(until)s
          AND (%(source)s::int IS NULL OR e.source_id = %(source)s)
        ORDER BY e.received_at DESC LIMIT %(most)s
    ) e
) chosen WHERE place <= %(each)s

-- name: take_in
-- Adds what samples showed of keys. Each is there once; the writer says how many new ones a source still has room for.
INSERT INTO signals_cataloguekey AS k
    (source_id, holder, event_name_id, path, types, samples, seen, first_seen_at, last_seen_at)
VALUES (%(source)s, %(holder)s, %(name)s, %(path)s, %(types)s, %(samples)s, %(seen)s, %(first)s, %(last)s)
ON CONFLICT (source_id, holder, event_name_id, path) DO UPDATE
SET types = excluded.types, samples = excluded.samples, seen = k.seen + excluded.seen,
    first_seen_at = least(k.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(k.last_seen_at, excluded.last_seen_at)

-- name: names
-- The catalogue of event names with what came of each in the last days. Grain: name.
SELECT n.id, n.source_id, s.name AS source, n.kind, n.name, n.first_seen_at, n.last_seen_at, n.hidden, n.sampled,
       coalesce(sum(d.settled + d.recent) FILTER (WHERE d.day > %(today)s::date - 30), 0)::bigint AS month,
       coalesce(sum(d.settled + d.recent) FILTER (WHERE d.day > %(today)s::date - 7), 0)::bigint AS week,
       coalesce(sum(d.settled + d.recent) FILTER (WHERE d.day = %(today)s::date), 0)::bigint AS today
FROM signals_eventname n JOIN signals_source s ON s.id = n.source_id
LEFT JOIN signals_eventnameday d ON d.name_id = n.id AND d.day > %(today)s::date - 30
WHERE NOT n.evicted
GROUP BY n.id, s.name
ORDER BY month DESC, n.name, n.id

-- name: regular
-- Names that came on at least ten of the fourteen days up to the last on which they came, and have not come for a
-- day: with the days on which they did.
SELECT n.id, n.source_id, s.name AS source, n.kind, n.name, n.last_seen_at,
       array_agg(d.day) AS days
FROM signals_eventname n JOIN signals_source s ON s.id = n.source_id
JOIN signals_eventnameday d ON d.name_id = n.id AND d.settled + d.recent > 0
 AND d.day <= (n.last_seen_at AT TIME ZONE 'UTC')::date AND d.day > (n.last_seen_at AT TIME ZONE 'UTC')::date - 14
WHERE NOT n.hidden AND NOT n.evicted
  AND n.last_seen_at < %(now)s::timestamptz - interval '1 day' AND n.last_seen_at > %(now)s::timestamptz - interval '14 days'
GROUP BY n.id, s.name HAVING count(*) >= 10
ORDER BY n.last_seen_at DESC, n.name

-- name: forget_days
-- Counts of days that are past keeping.
DELETE FROM signals_eventnameday WHERE day < %s
