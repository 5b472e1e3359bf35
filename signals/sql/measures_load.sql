-- Reads of the measure engine. Fixed-width columns, read as one block by plgcrm.common.sql.columns.

-- name: usage_of_some
-- Usage of the given accounts' actors: one index range for each actor, whatever others have stored.
-- Two numbers a row, in halves: actor and definition, day and count; fewer values are gathered and sent faster.
SELECT u.actor_id::bigint << 32 | u.definition_id, (u.day - '1970-01-01'::date)::bigint << 32 | u.count
FROM accounts_actor a
CROSS JOIN LATERAL (
    SELECT * FROM signals_usage r
    WHERE r.actor_id = a.id
      AND (r.definition_id = ANY(%(ever)s) OR (r.definition_id = ANY(%(wanted)s) AND r.day >= %(since)s))
    OFFSET 0
) u
WHERE a.account_id = ANY(%(accounts)s)

-- name: usage_of_range
-- The same for a whole range of account ids: for sweeps, where reading everything once is cheapest.
SELECT u.actor_id::bigint << 32 | u.definition_id, (u.day - '1970-01-01'::date)::bigint << 32 | u.count
FROM accounts_actor a JOIN signals_usage u ON u.actor_id = a.id
WHERE a.account_id BETWEEN %(first)s AND %(last)s
  AND (u.definition_id = ANY(%(ever)s) OR (u.definition_id = ANY(%(wanted)s) AND u.day >= %(since)s))

-- name: usage_of_actors
-- The same of some actors: of those who had a place in the accounts and have left.
SELECT u.actor_id::bigint << 32 | u.definition_id, (u.day - '1970-01-01'::date)::bigint << 32 | u.count
FROM signals_usage u
WHERE u.actor_id = ANY(%(actors)s)
  AND (u.definition_id = ANY(%(ever)s) OR (u.definition_id = ANY(%(wanted)s) AND u.day >= %(since)s))

-- name: members_of_some
-- Who acts where, since which day, and whether as an administrator; the days that count there. With those who have left:
-- a few rows, for who never moved has none. Grain: actor, stay.
SELECT a.id, a.account_id, a.person_id, coalesce(a.workspace_id, -1),
       extract(epoch FROM a.first_at)::bigint, coalesce(extract(epoch FROM p.signed_up_at), -1)::bigint,
       p.is_product_admin::int, coalesce(a.account_since - '1970-01-01'::date, -2147483648), 2147483647, p.is_visitor::int
FROM accounts_actor a JOIN accounts_person p ON p.id = a.person_id
WHERE a.account_id = ANY(%(accounts)s)
UNION ALL
SELECT a.id, l.account_id, a.person_id, coalesce(a.workspace_id, -1),
       extract(epoch FROM a.first_at)::bigint, coalesce(extract(epoch FROM p.signed_up_at), -1)::bigint,
       p.is_product_admin::int, coalesce(l.from_day - '1970-01-01'::date, -2147483648), l.until_day - '1970-01-01'::date,
       p.is_visitor::int
FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id JOIN accounts_person p ON p.id = a.person_id
WHERE l.account_id = ANY(%(accounts)s)

-- name: members_of_range
-- The same for a whole range of account ids.
SELECT a.id, a.account_id, a.person_id, coalesce(a.workspace_id, -1),
       extract(epoch FROM a.first_at)::bigint, coalesce(extract(epoch FROM p.signed_up_at), -1)::bigint,
       p.is_product_admin::int, coalesce(a.account_since - '1970-01-01'::date, -2147483648), 2147483647, p.is_visitor::int
FROM accounts_actor a JOIN accounts_person p ON p.id = a.person_id
WHERE a.account_id BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT a.id, l.account_id, a.person_id, coalesce(a.workspace_id, -1),
       extract(epoch FROM a.first_at)::bigint, coalesce(extract(epoch FROM p.signed_up_at), -1)::bigint,
       p.is_product_admin::int, coalesce(l.from_day - '1970-01-01'::date, -2147483648), l.until_day - '1970-01-01'::date,
       p.is_visitor::int
FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id JOIN accounts_person p ON p.id = a.person_id
WHERE l.account_id BETWEEN %(first)s AND %(last)s

-- name: signed_up_some
-- When the companies say that they signed up, in seconds since 1970: (account, earliest).
SELECT account_id, extract(epoch FROM min(signed_up_at))::bigint FROM accounts_workspace
WHERE account_id = ANY(%(accounts)s) AND signed_up_at IS NOT NULL GROUP BY account_id

-- name: signed_up_range
-- The same for a whole range of account ids.
SELECT account_id, extract(epoch FROM min(signed_up_at))::bigint FROM accounts_workspace
WHERE account_id BETWEEN %(first)s AND %(last)s AND signed_up_at IS NOT NULL GROUP BY account_id

-- name: attributes_of_some
-- All that was said of the accounts, of those joined to them, and of their workspaces. Grain: holder, key, origin, day.
SELECT h.subject, h.id * 4 + h.kind, a.key_id, extract(epoch FROM a.at)::bigint, coalesce(a.number, 'NaN'),
       a.day - '1970-01-01'::date, a.origin::int, a.text
FROM (
    SELECT w.account_id AS subject, 2 AS kind, w.id FROM accounts_workspace w WHERE w.account_id = ANY(%(accounts)s)
    UNION ALL SELECT unnest(%(accounts)s::int[]), 3, unnest(%(accounts)s::int[])
    UNION ALL SELECT joined_into_id, 3, id FROM accounts_account WHERE joined_into_id = ANY(%(accounts)s)
) h
CROSS JOIN LATERAL (
    SELECT * FROM accounts_attribute b
    WHERE b.subject_kind = h.kind AND b.subject_id = h.id AND b.key_id = ANY(%(keys)s)
    OFFSET 0
) a

-- name: attributes_of_range
-- The same for a whole range of account ids.
SELECT h.subject, h.id * 4 + h.kind, a.key_id, extract(epoch FROM a.at)::bigint, coalesce(a.number, 'NaN'),
       a.day - '1970-01-01'::date, a.origin::int, a.text
FROM (
    SELECT w.account_id AS subject, 2 AS kind, w.id FROM accounts_workspace w
    WHERE w.account_id BETWEEN %(first)s AND %(last)s
    UNION ALL SELECT id, 3, id FROM accounts_account WHERE id BETWEEN %(first)s AND %(last)s
    UNION ALL SELECT joined_into_id, 3, id FROM accounts_account WHERE joined_into_id BETWEEN %(first)s AND %(last)s
) h
JOIN accounts_attribute a ON a.subject_kind = h.kind AND a.subject_id = h.id
WHERE a.key_id = ANY(%(keys)s)

-- name: said_in_some
-- What people of the accounts say, of themselves and of their company, on the days on which they belong there.
-- Grain: person row, key, origin, day.
SELECT m.account_id, m.profile_id * 4 + 1, a.key_id, extract(epoch FROM a.at)::bigint, coalesce(a.number, 'NaN'),
       a.day - '1970-01-01'::date, a.origin::int, a.text
FROM (
    SELECT account_id, profile_id, min(coalesce(account_since, '-infinity')) AS since, 'infinity'::date AS until
    FROM accounts_actor WHERE account_id = ANY(%(accounts)s) GROUP BY account_id, profile_id
    UNION ALL
    SELECT DISTINCT l.account_id, a.profile_id, coalesce(l.from_day, '-infinity'), l.until_day
    FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id WHERE l.account_id = ANY(%(accounts)s)
) m
CROSS JOIN LATERAL (
    SELECT * FROM accounts_attribute b
    WHERE b.subject_kind = 1 AND b.subject_id = m.profile_id AND b.key_id = ANY(%(keys)s)
      AND b.day >= m.since AND b.day < m.until
    OFFSET 0
) a

-- name: said_in_range
-- The same for a whole range of account ids.
SELECT m.account_id, m.profile_id * 4 + 1, a.key_id, extract(epoch FROM a.at)::bigint, coalesce(a.number, 'NaN'),
       a.day - '1970-01-01'::date, a.origin::int, a.text
FROM (
    SELECT account_id, profile_id, min(coalesce(account_since, '-infinity')) AS since, 'infinity'::date AS until
    FROM accounts_actor WHERE account_id BETWEEN %(first)s AND %(last)s GROUP BY account_id, profile_id
    UNION ALL
    SELECT DISTINCT l.account_id, a.profile_id, coalesce(l.from_day, '-infinity'), l.until_day
    FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id
    WHERE l.account_id BETWEEN %(first)s AND %(last)s
) m
JOIN accounts_attribute a ON a.subject_kind = 1 AND a.subject_id = m.profile_id
WHERE a.key_id = ANY(%(keys)s) AND a.day >= m.since AND a.day < m.until

-- name: sign_up_said_some
-- What lists and hands say of when companies signed up: (account, text, number), the best last.
SELECT h.subject, a.text, a.number FROM (
    SELECT unnest(%(accounts)s::int[]) AS subject, unnest(%(accounts)s::int[]) AS id
    UNION ALL SELECT joined_into_id, id FROM accounts_account WHERE joined_into_id = ANY(%(accounts)s)
) h
JOIN accounts_attribute a ON a.subject_kind = 3 AND a.subject_id = h.id
JOIN accounts_attributekey k ON k.id = a.key_id
WHERE (k.company_meaning = 'company_created_at' OR k.name = ANY(%(names)s))
ORDER BY a.origin, k.company_meaning <> '', a.at

-- name: sign_up_said_range
-- The same for a whole range of account ids.
SELECT h.subject, a.text, a.number FROM (
    SELECT id AS subject, id FROM accounts_account WHERE id BETWEEN %(first)s AND %(last)s
    UNION ALL SELECT joined_into_id, id FROM accounts_account WHERE joined_into_id BETWEEN %(first)s AND %(last)s
) h
JOIN accounts_attribute a ON a.subject_kind = 3 AND a.subject_id = h.id
JOIN accounts_attributekey k ON k.id = a.key_id
WHERE (k.company_meaning = 'company_created_at' OR k.name = ANY(%(names)s))
ORDER BY a.origin, k.company_meaning <> '', a.at

-- name: people_signed_up
-- When people signed up, in seconds since 1970: as they say, else the day of their first sign-up event.
SELECT p.id, extract(epoch FROM coalesce(p.signed_up_at, event.day::timestamp AT TIME ZONE 'UTC'))::bigint
FROM accounts_person p
LEFT JOIN LATERAL (
    SELECT min(u.day) AS day FROM accounts_actor a JOIN signals_usage u ON u.actor_id = a.id
    WHERE p.signed_up_at IS NULL AND a.person_id = p.id AND u.definition_id = %(signed_up)s
) event ON true
WHERE p.id = ANY(%(people)s) AND (p.signed_up_at IS NOT NULL OR event.day IS NOT NULL)

-- name: first_days
-- The first days on which each of these actors did anything that counts: (actor, day since 1970), up to three each.
SELECT a.id::int, r.day - '1970-01-01'::date
FROM unnest(%(actors)s::int[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT DISTINCT u.day FROM signals_usage u WHERE u.actor_id = a.id ORDER BY u.day LIMIT 3
) r

-- name: attributes_of_people
-- All that was said of people, over all rows of each whole person. Grain: person row, key, origin, day.
SELECT coalesce(p.merged_into_id, p.id), p.id * 4 + 1, a.key_id, extract(epoch FROM a.at)::bigint,
       coalesce(a.number, 'NaN'), a.day - '1970-01-01'::date, a.origin::int, a.text
FROM (
    SELECT id, merged_into_id FROM accounts_person WHERE id = ANY(%(people)s)
    UNION
    SELECT id, merged_into_id FROM accounts_person WHERE merged_into_id = ANY(%(people)s)
) p
CROSS JOIN LATERAL (
    SELECT * FROM accounts_attribute b
    WHERE b.subject_kind = 1 AND b.subject_id = p.id AND b.key_id = ANY(%(keys)s)
    OFFSET 0
) a

-- name: account_ids
-- All but those that are part of another, in order: a sweep goes through them in ranges.
SELECT id FROM accounts_account WHERE joined_into_id IS NULL ORDER BY id
