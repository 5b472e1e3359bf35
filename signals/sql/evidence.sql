-- What is behind a number: people with their counts, and the events themselves.
-- pieces from: accounts/sql/links.sql

-- name: people
-- Usage of some signals in an account by person. Grain: whole person. Most first. `visitors`: only they, or only others.
SELECT p.id, coalesce(nullif(p.name, ''), p.email), sum(u.count)::int, count(DISTINCT u.day)::int, max(u.day)
FROM ({stays}) a
JOIN signals_usage u ON u.actor_id = a.id AND u.day BETWEEN %(first)s AND %(last)s AND u.day >= a.begins AND u.day < a.ends
JOIN signals_signaldefinition d ON d.id = u.definition_id AND d.state = 'current'
JOIN signals_signal s ON s.id = d.signal_id AND s.slug = ANY (%(signals)s)
JOIN accounts_person p ON p.id = a.person_id
WHERE a.account_id = %(account)s AND (%(person)s::int = 0 OR a.person_id = %(person)s)
  AND (%(visitors)s::bool IS NULL OR p.is_visitor = %(visitors)s)
GROUP BY p.id ORDER BY 3 DESC, p.id LIMIT 500

-- name: definitions
-- The current definitions of some signals.
SELECT d.id, s.name, d.matches FROM signals_signal s
JOIN signals_signaldefinition d ON d.signal_id = s.id AND d.state = 'current'
WHERE s.slug = ANY (%(signals)s)

-- name: events
-- Raw events of an account's people, newest first. Index signals_event_actor (actor, timestamp).
SELECT e.id, e.source_id, e.kind, coalesce(n.name, ''), e.timestamp, p.id, coalesce(nullif(p.name, ''), p.email),
       coalesce(nullif(w.name, ''), w.external_id, ''), (e.payload -> 'properties')::text
FROM ({stays}) a
CROSS JOIN LATERAL (
  SELECT v.* FROM signals_event v
  WHERE v.actor_id = a.id AND v.timestamp >= greatest(%(from)s, a.begins::timestamp AT TIME ZONE 'UTC')
    AND v.timestamp < least(%(until)s, a.ends::timestamp AT TIME ZONE 'UTC') AND v.kind = ANY (%(kinds)s)
    AND (%(name_ids)s::int[] IS NULL OR v.name_id = ANY (%(name_ids)s))
  ORDER BY v.timestamp DESC LIMIT %(limit)s
) e
LEFT JOIN signals_eventname n ON n.id = e.name_id
JOIN accounts_person p ON p.id = a.person_id
LEFT JOIN accounts_workspace w ON w.id = a.workspace_id
WHERE a.account_id = %(account)s AND (%(person)s::int = 0 OR a.person_id = %(person)s)
ORDER BY e.timestamp DESC, e.id DESC LIMIT %(limit)s

-- name: name_ids
-- The catalogue's numbers of some event names.
SELECT id FROM signals_eventname WHERE name = ANY (%(names)s)
