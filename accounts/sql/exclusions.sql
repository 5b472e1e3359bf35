-- Who is kept out, by something else than an address. Asked only where such an exclusion stands.

-- name: user_ids_of
-- The user ids of these whole people: (representative, id).
SELECT coalesce(p.merged_into_id, p.id), i.value
FROM accounts_person p JOIN accounts_identity i ON i.person_id = p.id AND i.kind = 1
WHERE p.id = ANY(%(heads)s) OR p.merged_into_id = ANY(%(heads)s)
ORDER BY 1, 2

-- name: traffic_of
-- The ids under which excluded traffic is kept, of these whole people: (representative, id).
SELECT coalesce(p.merged_into_id, p.id), i.value
FROM accounts_identity i JOIN accounts_person p ON p.id = i.person_id
WHERE i.kind = 2 AND i.value = ANY(%(names)s) AND coalesce(p.merged_into_id, p.id) = ANY(%(heads)s)

-- name: workspaces_named
-- These workspaces by id and name.
SELECT id, external_id, name FROM accounts_workspace WHERE id = ANY(%(workspaces)s)

-- name: exclude_workspaces
-- Says of each workspace what keeps it out; "" for nothing.
UPDATE accounts_workspace w SET excluded_by = new.words
FROM unnest(%(workspaces)s::int[], %(words)s::text[]) AS new (id, words)
WHERE w.id = new.id AND w.excluded_by <> new.words

-- name: people_with_user_id
-- Whole people one of whose user ids is like a pattern, so many at most.
SELECT DISTINCT coalesce(p.merged_into_id, p.id) FROM accounts_identity i JOIN accounts_person p ON p.id = i.person_id
WHERE i.kind = 1 AND i.value ILIKE %(like)s LIMIT %(most)s

-- name: people_with_trait
-- Whole people of whom a trait was once said like a pattern, so many at most.
SELECT DISTINCT coalesce(p.merged_into_id, p.id)
FROM accounts_attribute a JOIN accounts_attributekey k ON k.id = a.key_id AND k.name = %(name)s
JOIN accounts_person p ON p.id = a.subject_id
WHERE a.subject_kind = 1 AND a.text ILIKE %(like)s LIMIT %(most)s

-- name: people_at_domain
-- Whole people with an address at a domain or below it, so many at most.
SELECT p.id FROM accounts_person p
WHERE p.merged_into_id IS NULL AND (upper(p.email) LIKE '%%@' || upper(%(domain)s) OR upper(p.email) LIKE '%%@%%.' || upper(%(domain)s))
ORDER BY p.id LIMIT %(most)s

-- name: people_with_address
-- Whole people whose address is like a pattern, so many at most.
SELECT p.id FROM accounts_person p
WHERE p.merged_into_id IS NULL AND p.email <> '' AND upper(p.email) LIKE upper(%(like)s) ORDER BY p.id LIMIT %(most)s

-- name: workspaces_like
-- Workspaces whose id or name is like a pattern, so many at most.
SELECT id FROM accounts_workspace WHERE external_id ILIKE %(like)s OR name ILIKE %(like)s ORDER BY id LIMIT %(most)s
