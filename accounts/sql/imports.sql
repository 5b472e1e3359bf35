-- What an import changed, kept while it runs and gone back to when it is undone. Runs under advisory.IDENTITY.

-- name: before_identities
-- Keeps whom identities stand for, unless this run has spoken of them before.
INSERT INTO accounts_factbefore (run, kind, place, before)
SELECT %(run)s, 1, ARRAY[i.id],
       jsonb_build_object('person', i.person_id, 'claimed_by', i.claimed_by_id, 'claimed_at', i.claimed_at)
FROM accounts_identity i WHERE i.id = ANY(%(ids)s::int[])
ORDER BY i.value NOT LIKE '%%+@%%', i.id  -- what stands for all tags of an address before the address: see drop_tagged
ON CONFLICT DO NOTHING

-- name: were_not_there
-- Keeps that these things were made by the run.
INSERT INTO accounts_factbefore (run, kind, place) SELECT %(run)s, %(kind)s, ARRAY[id] FROM unnest(%(ids)s::int[]) AS id
ON CONFLICT DO NOTHING

-- name: before_actors
-- Keeps since when actors had been seen; nothing for those that are not there yet.
INSERT INTO accounts_factbefore (run, kind, place, before)
SELECT %(run)s, 2, ARRAY[s.profile, s.workspace],
       CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('first_at', a.first_at, 'grouped_at', a.grouped_at) END
FROM unnest(%(profiles)s::int[], %(workspaces)s::int[]) AS s (profile, workspace)
LEFT JOIN accounts_actor a ON a.profile_id = s.profile AND a.workspace_id IS NOT DISTINCT FROM nullif(s.workspace, 0)
ON CONFLICT DO NOTHING

-- name: before_group_calls
-- Keeps when the last group call of a day was; nothing where there was none on it.
INSERT INTO accounts_factbefore (run, kind, place, before)
SELECT %(run)s, 7, ARRAY[s.profile, s.workspace, s.day],
       CASE WHEN g.at IS NOT NULL THEN jsonb_build_object('at', g.at) END
FROM unnest(%(profiles)s::int[], %(workspaces)s::int[], %(days)s::int[]) AS s (profile, workspace, day)
JOIN accounts_actor a ON a.profile_id = s.profile AND a.workspace_id = s.workspace
LEFT JOIN accounts_groupcall g ON g.actor_id = a.id AND g.day = '1970-01-01'::date + s.day
ON CONFLICT DO NOTHING

-- name: before_attributes
-- Keeps the values of a day; nothing where nothing was said on it.
INSERT INTO accounts_factbefore (run, kind, place, before)
SELECT %(run)s, 3, ARRAY[s.kind, s.subject, s.key, s.origin, s.day],
       CASE WHEN a.at IS NOT NULL THEN jsonb_build_object('at', a.at, 'number', a.number, 'text', a.text, 'known_on', a.known_on) END
FROM unnest(%(kinds)s::int[], %(subjects)s::int[], %(keys)s::int[], %(origins)s::int[], %(days)s::int[])
  AS s (kind, subject, key, origin, day)
LEFT JOIN accounts_attribute a ON a.subject_kind = s.kind AND a.subject_id = s.subject AND a.key_id = s.key
  AND a.origin = s.origin AND a.day = '1970-01-01'::date + s.day
ON CONFLICT DO NOTHING

-- name: people_next
-- Person rows that this run has spoken of and that have not been gone back to: some, the earliest first.
SELECT DISTINCT person FROM (
    SELECT of.person FROM accounts_factbefore f
    LEFT JOIN accounts_identity i ON f.kind = 1 AND i.id = f.place[1]
    CROSS JOIN LATERAL (
        SELECT CASE f.kind WHEN 2 THEN f.place[1] WHEN 3 THEN f.place[2] ELSE i.person_id END
        UNION ALL SELECT i.claimed_by_id
    ) AS of (person)
    WHERE f.run = %(run)s AND (f.kind IN (1, 2) OR (f.kind = 3 AND f.place[1] = 1)) AND of.person IS NOT NULL
    ORDER BY f.id LIMIT %(limit)s
) found

-- name: connected
-- Person rows that any of these is connected with, now or before a split: by a merge, one that was suggested, or an
-- anonymous id or address. And these.
SELECT unnest(%(people)s::int[])
UNION SELECT right_id FROM accounts_personmerge WHERE left_id = ANY(%(people)s)
UNION SELECT left_id FROM accounts_personmerge WHERE right_id = ANY(%(people)s)
UNION SELECT right_id FROM accounts_mergesuggestion WHERE left_id = ANY(%(people)s)
UNION SELECT left_id FROM accounts_mergesuggestion WHERE right_id = ANY(%(people)s)
UNION
SELECT other.person FROM (
    SELECT i.id FROM accounts_identity i WHERE i.person_id = ANY(%(people)s) AND i.kind IN (2, 3)
    UNION SELECT i.id FROM accounts_identity i WHERE i.claimed_by_id = ANY(%(people)s)
    UNION SELECT r.identity_id FROM accounts_rivalclaim r WHERE r.person_id = ANY(%(people)s)
) shared
CROSS JOIN LATERAL (
    SELECT i.person_id FROM accounts_identity i WHERE i.id = shared.id AND i.person_id IS NOT NULL
    UNION SELECT i.claimed_by_id FROM accounts_identity i WHERE i.id = shared.id AND i.claimed_by_id IS NOT NULL
    UNION SELECT r.person_id FROM accounts_rivalclaim r WHERE r.identity_id = shared.id
) AS other (person)

-- name: facts_of_people
-- What this run kept of these person rows: id, kind, place, before. Identities by whom they stand for or who claims them.
SELECT f.id, f.kind, f.place, f.before FROM accounts_factbefore f
JOIN accounts_identity i ON i.person_id = ANY(%(people)s) OR i.claimed_by_id = ANY(%(people)s)
WHERE f.run = %(run)s AND f.kind = 1 AND f.place = ARRAY[i.id]
UNION
SELECT f.id, f.kind, f.place, f.before FROM accounts_factbefore f
WHERE f.run = %(run)s AND f.kind IN (2, 7) AND f.place[1] = ANY(%(people)s)
UNION
SELECT f.id, f.kind, f.place, f.before FROM accounts_factbefore f
WHERE f.run = %(run)s AND f.kind = 3 AND f.place[1] = 1 AND f.place[2] = ANY(%(people)s)

-- name: listed_accounts
-- The account of each domain, made where missing: id, domain, whether it is new.
WITH wanted AS (SELECT DISTINCT unnest(%s::text[]) AS domain),
given AS (SELECT g.account_id AS id, domain FROM accounts_accountdomain g JOIN wanted USING (domain)),
made AS (
    INSERT INTO accounts_account (name, domain, created_at)
    SELECT domain, domain, now() FROM wanted
    WHERE NOT EXISTS (SELECT 1 FROM accounts_account a WHERE a.domain = wanted.domain)
      AND NOT EXISTS (SELECT 1 FROM given WHERE given.domain = wanted.domain)
    ON CONFLICT DO NOTHING RETURNING id, domain
)
SELECT id, domain, true AS is_new FROM made
UNION ALL SELECT id, domain, false FROM given
UNION ALL SELECT id, domain, false FROM accounts_account JOIN wanted USING (domain)

-- name: set_account_attributes
-- What a list says of accounts, as of the day it came; the later of two lists wins the day.
INSERT INTO accounts_attribute AS a (subject_kind, subject_id, key_id, origin, day, at, number, text)
SELECT 3, subject, key, %(origin)s, (%(at)s::timestamptz AT TIME ZONE 'UTC')::date, %(at)s, number, text
FROM unnest(%(subjects)s::int[], %(keys)s::int[], %(numbers)s::float8[], %(texts)s::text[])
  AS said (subject, key, number, text)
ON CONFLICT (subject_kind, subject_id, key_id, origin, day) DO UPDATE
SET at = excluded.at, number = excluded.number, text = excluded.text
WHERE excluded.at >= a.at

-- name: rename_accounts
-- Calls accounts as the most trusted source does: a list or a hand, else their first workspace, else their domain.
UPDATE accounts_account account SET name = left(coalesce(said.text, first.name, account.domain, account.name), 200)
FROM unnest(%(accounts)s::int[]) AS wanted (id)
LEFT JOIN LATERAL (
    SELECT t.text FROM accounts_attribute t JOIN accounts_attributekey k ON k.id = t.key_id AND k.name = 'company_name'
    WHERE t.subject_kind = 3 AND t.subject_id = wanted.id ORDER BY t.origin DESC, t.at DESC LIMIT 1
) said ON true
LEFT JOIN LATERAL (
    SELECT w.name FROM accounts_workspace w JOIN accounts_actor a ON a.workspace_id = w.id
    WHERE w.account_id = wanted.id AND w.name <> ''
    ORDER BY EXISTS (
        SELECT 1 FROM accounts_attribute s WHERE s.subject_kind = 2 AND s.subject_id = w.id AND s.origin > 0
    ) DESC, a.first_at, w.spelling COLLATE "C" LIMIT 1
) first ON true
WHERE account.id = wanted.id
  AND account.name IS DISTINCT FROM left(coalesce(said.text, first.name, account.domain, account.name), 200)

-- name: accounts_around
-- The accounts that these person rows, and the workspaces they act in, belong to.
SELECT account_id FROM accounts_actor WHERE profile_id = ANY(%(people)s) AND account_id IS NOT NULL
UNION SELECT account_id FROM accounts_person WHERE id = ANY(%(people)s) AND account_id IS NOT NULL
UNION SELECT l.account_id FROM accounts_actor a JOIN accounts_pastlink l ON l.actor_id = a.id
WHERE a.profile_id = ANY(%(people)s) AND l.account_id IS NOT NULL
UNION SELECT w.account_id FROM accounts_actor a JOIN accounts_workspace w ON w.id = a.workspace_id
WHERE a.profile_id = ANY(%(people)s) AND w.account_id IS NOT NULL

-- name: hand_down
-- Other runs that spoke of the same things later have kept what this run had made of them: for them it was before.
UPDATE accounts_factbefore later SET before = f.before
FROM accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind <> 6 AND later.kind = f.kind AND later.place = f.place
  AND later.run <> f.run AND later.id > f.id

-- name: first_known
-- The day on which a run first spoke of anything.
SELECT min(coalesce(known_on, (at AT TIME ZONE 'UTC')::date)) FROM accounts_factbefore WHERE run = %(run)s

-- name: drop_attributes_before
-- What the values of a run, or later ones, took the place of since it spoke of them: what remains is said again.
DELETE FROM accounts_attributebefore b USING accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 3
  AND b.subject_kind = f.place[1] AND b.subject_id = f.place[2] AND b.key_id = f.place[3] AND b.origin = f.place[4]
  AND b.day = '1970-01-01'::date + f.place[5] AND b.until > coalesce(f.known_on, (f.at AT TIME ZONE 'UTC')::date)

-- name: drop_actors_before
-- What was known of the actors of these person rows since a day is forgotten: what remains is said again.
WITH gone AS (
    DELETE FROM accounts_actorbefore b USING accounts_actor a
    WHERE a.profile_id = ANY(%(people)s) AND b.actor_id = a.id AND b.until > %(known)s
    RETURNING b.actor_id, b.known_on
)
UPDATE accounts_actor a SET known_on = first.known_on
FROM (SELECT actor_id, min(known_on) AS known_on FROM gone GROUP BY 1) first WHERE a.id = first.actor_id

-- name: drop_links_before
-- The same of where they had belonged before.
DELETE FROM accounts_pastlinkbefore b USING accounts_actor a
WHERE a.profile_id = ANY(%(people)s) AND b.actor_id = a.id AND b.until > %(known)s

-- name: drop_people_before
-- The same of the person rows themselves.
WITH gone AS (
    DELETE FROM accounts_personbefore WHERE person_id = ANY(%(people)s) AND until > %(known)s
    RETURNING person_id, coalesce(known_on, '-infinity') AS known_on
)
UPDATE accounts_person p SET known_on = nullif(first.known_on, '-infinity')
FROM (SELECT person_id, min(known_on) AS known_on FROM gone GROUP BY 1) first WHERE p.id = first.person_id

-- name: drop_workspaces_before
-- The same of workspaces.
WITH gone AS (
    DELETE FROM accounts_workspacebefore WHERE workspace_id = ANY(%(workspaces)s) AND until > %(known)s
    RETURNING workspace_id, coalesce(known_on, '-infinity') AS known_on
)
UPDATE accounts_workspace w SET known_on = nullif(first.known_on, '-infinity')
FROM (SELECT workspace_id, min(known_on) AS known_on FROM gone GROUP BY 1) first WHERE w.id = first.workspace_id

-- name: drop_attributes
-- Values that were not there before. Of a list, only where no later list has the day: what events say comes again.
DELETE FROM accounts_attribute a USING accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 3 AND f.before IS NULL
  AND a.subject_kind = f.place[1] AND a.subject_id = f.place[2] AND a.key_id = f.place[3] AND a.origin = f.place[4]
  AND a.day = '1970-01-01'::date + f.place[5]
  AND (f.place[4] <= 1 OR NOT EXISTS (
      SELECT 1 FROM accounts_factbefore later
      WHERE later.kind = 3 AND later.place = f.place AND later.id > f.id AND later.run <> f.run
  ))

-- name: put_back_attributes
-- Values as they stood before. Of a list, only where no later list has the day.
UPDATE accounts_attribute a SET at = (f.before ->> 'at')::timestamptz, number = (f.before ->> 'number')::float8,
    text = f.before ->> 'text', known_on = (f.before ->> 'known_on')::date
FROM accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 3 AND f.before IS NOT NULL
  AND a.subject_kind = f.place[1] AND a.subject_id = f.place[2] AND a.key_id = f.place[3] AND a.origin = f.place[4]
  AND a.day = '1970-01-01'::date + f.place[5]
  AND (f.place[4] <= 1 OR NOT EXISTS (
      SELECT 1 FROM accounts_factbefore later
      WHERE later.kind = 3 AND later.place = f.place AND later.id > f.id AND later.run <> f.run
  ))

-- name: drop_group_calls
-- Group calls that were not there before: those of others come again.
DELETE FROM accounts_groupcall g USING accounts_factbefore f, accounts_actor a
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 7 AND f.before IS NULL
  AND a.profile_id = f.place[1] AND a.workspace_id = f.place[2]
  AND g.actor_id = a.id AND g.day = '1970-01-01'::date + f.place[3]

-- name: put_back_group_calls
-- Group calls as they stood before.
UPDATE accounts_groupcall g SET at = (f.before ->> 'at')::timestamptz
FROM accounts_factbefore f, accounts_actor a
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 7 AND f.before IS NOT NULL
  AND a.profile_id = f.place[1] AND a.workspace_id = f.place[2]
  AND g.actor_id = a.id AND g.day = '1970-01-01'::date + f.place[3]

-- name: put_back_claims
-- Whose an anonymous id or an address was before; nobody's where it was not there.
UPDATE accounts_identity i SET claimed_by_id = (f.before ->> 'claimed_by')::int,
    claimed_at = (f.before ->> 'claimed_at')::timestamptz
FROM accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND f.before IS NOT NULL AND i.id = f.place[1] AND i.kind IN (2, 3)
   OR f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND i.id = f.place[1] AND i.kind = 2

-- name: drop_rivals
-- Who else was seen under these anonymous ids is found again from the messages that remain.
DELETE FROM accounts_rivalclaim r USING accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND r.identity_id = f.place[1]

-- name: drop_addresses
-- Addresses that were not there before: the first who says them again has them. Gives identity and address.
DELETE FROM accounts_identity i USING accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND f.before IS NULL AND i.id = f.place[1] AND i.kind = 3
RETURNING i.id, i.value

-- name: addresses_spoken_of
-- The addresses that these facts are about: (address, fact).
SELECT i.value, f.id FROM accounts_factbefore f JOIN accounts_identity i ON i.id = f.place[1]
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND i.kind = 3

-- name: drop_tagged
-- Those of these addresses that were not there when the run first spoke of one that they stand for, by the order of
-- facts; other runs have not found them either. Gives identity and address.
WITH gone AS (
    DELETE FROM accounts_identity i USING unnest(%(tagged)s::text[], %(first)s::bigint[]) AS t (value, first)
    WHERE i.source_id = 0 AND i.kind = 3 AND i.value = t.value AND NOT EXISTS (
        SELECT 1 FROM accounts_factbefore f
        WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND f.place = ARRAY[i.id]
          AND f.before IS NOT NULL AND f.id <= t.first
    )
    RETURNING i.id, i.value
), found_anew AS (
    UPDATE accounts_factbefore f SET before = NULL FROM gone
    WHERE f.kind = 1 AND f.place = ARRAY[gone.id] AND f.before IS NOT NULL
)
SELECT id, value FROM gone

-- name: follow_address
-- What other runs kept of an address holds for the row that it has now.
UPDATE accounts_factbefore f SET place = ARRAY[i.id]
FROM accounts_identity i
WHERE i.source_id = 0 AND i.kind = 3 AND i.value = %(value)s AND f.kind = 1 AND f.place = ARRAY[%(was)s::int]

-- name: put_back_actors
-- Since when actors had been seen before.
UPDATE accounts_actor a SET first_at = (f.before ->> 'first_at')::timestamptz,
    grouped_at = (f.before ->> 'grouped_at')::timestamptz
FROM accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 2 AND f.before IS NOT NULL
  AND a.profile_id = f.place[1] AND a.workspace_id IS NOT DISTINCT FROM nullif(f.place[2], 0)

-- name: drop_merges
-- Merges since a moment in which one of these person rows takes part, but those made by hand: what they were.
DELETE FROM accounts_personmerge
WHERE cause <> 'manual' AND created_at >= %(since)s AND (left_id = ANY(%(people)s) OR right_id = ANY(%(people)s))
RETURNING left_id, right_id, cause, undone_at, undone_by_id

-- name: drop_suggestions
-- What is still to be decided since a moment about these person rows: what remains is said again.
DELETE FROM accounts_mergesuggestion
WHERE state = 'open' AND created_at >= %(since)s AND (left_id = ANY(%(people)s) OR right_id = ANY(%(people)s))

-- name: merge_claimed
-- An anonymous id that acts alone and is claimed by somebody is that person.
INSERT INTO accounts_personmerge (left_id, right_id, cause, evidence, said_at, created_at)
SELECT least(person_id, claimed_by_id), greatest(person_id, claimed_by_id), 'anonymous', value, claimed_at, now()
FROM accounts_identity
WHERE kind = 2 AND person_id = ANY(%(people)s) AND claimed_by_id IS NOT NULL AND claimed_by_id <> person_id
  AND NOT EXISTS (
      SELECT 1 FROM accounts_mergesuggestion s
      WHERE s.left_id = least(person_id, claimed_by_id) AND s.right_id = greatest(person_id, claimed_by_id)
  )
ON CONFLICT DO NOTHING

-- name: split_again
-- A merge that was said again stays split, as somebody had it.
UPDATE accounts_personmerge SET undone_at = %s, undone_by_id = %s WHERE left_id = %s AND right_id = %s AND cause = %s

-- name: made_actors
-- The actors that a run made: actor, its account.
SELECT a.id, a.account_id FROM accounts_factbefore f
JOIN accounts_actor a ON a.profile_id = f.place[1] AND a.workspace_id IS NOT DISTINCT FROM nullif(f.place[2], 0)
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 2 AND f.before IS NULL

-- name: forget_first_seen
-- Actors that are seen at their own events only: these come again, and are earlier than this.
UPDATE accounts_actor SET first_at = '9999-12-31', grouped_at = NULL WHERE id = ANY(%s)

-- name: made_people
-- Person rows that a run made, that act nowhere, that nobody is merged with and under whom nobody acts.
SELECT i.person_id FROM accounts_factbefore f JOIN accounts_identity i ON i.id = f.place[1]
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND f.before IS NULL AND i.kind <> 3 AND i.claimed_by_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM accounts_actor a WHERE a.profile_id = i.person_id OR a.person_id = i.person_id)
  AND NOT EXISTS (SELECT 1 FROM accounts_personmerge m WHERE m.left_id = i.person_id OR m.right_id = i.person_id)
  AND NOT EXISTS (
      SELECT 1 FROM accounts_mergesuggestion g WHERE g.left_id = i.person_id OR g.right_id = i.person_id
  )
  AND NOT EXISTS (SELECT 1 FROM accounts_identity c WHERE c.claimed_by_id = i.person_id)

-- name: beside_only
-- Anonymous ids that nobody but a run had acting alone: identity, the person row it does not need.
SELECT i.id, i.person_id FROM accounts_factbefore f JOIN accounts_identity i ON i.id = f.place[1]
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND i.kind = 2 AND i.person_id IS NOT NULL
  AND (f.before IS NULL AND i.claimed_by_id IS NOT NULL OR f.before IS NOT NULL AND f.before ->> 'person' IS NULL)
  AND NOT EXISTS (SELECT 1 FROM accounts_actor a WHERE a.profile_id = i.person_id)
  AND NOT EXISTS (SELECT 1 FROM accounts_identity c WHERE c.claimed_by_id = i.person_id)
  AND NOT EXISTS (
      SELECT 1 FROM accounts_personmerge m
      WHERE m.cause <> 'anonymous' AND (m.left_id = i.person_id OR m.right_id = i.person_id)
  )

-- name: set_beside
-- They are seen beside a user id again, as before.
UPDATE accounts_identity SET person_id = NULL WHERE id = ANY(%s)

-- name: unmerge_rows
-- Person rows that are about to go are merged with nobody.
DELETE FROM accounts_personmerge WHERE left_id = ANY(%(people)s) OR right_id = ANY(%(people)s)

-- name: drop_lone_identities
-- Identities that a run made, that stand for nobody and that nobody claims.
DELETE FROM accounts_identity i USING accounts_factbefore f
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 1 AND f.before IS NULL AND i.id = f.place[1]
  AND i.person_id IS NULL AND i.claimed_by_id IS NULL

-- name: drop_lone_identities_of_run
-- The same of all that a run has left.
DELETE FROM accounts_identity i USING accounts_factbefore f
WHERE f.run = %(run)s AND f.kind = 1 AND f.before IS NULL AND i.id = f.place[1]
  AND i.person_id IS NULL AND i.claimed_by_id IS NULL

-- name: drop_attributes_of
-- All that was said of subjects that are gone.
DELETE FROM accounts_attribute WHERE subject_kind = %s AND subject_id = ANY(%s)

-- name: may_be_gone
-- Keeps accounts that were made since the run began: it decides about them at the end.
INSERT INTO accounts_factbefore (run, kind, place)
SELECT %(run)s, 5, ARRAY[id] FROM accounts_account WHERE id = ANY(%(accounts)s::int[]) AND created_at >= %(since)s
ON CONFLICT DO NOTHING

-- name: version_up
-- Every process forgets the actors it remembers.
INSERT INTO accounts_identityversion AS v (id, version) VALUES (1, 1)
ON CONFLICT (id) DO UPDATE SET version = v.version + 1

-- name: workspaces_next
-- Workspaces that this run has made or spoken of: some.
SELECT DISTINCT CASE kind WHEN 4 THEN place[1] ELSE place[2] END FROM accounts_factbefore
WHERE run = %(run)s AND (kind = 4 OR (kind = 3 AND place[1] = 2)) ORDER BY 1 LIMIT %(limit)s

-- name: facts_of_workspaces
-- What this run kept of these workspaces.
SELECT id FROM accounts_factbefore
WHERE run = %(run)s AND (kind = 4 AND place[1] = ANY(%(workspaces)s)
                         OR kind = 3 AND place[1] = 2 AND place[2] = ANY(%(workspaces)s))

-- name: made_workspaces
-- Workspaces that a run made and nobody acts in.
SELECT w.id FROM accounts_factbefore f JOIN accounts_workspace w ON w.id = f.place[1]
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 4
  AND NOT EXISTS (SELECT 1 FROM accounts_actor a WHERE a.workspace_id = w.id)

-- name: made_by_others_too
-- What a run made and what stays for another's sake goes with the last of them.
INSERT INTO accounts_factbefore (run, kind, place)
SELECT DISTINCT other.run, f.kind, f.place
FROM accounts_factbefore f
CROSS JOIN (SELECT DISTINCT run FROM accounts_factbefore) other
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = %(kind)s AND other.run <> f.run
ON CONFLICT DO NOTHING

-- name: accounts_next
-- Accounts that this run has made or spoken of: some.
SELECT DISTINCT CASE kind WHEN 3 THEN place[2] ELSE place[1] END FROM accounts_factbefore
WHERE run = %(run)s AND (kind IN (5, 6) OR (kind = 3 AND place[1] = 3)) ORDER BY 1 LIMIT %(limit)s

-- name: facts_of_accounts
-- What this run kept of these accounts.
SELECT id FROM accounts_factbefore
WHERE run = %(run)s AND (kind IN (5, 6) AND place[1] = ANY(%(accounts)s)
                         OR kind = 3 AND place[1] = 3 AND place[2] = ANY(%(accounts)s))

-- name: made_accounts
-- Accounts that a run made, or that were made while it ran, and that nothing gives any more.
SELECT c.id FROM accounts_factbefore f JOIN accounts_account c ON c.id = f.place[1]
WHERE f.id = ANY(%(facts)s::bigint[]) AND f.kind = 5
  AND NOT EXISTS (SELECT 1 FROM accounts_workspace w WHERE w.account_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM accounts_person p WHERE p.account_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM accounts_actor a WHERE a.account_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM accounts_pastlink l WHERE l.account_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM accounts_attribute t WHERE t.subject_kind = 3 AND t.subject_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM accounts_assignment g WHERE g.account_id = c.id)
  AND NOT EXISTS (SELECT 1 FROM accounts_correction h WHERE h.account_id = c.id OR h.other_id = c.id)
