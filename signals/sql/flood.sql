-- How many requests browser keys have raised, and which of them wait for a manager.

-- name: let_through
-- Requests let through since then, by this key and by this address with whatever key. One row.
-- Indexes browser_request_key and browser_request_address: cost depends on the hour, not on history.
SELECT (SELECT count(*)::int FROM signals_browserrequest WHERE key_id = %(key)s AND at > %(since)s) AS by_key,
       (SELECT count(*)::int FROM signals_browserrequest
        WHERE address = %(address)s::inet AND at > %(since)s) AS by_address

-- name: hold
-- One row for each moment that has one of these causes. Repeating it changes nothing.
INSERT INTO signals_floodedrequest (moment_id, key_id, held_at)
SELECT m.id, %(key)s, %(at)s FROM signals_moment m
WHERE m.kind = %(kind)s AND m.cause = ANY(%(causes)s::text[])
ON CONFLICT (moment_id) DO NOTHING
