-- Identity. All of it runs under advisory.IDENTITY, one writer at a time, so that plain reads stay true until commit.

-- name: lock
-- One transaction at a time resolves identity. Ingest of known actors does not come here.
SELECT pg_advisory_xact_lock(%s)

-- name: lock_and_learn
-- The same, and the day on which what is written from here on became known.
SELECT pg_advisory_xact_lock(%s), set_config('plgcrm.known_day', %s, true)

-- name: version
-- The version of the identities: what was remembered under another may be gone.
SELECT coalesce((SELECT version FROM accounts_identityversion), 0)

-- name: analyze
-- Plans for look-ups of a few rows go wrong while the statistics still say that the tables are empty.
ANALYZE accounts_person, accounts_identity, accounts_actor, accounts_attribute, accounts_workspace, accounts_account,
        accounts_personmerge

-- name: identities
-- The identities of (source, kind, value): id, source, kind, value, person, claimed_by, claimed_at.
SELECT i.id, i.source_id, i.kind, i.value, i.person_id, i.claimed_by_id, i.claimed_at
FROM unnest(%s::int[], %s::int[], %s::text[]) AS wanted (source_id, kind, value)
JOIN accounts_identity i USING (source_id, kind, value)

-- name: new_people
-- As many new person rows as asked for.
INSERT INTO accounts_person (created_at, email, name, title, role, domain, email_kind, excluded_by, known_on)
SELECT now(), '', '', '', '', '', '', '', plgcrm_known_day() FROM generate_series(1, %s) RETURNING id

-- name: new_identities
-- Stores identities, each with the person row it belongs to, where that is known.
INSERT INTO accounts_identity (source_id, kind, value, person_id)
SELECT * FROM unnest(%s::int[], %s::int[], %s::text[], %s::int[])
RETURNING id, source_id, kind, value, person_id

-- name: give_person
-- An anonymous id that was only ever seen beside a user id now acts alone.
UPDATE accounts_identity SET person_id = given.person
FROM unnest(%s::int[], %s::int[]) AS given (id, person) WHERE accounts_identity.id = given.id

-- name: set_claims
-- An anonymous id belongs to whoever identified themselves under it: (identity, person, since when).
UPDATE accounts_identity SET claimed_by_id = claim.person, claimed_at = to_timestamp(claim.at)
FROM unnest(%s::int[], %s::int[], %s::float8[]) AS claim (id, person, at) WHERE accounts_identity.id = claim.id

-- name: note_rivals
-- Who else was seen under an anonymous id: (identity, person row). Whose it is may change when an import is undone.
INSERT INTO accounts_rivalclaim (identity_id, person_id) SELECT * FROM unnest(%s::int[], %s::int[])
ON CONFLICT DO NOTHING

-- name: user_ids
-- The user id each person row was first seen as: (person, value).
SELECT person_id, min(value) FROM accounts_identity WHERE person_id = ANY(%s) AND kind = 1 GROUP BY 1

-- name: drop_superseded_claims
-- An earlier claim of the same anonymous id takes the place of a later one.
DELETE FROM accounts_personmerge
WHERE cause = 'anonymous' AND undone_at IS NULL AND (left_id, right_id) IN (SELECT * FROM unnest(%s::int[], %s::int[]))

-- name: new_merges
-- Merges not known yet. One that a person has undone stays undone.
INSERT INTO accounts_personmerge AS m (left_id, right_id, cause, evidence, said_at, created_at)
SELECT DISTINCT ON (least(a, b), greatest(a, b), cause) least(a, b), greatest(a, b), cause, evidence, to_timestamp(at), now()
FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::float8[]) AS merge (a, b, cause, evidence, at)
WHERE a <> b
ORDER BY least(a, b), greatest(a, b), cause, at
ON CONFLICT (left_id, right_id, cause) DO UPDATE SET said_at = excluded.said_at WHERE excluded.said_at < m.said_at
RETURNING left_id, right_id

-- name: merged_later
-- Those of these person rows whose whole person was merged by what was said later than this of each: (row, at).
SELECT DISTINCT fact.id FROM unnest(%(people)s::int[], %(at)s::float8[]) AS fact (id, at)
JOIN accounts_person p ON p.id = fact.id
CROSS JOIN LATERAL (
    SELECT coalesce(p.merged_into_id, p.id) AS id
    UNION ALL SELECT l.id FROM accounts_person l WHERE l.merged_into_id = coalesce(p.merged_into_id, p.id)
) leaf
JOIN accounts_personmerge m ON m.left_id = leaf.id
WHERE m.undone_at IS NULL AND m.cause <> 'manual' AND m.said_at > to_timestamp(fact.at)

-- name: take_merges_apart
-- For a moment no machine's merge joins these person rows: (row, row, cause, evidence, said at, id).
UPDATE accounts_personmerge SET undone_at = now()
WHERE undone_at IS NULL AND cause <> 'manual' AND left_id = ANY(%(people)s)
RETURNING left_id, right_id, cause, evidence, said_at, id

-- name: suggested_among
-- What is suggested of two of these person rows because of what else is known of them: as above, with no id.
SELECT left_id, right_id, cause, evidence, said_at, 0 FROM accounts_mergesuggestion
WHERE state = 'open' AND why <> 'browser' AND left_id = ANY(%(people)s) AND right_id = ANY(%(people)s)

-- name: keep_merges
-- They join again.
UPDATE accounts_personmerge SET undone_at = NULL WHERE id = ANY(%s)

-- name: drop_taken_apart
-- They are no merges any more.
DELETE FROM accounts_personmerge WHERE id = ANY(%s)

-- name: drop_suggestions_of
-- These pairs are merged by now: nobody has to decide.
DELETE FROM accounts_mergesuggestion
WHERE state = 'open' AND (left_id, right_id) IN (SELECT * FROM unnest(%s::int[], %s::int[]))

-- name: own_ids
-- The id that each of these person rows was first seen as: (row, source, kind, value).
SELECT DISTINCT ON (person_id) person_id, source_id, kind, value FROM accounts_identity
WHERE person_id = ANY(%s) AND kind IN (1, 2) ORDER BY person_id, kind, id

-- name: sides
-- Of these person rows: row, representative, sources of the user ids of the whole person, the corporate domain of the
-- address that it said first, its rows, that address.
SELECT p.id, h.id, users.sources,
       CASE WHEN h.email <> '' AND h.email_kind = 'corporate' AND h.excluded_by = '' THEN h.domain ELSE '' END, leaves.n, h.email
FROM unnest(%(people)s::int[]) AS wanted (id)
JOIN accounts_person p ON p.id = wanted.id
JOIN accounts_person h ON h.id = coalesce(p.merged_into_id, p.id)
CROSS JOIN LATERAL (
    SELECT 1 + count(*)::int AS n FROM (SELECT 1 FROM accounts_person l WHERE l.merged_into_id = h.id LIMIT %(most)s) l
) leaves
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(i.source_id), '{}') AS sources
    FROM (SELECT h.id UNION ALL (SELECT l.id FROM accounts_person l WHERE l.merged_into_id = h.id LIMIT %(most)s)) leaf
    JOIN accounts_identity i ON i.person_id = leaf.id AND i.kind = 1
) users

-- name: new_suggestions
-- Keeps what only a person may decide, once a pair. Of one row so many at most: a junk id would fill the list.
INSERT INTO accounts_mergesuggestion AS s (left_id, right_id, cause, evidence, why, source_id, said_at, state, created_at)
SELECT DISTINCT ON (least(a, b), greatest(a, b))
       least(a, b), greatest(a, b), cause, evidence, why, source, to_timestamp(at), 'open', now()
FROM unnest(%(one)s::int[], %(other)s::int[], %(causes)s::text[], %(evidence)s::text[], %(why)s::text[],
            %(sources)s::int[], %(at)s::float8[]) AS held (a, b, cause, evidence, why, source, at)
WHERE a <> b
  AND (SELECT count(*) FROM (SELECT 1 FROM accounts_mergesuggestion o WHERE o.left_id = a LIMIT %(most)s) x) < %(most)s
  AND (SELECT count(*) FROM (SELECT 1 FROM accounts_mergesuggestion o WHERE o.right_id = a LIMIT %(most)s) x) < %(most)s
ORDER BY least(a, b), greatest(a, b), at
ON CONFLICT (left_id, right_id) DO UPDATE SET said_at = excluded.said_at WHERE excluded.said_at < s.said_at

-- name: take_addresses_away
-- From whom they are with until now: two people never have one, not even while they are derived.
UPDATE accounts_person SET email = '' WHERE email = ANY(%s) AND merged_into_id IS NULL

-- name: new_addresses
-- Stores addresses that were not known, each with the person row that said it first, and when.
INSERT INTO accounts_identity (source_id, kind, value, person_id, claimed_by_id, claimed_at)
SELECT 0, 3, value, person, person, to_timestamp(at)
FROM unnest(%s::text[], %s::int[], %s::float8[]) AS new (value, person, at)
RETURNING id

-- name: whole_people
-- All person rows of the whole persons that the given rows belong to: (row, representative).
WITH heads AS (SELECT DISTINCT coalesce(merged_into_id, id) AS id FROM accounts_person WHERE id = ANY(%(people)s))
SELECT p.id, coalesce(p.merged_into_id, p.id) FROM accounts_person p JOIN heads h ON p.id = h.id
UNION
SELECT p.id, p.merged_into_id FROM accounts_person p JOIN heads h ON p.merged_into_id = h.id

-- name: everybody_of
-- All person rows of the whole persons of these rows.
SELECT p.id FROM accounts_person p
JOIN (SELECT coalesce(merged_into_id, id) AS id FROM accounts_person WHERE id = ANY(%(people)s)) h
  ON p.id = h.id OR p.merged_into_id = h.id

-- name: merges_among
-- The merges in force that one of these person rows takes part in: (row, row).
SELECT left_id, right_id FROM accounts_personmerge
WHERE undone_at IS NULL AND (left_id = ANY(%(people)s) OR right_id = ANY(%(people)s))

-- name: set_representatives
-- Says of each row which row stands for the whole person. Address and account are derived again after it.
UPDATE accounts_person p SET merged_into_id = nullif(new.head, p.id), email = '', account_id = NULL
FROM unnest(%s::int[], %s::int[]) AS new (id, head)
WHERE p.id = new.id AND coalesce(p.merged_into_id, p.id) <> new.head

-- name: attribute_keys
-- Numbers of attribute names; new ones are added while the catalogue has room.
WITH wanted AS (SELECT unnest(%s::text[]) AS name),
made AS (
    INSERT INTO accounts_attributekey (name)
    SELECT name FROM wanted
    WHERE NOT EXISTS (SELECT 1 FROM accounts_attributekey k WHERE k.name = wanted.name)
      AND (SELECT count(*) FROM accounts_attributekey) < %s
    ON CONFLICT DO NOTHING RETURNING id, name
)
SELECT id, name FROM made UNION ALL SELECT id, name FROM accounts_attributekey JOIN wanted USING (name)

-- name: set_attributes
-- The last value of each day; the later time wins, and of one time the greater text: any order ends the same. What
-- stood there until a later day is kept by a trigger.
INSERT INTO accounts_attribute AS a (subject_kind, subject_id, key_id, origin, day, at, number, text, known_on)
SELECT kind, subject, key, %s, (to_timestamp(at) AT TIME ZONE 'UTC')::date, to_timestamp(at), number, value,
       CASE WHEN (to_timestamp(at) AT TIME ZONE 'UTC')::date < plgcrm_known_day() THEN plgcrm_known_day() END
FROM unnest(%s::int[], %s::int[], %s::int[], %s::float8[], %s::float8[], %s::text[])
  AS said (kind, subject, key, at, number, value)
ON CONFLICT (subject_kind, subject_id, key_id, origin, day) DO UPDATE
SET at = excluded.at, number = excluded.number, text = excluded.text
WHERE (excluded.at, excluded.text COLLATE "C") > (a.at, a.text COLLATE "C")

-- name: workspaces
-- Workspaces of a source by the spelling of its own ids, made where missing: (id, spelling, whether it is new).
WITH wanted AS (
    SELECT * FROM unnest(%(names)s::text[], %(spellings)s::text[]) AS w (external_id, spelling)
),
made AS (
    INSERT INTO accounts_workspace (source_id, external_id, spelling, name, created_at, known_on)
    SELECT %(source)s, external_id, spelling, '', now(), plgcrm_known_day() FROM wanted
    WHERE NOT EXISTS (
        SELECT 1 FROM accounts_workspace w WHERE w.source_id = %(source)s AND w.spelling = wanted.spelling
    ) AND NOT EXISTS (
        SELECT 1 FROM accounts_workspace w WHERE w.source_id = %(source)s AND w.external_id = wanted.external_id
    )
    RETURNING id, spelling, true AS is_new
)
SELECT id, spelling, is_new FROM made
UNION ALL
SELECT w.id, w.spelling, false FROM accounts_workspace w JOIN wanted USING (spelling)
WHERE w.source_id = %(source)s
UNION ALL  -- made by a version that knew no spelling and still runs beside this one
SELECT w.id, wanted.spelling, false FROM accounts_workspace w JOIN wanted USING (external_id)
WHERE w.source_id = %(source)s AND w.spelling IS NULL

-- name: actors
-- Actors by (person row, workspace or NULL): made where missing, first seen earlier where told so.
-- Gives id, profile, workspace (0 for none), first_at, and whether anything changed that others derive from.
WITH said AS (
    SELECT profile, nullif(workspace, 0) AS workspace, to_timestamp(first_at) AS first_at,
           to_timestamp(grouped_at) AS grouped_at
    FROM unnest(%s::int[], %s::int[], %s::float8[], %s::float8[]) AS s (profile, workspace, first_at, grouped_at)
),
old AS (
    SELECT a.id, a.first_at, a.grouped_at, s.first_at AS new_first, s.grouped_at AS new_grouped
    FROM said s
    JOIN accounts_actor a ON a.profile_id = s.profile AND a.workspace_id IS NOT DISTINCT FROM s.workspace
),
changed AS (
    UPDATE accounts_actor a
    SET first_at = least(old.first_at, old.new_first), grouped_at = greatest(old.grouped_at, old.new_grouped)
    FROM old
    WHERE a.id = old.id AND (old.new_first < old.first_at OR old.new_grouped > coalesce(old.grouped_at, '-infinity'))
    RETURNING a.id
),
made AS (
    INSERT INTO accounts_actor (profile_id, workspace_id, first_at, grouped_at, person_id, known_on)
    SELECT s.profile, s.workspace, s.first_at, s.grouped_at, coalesce(p.merged_into_id, p.id), plgcrm_known_day()
    FROM said s JOIN accounts_person p ON p.id = s.profile
    WHERE NOT EXISTS (
        SELECT 1 FROM accounts_actor a
        WHERE a.profile_id = s.profile AND a.workspace_id IS NOT DISTINCT FROM s.workspace
    )
    RETURNING id, profile_id, workspace_id, first_at
)
SELECT id, profile_id, coalesce(workspace_id, 0), first_at, true FROM made
UNION ALL
SELECT a.id, a.profile_id, coalesce(a.workspace_id, 0), least(a.first_at, old.new_first),
       a.id IN (SELECT id FROM changed)
FROM old JOIN accounts_actor a ON a.id = old.id

-- name: set_group_calls
-- The last group call of each actor and day; gives the actors of those that were not known.
INSERT INTO accounts_groupcall AS g (actor_id, day, at)
SELECT actor, (to_timestamp(at) AT TIME ZONE 'UTC')::date, to_timestamp(at)
FROM unnest(%s::int[], %s::float8[]) AS said (actor, at)
ON CONFLICT (actor_id, day) DO UPDATE SET at = excluded.at WHERE excluded.at > g.at
RETURNING actor_id

-- name: said_of_people
-- The latest value of the attributes that name a person, over all rows of the whole person; the best stands last.
SELECT id, name, meaning, text, origin FROM (
    SELECT DISTINCT ON (head.id, a.name) head.id, a.name, a.meaning, a.text, a.origin, a.at
    FROM unnest(%(heads)s::int[]) AS head (id)
    CROSS JOIN LATERAL (
        SELECT head.id UNION ALL SELECT p.id FROM accounts_person p WHERE p.merged_into_id = head.id
    ) AS leaf (id)
    CROSS JOIN LATERAL (
        SELECT k.name, k.person_meaning AS meaning, b.origin, b.at, b.text
        FROM accounts_attribute b JOIN accounts_attributekey k ON k.id = b.key_id
        WHERE b.subject_kind = 1 AND b.subject_id = leaf.id
          AND (k.name = ANY(%(names)s) OR k.person_meaning = ANY(%(meanings)s)) OFFSET 0
    ) a
    ORDER BY head.id, a.name, a.origin DESC, a.at DESC, a.text COLLATE "C" DESC
) said
ORDER BY origin, meaning <> '', at, text COLLATE "C"

-- name: addresses_of_people
-- Every address that was ever said of these whole people, by trust and time: (representative, text), the best last.
SELECT head.id, b.text
FROM unnest(%(heads)s::int[]) AS head (id)
CROSS JOIN LATERAL (
    SELECT head.id UNION ALL SELECT p.id FROM accounts_person p WHERE p.merged_into_id = head.id
) AS leaf (id)
JOIN accounts_attribute b ON b.subject_kind = 1 AND b.subject_id = leaf.id
JOIN accounts_attributekey k ON k.id = b.key_id AND (k.name = 'email' OR k.person_meaning = 'email')
ORDER BY b.origin, k.person_meaning <> '', b.at, b.text COLLATE "C"

-- name: addresses_held
-- The addresses that these whole people said first: (representative, address), the last one said first stands last.
SELECT head.id, i.value
FROM unnest(%(heads)s::int[]) AS head (id)
CROSS JOIN LATERAL (
    SELECT head.id UNION ALL SELECT p.id FROM accounts_person p WHERE p.merged_into_id = head.id
) AS leaf (id)
JOIN accounts_identity i ON i.claimed_by_id = leaf.id AND i.kind = 3 AND i.value NOT LIKE '%%+@%%'
ORDER BY i.claimed_at, i.value COLLATE "C"

-- name: user_ids_with_at
-- The user ids of these whole people that may be addresses: (representative, text), the least last.
SELECT head.id, i.value
FROM unnest(%(heads)s::int[]) AS head (id)
CROSS JOIN LATERAL (
    SELECT head.id UNION ALL SELECT p.id FROM accounts_person p WHERE p.merged_into_id = head.id
) AS leaf (id)
JOIN accounts_identity i ON i.person_id = leaf.id AND i.kind = 1 AND i.value LIKE '%%@%%'
ORDER BY i.value COLLATE "C" DESC

-- name: address_names
-- The names of traits that are a person's address, as an admin said.
SELECT name FROM accounts_attributekey WHERE person_meaning = 'email'

-- name: addresses_said
-- What servers said of these person rows under these names, day by day: (row, time, name, text), the earliest first.
SELECT a.subject_id, a.at, k.name, a.text FROM accounts_attribute a JOIN accounts_attributekey k ON k.id = a.key_id
WHERE a.subject_kind = 1 AND a.subject_id = ANY(%(people)s) AND k.name = ANY(%(names)s) AND a.origin > 0
ORDER BY a.at, a.subject_id, k.name, a.origin

-- name: people_between
-- Ids of person rows from one id on, up to another.
SELECT id FROM accounts_person WHERE id >= %(from)s AND id < %(until)s

-- name: first_person_from
-- The first id of a person row from an id on; NULL where there is none.
SELECT min(id) FROM accounts_person WHERE id >= %(until)s

-- name: address_holders
-- Who an address was first seen with: (address, representative).
SELECT i.value, coalesce(p.merged_into_id, p.id)
FROM accounts_identity i JOIN accounts_person p ON p.id = coalesce(i.claimed_by_id, i.person_id)
WHERE i.source_id = 0 AND i.kind = 3 AND i.value = ANY(%s)

-- name: admin_roles
-- The roles that run a workspace, as an admin said; NULL: nobody said.
SELECT (SELECT admin_roles FROM accounts_identityversion)

-- name: set_people
-- Writes what was derived about people; rows where nothing differs are left alone.
UPDATE accounts_person p
SET email = new.email, name = new.name, title = new.title, role = new.role, domain = new.domain, email_kind = new.email_kind,
    excluded_by = new.excluded_by, signed_up_at = to_timestamp(new.signed_up), is_product_admin = new.runs_it,
    company_since = new.company_since, is_visitor = new.is_visitor
FROM (
    SELECT *, role = ANY(%s::text[]) AS runs_it, '1970-01-01'::date + since AS company_since,
           email_kind IN ('', 'invalid') AND NOT EXISTS (
               SELECT 1 FROM accounts_person leaf JOIN accounts_identity i ON i.person_id = leaf.id AND i.kind = 1
               WHERE leaf.id = said.id OR leaf.merged_into_id = said.id
           ) AS is_visitor
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::float8[],
                %s::int[])
      AS said (id, email, name, title, role, domain, email_kind, excluded_by, signed_up, since)
) new
WHERE p.id = new.id
  AND (p.email, p.name, p.title, p.role, p.domain, p.email_kind, p.excluded_by, p.signed_up_at, p.is_product_admin,
       p.company_since, p.is_visitor)
      IS DISTINCT FROM (new.email, new.name, new.title, new.role, new.domain, new.email_kind, new.excluded_by,
                        to_timestamp(new.signed_up), new.runs_it, new.company_since, new.is_visitor)

-- name: accounts_of_domains
-- The account of each company domain, or what that is part of; made where missing: (id, domain).
WITH wanted AS (SELECT unnest(%s::text[]) AS domain),
given AS (
    SELECT g.account_id AS id, domain FROM accounts_accountdomain g JOIN wanted USING (domain)
    UNION ALL SELECT a.id, domain FROM accounts_account a JOIN wanted USING (domain)
),
made AS (
    INSERT INTO accounts_account (name, domain, created_at)
    SELECT domain, domain, now() FROM wanted
    WHERE NOT EXISTS (SELECT 1 FROM given WHERE given.domain = wanted.domain)
    ON CONFLICT DO NOTHING RETURNING id, domain
)
SELECT id, domain FROM made
UNION ALL
SELECT coalesce(c.joined_into_id, c.id), given.domain FROM given JOIN accounts_account c ON c.id = given.id

-- name: workspaces_of_people
-- The workspaces in which these people are active.
SELECT DISTINCT workspace_id FROM accounts_actor WHERE person_id = ANY(%s) AND workspace_id IS NOT NULL

-- name: said_of_workspaces
-- What tells a workspace's company: its external id, and the latest values of its naming attributes, the best last.
SELECT w.id, w.external_id, said.name, said.meaning, said.text, said.origin
FROM accounts_workspace w
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (k.name) k.name, k.company_meaning AS meaning, a.text, a.origin, a.at
    FROM accounts_attribute a JOIN accounts_attributekey k
      ON k.id = a.key_id AND (k.name = ANY(%(names)s) OR k.company_meaning = ANY(%(meanings)s))
    WHERE a.subject_kind = 2 AND a.subject_id = w.id
    ORDER BY k.name, a.origin DESC, a.at DESC, a.text COLLATE "C" DESC
) said ON true
WHERE w.id = ANY(%(workspaces)s)
ORDER BY said.origin, said.meaning <> '', said.at, said.text COLLATE "C"

-- name: founders
-- The company of a workspace's earliest member who has one: (workspace, domain, whether they had another when they came).
SELECT w.id, first.domain, first.has_left
FROM unnest(%s::int[]) AS w (id)
CROSS JOIN LATERAL (
    SELECT p.domain, coalesce(p.company_since > (a.first_at AT TIME ZONE 'UTC')::date, false) AS has_left FROM accounts_actor a JOIN accounts_person p ON p.id = a.person_id
    WHERE a.workspace_id = w.id AND p.email_kind = 'corporate' AND p.excluded_by = ''
    ORDER BY a.first_at, p.domain COLLATE "C" LIMIT 1
) first

-- name: known_to_servers
-- Those of these domains of whose company a server has spoken: by an address, or by a workspace.
SELECT wanted.domain FROM unnest(%s::text[]) AS wanted (domain)
JOIN LATERAL ({account_of_domain:wanted}) c ON true
WHERE EXISTS (
    SELECT 1 FROM accounts_workspace w
    JOIN accounts_attribute t ON t.subject_kind = 2 AND t.subject_id = w.id AND t.origin > 0
    WHERE w.account_id = c.id
) OR EXISTS (
    SELECT 1 FROM accounts_person p
    JOIN accounts_attribute t ON t.subject_kind = 1 AND t.subject_id = p.id AND t.origin > 0
    WHERE p.account_id = c.id
) OR EXISTS (
    SELECT 1 FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id
    JOIN accounts_attribute t ON t.subject_kind = 1 AND t.subject_id = a.profile_id AND t.origin > 0
    WHERE l.account_id = c.id  -- also where everybody has left
)

-- name: account_of_domain
-- A piece: the account that people of a domain belong to: by hand, else by its main domain; what that is part of.
SELECT coalesce(own.joined_into_id, own.id) AS id FROM accounts_account own
WHERE own.id = coalesce((SELECT g.account_id FROM accounts_accountdomain g WHERE g.domain = {0}.domain),
                        (SELECT d.id FROM accounts_account d WHERE d.domain = {0}.domain))

-- name: placed_by_hand
-- A piece: the account that somebody has put a whole person into; what that is part of.
SELECT coalesce(c.joined_into_id, c.id) AS id
FROM accounts_person leaf JOIN accounts_account c ON c.id = leaf.placed_in_id
WHERE leaf.placed_in_id IS NOT NULL AND coalesce(leaf.merged_into_id, leaf.id) = {0}.id
ORDER BY leaf.id LIMIT 1

-- name: own_account
-- A piece: the account that stands for a whole person of no known company; what that is part of.
SELECT coalesce(c.joined_into_id, c.id) AS id
FROM accounts_person leaf JOIN accounts_account c ON c.stands_for_id = leaf.id
WHERE leaf.id = {0}.id OR leaf.merged_into_id = {0}.id
ORDER BY c.id LIMIT 1

-- name: new_own_accounts
-- Accounts of their own for those of these whole people who have none: whom they stand for. A list or a hand may name them.
INSERT INTO accounts_account (name, stands_for_id, created_at)
SELECT left(coalesce(nullif(p.name, ''), nullif(p.email, ''), 'Visitor'), 180) || ' (company unknown)', p.id, now()
FROM accounts_person p
WHERE p.id = ANY(%(people)s) AND p.merged_into_id IS NULL AND p.account_id IS NULL AND p.excluded_by = ''
ON CONFLICT (stands_for_id) DO NOTHING
RETURNING stands_for_id

-- name: companies_known
-- Accounts of people whose company is known by now, with that. One that somebody took apart again stays so.
SELECT own.id, head.account_id
FROM accounts_account own
JOIN accounts_person leaf ON leaf.id = own.stands_for_id
JOIN accounts_person head ON head.id = coalesce(leaf.merged_into_id, leaf.id)
JOIN accounts_account company ON company.id = head.account_id AND company.joined_into_id IS NULL
WHERE own.joined_into_id IS NULL AND own.id <> head.account_id
  AND NOT EXISTS (
      SELECT 1 FROM accounts_correction c WHERE c.verb = 'join' AND c.other_id = own.id AND c.undone_at IS NOT NULL
  )
ORDER BY own.id LIMIT 100

-- name: set_workspaces
-- Gives the workspaces whose account changed, or the companies before it, and which it was. Where a hand put one goes
-- before what it says of itself, and has no past.
WITH new AS (
    SELECT n.id, n.name, coalesce(c.joined_into_id, c.id) AS account, to_timestamp(n.signed_up) AS signed_up_at,
           CASE WHEN w.placed_in_id IS NULL THEN nullif(n.past, '')::jsonb END AS past
    FROM unnest(%s::int[], %s::text[], %s::int[], %s::float8[], %s::text[]) AS n (id, name, account, signed_up, past)
    JOIN accounts_workspace w ON w.id = n.id
    LEFT JOIN accounts_account c ON c.id = coalesce(w.placed_in_id, nullif(n.account, 0)) AND w.excluded_by = ''
),
old AS (SELECT w.id, w.account_id, w.past_companies FROM accounts_workspace w JOIN new USING (id)),
done AS (
    UPDATE accounts_workspace w
    SET name = new.name, account_id = new.account, signed_up_at = new.signed_up_at, past_companies = new.past
    FROM new
    WHERE w.id = new.id
      AND (w.name, w.account_id, w.signed_up_at, w.past_companies)
          IS DISTINCT FROM (new.name, new.account, new.signed_up_at, new.past)
    RETURNING w.id, w.account_id, w.past_companies
)
SELECT done.id, old.account_id FROM done JOIN old USING (id)
WHERE (old.account_id, old.past_companies) IS DISTINCT FROM (done.account_id, done.past_companies)

-- name: people_of_workspaces
-- The people who are active in these workspaces.
SELECT DISTINCT person_id FROM accounts_actor WHERE workspace_id = ANY(%s)

-- name: name_accounts
-- An account is called as its first workspace is; until there is one, by its domain. What a list or a hand says of its
-- name (an attribute of the account itself) goes before both.
UPDATE accounts_account account SET name = first.name
FROM (
    SELECT DISTINCT ON (w.account_id) w.account_id, w.name
    FROM accounts_workspace w JOIN accounts_actor a ON a.workspace_id = w.id
    WHERE w.account_id IN (SELECT account_id FROM accounts_workspace WHERE id = ANY(%s)) AND w.name <> ''
    ORDER BY w.account_id, EXISTS (
        SELECT 1 FROM accounts_attribute t WHERE t.subject_kind = 2 AND t.subject_id = w.id AND t.origin > 0
    ) DESC, a.first_at, w.spelling COLLATE "C"
) first
WHERE account.id = first.account_id AND account.name <> first.name
  AND NOT EXISTS (
      SELECT 1 FROM accounts_attribute t JOIN accounts_attributekey k ON k.id = t.key_id AND k.name = 'company_name'
      WHERE t.subject_kind = 3 AND t.subject_id = account.id
  )

-- name: set_person_accounts
-- A person's account: where a hand put them, else of the home workspace (latest group call, else earliest joined), else of
-- the mail domain, else one of their own, where they asked for something.
UPDATE accounts_person p SET account_id = found.account_id
FROM (
    SELECT p.id, CASE WHEN p.excluded_by <> '' THEN NULL
                      ELSE coalesce(({placed_by_hand:p}), home.account_id, company.id, ({own_account:p})) END AS account_id
    FROM accounts_person p
    LEFT JOIN LATERAL (
        SELECT w.account_id FROM accounts_actor a JOIN accounts_workspace w ON w.id = a.workspace_id
        WHERE a.person_id = p.id AND w.account_id IS NOT NULL
        ORDER BY a.grouped_at DESC NULLS LAST, a.first_at, w.spelling COLLATE "C" LIMIT 1
    ) home ON true
    LEFT JOIN LATERAL ({account_of_domain:p}) company ON p.email_kind = 'corporate'
    WHERE p.id = ANY(%s)
) found
WHERE p.id = found.id AND p.account_id IS DISTINCT FROM found.account_id

-- name: set_actors
-- Derives person and account of the actors of these whole persons; gives the accounts that lost or won something. Whom
-- a hand put into an account acts for that, in every workspace.
WITH found AS (
    SELECT a.id, a.account_id AS old_account, a.person_id AS old_person, head.id AS person,
           CASE WHEN head.excluded_by <> '' OR coalesce(w.excluded_by, '') <> '' THEN NULL
                ELSE coalesce(({placed_by_hand:head}), w.account_id, head.account_id) END AS account
    FROM accounts_person profile
    JOIN accounts_actor a ON a.profile_id = profile.id
    JOIN accounts_person head ON head.id = coalesce(profile.merged_into_id, profile.id)
    LEFT JOIN accounts_workspace w ON w.id = a.workspace_id
    WHERE profile.id = ANY(%(people)s)
),
done AS (
    UPDATE accounts_actor a SET person_id = found.person, account_id = found.account
    FROM found
    WHERE a.id = found.id AND (found.old_person, found.old_account) IS DISTINCT FROM (found.person, found.account)
    RETURNING found.old_account, found.account
)
SELECT old_account FROM done WHERE old_account IS NOT NULL UNION SELECT account FROM done WHERE account IS NOT NULL

-- name: accounts_of_people
-- The accounts these whole persons act in, or did: their scores may change when what is known of them does.
SELECT account_id FROM accounts_actor WHERE person_id = ANY(%(people)s) AND account_id IS NOT NULL
UNION
SELECT l.account_id FROM accounts_actor a JOIN accounts_pastlink l ON l.actor_id = a.id
WHERE a.person_id = ANY(%(people)s) AND a.account_since IS NOT NULL AND l.account_id IS NOT NULL

-- name: addresses_over_time
-- What was ever said of the addresses of these whole people, where it was not always the same:
-- representative, row, name, origin, whether an admin gave the name its meaning, time, text.
WITH said AS MATERIALIZED (
    SELECT head.id, leaf.id AS leaf, a.name, a.origin, a.meaning <> '' AS is_told, a.at, a.text
    FROM unnest(%(heads)s::int[]) AS head (id)
    CROSS JOIN LATERAL (
        SELECT head.id UNION ALL SELECT p.id FROM accounts_person p WHERE p.merged_into_id = head.id
    ) AS leaf (id)
    CROSS JOIN LATERAL (
        SELECT k.name, k.person_meaning AS meaning, b.origin, b.at, b.text
        FROM accounts_attribute b JOIN accounts_attributekey k ON k.id = b.key_id
        WHERE b.subject_kind = 1 AND b.subject_id = leaf.id
          AND (k.name IN ('email', %(along)s) OR k.person_meaning = 'email') OFFSET 0
    ) a
)
SELECT s.* FROM said s JOIN (SELECT id FROM said GROUP BY id HAVING count(DISTINCT text) > 1) several USING (id)

-- name: websites_over_time
-- What was ever said of the websites and domains of these workspaces, where it was not always the same:
-- workspace, whether it is the website, name, origin, whether an admin gave the name its meaning, time, text.
WITH said AS MATERIALIZED (
    SELECT a.subject_id, k.name = 'website' OR k.company_meaning = 'website' AS is_website, k.name, a.origin,
           k.company_meaning <> '' AS is_told, a.at, a.text
    FROM accounts_attribute a JOIN accounts_attributekey k
      ON k.id = a.key_id AND (k.name IN ('website', 'domain') OR k.company_meaning = 'website')
    WHERE a.subject_kind = 2 AND a.subject_id = ANY(%s) AND a.text <> ''
)
SELECT s.* FROM said s
JOIN (SELECT subject_id FROM said GROUP BY subject_id HAVING count(DISTINCT text) > 1) several USING (subject_id)

-- name: first_members
-- Of each workspace the members with a company, the first at the beginning, so many at most:
-- workspace, person, first seen, domain, since when they have it.
SELECT w.id, m.* FROM unnest(%s::int[]) AS w (id)
CROSS JOIN LATERAL (
    SELECT p.id AS person, min(a.first_at) AS first_at, p.domain, p.company_since
    FROM accounts_actor a JOIN accounts_person p ON p.id = a.person_id
    WHERE a.workspace_id = w.id AND p.email_kind = 'corporate' AND p.excluded_by = ''
    GROUP BY p.id ORDER BY 2, p.domain COLLATE "C" LIMIT %s
) m
ORDER BY w.id, m.first_at, m.domain COLLATE "C"

-- name: movers
-- Those of these whole people whose address moved, who act in a workspace that moved, who have past links, or whose
-- group calls name several workspaces.
SELECT p.id FROM unnest(%(heads)s::int[]) AS head (id) JOIN accounts_person p USING (id)
WHERE p.company_since IS NOT NULL
  OR EXISTS (
      SELECT 1 FROM accounts_actor a LEFT JOIN accounts_workspace w ON w.id = a.workspace_id
      WHERE a.person_id = p.id AND (a.account_since IS NOT NULL OR w.past_companies IS NOT NULL)
  )
  OR 1 < (
      SELECT count(DISTINCT a.workspace_id) FROM accounts_actor a
      WHERE a.person_id = p.id AND a.grouped_at IS NOT NULL
  )

-- name: without_past
-- Those of these whole people who are excluded or whom a hand has put into an account, with their actors.
SELECT p.id, a.id
FROM unnest(%(heads)s::int[]) AS head (id)
JOIN accounts_person p USING (id)
LEFT JOIN accounts_actor a ON a.person_id = p.id
WHERE p.excluded_by <> '' OR EXISTS ({placed_by_hand:p})

-- name: nowhere
-- The actors of these whole people in workspaces that are excluded.
SELECT a.id FROM accounts_actor a JOIN accounts_workspace w ON w.id = a.workspace_id
WHERE a.person_id = ANY(%(heads)s) AND w.excluded_by <> ''

-- name: acting
-- The actors of these whole people: actor, representative, workspace (0 for none), its spelling, first seen, the
-- workspace's account and its companies before.
SELECT a.id, head.id, coalesce(w.id, 0), coalesce(w.spelling, w.external_id, ''), a.first_at,
       coalesce(w.account_id, 0), w.past_companies
FROM unnest(%(heads)s::int[]) AS head (id)
JOIN accounts_actor a ON a.person_id = head.id
LEFT JOIN accounts_workspace w ON w.id = a.workspace_id

-- name: domains_of_people
-- The companies of people whose address names one.
SELECT id, domain FROM accounts_person WHERE id = ANY(%s) AND email_kind = 'corporate'

-- name: group_calls
-- The last group call of each day of these whole people: actor, time.
SELECT a.id, g.at
FROM accounts_actor a JOIN accounts_groupcall g ON g.actor_id = a.id WHERE a.person_id = ANY(%(heads)s)

-- name: set_accounts_of_movers
-- The account that people who moved belong to by now; where that is none, the one that stands for them.
UPDATE accounts_person p SET account_id = found.account
FROM (
    SELECT p.id, coalesce(nullif(new.account, 0), ({own_account:p})) AS account
    FROM unnest(%s::int[], %s::int[]) AS new (id, account) JOIN accounts_person p USING (id)
) found
WHERE p.id = found.id AND p.account_id IS DISTINCT FROM found.account

-- name: past_links
-- The past links of these actors.
SELECT actor_id, coalesce(account_id, 0), from_day, until_day FROM accounts_pastlink WHERE actor_id = ANY(%s)

-- name: drop_past_links
-- Those that are no more. Parameters: changed (actors), actors and untils (of all that are to stand).
DELETE FROM accounts_pastlink l WHERE l.actor_id = ANY(%(changed)s::int[])
  AND NOT EXISTS (
      SELECT 1 FROM unnest(%(actors)s::int[], %(untils)s::int[]) AS new (actor, until)
      WHERE new.actor = l.actor_id AND '1970-01-01'::date + new.until = l.until_day
  )

-- name: set_past_links
-- Those that are to stand. We know since today where somebody left on a day; what was known before stays known.
INSERT INTO accounts_pastlink AS l (actor_id, account_id, from_day, until_day, known_day)
SELECT actor, nullif(account, 0), '1970-01-01'::date + since, '1970-01-01'::date + until, %(known)s
FROM unnest(%(actors)s::int[], %(accounts)s::int[], %(froms)s::int[], %(untils)s::int[])
  AS new (actor, account, since, until)
ON CONFLICT (actor_id, until_day) DO UPDATE
SET account_id = excluded.account_id, from_day = excluded.from_day,
    known_day = CASE WHEN l.account_id IS NOT DISTINCT FROM excluded.account_id THEN l.known_day
                     ELSE excluded.known_day END
WHERE (l.account_id, l.from_day) IS DISTINCT FROM (excluded.account_id, excluded.from_day)

-- name: set_account_since
-- Since when the present account of these actors holds. Parameters: changed (actors), since.
UPDATE accounts_actor a SET account_since = '1970-01-01'::date + new.since
FROM unnest(%(changed)s::int[], %(since)s::int[]) AS new (actor, since) WHERE a.id = new.actor

-- name: touch
-- Marks accounts to be scored again.
INSERT INTO accounts_dirtymark (actors, accounts) VALUES ('{}', %s::int[])
