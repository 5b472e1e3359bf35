-- What each play did in a period, and the rows behind each number. docs/explain/proof.md says what is counted.
-- Parameters everywhere: since, until (half-open), and of a scope: rep, team (0: not asked).
-- pieces from: accounts/sql/users.sql

-- name: counts
-- Grain: (what, play, detail). Columns: what, play_id (null: self-serve), detail, number, amount.
-- Indexes queue_item_created, queue_item_by_closing, queue_item_worked, play_decision_held_at, outcome_at.
SELECT 'fired' AS what, i.play_id, '' AS detail, count(*)::int AS number, NULL::numeric AS amount
FROM outreach_queueitem i
WHERE i.created_at >= %(since)s AND i.created_at < %(until)s AND {item_in_scope}
GROUP BY i.play_id
UNION ALL
SELECT 'held' AS what, d.play_id, d.guard AS detail, count(*)::int AS number, NULL AS amount
FROM outreach_playdecision d
WHERE d.state = 'held' AND d.decided_at >= %(since)s AND d.decided_at < %(until)s AND {decision_in_scope}
GROUP BY d.play_id, d.guard
UNION ALL
SELECT i.state AS what, i.play_id, i.dismiss_reason AS detail, count(*)::int AS number, NULL AS amount
FROM outreach_queueitem i
WHERE i.closed_at >= %(since)s AND i.closed_at < %(until)s AND {item_in_scope}
GROUP BY i.state, i.play_id, i.dismiss_reason
UNION ALL
SELECT CASE WHEN i.worked_in_time THEN 'in-time' ELSE 'late' END AS what, i.play_id, '' AS detail,
       count(*)::int AS number, NULL AS amount
FROM outreach_queueitem i
WHERE i.worked_at >= %(since)s AND i.worked_at < %(until)s AND {item_in_scope}
GROUP BY 1, i.play_id
UNION ALL
SELECT o.kind AS what, o.play_id, o.currency AS detail, count(*)::int AS number, sum(o.amount) AS amount
FROM outreach_outcome o
LEFT JOIN outreach_queueitem i ON i.id = o.item_id
WHERE o.undone_at IS NULL AND o.at >= %(since)s AND o.at < %(until)s AND {outcome_in_scope}
GROUP BY o.kind, o.play_id, o.currency

-- name: item_in_scope
-- A condition: items `i` on one rep's queue; or on the queues of a team's reps, and unassigned ones of its plays.
(%(rep)s = 0 OR i.rep_id = %(rep)s)
  AND (%(team)s = 0 OR i.rep_id = ANY (ARRAY(SELECT user_id FROM outreach_rep WHERE team_id = %(team)s))
    OR (i.rep_id IS NULL AND i.play_id = ANY (ARRAY(SELECT id FROM outreach_play WHERE team_id = %(team)s))))

-- name: decision_in_scope
-- A condition: decisions `d` about accounts that a rep owns, for what is held back has no rep yet; or of a team's plays.
(%(rep)s = 0 OR EXISTS (SELECT FROM accounts_assignment x WHERE x.account_id = d.account_id AND x.ended_at IS NULL
    AND x.rep_id = %(rep)s))
  AND (%(team)s = 0 OR d.play_id = ANY (ARRAY(SELECT id FROM outreach_play WHERE team_id = %(team)s)))

-- name: outcome_in_scope
-- A condition: outcomes `o` that a rep logged, else those of the rep whose item `i` is credited; or of a team's reps.
(%(rep)s = 0 OR coalesce(o.user_id, i.rep_id) = %(rep)s)
  AND (%(team)s = 0
    OR coalesce(o.user_id, i.rep_id) = ANY (ARRAY(SELECT user_id FROM outreach_rep WHERE team_id = %(team)s)))

-- name: of_play
-- A condition: rows of the play asked for; '' for those of any play, self-serve for those that are credited to none.
-- Alias: whatever has a play.
CASE %(play)s::text WHEN '' THEN {0}.play_id IS NOT NULL WHEN 'self-serve' THEN {0}.play_id IS NULL
  ELSE {0}.play_id = (SELECT id FROM outreach_play WHERE slug = %(play)s::text) END

-- name: behind_items
-- Items put on the queue, first worked, or closed in the period, newest first. Grain: item. Parameters of each block of
-- rows behind a number: what (as in `counts`, or worked), play, detail ('' for any), at (null: the newest first), id (of
-- the row after which a page begins), limit. Whichever time counts, its own index is read.
SELECT i.id, counted.at, i.account_id, a.name AS account, p.name AS play, {user_name:u} AS who, i.why_now AS words,
       CASE WHEN i.state = 'dismissed' THEN i.dismiss_reason WHEN i.state = 'done' THEN i.disposition
         ELSE i.state END AS detail, NULL::numeric AS amount, '' AS currency, i.id AS item_id
FROM outreach_queueitem i
CROSS JOIN LATERAL (
  SELECT CASE %(what)s::text WHEN 'fired' THEN i.created_at
    WHEN 'worked' THEN i.worked_at WHEN 'in-time' THEN i.worked_at WHEN 'late' THEN i.worked_at
    ELSE i.closed_at END AS at
) counted
JOIN outreach_play p ON p.id = i.play_id
JOIN accounts_account a ON a.id = i.account_id
LEFT JOIN auth_user u ON u.id = i.rep_id
WHERE counted.at >= %(since)s AND counted.at < %(until)s
  AND (%(what)s::text NOT IN ('done', 'dismissed', 'expired') OR i.state = %(what)s::text)
  AND (%(what)s::text <> 'in-time' OR i.worked_in_time)
  AND (%(what)s::text <> 'late' OR NOT i.worked_in_time)
  AND (%(what)s::text <> 'dismissed' OR %(detail)s = '' OR i.dismiss_reason = %(detail)s)
  AND {item_in_scope} AND {of_play:i}
  AND (%(at)s::timestamptz IS NULL OR (counted.at, i.id) < (%(at)s::timestamptz, %(id)s))
ORDER BY counted.at DESC, i.id DESC LIMIT %(limit)s

-- name: behind_held
-- Decisions that are held back, newest first; `detail` is the guard. Grain: decision. Index play_decision_held_at.
SELECT d.id, d.decided_at AS at, coalesce(d.account_id, 0) AS account_id, coalesce(a.name, 'Unknown company') AS account,
       p.name AS play, '' AS who, d.reason AS words, d.guard AS detail, NULL::numeric AS amount, '' AS currency,
       0 AS item_id
FROM outreach_playdecision d
JOIN outreach_play p ON p.id = d.play_id
LEFT JOIN accounts_account a ON a.id = d.account_id
WHERE d.state = 'held' AND d.decided_at >= %(since)s AND d.decided_at < %(until)s
  AND (%(detail)s = '' OR d.guard = %(detail)s) AND {decision_in_scope} AND {of_play:d}
  AND (%(at)s::timestamptz IS NULL OR (d.decided_at, d.id) < (%(at)s::timestamptz, %(id)s))
ORDER BY d.decided_at DESC, d.id DESC LIMIT %(limit)s

-- name: behind_outcomes
-- Outcomes that stand, newest first; `detail` is the currency. Grain: outcome. Index outcome_at.
SELECT o.id, o.at, o.account_id, a.name AS account, coalesce(p.name, '') AS play, {user_name:u} AS who,
       o.credit AS words, CASE WHEN o.moment_id IS NULL THEN 'logged' ELSE 'from the product' END AS detail,
       o.amount, o.currency, coalesce(o.item_id, 0) AS item_id
FROM outreach_outcome o
JOIN accounts_account a ON a.id = o.account_id
LEFT JOIN outreach_play p ON p.id = o.play_id
LEFT JOIN outreach_queueitem i ON i.id = o.item_id
LEFT JOIN auth_user u ON u.id = coalesce(o.user_id, i.rep_id)
WHERE o.undone_at IS NULL AND o.at >= %(since)s AND o.at < %(until)s AND o.kind = %(what)s
  AND (%(detail)s = '' OR o.currency = %(detail)s) AND {outcome_in_scope} AND {of_play:o}
  AND (%(at)s::timestamptz IS NULL OR (o.at, o.id) < (%(at)s::timestamptz, %(id)s))
ORDER BY o.at DESC, o.id DESC LIMIT %(limit)s
