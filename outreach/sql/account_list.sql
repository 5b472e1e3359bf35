-- The accounts page: which accounts, in which order, and what a row says.
-- pieces from: accounts/sql/users.sql

-- name: listed
-- Ids of the best accounts by points of one model, without a search. Grain: account. Index score_best_accounts: each
-- filter asks another index once a row, and the scan stops at the limit. Parameters: model, limit; tier ('' for any)
-- with the points that make it, for the index finds points, not tiers; after_points (null: from the top), after_id;
-- owner (null for any), unassigned; segment ('' for any; one that does not exist has nobody in it); on_queue, or where they are few, among (their ids; else null).
SELECT s.account_id FROM signals_score s
WHERE s.scoring_model_id = %(model)s AND s.person_id IS NULL
  AND (%(tier)s = '' OR (s.tier = %(tier)s AND s.points BETWEEN %(lowest)s AND %(highest)s))
  AND (%(after_points)s::int IS NULL OR (s.points <= %(after_points)s::int
    AND (s.points < %(after_points)s::int OR s.account_id > %(after_id)s)))
  AND (%(owner)s::int IS NULL OR s.account_id = ANY (ARRAY(
    SELECT o.account_id FROM accounts_assignment o WHERE o.rep_id = %(owner)s AND o.ended_at IS NULL LIMIT 20000)))
  AND NOT EXISTS (
    SELECT FROM accounts_assignment o WHERE %(unassigned)s AND o.account_id = s.account_id AND o.ended_at IS NULL)
  AND (%(segment)s = '' OR EXISTS (
    SELECT FROM signals_segmentmember m
    WHERE m.account_id = s.account_id AND m.known
      AND m.segment_id = (SELECT g.id FROM signals_segment g WHERE g.slug = %(segment)s)))
  AND (NOT %(on_queue)s OR (
    SELECT true FROM outreach_queueitem i
    WHERE i.account_id = s.account_id AND i.state IN ('open', 'claimed', 'snoozed') LIMIT 1))
  AND (%(among)s::int[] IS NULL OR s.account_id = ANY (%(among)s::int[]))
ORDER BY s.points DESC, s.account_id LIMIT %(limit)s

-- name: few_on_queue
-- Accounts on the queue, where they are few: then they are looked up instead of looked for. Grain: item.
SELECT i.account_id FROM outreach_queueitem i WHERE i.state IN ('open', 'claimed', 'snoozed') LIMIT %(few)s

-- name: rows_of
-- What the accounts page says of some accounts. Grain: account, in the order asked for.
SELECT a.id, a.name, coalesce(a.domain, '') AS domain,
       s.points, coalesce(s.qualified, false) AS qualified, coalesce(s.tier, '') AS tier, s.tiers,
       coalesce(o.rep_id, 0) AS owner_id, {user_name:u} AS owner,
       coalesce(q.why, '') AS why_now, coalesce(q.id, 0) AS item_id
FROM unnest(%(accounts)s::int[]) WITH ORDINALITY AS want (id, place)
JOIN accounts_account a ON a.id = want.id
LEFT JOIN LATERAL (
  SELECT s.points, s.qualified, s.tier, v.tiers FROM signals_score s
  JOIN signals_scoringmodelversion v ON v.id = s.version_id
  WHERE s.account_id = a.id AND s.person_id IS NULL AND (%(model)s = 0 OR s.scoring_model_id = %(model)s)
  ORDER BY s.points DESC, s.scoring_model_id LIMIT 1
) s ON true
LEFT JOIN accounts_assignment o ON o.account_id = a.id AND o.ended_at IS NULL
LEFT JOIN auth_user u ON u.id = o.rep_id
LEFT JOIN LATERAL (
  SELECT i.id, i.why_now AS why FROM outreach_queueitem i
  WHERE i.account_id = a.id AND i.state IN ('open', 'claimed', 'snoozed')
  ORDER BY i.sla_class, i.priority DESC LIMIT 1
) q ON true
ORDER BY want.place

-- name: models
-- Live scoring models. Grain: model.
SELECT m.id, m.kind, m.name, v.tiers FROM signals_scoringmodel m
JOIN signals_scoringmodelversion v ON v.scoring_model_id = m.id AND v.state = 'live'
ORDER BY m.position, m.kind
