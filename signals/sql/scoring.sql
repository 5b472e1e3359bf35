-- name: claim_marks
-- Takes touched marks away; another worker skips those that this one holds. Gives the accounts they mean (of one that
-- was joined to another, that other), with those that the actors had before, whose late events they may be; and 0 once
-- for marks of actors that count for nobody.
WITH taken AS (
    DELETE FROM accounts_dirtymark WHERE id IN (
        SELECT id FROM accounts_dirtymark ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING actors, accounts
)
SELECT coalesce(c.joined_into_id, c.id)
FROM (SELECT DISTINCT unnest(accounts) AS id FROM taken) marked JOIN accounts_account c USING (id)
UNION
SELECT of.account
FROM (SELECT DISTINCT unnest(actors) AS id FROM taken) marked LEFT JOIN accounts_actor a USING (id)
CROSS JOIN LATERAL (
    SELECT coalesce(a.account_id, 0)
    UNION ALL
    SELECT l.account_id FROM accounts_pastlink l
    WHERE a.account_since IS NOT NULL AND l.actor_id = a.id AND l.account_id IS NOT NULL
) AS of (account)

-- name: states
-- The state each account was last scored with: (account, fingerprint, day).
SELECT account_id, fingerprint, as_of - '1970-01-01'::date FROM signals_accountstate WHERE account_id = ANY(%s)

-- name: lock_states
-- Makes the missing states and locks all, in the order of ids. Gives what stands there now.
WITH made AS (
    INSERT INTO signals_accountstate (account_id, measures, triggers, fingerprint, as_of, changed_at)
    SELECT id, '{}', '{}', 0, '1970-01-01', '1970-01-01' FROM unnest(%(ids)s::int[]) AS id
    WHERE NOT EXISTS (SELECT 1 FROM signals_accountstate s WHERE s.account_id = id)
    ON CONFLICT DO NOTHING
    RETURNING account_id
)
SELECT account_id, 0::bigint, '{}'::json FROM made
UNION ALL
SELECT * FROM (
    SELECT account_id, fingerprint, triggers FROM signals_accountstate
    WHERE account_id = ANY(%(ids)s) ORDER BY account_id FOR UPDATE
) standing

-- name: account_scores
-- What stands of the accounts' scores in one model: (account, digest, tier).
SELECT account_id, digest, tier FROM signals_score
WHERE account_id = ANY(%(ids)s) AND scoring_model_id = %(model)s AND person_id IS NULL

-- name: person_scores
-- What stands of the people's scores in one model: (person, digest, tier).
SELECT person_id, digest, tier FROM signals_score
WHERE person_id = ANY(%(ids)s) AND scoring_model_id = %(model)s AND account_id IS NULL

-- name: scores_of_model
-- What stands of all accounts' scores in one kind of model: (account, points, tier, qualified).
SELECT s.account_id, s.points, s.tier, s.qualified
FROM signals_score s JOIN signals_scoringmodel m ON m.id = s.scoring_model_id
WHERE m.kind = %s AND s.account_id IS NOT NULL

-- name: set_states
-- Writes the state that the accounts were scored with. Their rows were locked by lock_states.
UPDATE signals_accountstate s
SET measures = new.measures, triggers = new.triggers, fingerprint = new.fingerprint,
    as_of = %(as_of)s, changed_at = %(now)s
FROM unnest(%(ids)s::int[], %(measures)s::json[], %(triggers)s::json[], %(fingerprints)s::bigint[])
  AS new (id, measures, triggers, fingerprint)
WHERE s.account_id = new.id

-- name: set_account_scores
-- Writes accounts' scores in one model, in place of those that stand.
INSERT INTO signals_score
    (scoring_model_id, version_id, account_id, points, tier, qualified, breakdown, digest, as_of, changed_at)
SELECT %(model)s, %(version)s, id, points, tier, qualified, breakdown, digest, %(as_of)s, %(now)s
FROM unnest(
    %(ids)s::int[], %(points)s::int[], %(tiers)s::text[], %(qualified)s::bool[], %(breakdowns)s::json[],
    %(digests)s::bigint[]
) AS new (id, points, tier, qualified, breakdown, digest)
ON CONFLICT (scoring_model_id, account_id) WHERE person_id IS NULL DO UPDATE
SET version_id = excluded.version_id, points = excluded.points, tier = excluded.tier,
    qualified = excluded.qualified, breakdown = excluded.breakdown, digest = excluded.digest,
    as_of = excluded.as_of, changed_at = excluded.changed_at

-- name: set_person_scores
-- Writes people's scores in one model, in place of those that stand.
INSERT INTO signals_score
    (scoring_model_id, version_id, person_id, points, tier, qualified, breakdown, digest, as_of, changed_at)
SELECT %(model)s, %(version)s, id, points, tier, qualified, breakdown, digest, %(as_of)s, %(now)s
FROM unnest(
    %(ids)s::int[], %(points)s::int[], %(tiers)s::text[], %(qualified)s::bool[], %(breakdowns)s::json[],
    %(digests)s::bigint[]
) AS new (id, points, tier, qualified, breakdown, digest)
ON CONFLICT (scoring_model_id, person_id) WHERE account_id IS NULL DO UPDATE
SET version_id = excluded.version_id, points = excluded.points, tier = excluded.tier,
    qualified = excluded.qualified, breakdown = excluded.breakdown, digest = excluded.digest,
    as_of = excluded.as_of, changed_at = excluded.changed_at

-- name: scored_people
-- Who has a score among those who ever acted in these accounts; also rows that were merged away since.
SELECT DISTINCT s.person_id FROM accounts_actor a JOIN signals_score s ON s.person_id = a.profile_id
WHERE a.account_id = ANY(%s)

-- name: drop_person_scores
-- Removes the scores of people who count for no account any more.
DELETE FROM signals_score WHERE person_id = ANY(%s)

-- name: add_moments
-- One moment for each change found; the same change twice is one moment.
INSERT INTO signals_moment (kind, cause, account_id, trigger_id, at, facts)
SELECT kind, cause, account, nullif(trigger, 0), %(now)s, facts
FROM unnest(%(kinds)s::text[], %(causes)s::text[], %(accounts)s::int[], %(triggers)s::int[], %(facts)s::json[])
  AS m (kind, cause, account, trigger, facts)
ON CONFLICT (kind, cause) DO NOTHING

-- name: mark_again
-- Marks accounts again that somebody else wrote while they were being scored.
INSERT INTO accounts_dirtymark (actors, accounts) VALUES ('{}', %s::int[])

-- name: accounts_by_name
-- A page of these accounts in the order of their names; of those with `named` in it, where it is given.
SELECT id, name FROM accounts_account
WHERE id = ANY(%(ids)s::int[]) AND (%(named)s = '' OR position(lower(%(named)s) in lower(name)) > 0)
ORDER BY lower(name), id LIMIT %(most)s OFFSET %(skip)s

-- name: count_named
-- How many of these accounts have `named` in their name.
SELECT count(*) FROM accounts_account
WHERE id = ANY(%(ids)s::int[]) AND position(lower(%(named)s) in lower(name)) > 0
