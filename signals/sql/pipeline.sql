-- name: minutes
-- Messages stored in each of the last minutes, oldest first. Events are found by arrival (BRIN).
SELECT m.minute, count(e.id)::int FROM generate_series(
  date_trunc('minute', %(now)s::timestamptz) - make_interval(mins => %(minutes)s - 1),
  date_trunc('minute', %(now)s::timestamptz), '1 minute') AS m (minute)
LEFT JOIN signals_event e ON e.received_at >= m.minute AND e.received_at < m.minute + interval '1 minute'
  AND e.received_at >= date_trunc('minute', %(now)s::timestamptz) - make_interval(mins => %(minutes)s - 1)
GROUP BY m.minute ORDER BY m.minute

-- name: sources
-- What each source sent in the last 24 hours. Grain: source.
SELECT s.id, s.name, coalesce(sum(t.accepted), 0)::bigint, coalesce(sum(t.duplicates), 0)::bigint,
       coalesce(sum(t.failed), 0)::bigint, max(t.hour)
FROM signals_source s
LEFT JOIN signals_tally t ON t.source_id = s.id AND t.hour > %(since)s
GROUP BY s.id ORDER BY 3 DESC, s.name

-- name: partitions
-- Months of events with their size, newest first; the default one says so.
SELECT c.relname, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)::bigint
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
WHERE p.relname = 'signals_event' ORDER BY c.relname = 'signals_event_default', c.relname DESC

-- name: failures
-- Why messages failed that nobody has replayed yet, most frequent first.
SELECT reason, sum(seen)::bigint, max(received_at) FROM (
  SELECT reason, seen, received_at FROM signals_failedevent WHERE replayed_at IS NULL
  ORDER BY received_at DESC LIMIT 2000
) f GROUP BY reason ORDER BY 2 DESC LIMIT 5

-- name: definitions_used
-- Which meanings of signals have usage since a day. Grain: definition. Reads all usage: asked once a minute at most.
SELECT DISTINCT definition_id FROM signals_usage WHERE day >= %(since)s
