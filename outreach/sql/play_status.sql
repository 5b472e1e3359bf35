-- Why an account is on the queue, or why it is not.
-- pieces from: accounts/sql/users.sql

-- name: plays
-- What each play makes of an account now. Grain: play, in their order. Index queue_item_one_open, play_decision_account,
-- queue_item_account.
SELECT p.id, p.slug, p.name, p.on_hand_raise, t.name AS trigger, t.rule, st.triggers ->> t.slug AS true_since,
       coalesce(i.id, 0) AS item_id, coalesce(i.state, '') AS item_state, coalesce(i.why_now, '') AS why_now,
       coalesce(i.snoozed_until, i.due_at) AS item_at, {user_name:u} AS who,
       coalesce(d.guard, '') AS guard, coalesce(d.reason, '') AS reason, d.recheck_at,
       coalesce(closed.state, '') AS closed_state, closed.closed_at,
       (SELECT jsonb_object_agg(g.slug, g.name) FROM signals_signal g) AS names
FROM outreach_play p
LEFT JOIN signals_trigger t ON t.id = p.trigger_id
LEFT JOIN signals_accountstate st ON st.account_id = %(account)s
LEFT JOIN outreach_queueitem i ON i.play_id = p.id AND i.account_id = %(account)s
  AND i.state IN ('open', 'claimed', 'snoozed')
LEFT JOIN auth_user u ON u.id = coalesce(i.claimed_by_id, i.rep_id)
LEFT JOIN LATERAL (
  SELECT x.guard, x.reason, x.recheck_at FROM outreach_playdecision x
  WHERE x.account_id = %(account)s AND x.play_id = p.id AND x.state = 'held' ORDER BY x.decided_at DESC LIMIT 1
) d ON true
LEFT JOIN LATERAL (
  SELECT x.state, x.closed_at FROM outreach_queueitem x
  WHERE x.account_id = %(account)s AND x.play_id = p.id AND x.closed_at IS NOT NULL ORDER BY x.closed_at DESC LIMIT 1
) closed ON true
WHERE p.active OR i.id IS NOT NULL OR d.guard IS NOT NULL
ORDER BY p.position, p.id
