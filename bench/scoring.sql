-- name: busy_accounts
-- Those that real traffic touches: 3 to 11 times the mean usage, in no particular order.
WITH used AS (
  SELECT a.account_id, count(*) AS rows FROM signals_usage u JOIN accounts_actor a ON a.id = u.actor_id GROUP BY 1
), mean AS (
  SELECT avg(rows) AS rows FROM used
)
SELECT account_id FROM used, mean WHERE used.rows BETWEEN 3 * mean.rows AND 11 * mean.rows
ORDER BY hashint4(account_id) LIMIT %(limit)s

-- name: make_items
-- One item more, by one person of each account, as an event counts it.
INSERT INTO signals_usage AS u (actor_id, day, definition_id, count)
SELECT one.actor_id, %(day)s, d.id, 1
FROM (SELECT min(id) AS actor_id FROM accounts_actor WHERE account_id = ANY(%(accounts)s) GROUP BY account_id) one
CROSS JOIN signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
WHERE d.state = 'current' AND s.slug IN ('activity', 'created-item')
ON CONFLICT (actor_id, day, definition_id) DO UPDATE SET count = u.count + 1

-- name: touch
-- Marks of fifty, as batches of events leave them.
INSERT INTO accounts_dirtymark (actors, accounts)
SELECT array_agg(actor_id), '{}' FROM (
  SELECT min(id) AS actor_id, row_number() OVER () / 50 AS batch
  FROM accounts_actor WHERE account_id = ANY(%(accounts)s) GROUP BY account_id
) one GROUP BY batch
