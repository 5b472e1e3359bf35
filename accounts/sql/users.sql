-- Pieces about the people who work here, for every query that names one. A file takes them in with a line of its head,
-- `-- pieces from: accounts/sql/users.sql`.

-- name: user_name
-- How a colleague is called: first and last name, else the user name; '' where there is nobody.
-- The same as accounts.access.display_name. Alias: the row of auth_user.
coalesce(nullif(trim({0}.first_name || ' ' || {0}.last_name), ''), {0}.username, '')
