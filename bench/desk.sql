-- name: event_names
INSERT INTO signals_eventname (source_id, kind, name)
SELECT %(source)s, 1, unnest(%(names)s::text[]) ON CONFLICT DO NOTHING

-- name: events_of_day
-- Raw events behind the activity of a day: as many as were counted, three an actor at most.
INSERT INTO signals_event
  (source_id, signals_version, message_id, actor_id, kind, clock, timestamp, received_at, name_id, payload)
SELECT %(source)s, 1, u.actor_id || '-' || u.day || '-' || n, u.actor_id, 1, 0, t.at, t.at, e.id,
       json_build_object('type', 'track', 'event', e.name, 'properties', json_build_object('board', 'Roadmap ' || n))
FROM signals_usage u
CROSS JOIN LATERAL generate_series(1, least(u.count, 3)) n
CROSS JOIN LATERAL (SELECT hashint4(u.actor_id * 8 + n) & 1023) AS hash (h)
CROSS JOIN LATERAL (SELECT (u.day + make_interval(secs => 28800 + 30 * h)) AT TIME ZONE 'UTC') AS t (at)
JOIN (
  SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS of
  FROM signals_eventname WHERE source_id = %(source)s AND kind = 1
) e ON e.place = h %% e.of
WHERE u.day = %(day)s AND u.definition_id = %(activity)s

-- name: moments
-- Seven an account, over 120 days; the newest are the ones that still wait.
INSERT INTO signals_moment (kind, cause, account_id, trigger_id, at, noticed_at, facts)
SELECT 'trigger', format('desk-%%s-%%s', a.id, k), a.id, (%(triggers)s::int[])[1 + (a.id + k) %% 5], t.at, t.at, '{}'
FROM accounts_account a CROSS JOIN generate_series(0, 6) k
CROSS JOIN LATERAL (SELECT now() - make_interval(mins => k * 28800 + (hashint4(a.id + k) & 16383))) AS t (at)

-- name: decisions
-- One of eight is held back.
INSERT INTO outreach_playdecision (play_id, moment_id, account_id, state, guard, reason, checks, recheck_at, decided_at)
SELECT p.id, m.id, m.account_id, CASE WHEN held THEN 'held' ELSE 'fired' END, CASE WHEN held THEN 'cool_down' ELSE '' END,
       CASE WHEN held THEN 'FactMark to eight days ago: waits for 14.' ELSE t.name END, %(checks)s::jsonb,
       CASE WHEN held THEN now() + interval '30 days' END, m.at
FROM signals_moment m JOIN signals_trigger t ON t.id = m.trigger_id JOIN outreach_play p ON p.trigger_id = t.id
CROSS JOIN LATERAL (SELECT hashint4(m.id) & 7 = 0) AS chance (held)
WHERE m.cause LIKE 'desk-%%'

-- name: items
-- The newest of each account and play is open where chance has it; the others were worked, dismissed or expired.
INSERT INTO outreach_queueitem
  (account_id, person_id, play_id, decision_id, rep_id, state, why_now, facts, facts_as_of, sla_class, priority,
   priority_parts, due_at, created_at, closed_at, closed_by_id, dismiss_reason, disposition, note)
SELECT d.account_id, (SELECT min(p.id) FROM accounts_person p WHERE p.account_id = d.account_id), d.play_id, d.id,
       CASE WHEN h & 63 = 0 AND now_state = 'open' THEN NULL ELSE rep END, now_state,
       format('%%s people active in 30 days, %%s in the 30 before; 4 core features in use, not paying.',
              8 + h %% 30, 3 + h %% 17),
       %(facts)s::jsonb, d.decided_at, 1 + (h & 1), (h %% 1000000) / 1e5,
       '{"formula": "10.0%% chance x 14,400 a year = 1,440; doubles for every 7 days of waiting"}',
       d.decided_at + interval '2 days', d.decided_at,
       CASE WHEN now_state <> 'open' THEN d.decided_at + make_interval(hours => 1 + (h & 63)) END,
       CASE WHEN now_state IN ('done', 'dismissed') THEN rep END,
       CASE WHEN now_state = 'dismissed' THEN 'bad-timing' ELSE '' END, CASE WHEN now_state = 'done' THEN 'wrote' ELSE '' END, ''
FROM (
  SELECT d.*, row_number() OVER (PARTITION BY account_id, play_id ORDER BY decided_at DESC) AS age
  FROM outreach_playdecision d WHERE d.state = 'fired'
) d
CROSS JOIN LATERAL (SELECT hashint4(d.account_id * 7 + d.play_id) & 1073741823) AS hash (h)
CROSS JOIN LATERAL (SELECT CASE
  WHEN d.age = 1 AND h & 3 = 0 THEN 'open' WHEN h & 4 = 0 THEN 'done' WHEN h & 8 = 0 THEN 'dismissed' ELSE 'expired'
END, (%(reps)s::int[])[1 + (h >> 8) %% cardinality(%(reps)s::int[])]) AS made (now_state, rep)

-- name: touches
INSERT INTO outreach_touch (account_id, person_id, item_id, play_id, user_id, channel, subject, body, facts, at)
SELECT i.account_id, i.person_id, i.id, i.play_id, i.closed_by_id, 'email', 'Your boards', 'Hello', '{}', i.closed_at
FROM outreach_queueitem i WHERE i.state = 'done'

-- name: outcomes
-- A meeting of every fifth touch, a sale of every twentieth, and as many sales that nobody helped with.
INSERT INTO outreach_outcome (account_id, play_id, item_id, kind, amount, currency, user_id, credit, at)
SELECT t.account_id, play, item, kind, amount, CASE WHEN amount IS NULL THEN '' ELSE 'EUR' END, t.user_id,
       'Closed by the rep', t.at + interval '3 days'
FROM outreach_touch t
CROSS JOIN LATERAL (VALUES
  (5, t.play_id, t.item_id, 'meeting', NULL::numeric), (20, t.play_id, t.item_id, 'won', 900), (20, NULL, NULL, 'won', 450)
) AS o (every, play, item, kind, amount)
WHERE (hashint4(t.id) & 1073741823) %% o.every = 0

-- name: owners
INSERT INTO accounts_assignment (account_id, rep_id, reason, started_at)
SELECT id, (%(reps)s::int[])[1 + id %% cardinality(%(reps)s::int[])], 'Existing customer list', now()
FROM accounts_account WHERE id %% 3 = 0
