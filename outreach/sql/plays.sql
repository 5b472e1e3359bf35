-- From moment to queue item. Whoever decides holds the rows it decides about; docs/explain/plays.md says the order.
-- pieces from: accounts/sql/links.sql

-- name: lock_accounts
-- Waits for whoever decides about one of these accounts now. Parameters: kind, accounts.
SELECT pg_advisory_xact_lock(%(kind)s::int, id)
FROM (SELECT DISTINCT unnest(%(accounts)s::int[]) AS id ORDER BY 1) wanted

-- name: of_no_company
-- Whole people of no account who made a request of late that a play answers. Nobody who is excluded, and no flood.
-- Parameters: minutes (as in new_candidates), too_old (requests made before), limit.
SELECT DISTINCT p.id
FROM signals_moment m
JOIN accounts_actor a ON a.id = m.actor_id AND a.account_id IS NULL
JOIN accounts_person p ON p.id = a.person_id AND p.excluded_by = ''
WHERE m.kind = 'hand' AND m.account_id IS NULL AND m.at >= %(too_old)s
  AND m.noticed_at >= greatest(now() - make_interval(mins => %(minutes)s), %(too_old)s)
  AND EXISTS (SELECT FROM outreach_play WHERE active AND on_hand_raise)
  AND NOT EXISTS (SELECT FROM signals_floodedrequest f WHERE f.moment_id = m.id AND f.released_at IS NULL)
LIMIT %(limit)s

-- name: new_candidates
-- Moments that an active play has not decided about yet, requests first. Grain: (play, moment).
-- An anti-join, never "after the last id seen": transactions commit out of order.
-- Parameters: minutes (noticed in the last so many, by the database's clock; index moment_noticed), limit.
SELECT p.id AS play_id, m.id AS moment_id, 0 AS decision_id, m.at, {whose} AS account_id,
       a.person_id, m.facts AS said, coalesce(s.name, '') AS signal, '' AS held_by,
       m.kind = 'trigger' AND EXISTS (
         SELECT FROM signals_moment later
         WHERE later.account_id = m.account_id AND later.trigger_id = m.trigger_id AND later.at > m.at
       ) AS superseded,
       EXISTS (SELECT FROM signals_floodedrequest f WHERE f.moment_id = m.id AND f.released_at IS NULL) AS flooded
FROM signals_moment m
JOIN outreach_play p ON p.active AND (p.trigger_id = m.trigger_id OR (p.on_hand_raise AND m.kind = 'hand'))
LEFT JOIN accounts_actor a ON a.id = m.actor_id
LEFT JOIN accounts_account own ON own.id = m.account_id
LEFT JOIN signals_signal s ON s.id = m.signal_id
WHERE m.noticed_at >= now() - make_interval(mins => %(minutes)s)
  AND NOT EXISTS (SELECT FROM outreach_playdecision d WHERE d.play_id = p.id AND d.moment_id = m.id)
ORDER BY p.on_hand_raise DESC, p.position, m.at, m.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF m SKIP LOCKED

-- name: whose
-- A piece: the account of a moment; one that was scored while it was being joined to another counts for that.
coalesce(own.joined_into_id, own.id, {account_on:a,m})

-- name: held_candidates
-- Held decisions to look at again: the time has come (index play_decision_held), the missing account has appeared,
-- or the account has changed since. Grain: decision. Parameters: now, since (states changed at or after), too_old, limit.
WITH due AS (
  (SELECT d.id FROM outreach_playdecision d WHERE d.state = 'held' AND d.recheck_at <= %(now)s
   ORDER BY d.recheck_at LIMIT %(limit)s)
  UNION
  (SELECT d.id FROM outreach_playdecision d
   JOIN signals_moment m ON m.id = d.moment_id
   LEFT JOIN accounts_actor a ON a.id = m.actor_id
   WHERE d.state = 'held' AND d.recheck_at IS NULL
     AND (m.account_id IS NOT NULL OR {account_on:a,m} IS NOT NULL OR m.at < %(too_old)s)
   LIMIT %(limit)s)
  UNION
  (SELECT d.id FROM signals_accountstate s
   JOIN outreach_playdecision d ON d.account_id = s.account_id AND d.state = 'held' AND d.decided_at < s.changed_at
   WHERE s.changed_at >= %(since)s
   LIMIT %(limit)s)
)
SELECT p.id AS play_id, m.id AS moment_id, d.id AS decision_id, m.at,
       {whose} AS account_id, a.person_id, m.facts AS said, coalesce(s.name, '') AS signal,
       d.guard AS held_by,
       m.kind = 'trigger' AND EXISTS (
         SELECT FROM signals_moment later
         WHERE later.account_id = m.account_id AND later.trigger_id = m.trigger_id AND later.at > m.at
       ) AS superseded,
       EXISTS (SELECT FROM signals_floodedrequest f WHERE f.moment_id = m.id AND f.released_at IS NULL) AS flooded
FROM outreach_playdecision d
JOIN outreach_play p ON p.id = d.play_id
JOIN signals_moment m ON m.id = d.moment_id
LEFT JOIN accounts_actor a ON a.id = m.actor_id
LEFT JOIN accounts_account own ON own.id = m.account_id
LEFT JOIN signals_signal s ON s.id = m.signal_id
WHERE d.state = 'held' AND d.id IN (SELECT id FROM due)
ORDER BY p.on_hand_raise DESC, p.position, m.at, m.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF d SKIP LOCKED

-- name: account_names
-- Grain: account. Parameter: accounts.
SELECT id, name FROM accounts_account WHERE id = ANY(%s::int[])

-- name: live_items_of
-- The plays that have a live item for these accounts. Grain: item. Parameter: accounts.
SELECT i.account_id, i.play_id, p.name FROM outreach_queueitem i JOIN outreach_play p ON p.id = i.play_id
WHERE i.account_id = ANY(%s::int[]) AND i.state IN ('open', 'claimed', 'snoozed')

-- name: worked_items_of
-- When each play's item was closed last by who worked it, the earliest first. Expired ones are left out: the reason
-- went away and nobody was contacted. Grain: account, play. Parameter: accounts.
SELECT w.account_id, w.play_id, p.name, w.last FROM (
  SELECT account_id, play_id, max(closed_at) AS last FROM outreach_queueitem
  WHERE account_id = ANY(%s::int[]) AND state IN ('done', 'dismissed') GROUP BY account_id, play_id
) w JOIN outreach_play p ON p.id = w.play_id
ORDER BY w.last

-- name: wholly_excluded
-- Accounts of which everybody known is excluded: one colleague, say a tester, must not silence a whole company.
-- Grain: account. Parameter: accounts.
SELECT one.account_id, min(one.excluded_by) FROM accounts_person one
WHERE one.account_id = ANY(%s::int[]) AND one.merged_into_id IS NULL AND one.excluded_by <> ''
  AND NOT EXISTS (SELECT FROM accounts_person p
                  WHERE p.account_id = one.account_id AND p.merged_into_id IS NULL AND p.excluded_by = '')
GROUP BY one.account_id

-- name: owners_of
-- Whoever owns the account and is there; while the owner is on leave, the team takes turns. An owner who was switched
-- off is no owner: their accounts must not wait for nobody. Grain: account. Parameter: accounts.
SELECT o.account_id, o.rep_id FROM accounts_assignment o JOIN auth_user u ON u.id = o.rep_id
LEFT JOIN outreach_rep r ON r.user_id = u.id
WHERE o.account_id = ANY(%s::int[]) AND o.ended_at IS NULL AND u.is_active AND r.taking_items IS NOT false

-- name: new_decisions
-- What was decided of new candidates; those that another worker decided in the meantime do not come back.
-- Parameter: decisions (JSON list).
INSERT INTO outreach_playdecision
  (play_id, moment_id, account_id, state, guard, reason, checks, recheck_at, decided_at)
SELECT play, moment, account, state, guard, reason, checks, recheck_at, decided_at
FROM jsonb_to_recordset(%(decisions)s::jsonb) AS new (
  play int, moment int, account int, state text, guard text, reason text, checks jsonb,
  recheck_at timestamptz, decided_at timestamptz)
ON CONFLICT (play_id, moment_id) DO NOTHING
RETURNING play_id, moment_id, id

-- name: changed_decisions
-- What was decided of decisions that were held, or of fired ones that found an item already open.
-- Parameter: decisions (JSON list). The rows are locked by the caller.
UPDATE outreach_playdecision d
SET account_id = new.account, state = new.state, guard = new.guard, reason = new.reason, checks = new.checks,
    recheck_at = new.recheck_at, decided_at = new.decided_at
FROM jsonb_to_recordset(%(decisions)s::jsonb) AS new (
  id int, account int, state text, guard text, reason text, checks jsonb,
  recheck_at timestamptz, decided_at timestamptz)
WHERE d.id = new.id

-- name: new_items
-- Opens items; where one of the play is open for the account already, none comes back (queue_item_one_open).
-- Parameter: items (JSON list).
INSERT INTO outreach_queueitem
  (account_id, person_id, play_id, decision_id, rep_id, state, why_now, facts, facts_as_of, sla_class, priority,
   priority_parts, due_at, created_at, dismiss_reason, disposition, note)
SELECT account, person, play, decision, rep, 'open', why_now, facts, facts_as_of, sla_class, priority,
       priority_parts, due_at, created_at, '', '', ''
FROM jsonb_to_recordset(%(items)s::jsonb) AS new (
  account int, person int, play int, decision int, rep int, why_now text, facts jsonb, facts_as_of timestamptz,
  sla_class int, priority float8, priority_parts jsonb, due_at timestamptz, created_at timestamptz)
ON CONFLICT (play_id, account_id) WHERE state IN ('open', 'claimed', 'snoozed') DO NOTHING
RETURNING decision_id

-- name: stale_items
-- Live items whose account was measured again since their sentence was written. Grain: item.
-- Parameters: since (index account_state_changed), limit.
SELECT i.id
FROM signals_accountstate s
JOIN outreach_queueitem i ON i.account_id = s.account_id AND i.state IN ('open', 'claimed', 'snoozed')
WHERE s.changed_at >= %(since)s AND s.changed_at > i.facts_as_of
ORDER BY i.id
LIMIT %(limit)s
FOR NO KEY UPDATE OF i SKIP LOCKED

-- name: refreshed_items
-- Today's sentences. Parameter: items (JSON list). The rows are locked by the caller.
UPDATE outreach_queueitem i
SET why_now = new.why_now, facts = new.facts, facts_as_of = new.facts_as_of, priority = new.priority,
    priority_parts = new.priority_parts, note = new.note
FROM jsonb_to_recordset(%(items)s::jsonb) AS new (
  id int, why_now text, facts jsonb, facts_as_of timestamptz, priority float8, priority_parts jsonb, note text)
WHERE i.id = new.id

-- name: people
-- Who could be spoken to: whole persons of some accounts, with their last 30 days. Grain: (account, person).
-- Excluded people and visitors without name and address are left out. Parameters: accounts, since, until (days).
WITH activity AS MATERIALIZED (
  SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
  WHERE s.slug = 'activity' AND d.state = 'current'
), used AS MATERIALIZED (
  SELECT a.account_id, a.person_id, count(DISTINCT u.day)::int AS days, max(u.day) AS last
  FROM accounts_actor a
  JOIN signals_usage u ON u.actor_id = a.id AND u.definition_id = (SELECT id FROM activity)
    AND u.day BETWEEN greatest(%(since)s, coalesce(a.account_since, '-infinity'::date)) AND %(until)s
  WHERE a.account_id = ANY (%(accounts)s)
  GROUP BY a.account_id, a.person_id
), who AS MATERIALIZED (
  SELECT account_id, person_id FROM accounts_actor WHERE account_id = ANY (%(accounts)s)
  UNION
  SELECT account_id, id FROM accounts_person WHERE account_id = ANY (%(accounts)s) AND merged_into_id IS NULL
)
SELECT w.account_id, p.id AS person_id, p.name, p.email, p.title, coalesce(u.days, 0) AS active_days,
       u.last AS last_active_on, p.is_product_admin AS is_admin
FROM who w
JOIN accounts_person p ON p.id = w.person_id AND p.excluded_by = '' AND (p.name <> '' OR p.email <> '')
LEFT JOIN used u ON u.account_id = w.account_id AND u.person_id = w.person_id

-- name: histories
-- Items that reps closed since a day, and how many of them led to a meeting, an opportunity or a deal. Grain: play.
-- Index queue_item_by_closing. Parameters: plays, since.
SELECT i.play_id, count(*)::int AS closed, count(came.item_id)::int AS met
FROM outreach_queueitem i
LEFT JOIN (
  SELECT DISTINCT o.item_id FROM outreach_outcome o
  WHERE o.item_id IS NOT NULL AND o.undone_at IS NULL AND o.kind IN ('meeting', 'opportunity', 'won')
) came ON came.item_id = i.id
WHERE i.play_id = ANY (%(plays)s) AND i.state IN ('done', 'dismissed') AND i.closed_at >= %(since)s
GROUP BY i.play_id

-- name: go_live
-- Only the first time: later the date stays.
UPDATE signals_configuration SET live_since = %(now)s WHERE live_since IS NULL
