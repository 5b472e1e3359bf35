-- Who is in which segment, and how large segments were.

-- name: members_of
-- What stands of some accounts in all segments. Grain: account, segment. Primary key.
SELECT account_id, segment_id, known::int, digest FROM signals_segmentmember WHERE account_id = ANY(%(accounts)s)

-- name: set_members
-- Writes that accounts are in a segment since a day, or that it is unknown of them. In the order of ids.
INSERT INTO signals_segmentmember (account_id, segment_id, known, since, or_earlier, digest)
SELECT new.account, s.id, %(known)s, CASE WHEN %(known)s THEN new.since END, new.or_earlier = 1, %(digest)s
FROM unnest(%(accounts)s::int[], %(since)s::date[], %(or_earlier)s::bigint[]) AS new (account, since, or_earlier)
JOIN signals_segment s ON s.id = %(segment)s
ORDER BY new.account
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
