-- Who is in which segment, and how large segments were.

-- name: members_of
-- What stands of some accounts in all segments. Grain: account, segment. Primary key.
SELECT account_id, segment_id, known::int, digest FROM signals_segmentmember WHERE account_id = ANY(%(accounts)s)

-- name: set_members
-- Writes that accounts are in segments since a day, or that it is unknown of them. Segments deleted meanwhile get none.
INSERT INTO signals_segmentmember (account_id, segment_id, known, since, or_earlier, digest)
SELECT new.account, s.id, new.known, CASE WHEN new.known THEN new.since END, new.or_earlier, new.digest
FROM unnest(
    %(accounts)s::int[], %(segments)s::int[], %(known)s::bool[], %(since)s::date[], %(or_earlier)s::bool[],
    %(digests)s::bigint[]
) AS new (account, segment, known, since, or_earlier, digest)
JOIN signals_segment s ON s.id = new.segment
ON CONFLICT (account_id, segment_id) DO UPDATE
SET known = excluded.known, since = excluded.since, or_earlier = excluded.or_earlier, digest = excluded.digest

-- name: drop_members
-- Takes accounts out of segments that they are surely not in.
DELETE FROM signals_segmentmember m
USING unnest(%(accounts)s::int[], %(segments)s::int[]) AS gone (account, segment)
WHERE m.account_id = gone.account AND m.segment_id = gone.segment

-- name: keep_sizes
-- Keeps how many accounts each segment has, and of how many it is unknown, as of a day. Index segment_member_newest.
INSERT INTO signals_segmentsize (segment_id, day, members, unknown)
SELECT s.id, %(day)s, count(m.account_id) FILTER (WHERE m.known), count(m.account_id) FILTER (WHERE NOT m.known)
FROM signals_segment s LEFT JOIN signals_segmentmember m ON m.segment_id = s.id
GROUP BY s.id
ON CONFLICT (segment_id, day) DO UPDATE SET members = excluded.members, unknown = excluded.unknown

-- name: figures
-- How many accounts each segment has now, and of how many it is unknown. Grain: segment. Index segment_member_newest.
SELECT s.id, s.slug, s.name, s.description, s.ideal, s.rule,
       coalesce(m.members, 0) AS members, coalesce(m.unknown, 0) AS unknown
FROM signals_segment s
LEFT JOIN (
    SELECT segment_id, count(*) FILTER (WHERE known) AS members, count(*) FILTER (WHERE NOT known) AS unknown
    FROM signals_segmentmember WHERE %(slug)s = '' OR segment_id = (SELECT id FROM signals_segment WHERE slug = %(slug)s)
    GROUP BY segment_id
) m ON m.segment_id = s.id
WHERE %(slug)s = '' OR s.slug = %(slug)s
ORDER BY s.position, s.name, s.id

-- name: newest_members
-- Who is in a segment, those who came last first. Grain: account. Index segment_member_newest. Parameters: segment,
-- limit; after_day (null: from the top) and after_id, where the page before ended.
SELECT account_id, since, or_earlier FROM signals_segmentmember
WHERE segment_id = %(segment)s AND known = true
  AND (%(after_day)s::date IS NULL OR (since <= %(after_day)s::date
    AND (since < %(after_day)s::date OR account_id > %(after_id)s)))
ORDER BY since DESC, account_id LIMIT %(limit)s

-- name: unknown_members
-- Of whom it is unknown whether they are in a segment, in the order of ids. Index segment_member_newest.
SELECT account_id, since, or_earlier FROM signals_segmentmember
WHERE segment_id = %(segment)s AND known = false AND since IS NULL AND account_id > %(after_id)s
ORDER BY account_id LIMIT %(limit)s

-- name: of_account
-- The segments that an account is in, then those of which it is unknown. Primary key.
SELECT s.slug, s.name, m.known, m.since, m.or_earlier
FROM signals_segmentmember m JOIN signals_segment s ON s.id = m.segment_id
WHERE m.account_id = %(account)s
ORDER BY m.known DESC, s.position, s.name, s.id

-- name: sizes
-- The sizes that were kept since a day. Grain: day.
SELECT day, members, unknown FROM signals_segmentsize
WHERE segment_id = %(segment)s AND day >= %(since)s ORDER BY day
