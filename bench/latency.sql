-- name: own_all
INSERT INTO accounts_assignment (account_id, rep_id, reason, started_at)
SELECT id, (%(reps)s::int[])[1 + id %% cardinality(%(reps)s::int[])], 'Existing customer list', now() FROM accounts_account

-- name: owners
SELECT account_id, rep_id FROM accounts_assignment WHERE ended_at IS NULL

-- name: hands_seen
-- The item of the raised hand.
SELECT i.account_id, i.rep_id FROM outreach_queueitem i JOIN outreach_play p ON p.id = i.play_id AND p.on_hand_raise
WHERE i.account_id = ANY(%(accounts)s) AND i.state = 'open'

-- name: crossings_seen
-- The new tier stands, its moment is there, and so is the item of the play that it fires.
SELECT i.account_id, i.rep_id FROM outreach_queueitem i JOIN outreach_play p ON p.id = i.play_id AND p.slug = 'warm-outbound'
JOIN signals_score s ON s.account_id = i.account_id AND s.person_id IS NULL AND s.tier IN ('inside', 'executive')
WHERE i.account_id = ANY(%(accounts)s) AND i.state = 'open'
  AND EXISTS (SELECT FROM signals_moment m WHERE m.account_id = i.account_id AND m.kind = 'tier'
              AND m.facts ->> 'to' = s.tier)
