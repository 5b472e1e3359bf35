-- What the desk keeps of an account follows it when it is joined to another, and comes back on undo. Parameters:
-- old, new (accounts); ids (rows, to come back).

-- name: lock_rows
-- The first in the order of locks: whoever decides about these has them, or leaves them to us.
SELECT d.id FROM outreach_playdecision d WHERE d.account_id = ANY(%(accounts)s) ORDER BY d.id FOR NO KEY UPDATE

-- name: lock_items
-- The third.
SELECT i.id FROM outreach_queueitem i
WHERE i.account_id = ANY(%(accounts)s) ORDER BY i.id FOR NO KEY UPDATE

-- name: count
-- Open items, touches and outcomes of an account, and of its open items those whose play has one open on the other, too.
SELECT (SELECT count(*)::int FROM outreach_queueitem i WHERE i.account_id = %(old)s AND {live:i}),
       (SELECT count(*)::int FROM outreach_touch t WHERE t.account_id = %(old)s AND t.undone_at IS NULL),
       (SELECT count(*)::int FROM outreach_outcome o WHERE o.account_id = %(old)s AND o.undone_at IS NULL),
       (SELECT count(*)::int FROM outreach_queueitem i JOIN outreach_queueitem j
          ON j.play_id = i.play_id AND j.account_id = %(new)s AND {live:j}
        WHERE i.account_id = %(old)s AND {live:i})

-- name: live
-- A piece: whether an item is on somebody's queue.
{0}.state IN ('open', 'claimed', 'snoozed')

-- name: pairs
-- Live items of one play on both accounts: (of the old one, of the new one, which of the two stays). What somebody
-- holds stays; else what is due first.
SELECT i.id, j.id, CASE WHEN (i.state <> 'claimed', i.due_at, i.id) < (j.state <> 'claimed', j.due_at, j.id)
                        THEN i.id ELSE j.id END
FROM outreach_queueitem i
JOIN outreach_queueitem j ON j.play_id = i.play_id AND j.account_id = %(new)s AND {live:j}
WHERE i.account_id = %(old)s AND {live:i}
ORDER BY i.id

-- name: move_items
-- Open or closed. Gives what was moved.
UPDATE outreach_queueitem SET account_id = %(new)s WHERE account_id = %(old)s RETURNING id

-- name: move_touches
-- All that reps did there. Gives what was moved.
UPDATE outreach_touch SET account_id = %(new)s WHERE account_id = %(old)s RETURNING id

-- name: move_outcomes
-- All that came of it. Gives what was moved.
UPDATE outreach_outcome SET account_id = %(new)s WHERE account_id = %(old)s RETURNING id

-- name: move_decisions
-- What plays decided. Gives what was moved.
UPDATE outreach_playdecision SET account_id = %(new)s WHERE account_id = %(old)s RETURNING id

-- name: items_back
-- Those that were moved and are still there.
UPDATE outreach_queueitem SET account_id = %(old)s WHERE account_id = %(new)s AND id = ANY(%(ids)s)

-- name: touches_back
-- Those that were moved and are still there.
UPDATE outreach_touch SET account_id = %(old)s WHERE account_id = %(new)s AND id = ANY(%(ids)s)

-- name: outcomes_back
-- Those that were moved and are still there.
UPDATE outreach_outcome SET account_id = %(old)s WHERE account_id = %(new)s AND id = ANY(%(ids)s)

-- name: decisions_back
-- Those that were moved and are still there.
UPDATE outreach_playdecision SET account_id = %(old)s WHERE account_id = %(new)s AND id = ANY(%(ids)s)
