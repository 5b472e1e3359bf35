-- Outcomes: conversions that arrived as events, and what they are credited to. docs/explain/proof.md
-- pieces from: accounts/sql/links.sql

-- name: uncredited
-- Conversions without an outcome whose person counts and whose account is known by now. Grain: moment.
-- An anti-join, never "after the last id seen": transactions commit out of order, and accounts become known later.
-- Parameters: minutes (noticed in the last so many, by the database's clock; index moment_noticed), limit.
SELECT m.id AS moment_id, m.at, {account_on:a,m} AS account_id, m.facts
FROM signals_moment m
JOIN accounts_actor a ON a.id = m.actor_id AND {account_on:a,m} IS NOT NULL
JOIN accounts_person p ON p.id = a.person_id AND p.excluded_by = ''
WHERE m.kind = 'conversion' AND m.noticed_at >= now() - make_interval(mins => %(minutes)s)
  AND NOT EXISTS (SELECT FROM outreach_outcome o WHERE o.moment_id = m.id)
ORDER BY m.at, m.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF m SKIP LOCKED

-- name: worked
-- The last touch and the last item closed as done before each of some moments in time. Grain: (number, touch or done).
-- Indexes touch_account, queue_item_account. Parameters: numbers, accounts, ats.
SELECT want.number, w.at, w.item_id, w.play_id, p.name AS play, w.is_touch
FROM unnest(%(numbers)s::int[], %(accounts)s::int[], %(ats)s::timestamptz[]) AS want (number, account_id, at)
CROSS JOIN LATERAL (
  (SELECT t.at, t.item_id, t.play_id, true AS is_touch FROM outreach_touch t
   WHERE t.account_id = want.account_id AND t.at < want.at AND t.item_id IS NOT NULL AND t.undone_at IS NULL
   ORDER BY t.at DESC, t.item_id DESC LIMIT 1)
  UNION ALL
  (SELECT i.closed_at, i.id, i.play_id, false FROM outreach_queueitem i
   WHERE i.account_id = want.account_id AND i.state = 'done' AND i.closed_at < want.at
   ORDER BY i.closed_at DESC, i.id DESC LIMIT 1)
) w
JOIN outreach_play p ON p.id = w.play_id

-- name: new_outcomes
-- One outcome a conversion, whoever else credits it at the same time. Parameter: outcomes (JSON list).
INSERT INTO outreach_outcome (account_id, play_id, item_id, kind, amount, currency, moment_id, credit, at)
SELECT account, play, item, 'won', amount, currency, moment, credit, at
FROM jsonb_to_recordset(%(outcomes)s::jsonb) AS new (
  account int, play int, item int, amount numeric, currency text, moment int, credit text, at timestamptz)
ON CONFLICT (moment_id) DO NOTHING
RETURNING id

-- name: said_before
-- A deal that a rep has logged, and that the product reports too, is counted once: the event's row takes over what
-- the rep said of it, and the rep's row is kept as undone. Parameters: outcomes (ids), days, now.
WITH pair AS (
  SELECT DISTINCT ON (said.id) said.id AS said, told.id AS told, said.play_id, said.item_id, said.user_id, said.credit
  FROM outreach_outcome told
  JOIN outreach_outcome said ON said.account_id = told.account_id AND said.moment_id IS NULL AND said.kind = 'won'
    AND said.undone_at IS NULL AND said.amount = told.amount AND said.currency = told.currency
    AND abs(extract(epoch FROM said.at - told.at)) <= 86400 * %(days)s
  WHERE told.id = ANY (%(outcomes)s)
  ORDER BY said.id, told.at, told.id
), taken_over AS (
  UPDATE outreach_outcome o SET play_id = coalesce(pair.play_id, o.play_id),
    item_id = CASE WHEN pair.play_id IS NULL THEN o.item_id ELSE pair.item_id END,
    user_id = pair.user_id, credit = left('From the product, already logged. ' || pair.credit, 300)
  FROM pair WHERE o.id = pair.told
)
UPDATE outreach_outcome o SET undone_at = %(now)s, credit = left('Already counted, from the product. ' || o.credit, 300)
FROM pair WHERE o.id = pair.said

-- name: follow_accounts
-- The account of a conversion follows the workspace or person it came from where that is corrected; whoever moves leaves
-- what was won where it was. What was credited stays. Grain: outcome.
-- Gives the accounts that they were of and are of now.
UPDATE outreach_outcome o SET account_id = b.account_on
FROM (
  SELECT b.id, b.account_id, {account_on:a,m} AS account_on
  FROM outreach_outcome b JOIN signals_moment m ON m.id = b.moment_id JOIN accounts_actor a ON a.id = m.actor_id
) b
WHERE b.id = o.id AND b.account_on <> b.account_id
RETURNING b.account_id, o.account_id

-- name: drop_excluded
-- Conversions of people who are excluded by now; credited again should the exclusion be lifted. Gives their accounts.
DELETE FROM outreach_outcome o
USING signals_moment m JOIN accounts_actor a ON a.id = m.actor_id JOIN accounts_person p ON p.id = a.person_id
WHERE m.id = o.moment_id AND p.excluded_by <> '' AND o.undone_at IS NULL
RETURNING o.account_id

-- name: mark_worked
-- When an item was first worked: its first mail or call that stands, or when it was closed as done. Parameter: item.
UPDATE outreach_queueitem i SET worked_at = least(
  (SELECT min(t.at) FROM outreach_touch t WHERE t.item_id = i.id AND t.undone_at IS NULL AND t.channel <> 'note'),
  CASE WHEN i.state = 'done' THEN i.closed_at END)
WHERE i.id = %(item)s
