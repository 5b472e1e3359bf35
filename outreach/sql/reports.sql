-- What each play did in a period, and the rows behind each number. docs/explain/proof.md says what is counted.
-- Pieces in braces are chosen among the blocks of this file. Parameters everywhere: since, until (half-open),
-- and for a scope: rep, team.
-- pieces from: accounts/sql/users.sql

-- name: counts
-- Grain: (what, play, detail). Columns: what, play (null: self-serve), detail, number, amount.
-- Indexes queue_item_created, queue_item_by_closing, queue_item_worked, play_decision_held_at, outcome_at.
SELECT 'fired', i.play_id, '', count(*)::int, NULL::numeric
FROM outreach_queueitem i
WHERE i.created_at >= %(since)s AND i.created_at < %(until)s {and_item}
GROUP BY i.play_id
UNION ALL
SELECT 'held', d.play_id, d.guard, count(*)::int, NULL
FROM outreach_playdecision d
WHERE d.state = 'held' AND d.decided_at >= %(since)s AND d.decided_at < %(until)s {and_decision}
GROUP BY d.play_id, d.guard
UNION ALL
SELECT i.state, i.play_id, i.dismiss_reason, count(*)::int, NULL
FROM outreach_queueitem i
WHERE i.closed_at >= %(since)s AND i.closed_at < %(until)s {and_item}
GROUP BY i.state, i.play_id, i.dismiss_reason
UNION ALL
SELECT CASE WHEN i.worked_in_time THEN 'in-time' ELSE 'late' END, i.play_id, '', count(*)::int, NULL
FROM outreach_queueitem i
WHERE i.worked_at >= %(since)s AND i.worked_at < %(until)s {and_item}
GROUP BY 1, i.play_id
UNION ALL
SELECT o.kind, o.play_id, o.currency, count(*)::int, sum(o.amount)
FROM outreach_outcome o
LEFT JOIN outreach_queueitem i ON i.id = o.item_id
WHERE o.undone_at IS NULL AND o.at >= %(since)s AND o.at < %(until)s {and_outcome}
GROUP BY o.kind, o.play_id, o.currency

-- name: item_of_rep
-- Piece: items on one rep's queue.
AND i.rep_id = %(rep)s

-- name: item_of_team
-- Piece: items on the queues of a team's reps, and unassigned ones of its plays.
AND (i.rep_id = ANY (ARRAY(SELECT user_id FROM outreach_rep WHERE team_id = %(team)s))
  OR (i.rep_id IS NULL AND i.play_id = ANY (ARRAY(SELECT id FROM outreach_play WHERE team_id = %(team)s))))

-- name: decision_of_rep
-- What is held back has no rep yet: it is theirs who owns the account.
AND EXISTS (SELECT FROM accounts_assignment a WHERE a.account_id = d.account_id AND a.ended_at IS NULL
  AND a.rep_id = %(rep)s)

-- name: decision_of_team
-- Piece: decisions of the plays that a team works.
AND d.play_id = ANY (ARRAY(SELECT id FROM outreach_play WHERE team_id = %(team)s))

-- name: outcome_of_rep
-- Piece: outcomes that a rep logged, else those of the rep whose item is credited.
AND coalesce(o.user_id, i.rep_id) = %(rep)s

-- name: outcome_of_team
-- Piece: the same for the reps of a team.
AND coalesce(o.user_id, i.rep_id) = ANY (ARRAY(SELECT user_id FROM outreach_rep WHERE team_id = %(team)s))

-- name: behind_items
-- Items put on the queue, first worked, or closed in the period, newest first. Grain: item. Columns as in every block of rows behind a number:
-- id, at, account id and name, play, who, words, detail, amount, currency, item.
SELECT i.id, i.{column} AS at, i.account_id, a.name, p.name,
       {user_name:u},
       i.why_now, CASE WHEN i.state = 'dismissed' THEN i.dismiss_reason WHEN i.state = 'done' THEN i.disposition
         ELSE i.state END, NULL::numeric, '', i.id
FROM outreach_queueitem i
JOIN outreach_play p ON p.id = i.play_id
JOIN accounts_account a ON a.id = i.account_id
LEFT JOIN auth_user u ON u.id = i.rep_id
WHERE i.{column} >= %(since)s AND i.{column} < %(until)s {and_item} {and_what} {and_play} {and_after}
ORDER BY i.{column} DESC, i.id DESC LIMIT %(limit)s

-- name: behind_held
-- Grain: decision that is held.
SELECT d.id, d.decided_at, coalesce(d.account_id, 0), coalesce(a.name, 'Unknown company'), p.name, '',
       d.reason, d.guard, NULL::numeric, '', 0
FROM outreach_playdecision d
JOIN outreach_play p ON p.id = d.play_id
LEFT JOIN accounts_account a ON a.id = d.account_id
WHERE d.state = 'held' AND d.decided_at >= %(since)s AND d.decided_at < %(until)s
  {and_decision} {and_what} {and_play} {and_after}
ORDER BY d.decided_at DESC, d.id DESC LIMIT %(limit)s

-- name: behind_outcomes
-- Grain: outcome.
SELECT o.id, o.at, o.account_id, a.name, coalesce(p.name, ''),
       {user_name:u},
       o.credit, CASE WHEN o.moment_id IS NULL THEN 'logged' ELSE 'from the product' END, o.amount, o.currency,
       coalesce(o.item_id, 0)
FROM outreach_outcome o
JOIN accounts_account a ON a.id = o.account_id
LEFT JOIN outreach_play p ON p.id = o.play_id
LEFT JOIN outreach_queueitem i ON i.id = o.item_id
LEFT JOIN auth_user u ON u.id = coalesce(o.user_id, i.rep_id)
WHERE o.undone_at IS NULL AND o.at >= %(since)s AND o.at < %(until)s AND o.kind = %(kind)s
  {and_outcome} {and_what} {and_play} {and_after}
ORDER BY o.at DESC, o.id DESC LIMIT %(limit)s
