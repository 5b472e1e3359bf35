-- name: found
-- Accounts by part of the name or domain, or through their people. Trigram indexes on upper(...); each branch stops
-- at the limit, so that a common word costs no more than a rare one. Grain: account; those that start with it first.
-- What was joined to another account leads to that.
SELECT account_id FROM (
  SELECT coalesce(c.joined_into_id, c.id) AS account_id, min(place) AS place FROM (
    (SELECT a.id AS account_id, CASE WHEN upper(a.name) LIKE %(start)s THEN 0 ELSE 2 END AS place
     FROM accounts_account a WHERE upper(a.name) LIKE %(inner)s LIMIT %(limit)s)
    UNION ALL
    (SELECT a.id, CASE WHEN upper(a.domain) LIKE %(start)s THEN 1 ELSE 3 END
     FROM accounts_account a WHERE upper(a.domain) LIKE %(inner)s LIMIT %(limit)s)
    UNION ALL
    (SELECT p.account_id, 4
     FROM accounts_person p WHERE upper(p.name) LIKE %(inner)s AND p.account_id IS NOT NULL AND p.merged_into_id IS NULL
     LIMIT %(limit)s)
    UNION ALL
    (SELECT p.account_id, 5
     FROM accounts_person p WHERE upper(p.email) LIKE %(inner)s AND p.account_id IS NOT NULL AND p.merged_into_id IS NULL
     LIMIT %(limit)s)
  ) matches JOIN accounts_account c ON c.id = account_id GROUP BY coalesce(c.joined_into_id, c.id)
) best ORDER BY place, account_id LIMIT %(limit)s

-- name: people
-- Whole persons by part of the name or the address; those that start with it first. Trigram indexes on upper(...).
SELECT p.id, p.name, p.email, p.title, coalesce(a.id, 0), coalesce(a.name, '') FROM (
  SELECT id, min(place) AS place FROM (
    (SELECT p.id, CASE WHEN upper(p.name) LIKE %(start)s THEN 0 ELSE 2 END AS place
     FROM accounts_person p WHERE upper(p.name) LIKE %(inner)s AND p.merged_into_id IS NULL LIMIT %(limit)s)
    UNION ALL
    (SELECT p.id, CASE WHEN upper(p.email) LIKE %(start)s THEN 1 ELSE 3 END
     FROM accounts_person p WHERE upper(p.email) LIKE %(inner)s AND p.merged_into_id IS NULL LIMIT %(limit)s)
  ) matches GROUP BY id ORDER BY 2, 1 LIMIT %(limit)s
) best
JOIN accounts_person p ON p.id = best.id
LEFT JOIN accounts_account a ON a.id = p.account_id
ORDER BY best.place, p.id
