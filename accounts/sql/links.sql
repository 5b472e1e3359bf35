-- Pieces for queries about accounts: which days of an actor count for which.

-- name: stays
-- Actors with the days (begins .. ends-1) that count for an account: the present one, then past links, of which few have
-- any. A condition on account_id, person_id or id reaches the indexes of both halves. Grain: actor, stay.
SELECT a.id, a.account_id, a.person_id, a.workspace_id, a.first_at,
       coalesce(a.account_since, '-infinity'::date) AS begins, 'infinity'::date AS ends
FROM accounts_actor a
UNION ALL
SELECT a.id, l.account_id, a.person_id, a.workspace_id, a.first_at, coalesce(l.from_day, '-infinity'::date), l.until_day
FROM accounts_pastlink l JOIN accounts_actor a ON a.id = l.actor_id

-- name: account_on
-- An expression: the account that an actor counted for when something happened. Aliases: the actor, what has an `at`.
CASE WHEN {0}.account_since IS NULL OR {0}.account_since <= ({1}.at AT TIME ZONE 'UTC')::date THEN {0}.account_id
     ELSE (SELECT l.account_id FROM accounts_pastlink l
           WHERE l.actor_id = {0}.id AND l.until_day > ({1}.at AT TIME ZONE 'UTC')::date
           ORDER BY l.until_day LIMIT 1) END
