-- The queue page. Branches pick ids in the order of the queue and stop at the limit; the rest joins what a row shows.
-- Order everywhere: sla_class, priority DESC, id.
-- pieces from: accounts/sql/users.sql

-- name: branch_of_rep
-- Own items. Index queue_item_of_rep. Parameters: rep, limit.
SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
WHERE i.state IN ('open', 'claimed') AND i.rep_id = %(rep)s {and_play} {and_after}
ORDER BY i.sla_class, i.priority DESC, i.id LIMIT %(limit)s

-- name: branch_of_team
-- Unassigned items of the plays a team works. Ordered by rep_id too, so that queue_item_of_rep serves the order.
SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
WHERE i.state IN ('open', 'claimed') AND i.rep_id IS NULL {and_play} {and_after}
  AND i.play_id = ANY (ARRAY(SELECT p.id FROM outreach_play p WHERE p.team_id = %(team)s))
ORDER BY i.rep_id, i.sla_class, i.priority DESC, i.id LIMIT %(limit)s

-- name: branch_of_all
-- Everybody's. Index queue_item_of_all.
SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
WHERE i.state IN ('open', 'claimed') {and_play} {and_after}
ORDER BY i.sla_class, i.priority DESC, i.id LIMIT %(limit)s

-- name: branch_snoozed_of_rep
-- Index queue_item_waking: snoozed items are few.
SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
WHERE i.state = 'snoozed' AND i.rep_id = %(rep)s {and_play} {and_after}
ORDER BY i.sla_class, i.priority DESC, i.id LIMIT %(limit)s

-- name: branch_snoozed_of_all
-- Branch: what anybody snoozed, for those who see all.
SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
WHERE i.state = 'snoozed' {and_play} {and_after}
ORDER BY i.sla_class, i.priority DESC, i.id LIMIT %(limit)s

-- name: and_play
-- Piece: of one play only.
AND i.play_id = (SELECT p.id FROM outreach_play p WHERE p.slug = %(play)s)

-- name: and_after
-- Piece: behind the last row of the page before, in working order.
AND i.sla_class >= %(after_class)s
  AND (i.sla_class > %(after_class)s
    OR i.priority < %(after_priority)s
    OR (i.priority = %(after_priority)s AND i.id > %(after_id)s))

-- name: listed
-- One row of the list an item. Grain: item.
WITH picked AS MATERIALIZED (
  SELECT id FROM ({branches}) b ORDER BY sla_class, priority DESC, id LIMIT %(limit)s
)
SELECT i.id, i.sla_class, i.priority, i.account_id, a.name, coalesce(a.domain, ''), p.slug, p.name, i.why_now, i.state,
       i.due_at, i.snoozed_until, s.points, coalesce(s.qualified, false),
       coalesce(i.claimed_by_id, 0), {user_name:u},
       i.rep_id IS NULL
FROM picked
JOIN outreach_queueitem i USING (id)
JOIN accounts_account a ON a.id = i.account_id
JOIN outreach_play p ON p.id = i.play_id
LEFT JOIN auth_user u ON u.id = coalesce(i.claimed_by_id, i.rep_id)
LEFT JOIN LATERAL (
  SELECT s.points, s.qualified FROM signals_score s
  WHERE s.account_id = i.account_id AND s.person_id IS NULL
  ORDER BY s.points DESC, s.scoring_model_id LIMIT 1
) s ON true
ORDER BY i.sla_class, i.priority DESC, i.id

-- name: first_id
-- The first item of these branches in working order.
SELECT id FROM ({branches}) b ORDER BY sla_class, priority DESC, id LIMIT 1

-- name: counts
-- How many wait by play, capped; how many are snoozed, capped; done since midnight, capped; the newest item;
-- the oldest mark not yet scored. Rows: what, play, slug, name, number, time.
SELECT 'play', p.id, p.slug, p.name, count(*)::int, NULL::timestamptz
FROM ({branches}) b JOIN outreach_play p ON p.id = b.play_id GROUP BY p.id
UNION ALL
SELECT 'snoozed', 0, '', '', count(*)::int, NULL FROM ({snoozed}) z
UNION ALL
SELECT 'newest', 0, '', '', coalesce(max(i.id), 0), NULL FROM outreach_queueitem i
UNION ALL
SELECT 'unscored', 0, '', '', 0, (SELECT t.at FROM accounts_dirtymark t ORDER BY t.id LIMIT 1)
UNION ALL
SELECT 'done', 0, '', '', count(*)::int, NULL FROM (
  SELECT FROM outreach_queueitem i
  WHERE i.rep_id = %(rep)s AND i.closed_at >= %(midnight)s AND i.state IN ('done', 'dismissed') LIMIT 1000
) d

-- name: counts_of_all
-- The same for everybody's items: each play by itself, so that a rare play is not hidden by a common one.
-- Index queue_item_one_open (play, account).
SELECT 'play', p.id, p.slug, p.name, n.waiting, NULL::timestamptz FROM outreach_play p
CROSS JOIN LATERAL (
  SELECT count(*)::int AS waiting FROM (
    SELECT FROM outreach_queueitem i
    WHERE i.play_id = p.id AND i.state IN ('open', 'claimed') AND i.state IN ('open', 'claimed', 'snoozed')
    LIMIT 101
  ) c
) n
WHERE n.waiting > 0
UNION ALL
SELECT 'snoozed', 0, '', '', count(*)::int, NULL FROM ({snoozed}) z
UNION ALL
SELECT 'newest', 0, '', '', coalesce(max(i.id), 0), NULL FROM outreach_queueitem i
UNION ALL
SELECT 'unscored', 0, '', '', 0, (SELECT t.at FROM accounts_dirtymark t ORDER BY t.id LIMIT 1)

-- name: waiting
-- For the frame of every page: items that wait for the viewer, capped, and the oldest mark not yet scored.
SELECT (SELECT count(*)::int FROM ({branches}) b),
       (SELECT t.at FROM accounts_dirtymark t ORDER BY t.id LIMIT 1)

-- name: arrived
-- Items of the viewer that came after the newest one they know, capped. Primary key, from the end.
SELECT count(*)::int FROM (
  SELECT FROM outreach_queueitem i
  JOIN outreach_play p ON p.id = i.play_id
  WHERE i.id > %(newest)s AND i.state IN ('open', 'claimed') {and_play}
    AND (%(all)s OR i.rep_id = %(rep)s OR (i.rep_id IS NULL AND p.team_id = %(team)s))
  LIMIT 100
) n

-- name: opened
-- Everything an opened item says of itself. One row, or none where the viewer may not see it
-- (the same condition as access.visible_items).
SELECT i.id, i.account_id, p.slug, p.name, p.goal, p.persona, i.state, i.why_now, i.facts, i.facts_as_of,
       i.sla_class, i.priority, i.priority_parts, i.due_at, i.created_at, i.snoozed_until, i.closed_at,
       i.disposition, i.dismiss_reason, i.note, d.checks, d.reason,
       coalesce(i.rep_id, 0), {user_name:r},
       coalesce(i.claimed_by_id, 0), {user_name:c},
       coalesce(i.person_id, 0), t.name, m.desk
FROM outreach_queueitem i
CROSS JOIN LATERAL ({desk}) m
JOIN outreach_play p ON p.id = i.play_id
JOIN outreach_team t ON t.id = p.team_id
JOIN outreach_playdecision d ON d.id = i.decision_id
LEFT JOIN auth_user r ON r.id = i.rep_id
LEFT JOIN auth_user c ON c.id = i.claimed_by_id
WHERE i.id = %(item)s
  AND (%(all)s OR i.rep_id = %(viewer)s OR i.claimed_by_id = %(viewer)s
    OR (i.rep_id IS NULL AND p.team_id = %(team)s))

-- name: reps
-- Who can be handed an item: active users who work a queue.
SELECT r.user_id, {user_name:u}, t.name, r.taking_items
FROM outreach_rep r JOIN auth_user u ON u.id = r.user_id JOIN outreach_team t ON t.id = r.team_id
WHERE u.is_active ORDER BY 2, 1
