-- Usage by signal for the charts of an account or a person.
-- pieces from: accounts/sql/links.sql

-- name: usage
-- Of an account or of a person; 0: not asked. Grain: signal, day. Index (actor, day, definition): one range a known actor, whatever the history before.
SELECT s.slug, s.name, c.name AS category, used.day, used.count
FROM (
  SELECT u.definition_id, u.day, sum(u.count)::int AS count
  FROM ({stays}) a
  CROSS JOIN LATERAL (
    SELECT x.definition_id, x.day, x.count FROM signals_usage x
    WHERE x.actor_id = a.id AND x.day >= %(since)s AND x.day <= %(until)s
      AND x.day >= a.begins AND x.day < a.ends OFFSET 0
  ) u
  WHERE (%(account)s = 0 OR a.account_id = %(account)s) AND (%(person)s = 0 OR a.person_id = %(person)s)
  GROUP BY u.definition_id, u.day
) used
JOIN signals_signaldefinition d ON d.id = used.definition_id AND d.state = 'current'
JOIN signals_signal s ON s.id = d.signal_id
JOIN signals_category c ON c.id = s.category_id
