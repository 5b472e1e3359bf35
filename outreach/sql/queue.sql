-- The queue page: what a rep works on, and what a manager looks at. Order everywhere: sla_class, priority DESC, id.
-- Parameters everywhere: all (everybody's items), rep (else whose), team (whose unassigned items stand among theirs, or
-- null), play (slug, or '' for any), and of the place after which a page begins: after_class (null: the top),
-- after_priority, after_id.
-- pieces from: accounts/sql/users.sql outreach/sql/access.sql outreach/sql/messages.sql

-- name: of_play
-- A condition: whether item `i` is one of the play asked for.
(%(play)s = '' OR i.play_id = (SELECT p.id FROM outreach_play p WHERE p.slug = %(play)s))

-- name: below
-- A condition: whether item `i` stands below the place where the page before ended. Its first line is for the index.
(%(after_class)s::int IS NULL OR (i.sla_class >= %(after_class)s::int
  AND (i.sla_class > %(after_class)s::int
    OR i.priority < %(after_priority)s::float8
    OR (i.priority = %(after_priority)s::float8 AND i.id > %(after_id)s::int))))

-- name: waiting_items
-- The first items to work on: `visible_item` taken apart (whoever holds an item is its rep), so that each part is one
-- scan of an index in its order, up to the limit. Grain: item. First own items, or everybody's: index queue_item_of_rep
-- or queue_item_of_all. Then unassigned items of the plays that the team works: ordered by rep_id too, so that
-- queue_item_of_rep serves the order.
(SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
 WHERE i.state IN ('open', 'claimed') AND (%(all)s OR i.rep_id = %(rep)s) AND {of_play} AND {below}
 ORDER BY i.sla_class, i.priority DESC, i.id LIMIT %(limit)s)
UNION ALL
(SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
 WHERE %(team)s::int IS NOT NULL AND i.state IN ('open', 'claimed') AND i.rep_id IS NULL AND {of_play} AND {below}
   AND i.play_id = ANY (ARRAY(SELECT p.id FROM outreach_play p WHERE p.team_id = %(team)s))
 ORDER BY i.rep_id, i.sla_class, i.priority DESC, i.id LIMIT %(limit)s)

-- name: snoozed_items
-- Own items, or everybody's, that sleep. Grain: item. Index queue_item_waking: they are few.
SELECT i.id, i.sla_class, i.priority, i.play_id FROM outreach_queueitem i
WHERE i.state = 'snoozed' AND (%(all)s OR i.rep_id = %(rep)s) AND {of_play} AND {below}
ORDER BY i.sla_class, i.priority DESC, i.id LIMIT %(limit)s

-- name: picked_items
-- What a list is about. Parameter: snoozed (those that sleep instead). Grain: item.
SELECT id, sla_class, priority FROM ({waiting_items}) waiting WHERE NOT %(snoozed)s
UNION ALL
SELECT id, sla_class, priority FROM ({snoozed_items}) asleep WHERE %(snoozed)s

-- name: listed
-- The rows of the list. Grain: item.
WITH picked AS MATERIALIZED (
  SELECT id FROM ({picked_items}) items ORDER BY sla_class, priority DESC, id LIMIT %(limit)s
)
SELECT i.id, i.sla_class, i.priority, i.account_id, a.name AS account, coalesce(a.domain, '') AS domain,
       p.slug AS play_slug, p.name AS play, i.why_now, i.state, i.due_at, i.snoozed_until,
       s.points, coalesce(s.qualified, false) AS qualified,
       coalesce(i.claimed_by_id, 0) AS claimed_by_id, {user_name:u} AS held_by, i.rep_id IS NULL AS unassigned
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
-- The first item of the list, or no row.
SELECT id FROM ({picked_items}) items ORDER BY sla_class, priority DESC, id LIMIT 1

-- name: counts
-- One queue in numbers: how many wait by play, capped; how many are snoozed, capped; done since midnight, capped.
-- Grain: (what, play). Index queue_item_closed.
SELECT 'play' AS what, p.id AS play_id, p.slug, p.name, count(*)::int AS number, NULL::timestamptz AS at
FROM ({waiting_items}) waiting JOIN outreach_play p ON p.id = waiting.play_id GROUP BY p.id
UNION ALL
SELECT 'done' AS what, 0 AS play_id, '' AS slug, '' AS name, count(*)::int AS number, NULL AS at FROM (
  SELECT FROM outreach_queueitem i
  WHERE i.rep_id = %(rep)s AND i.closed_at >= %(midnight)s AND i.state IN ('done', 'dismissed') LIMIT 1000
) closed
UNION ALL
{counts_of_any}

-- name: counts_of_all
-- The same for everybody's items: each play by itself, so that a rare play is not hidden by a common one.
-- Grain: (what, play). Index queue_item_one_open (play, account).
SELECT 'play' AS what, p.id AS play_id, p.slug, p.name, n.waiting AS number, NULL::timestamptz AS at FROM outreach_play p
CROSS JOIN LATERAL (
  SELECT count(*)::int AS waiting FROM (
    SELECT FROM outreach_queueitem i
    WHERE i.play_id = p.id AND i.state IN ('open', 'claimed') AND i.state IN ('open', 'claimed', 'snoozed')
    LIMIT 101
  ) c
) n
WHERE n.waiting > 0
UNION ALL
{counts_of_any}

-- name: counts_of_any
-- What both count alike: the snoozed, capped; the newest item there is; the oldest mark not yet scored. Grain: what.
SELECT 'snoozed' AS what, 0 AS play_id, '' AS slug, '' AS name, count(*)::int AS number, NULL AS at
FROM ({snoozed_items}) asleep
UNION ALL
SELECT 'newest' AS what, 0 AS play_id, '' AS slug, '' AS name, coalesce(max(i.id), 0) AS number, NULL AS at
FROM outreach_queueitem i
UNION ALL
SELECT 'unscored' AS what, 0 AS play_id, '' AS slug, '' AS name, 0 AS number,
       (SELECT t.at FROM accounts_dirtymark t ORDER BY t.id LIMIT 1) AS at

-- name: waiting
-- For the frame of every page: items that wait for the viewer, capped, and the oldest mark not yet scored. One row.
SELECT (SELECT count(*)::int FROM ({waiting_items}) waiting) AS items,
       (SELECT t.at FROM accounts_dirtymark t ORDER BY t.id LIMIT 1) AS oldest_unscored_at

-- name: arrived
-- Items of the list that came after the newest one that the viewer knows, capped. Primary key, from the end.
SELECT count(*)::int AS arrived FROM (
  SELECT FROM outreach_queueitem i
  JOIN outreach_play p ON p.id = i.play_id
  WHERE i.id > %(newest)s AND i.state IN ('open', 'claimed') AND {of_play} AND {visible_item:i,p}
  LIMIT 100
) n

-- name: opened
-- Everything an opened item says of itself. One row, or none where the viewer may not see it. Primary key.
SELECT i.id, i.account_id, p.slug AS play_slug, p.name AS play, p.goal, p.persona, i.state, i.why_now,
       i.facts, i.facts_as_of, i.sla_class, i.priority, i.priority_parts, i.due_at, i.created_at, i.snoozed_until,
       i.closed_at, i.disposition, i.dismiss_reason, i.note, d.checks, d.reason,
       coalesce(i.rep_id, 0) AS rep_id, {user_name:r} AS rep,
       coalesce(i.claimed_by_id, 0) AS claimed_by_id, {user_name:c} AS claimed_by,
       coalesce(i.person_id, 0) AS person_id, t.name AS team, m.desk
FROM outreach_queueitem i
CROSS JOIN LATERAL ({desk:i}) m
JOIN outreach_play p ON p.id = i.play_id
JOIN outreach_team t ON t.id = p.team_id
JOIN outreach_playdecision d ON d.id = i.decision_id
LEFT JOIN auth_user r ON r.id = i.rep_id
LEFT JOIN auth_user c ON c.id = i.claimed_by_id
WHERE i.id = %(item)s AND {visible_item:i,p}

-- name: reps
-- Who can be handed an item: active users who work a queue. Grain: user.
SELECT r.user_id AS id, {user_name:u} AS name, t.name AS team, r.taking_items
FROM outreach_rep r JOIN auth_user u ON u.id = r.user_id JOIN outreach_team t ON t.id = r.team_id
WHERE u.is_active ORDER BY name, r.user_id
