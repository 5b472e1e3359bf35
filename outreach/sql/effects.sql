-- What a change would do to the queues: reads only, and locks nothing.
-- pieces from: accounts/sql/links.sql

-- name: light_states
-- What the scorer saw of some accounts last, as text: most of it is not looked at. Grain: account.
SELECT account_id, measures::text, triggers::text, as_of FROM signals_accountstate
WHERE account_id = ANY(%s::int[])

-- name: stored_true
-- The accounts for which a trigger is true as of their last scoring: there is a moment of it already.
SELECT account_id FROM signals_accountstate
WHERE account_id = ANY(%(accounts)s::int[]) AND (triggers ->> %(trigger)s) IS NOT NULL

-- name: undecided
-- Moments that some plays have not decided about, of triggers and requests that they would look at; the latest of each
-- trigger and account, since an earlier one is over. Grain: (play, moment). Parameter: plays (JSON list).
SELECT p.play AS play_id, m.id AS moment_id, 0 AS decision_id, m.at, coalesce(m.account_id, {account_on:a,m}) AS account_id,
       a.person_id, m.facts AS said, coalesce(s.name, '') AS signal, '' AS held_by, false AS superseded,
       EXISTS (SELECT FROM signals_floodedrequest f WHERE f.moment_id = m.id AND f.released_at IS NULL) AS flooded
FROM jsonb_to_recordset(%(plays)s::jsonb) AS p (play int, trigger int, hand bool)
JOIN signals_moment m ON m.trigger_id = p.trigger OR (p.hand AND m.kind = 'hand')
LEFT JOIN accounts_actor a ON a.id = m.actor_id
LEFT JOIN signals_signal s ON s.id = m.signal_id
WHERE NOT EXISTS (SELECT FROM outreach_playdecision d WHERE d.play_id = p.play AND d.moment_id = m.id)
  AND NOT EXISTS (
    SELECT FROM signals_moment later
    WHERE m.kind = 'trigger' AND later.account_id = m.account_id AND later.trigger_id = m.trigger_id AND later.at > m.at
  )

-- name: held
-- Held decisions of some plays, and those about some accounts. Grain: decision; order: as a worker re-checks them.
SELECT p.id AS play_id, m.id AS moment_id, d.id AS decision_id, m.at,
       coalesce(m.account_id, {account_on:a,m}) AS account_id, a.person_id, m.facts AS said, coalesce(s.name, '') AS signal,
       d.guard AS held_by,
       m.kind = 'trigger' AND EXISTS (
         SELECT FROM signals_moment later
         WHERE later.account_id = m.account_id AND later.trigger_id = m.trigger_id AND later.at > m.at
       ) AS superseded,
       EXISTS (SELECT FROM signals_floodedrequest f WHERE f.moment_id = m.id AND f.released_at IS NULL) AS flooded
FROM (
  SELECT id, play_id, moment_id, guard FROM outreach_playdecision
  WHERE state = 'held' AND (play_id = ANY(%(plays)s::int[]) OR account_id = ANY(%(accounts)s::int[]))
  OFFSET 0
) d
JOIN outreach_play p ON p.id = d.play_id
CROSS JOIN LATERAL (SELECT * FROM signals_moment WHERE id = d.moment_id OFFSET 0) m
LEFT JOIN accounts_actor a ON a.id = m.actor_id
LEFT JOIN signals_signal s ON s.id = m.signal_id
ORDER BY p.on_hand_raise DESC, p.position, m.at, m.id

-- name: judge_again
-- Held decisions of a play are due now. A missing account is still waited for.
UPDATE outreach_playdecision SET recheck_at = %(now)s
WHERE play_id = %(play)s AND state = 'held' AND recheck_at > %(now)s

-- name: measure_again
-- The accounts of a play's live items are written again by the scorer, which has their items looked at again.
WITH forgotten AS (
  UPDATE signals_accountstate SET fingerprint = 0
  WHERE account_id IN (SELECT account_id FROM outreach_queueitem
                       WHERE play_id = %(play)s AND state IN ('open', 'claimed', 'snoozed'))
  RETURNING account_id
)
INSERT INTO accounts_dirtymark (actors, accounts)
SELECT '{}', array_agg(account_id) FROM (
  SELECT account_id, row_number() OVER (ORDER BY account_id) / 1000 AS part FROM forgotten
) parted GROUP BY part
