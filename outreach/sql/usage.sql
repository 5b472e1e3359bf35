-- Usage by signal for the charts of an account or a person.

-- name: usage
-- Grain: signal, day. Index (actor, day, definition): one range a known actor, whatever the history before.
SELECT s.slug, s.name, c.name, used.day, used.count
FROM (
  SELECT u.definition_id, u.day, sum(u.count)::int AS count
  FROM accounts_actor a
  CROSS JOIN LATERAL (
    SELECT x.definition_id, x.day, x.count FROM signals_usage x
    WHERE x.actor_id = a.id AND x.day >= %(since)s AND x.day <= %(until)s OFFSET 0
  ) u
  WHERE {of} GROUP BY u.definition_id, u.day
) used
JOIN signals_signaldefinition d ON d.id = used.definition_id AND d.state = 'current'
JOIN signals_signal s ON s.id = d.signal_id
JOIN signals_category c ON c.id = s.category_id

-- name: of_account
-- Whose: by anybody who acts for the account.
a.account_id = %(id)s

-- name: of_person
-- Whose: by this person.
a.person_id = %(id)s
