-- Reads of the points over time, of one account.

-- name: known_since
-- The day on which we first knew of the account: by who acted in it, by what a list said, or as it was made by hand.
SELECT least(
    (SELECT (created_at AT TIME ZONE 'UTC')::date FROM accounts_account WHERE id = %(account)s),
    (SELECT min(coalesce(known_on, (first_at AT TIME ZONE 'UTC')::date)) FROM accounts_actor WHERE account_id = %(account)s),
    (SELECT min(known_on) FROM accounts_actorbefore WHERE account_id = %(account)s),
    (SELECT min(known_on) FROM accounts_pastlink WHERE account_id = %(account)s),
    (SELECT min(known_on) FROM accounts_pastlinkbefore WHERE account_id = %(account)s),
    (SELECT min(coalesce(known_on, day)) FROM accounts_attribute WHERE subject_kind = 3 AND subject_id = %(account)s),
    (SELECT min(known_on) FROM accounts_attributebefore WHERE subject_kind = 3 AND subject_id = %(account)s)
)

-- name: turns
-- The days in a span on which something became known that says more of the account's past than of that day. Between
-- two of them the same was known of every earlier day.
WITH actors AS (
    SELECT id, profile_id, person_id, known_on FROM accounts_actor
    WHERE account_id = %(account)s OR id IN (
        SELECT actor_id FROM accounts_actorbefore WHERE account_id = %(account)s
        UNION ALL SELECT actor_id FROM accounts_pastlink WHERE account_id = %(account)s
        UNION ALL SELECT actor_id FROM accounts_pastlinkbefore WHERE account_id = %(account)s
    )
),
moved AS (SELECT b.* FROM accounts_actorbefore b JOIN actors ON actors.id = b.actor_id),
heads AS (
    SELECT profile_id AS id FROM actors UNION SELECT person_id FROM actors UNION SELECT person_id FROM moved
),
people AS (
    SELECT id FROM heads
    UNION SELECT p.id FROM accounts_person p JOIN heads ON p.merged_into_id = heads.id
    UNION SELECT b.person_id FROM accounts_personbefore b JOIN heads ON b.merged_into_id = heads.id
),
workspaces AS (
    SELECT id FROM accounts_workspace WHERE account_id = %(account)s
    UNION SELECT workspace_id FROM accounts_workspacebefore WHERE account_id = %(account)s
),
holders AS (
    SELECT 1 AS kind, id FROM people UNION ALL SELECT 2, id FROM workspaces UNION ALL SELECT 3, %(account)s
    UNION ALL SELECT 3, id FROM accounts_account WHERE joined_into_id = %(account)s
    UNION ALL SELECT 3, account_id FROM accounts_accountbefore WHERE joined_into_id = %(account)s
)
SELECT DISTINCT found.day - '1970-01-01'::date FROM (
    SELECT known_on AS day FROM actors
    UNION ALL SELECT until FROM moved
    UNION ALL SELECT l.known_on FROM accounts_pastlink l JOIN actors ON actors.id = l.actor_id
    UNION ALL SELECT b.until FROM accounts_pastlinkbefore b JOIN actors ON actors.id = b.actor_id
    UNION ALL SELECT b.until FROM accounts_personbefore b JOIN people ON people.id = b.person_id
    UNION ALL SELECT w.known_on FROM accounts_workspace w JOIN workspaces USING (id)
    UNION ALL SELECT b.until FROM accounts_workspacebefore b JOIN workspaces ON workspaces.id = b.workspace_id
    UNION ALL SELECT l.known_on FROM signals_lateusage l JOIN actors ON actors.id = l.actor_id
    UNION ALL SELECT a.known_on FROM accounts_attribute a JOIN holders h ON a.subject_kind = h.kind AND a.subject_id = h.id
    UNION ALL SELECT b.until FROM accounts_attributebefore b
              JOIN holders h ON b.subject_kind = h.kind AND b.subject_id = h.id
    UNION ALL SELECT b.until FROM accounts_accountbefore b JOIN holders h ON h.kind = 3 AND h.id = b.account_id
    UNION ALL SELECT until FROM signals_sourcebefore
    UNION ALL SELECT first_known_on FROM signals_signaldefinition WHERE state = 'current'
    UNION ALL SELECT (first_seen_at AT TIME ZONE 'UTC')::date FROM signals_eventname
              WHERE (SELECT count(*) FROM signals_source) > 1
) found
WHERE found.day > %(first)s AND found.day <= %(last)s
ORDER BY 1
