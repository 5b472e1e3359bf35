-- Who looks, and what they may see.

-- name: viewer
-- What one user is here: groups, team, time zone, capacity. One row. Primary keys.
SELECT coalesce(array_agg(g.name) FILTER (WHERE g.name IS NOT NULL), '{}') AS groups,
       r.team_id AS team, r.time_zone AS zone, r.capacity
FROM auth_user u
LEFT JOIN auth_user_groups ug ON ug.user_id = u.id
LEFT JOIN auth_group g ON g.id = ug.group_id
LEFT JOIN outreach_rep r ON r.user_id = u.id
WHERE u.id = %(user)s
GROUP BY r.user_id, r.team_id, r.time_zone, r.capacity

-- name: visible_item
-- A condition: whether a viewer may see an item, the same as outreach.access.visible_items. Aliases: the item, its play.
-- Parameters: all (sees everybody's), rep (the viewer), team (theirs, or null).
(%(all)s OR {0}.rep_id = %(rep)s OR {0}.claimed_by_id = %(rep)s OR ({0}.rep_id IS NULL AND {1}.team_id = %(team)s))
