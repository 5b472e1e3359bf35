-- What is said of an account, of its workspaces and of a person: the newest value of each attribute by origin.

-- name: holders
-- Grain: the account, and those joined to it (id 0, where anything is said of it), then its workspaces with the people active since a day.
-- Primary key of attributes (subject_kind, subject_id, key, origin, day).
WITH activity AS MATERIALIZED (
  SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
  WHERE s.slug = 'activity' AND d.state = 'current'
), holder AS MATERIALIZED (
  SELECT 3 AS kind, a.id, 0 AS shown, a.name, NULL::timestamptz AS created_at, 0 AS people, 0 AS known
  FROM accounts_account a WHERE a.id = %(account)s
  UNION ALL
  SELECT 3, a.id, 0, a.name, NULL, 0, 0 FROM accounts_account a WHERE a.joined_into_id = %(account)s
  UNION ALL
  SELECT 2, w.id, w.id, coalesce(nullif(w.name, ''), w.external_id), (SELECT coalesce(min(f.first_at), w.created_at) FROM accounts_actor f WHERE f.workspace_id = w.id),
         (SELECT count(DISTINCT a.person_id)::int FROM accounts_actor a
          JOIN accounts_person p ON p.id = a.person_id AND NOT p.is_visitor
          JOIN signals_usage u ON u.actor_id = a.id AND u.day >= greatest(%(since)s, coalesce(a.account_since, '-infinity'::date))
            AND u.definition_id = (SELECT id FROM activity)
          WHERE a.workspace_id = w.id AND a.account_id = w.account_id),
         (SELECT count(DISTINCT a.person_id)::int FROM accounts_actor a
          JOIN accounts_person p ON p.id = a.person_id AND NOT p.is_visitor
          WHERE a.workspace_id = w.id AND a.account_id = w.account_id)
  FROM accounts_workspace w WHERE w.account_id = %(account)s
)
SELECT h.shown AS id, h.name, h.created_at, h.people, h.known, said.of AS attributes
FROM holder h
CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_agg(jsonb_build_object('key', k.name, 'meaning', k.company_meaning, 'origin', t.origin, 'at', t.at, 'text', t.text)), '[]') AS of
  FROM (
    SELECT DISTINCT ON (t.key_id, t.origin) t.key_id, t.origin, t.at, t.text FROM accounts_attribute t
    WHERE t.subject_kind = h.kind AND t.subject_id = h.id
    ORDER BY t.key_id, t.origin, t.day DESC LIMIT 200
  ) t JOIN accounts_attributekey k ON k.id = t.key_id
) said
WHERE h.kind = 2 OR said.of <> '[]'
ORDER BY h.kind DESC, h.people DESC, h.id LIMIT 51

-- name: attributes_of_person
-- Of all rows that were merged into a person. Grain: key, origin.
SELECT DISTINCT ON (k.name, t.origin) k.name AS key, k.person_meaning AS meaning, t.origin, t.at, t.text
FROM accounts_person p
JOIN accounts_attribute t ON t.subject_kind = 1 AND t.subject_id = p.id
JOIN accounts_attributekey k ON k.id = t.key_id
WHERE p.id = %(person)s OR p.merged_into_id = %(person)s
ORDER BY k.name, t.origin, t.at DESC LIMIT 200
