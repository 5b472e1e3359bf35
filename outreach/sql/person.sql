-- What the page of one person says.
-- pieces from: accounts/sql/links.sql

-- name: about
-- One row: account, first event, workspaces, the accounts over time where there were several, how many rows were merged.
SELECT coalesce(c.id, 0) AS account_id, coalesce(c.name, '') AS account,
       (SELECT min(a.first_at) FROM accounts_actor a WHERE a.person_id = p.id) AS began,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('name', w.name, 'account', w.account, 'account_id', w.account_id)
                                  ORDER BY w.first), '[]')
        FROM (SELECT coalesce(nullif(x.name, ''), x.external_id) AS name, min(a.first_at) AS first,
                     min(y.id) AS account_id, min(y.name) AS account
              FROM accounts_actor a JOIN accounts_workspace x ON x.id = a.workspace_id
              LEFT JOIN accounts_account y ON y.id = x.account_id
              WHERE a.person_id = p.id GROUP BY x.id ORDER BY 2 LIMIT 20) w) AS workspaces,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'since', s.since, 'until', s.until)
                                  ORDER BY s.until DESC NULLS FIRST, s.since DESC NULLS LAST), '[]')
        FROM (SELECT DISTINCT y.id, y.name, nullif(x.begins, '-infinity') AS since, nullif(x.ends, 'infinity') AS until
              FROM ({stays}) x JOIN accounts_account y ON y.id = x.account_id
              WHERE x.person_id = p.id AND (x.begins > '-infinity' OR x.ends < 'infinity')
              ORDER BY 4 DESC NULLS FIRST, 3 DESC LIMIT 20) s) AS moves,
       (SELECT count(*)::int FROM accounts_person m WHERE m.merged_into_id = p.id) AS merged
FROM accounts_person p LEFT JOIN accounts_account c ON c.id = p.account_id
WHERE p.id = %(person)s

-- name: identities
-- Of all rows merged into a person: user ids first, then addresses, then anonymous ids. Grain: identity.
SELECT i.kind, i.value, coalesce(s.name, '') AS source, count(*) OVER ()::int AS of
FROM accounts_identity i LEFT JOIN signals_source s ON s.id = i.source_id
WHERE i.person_id = %(person)s
   OR i.person_id IN (SELECT m.id FROM accounts_person m WHERE m.merged_into_id = %(person)s)
ORDER BY array_position(ARRAY[1, 3, 2], i.kind::int), i.value, i.id LIMIT 30

-- name: scores
-- How the person scores, with what explains it; columns as in account.sql. Grain: scoring model, the best first.
SELECT m.kind, m.name AS model, v.number AS version, v.threshold, v.tiers, s.points, s.tier, s.qualified,
       s.changed_at, s.as_of, s.breakdown, v.id AS version_id, v.criteria,
       (SELECT jsonb_object_agg(slug, name) FROM (
          SELECT slug, name FROM signals_signal UNION ALL SELECT 'segment:' || slug, name FROM signals_segment) named) AS names
FROM signals_score s
JOIN signals_scoringmodel m ON m.id = s.scoring_model_id
JOIN signals_scoringmodelversion v ON v.id = s.version_id
WHERE s.person_id = %(person)s AND s.account_id IS NULL
ORDER BY s.points DESC, m.position, m.id
