-- name: moments
-- A moment for each account that gets an item; which play it is for follows from the account.
INSERT INTO signals_moment (kind, cause, account_id, trigger_id, at, noticed_at, facts)
SELECT 'trigger', 'bench-' || a.id, a.id, (%(triggers)s::int[])[1 + a.id %% 5], t.at, t.at, '{}'
FROM accounts_account a
CROSS JOIN LATERAL (SELECT now() - make_interval(mins => (hashint4(a.id) & 16383))) AS t (at)
WHERE a.id BETWEEN %(first)s AND %(last)s

-- name: decisions
INSERT INTO outreach_playdecision (play_id, moment_id, account_id, state, guard, reason, checks, decided_at)
SELECT p.id, m.id, m.account_id, 'fired', '', t.name, %(checks)s::jsonb, m.at
FROM signals_moment m JOIN signals_trigger t ON t.id = m.trigger_id JOIN outreach_play p ON p.trigger_id = t.id
WHERE m.account_id BETWEEN %(first)s AND %(last)s AND m.cause LIKE 'bench-%%'

-- name: items
-- Every fiftieth has no rep yet. Accounts whose people and usage are known come first, so that pages have to show them.
INSERT INTO outreach_queueitem
  (account_id, play_id, decision_id, rep_id, state, why_now, facts, facts_as_of, sla_class, priority, priority_parts,
   due_at, created_at, dismiss_reason, disposition, note)
SELECT d.account_id, d.play_id, d.id,
       CASE WHEN h %% 50 = 0 THEN NULL ELSE (%(reps)s::int[])[1 + h %% cardinality(%(reps)s::int[])] END,
       'open', format('%%s people active in 30 days, %%s in the 30 before; 4 core features in use, not paying.',
                      8 + h %% 30, 3 + h %% 17),
       %(facts)s::jsonb, d.decided_at, CASE WHEN d.account_id <= %(known)s THEN 1 ELSE 2 END, (h %% 1000000) / 1e5,
       '{"formula": "10.0%% chance x 14,400 a year = 1,440; doubles for every 7 days of waiting"}',
       d.decided_at + interval '2 days', d.decided_at, '', '', ''
FROM outreach_playdecision d
CROSS JOIN LATERAL (SELECT hashint4(d.account_id * 3) & 1073741823) AS hash (h)
WHERE d.account_id BETWEEN %(first)s AND %(last)s
