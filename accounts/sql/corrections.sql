-- What people correct by hand. All of it runs under advisory.IDENTITY.

-- name: people_in
-- The person rows that belong to an account or act for it, or did.
SELECT id FROM accounts_person WHERE account_id = %(account)s
UNION SELECT profile_id FROM accounts_actor WHERE account_id = %(account)s
UNION SELECT a.profile_id FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id
WHERE l.account_id = %(account)s

-- name: workspaces_in
-- The workspaces of an account.
SELECT id FROM accounts_workspace WHERE account_id = %(account)s

-- name: joins_among
-- The joins in force among an account and all that are part of it: (part, whole as it was then).
SELECT j.other_id, j.account_id FROM accounts_correction j
JOIN accounts_account part ON part.id = j.other_id
WHERE j.verb = 'join' AND j.undone_at IS NULL AND (part.id = %(root)s OR part.joined_into_id = %(root)s)

-- name: set_joined
-- Says of each account what it is part of; 0: of none.
UPDATE accounts_account a SET joined_into_id = nullif(new.root, 0)
FROM unnest(%(ids)s::int[], %(roots)s::int[]) AS new (id, root)
WHERE a.id = new.id AND a.joined_into_id IS DISTINCT FROM nullif(new.root, 0)

-- name: drop_names
-- Takes away what hands said of an account's name: what it was, as JSON.
WITH gone AS (
    DELETE FROM accounts_attribute t USING accounts_attributekey k
    WHERE k.id = t.key_id AND k.name = 'company_name' AND t.subject_kind = 3 AND t.subject_id = %(account)s
      AND t.origin = 3
    RETURNING t.*
)
SELECT coalesce(jsonb_agg(to_jsonb(gone) ORDER BY gone.day), '[]') FROM gone

-- name: put_names
-- Puts back what hands said of an account's name. Parameter: rows, as drop_names gave them.
INSERT INTO accounts_attribute SELECT * FROM jsonb_populate_recordset(NULL::accounts_attribute, %(rows)s::jsonb)

-- name: in_account
-- What moves with an account: workspaces, identified people, the first few names of each.
SELECT (SELECT count(*)::int FROM accounts_workspace WHERE account_id = %(account)s) AS workspaces,
       (SELECT count(*)::int FROM ({whole}) p) AS people,
       ARRAY(SELECT coalesce(nullif(name, ''), external_id) FROM accounts_workspace WHERE account_id = %(account)s
             ORDER BY id LIMIT %(named)s) AS workspace_names,
       ARRAY(SELECT coalesce(nullif(p.name, ''), p.email) FROM ({whole}) w JOIN accounts_person p ON p.id = w.id
             WHERE p.name <> '' OR p.email <> '' ORDER BY p.id LIMIT %(named)s) AS people_names

-- name: whole
-- A piece: the whole people who belong to an account or act for it.
SELECT id FROM accounts_person WHERE account_id = %(account)s AND merged_into_id IS NULL
UNION SELECT person_id FROM accounts_actor WHERE account_id = %(account)s

-- name: say_name
-- What a hand says of an account's name, as of its day.
INSERT INTO accounts_attribute (subject_kind, subject_id, key_id, origin, day, at, number, text)
SELECT 3, %(account)s, k.id, 3, (%(at)s::timestamptz AT TIME ZONE 'UTC')::date, %(at)s, NULL, %(name)s
FROM accounts_attributekey k WHERE k.name = 'company_name'
