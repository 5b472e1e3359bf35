-- What traits say of accounts and people today: for the effect of a meaning before it is accepted.

-- name: of_companies
-- The latest value that each account has under one of these names, sent with group calls (by workspaces or of the
-- account itself) or beside its people. Grain: account.
SELECT DISTINCT ON (account_id) text, number FROM (
    SELECT w.account_id, a.text, a.number, a.at FROM accounts_attribute a
    JOIN accounts_attributekey k ON k.id = a.key_id AND k.name = ANY(%(company)s)
    JOIN accounts_workspace w ON w.id = a.subject_id WHERE a.subject_kind = 2
    UNION ALL
    SELECT coalesce(c.joined_into_id, c.id), a.text, a.number, a.at FROM accounts_attribute a
    JOIN accounts_attributekey k ON k.id = a.key_id AND k.name = ANY(%(company)s)
    JOIN accounts_account c ON c.id = a.subject_id WHERE a.subject_kind = 3
    UNION ALL
    SELECT p.account_id, a.text, a.number, a.at FROM accounts_attribute a
    JOIN accounts_attributekey k ON k.id = a.key_id AND k.name = ANY(%(person)s)
    JOIN accounts_person p ON p.id = a.subject_id WHERE a.subject_kind = 1
) said WHERE account_id IS NOT NULL ORDER BY account_id, at DESC

-- name: of_people
-- The latest value that each person has under one of these names. Grain: row of a person.
SELECT DISTINCT ON (a.subject_id) a.text, a.number FROM accounts_attribute a
JOIN accounts_attributekey k ON k.id = a.key_id AND k.name = ANY(%(person)s)
WHERE a.subject_kind = 1 ORDER BY a.subject_id, a.at DESC
