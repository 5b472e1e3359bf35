-- What pages say of one account.
-- pieces from: accounts/sql/users.sql accounts/sql/links.sql

-- name: head
-- Name, owner, workspaces, the values last measured and how many days ago, and the outcomes so far. One row.
SELECT a.id, a.name, coalesce(a.domain, '') AS domain, a.created_at,
       coalesce(o.rep_id, 0) AS owner_id, {user_name:u} AS owner,
       (SELECT count(*)::int FROM accounts_workspace w WHERE w.account_id = a.id) AS workspaces,
       (SELECT min(greatest(x.first_at, x.begins::timestamp AT TIME ZONE 'UTC')) FROM ({stays}) x
        WHERE x.account_id = a.id) AS began,
       coalesce(s.measures, '{}') AS measures, greatest(coalesce(%(today)s::date - s.as_of, 0), 0) AS days_on,
       (SELECT coalesce(jsonb_agg(logged), '[]') FROM (
          SELECT c.id, c.kind, c.amount, c.currency, c.at, c.credit, c.moment_id IS NOT NULL AS from_product,
                 coalesce(c.user_id, 0) AS user_id, coalesce(cp.name, '') AS play,
                 {user_name:cu} AS who
          FROM outreach_outcome c LEFT JOIN outreach_play cp ON cp.id = c.play_id
          LEFT JOIN auth_user cu ON cu.id = c.user_id
          WHERE c.account_id = a.id AND c.undone_at IS NULL ORDER BY c.at DESC, c.id DESC LIMIT 10) logged) AS outcomes
FROM accounts_account a
LEFT JOIN accounts_assignment o ON o.account_id = a.id AND o.ended_at IS NULL
LEFT JOIN auth_user u ON u.id = o.rep_id
LEFT JOIN signals_accountstate s ON s.account_id = a.id
WHERE a.id = %(account)s

-- name: scores
-- How the account scores, with what explains it. Grain: scoring model, the best first.
SELECT m.kind, m.name AS model, v.number AS version, v.threshold, v.tiers, s.points, s.tier, s.qualified,
       s.changed_at, s.as_of, s.breakdown, v.id AS version_id, v.criteria,
       (SELECT jsonb_object_agg(slug, name) FROM (
          SELECT slug, name FROM signals_signal UNION ALL SELECT 'segment:' || slug, name FROM signals_segment) named) AS names
FROM signals_score s
JOIN signals_scoringmodel m ON m.id = s.scoring_model_id
JOIN signals_scoringmodelversion v ON v.id = s.version_id
WHERE s.account_id = %(account)s AND s.person_id IS NULL
ORDER BY s.points DESC, m.position, m.id

-- name: people_a_day
-- People active (visitors are none) and events, per account and UTC day, from each account's own first day on.
-- Index (actor, day, definition): one range a known actor, whatever the history of others.
SELECT want.account_id, u.day, count(DISTINCT u.person_id) FILTER (WHERE NOT u.is_visitor)::int AS people,
       sum(u.count)::int AS events
FROM unnest(%(accounts)s::int[], %(since)s::date[]) AS want (account_id, since)
CROSS JOIN LATERAL (
  SELECT u.day, a.person_id, u.count, p.is_visitor
  FROM ({stays}) a
  JOIN accounts_person p ON p.id = a.person_id
  JOIN signals_usage u ON u.actor_id = a.id AND u.day >= greatest(want.since, a.begins) AND u.day <= %(until)s
    AND u.day < a.ends
    AND u.definition_id = (
      SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
      WHERE s.slug = 'activity' AND d.state = 'current')
  WHERE a.account_id = want.account_id
) u
GROUP BY want.account_id, u.day

-- name: people
-- The people of an account with their last 30 days: the most active first, then those not in the product, then visitors.
-- Grain: whole person. Parameters: account, since (first day of the 30), until.
WITH activity AS MATERIALIZED (
  SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
  WHERE s.slug = 'activity' AND d.state = 'current'
), used AS MATERIALIZED (
  SELECT a.person_id, count(DISTINCT u.day)::int AS days, max(u.day) AS last
  FROM accounts_actor a
  JOIN signals_usage u ON u.actor_id = a.id AND u.definition_id = (SELECT id FROM activity)
    AND u.day >= greatest(%(since)s, coalesce(a.account_since, '-infinity'::date)) AND u.day <= %(until)s
  WHERE a.account_id = %(account)s
  GROUP BY a.person_id
), here AS MATERIALIZED (
  SELECT p.id FROM accounts_person p WHERE p.account_id = %(account)s AND p.merged_into_id IS NULL
  UNION SELECT u.person_id FROM used u
), known AS MATERIALIZED (
  SELECT p.id, p.name, p.email, p.title, p.is_product_admin, p.is_visitor, coalesce(u.days, 0) AS days, u.last,
         count(*) FILTER (WHERE NOT p.is_visitor) OVER ()::int AS known,
         count(u.person_id) FILTER (WHERE NOT p.is_visitor) OVER ()::int AS active
  FROM here JOIN accounts_person p ON p.id = here.id
  LEFT JOIN used u ON u.person_id = p.id
  WHERE p.excluded_by = ''
)
SELECT k.id, k.name, k.email, k.title, k.days, k.last, k.is_product_admin AS is_admin,
       EXISTS (SELECT FROM accounts_actor a WHERE a.person_id = k.id) AS in_product, k.known, k.active
FROM known k
ORDER BY k.is_visitor, k.days DESC, k.title <> '' DESC, k.last DESC NULLS LAST, k.id
LIMIT %(limit)s

-- name: who_left
-- People who belonged to the account and are elsewhere now, the last to leave first, with where they are and how many
-- there are. Grain: whole person. Index of past links by account. Parameters: account, limit.
SELECT p.id, coalesce(nullif(p.name, ''), p.email) AS name, max(l.until_day) AS left_on,
       coalesce(p.account_id, 0) AS account_id, coalesce(c.name, '') AS account, count(*) OVER ()::int AS of
FROM accounts_pastlink l
JOIN accounts_actor a ON a.id = l.actor_id
JOIN accounts_person p ON p.id = a.person_id AND p.excluded_by = '' AND (p.name <> '' OR p.email <> '')
LEFT JOIN accounts_account c ON c.id = p.account_id
WHERE l.account_id = %(account)s AND p.account_id IS DISTINCT FROM l.account_id
  AND NOT EXISTS (SELECT FROM accounts_actor x WHERE x.person_id = p.id AND x.account_id = l.account_id)
GROUP BY p.id, c.id ORDER BY left_on DESC, p.id LIMIT %(limit)s
