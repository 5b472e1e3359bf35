-- The manager's page. Counts stop at a limit and ranges come from two partial indexes, queue_item_play_due
-- (play, due) and queue_item_rep_due (rep, play, due), so that no block reads all that is open.
-- pieces from: accounts/sql/users.sql

-- name: loads
-- How each rep stands. Grain: active rep. Open and late: counted to %(most)s; `oldest` is that of those counted.
-- Worked and in time as in the report, dismissals apart, since %(week)s. Indexes queue_item_worked, queue_item_closed.
SELECT r.user_id AS id, {user_name:u} AS name, t.id AS team_id, t.name AS team, r.capacity, r.taking_items,
       waiting.items, waiting.claimed, waiting.oldest, late.items AS late, closed.today AS done_today,
       coalesce(worked.items, 0) AS worked, coalesce(worked.in_time, 0) AS worked_in_time, closed.dismissed
FROM outreach_rep r
JOIN auth_user u ON u.id = r.user_id AND u.is_active
JOIN outreach_team t ON t.id = r.team_id
CROSS JOIN LATERAL (
  SELECT count(*)::int AS items, (count(*) FILTER (WHERE x.state = 'claimed'))::int AS claimed, min(x.created_at) AS oldest
  FROM (
    SELECT i.state, i.created_at FROM outreach_queueitem i
    WHERE i.rep_id = r.user_id AND i.state IN ('open', 'claimed') LIMIT %(most)s
  ) x
) waiting
CROSS JOIN LATERAL (
  SELECT count(*)::int AS items FROM outreach_play p CROSS JOIN LATERAL (
    SELECT FROM outreach_queueitem i
    WHERE i.rep_id = r.user_id AND i.play_id = p.id AND i.state IN ('open', 'claimed') AND i.due_at < %(now)s
    LIMIT %(most)s
  ) x
) late
CROSS JOIN LATERAL (
  SELECT (count(*) FILTER (WHERE i.closed_at >= %(midnight)s AND i.state IN ('done', 'dismissed')))::int AS today,
         (count(*) FILTER (WHERE i.state = 'dismissed'))::int AS dismissed
  FROM outreach_queueitem i
  WHERE i.rep_id = r.user_id AND i.closed_at >= %(week)s
) closed
LEFT JOIN (
  SELECT i.rep_id, count(*)::int AS items, (count(*) FILTER (WHERE i.worked_in_time))::int AS in_time
  FROM outreach_queueitem i
  WHERE i.worked_at >= %(week)s
  GROUP BY i.rep_id
) worked ON worked.rep_id = r.user_id
ORDER BY t.name, late.items DESC, waiting.items DESC, 2, r.user_id LIMIT 200

-- name: ages
-- What waits by play and by how late it is. Grain: play. Each number is counted to %(most)s.
SELECT p.id, p.slug, p.name, t.name AS team, unassigned.items AS unassigned, ages.week, ages.days, ages.day, ages.today, ages.later
FROM outreach_play p
JOIN outreach_team t ON t.id = p.team_id
CROSS JOIN LATERAL (
  SELECT count(*)::int AS items FROM (
    SELECT FROM outreach_queueitem i
    WHERE i.rep_id IS NULL AND i.play_id = p.id AND i.state IN ('open', 'claimed') LIMIT %(most)s
  ) x
) unassigned
CROSS JOIN LATERAL (
  SELECT max(n) FILTER (WHERE place = 1) AS week, max(n) FILTER (WHERE place = 2) AS days,
         max(n) FILTER (WHERE place = 3) AS day, max(n) FILTER (WHERE place = 4) AS today,
         max(n) FILTER (WHERE place = 5) AS later
  FROM unnest(%(from)s::timestamptz[], %(until)s::timestamptz[]) WITH ORDINALITY AS span (since, until, place)
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS n FROM (
      SELECT FROM outreach_queueitem i
      WHERE i.play_id = p.id AND i.state IN ('open', 'claimed') AND i.due_at >= span.since AND i.due_at < span.until
      LIMIT %(most)s
    ) x
  ) counted
) ages
ORDER BY p.position, p.id

-- name: items
-- Items of the filters, the most overdue first: the first of each play, merged. Grain: item. Index queue_item_play_due.
-- Parameters: play ('' for any), rep (null for any), unassigned, due (before then; null), unclaimed, after_due (null: from
-- the top), after_id, limit.
WITH picked AS (
  SELECT x.id FROM outreach_play p
  CROSS JOIN LATERAL (
    SELECT i.id, i.due_at FROM outreach_queueitem i
    WHERE i.play_id = p.id AND i.state IN ('open', 'claimed')
      AND (%(rep)s::int IS NULL OR i.rep_id = %(rep)s::int)
      AND (NOT %(unassigned)s OR i.rep_id IS NULL)
      AND (%(due)s::timestamptz IS NULL OR i.due_at < %(due)s::timestamptz)
      AND (NOT %(unclaimed)s OR i.state = 'open')
      AND (%(after_due)s::timestamptz IS NULL OR (i.due_at, i.id) > (%(after_due)s::timestamptz, %(after_id)s))
    ORDER BY i.due_at, i.id LIMIT %(limit)s
  ) x
  WHERE %(play)s = '' OR p.slug = %(play)s
  ORDER BY x.due_at, x.id LIMIT %(limit)s
)
{lines_of_picked}

-- name: chosen_items
-- Items by id, as far as they wait, the most overdue first. Grain: item. Primary key. Parameter: ids.
WITH picked AS (
  SELECT i.id FROM outreach_queueitem i WHERE i.id = ANY (%(ids)s) AND i.state IN ('open', 'claimed')
)
{lines_of_picked}

-- name: lines_of_picked
-- What the page says of each item of `picked`. Grain: item.
SELECT i.id, i.account_id, a.name AS account, p.slug AS play_slug, p.name AS play, p.team_id, i.state, i.why_now,
       i.due_at, i.created_at, coalesce(i.rep_id, 0) AS rep_id, {user_name:r} AS rep, {user_name:c} AS claimed_by,
       coalesce(o.rep_id, 0) AS owner_id
FROM picked
JOIN outreach_queueitem i ON i.id = picked.id
JOIN outreach_play p ON p.id = i.play_id
JOIN accounts_account a ON a.id = i.account_id
LEFT JOIN auth_user r ON r.id = i.rep_id
LEFT JOIN auth_user c ON c.id = i.claimed_by_id
LEFT JOIN accounts_assignment o ON o.account_id = i.account_id AND o.ended_at IS NULL
ORDER BY i.due_at, i.id
