-- name: viewer
-- What one user is here: groups, team, time zone, capacity. One row.
SELECT coalesce(array_agg(g.name) FILTER (WHERE g.name IS NOT NULL), '{}'), r.team_id, r.time_zone, r.capacity
FROM auth_user u
LEFT JOIN auth_user_groups ug ON ug.user_id = u.id
LEFT JOIN auth_group g ON g.id = ug.group_id
LEFT JOIN outreach_rep r ON r.user_id = u.id
WHERE u.id = %s
GROUP BY r.user_id, r.team_id, r.time_zone, r.capacity
