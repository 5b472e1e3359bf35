-- What happened, newest first. Every branch gives: at, kind, ref (unique within its kind), sub, who (a colleague),
-- person, person's name, what, more, number. Order everywhere: at DESC, kind, ref; a page goes on behind the last row
-- of the one before. {of} says whose: an account's, a person's, or a person's within an account.
-- pieces from: accounts/sql/users.sql

-- name: and_after
-- Piece: behind the last row of the page before.
AND (happened.at < %(after)s OR (happened.at = %(after)s
  AND (happened.kind, happened.ref) > (%(after_kind)s::text, %(after_ref)s::text)))

-- name: and_before
-- Piece: before an instant that is no row's.
AND happened.at < %(after)s

-- name: timeline
-- The newest rows of all branches together, with the names of people.
SELECT happened.at, happened.kind, happened.ref, happened.sub, happened.who, happened.person_id,
       coalesce(nullif(p.name, ''), p.email, ''), happened.what, happened.more, happened.number
FROM ({branches}) happened (at, kind, ref, sub, who, person_id, what, more, number)
LEFT JOIN accounts_person p ON p.id = happened.person_id
ORDER BY happened.at DESC, happened.kind, happened.ref

-- name: branch
-- Frame of a branch: its newest rows only, so that no branch reads a whole history.
SELECT * FROM ({branch}) happened (at, kind, ref, sub, who, person_id, what, more, number)
WHERE happened.at <= %(after)s {and_after}
ORDER BY happened.at DESC, happened.kind, happened.ref LIMIT %(limit)s

-- name: moment
-- Raised hands and conversions know their actor, whose account may change; the rest knows its account.
-- A conversion that stands as an outcome is not told twice.
SELECT m.at, 'moment', m.id::text, m.kind, '', m.person_id,
       CASE WHEN m.kind = 'tier' THEN format('%%s %%s', upper(m.facts ->> 'model'), m.facts ->> 'to')
            ELSE coalesce(t.name, g.name, m.facts ->> 'name', m.cause) END,
       CASE WHEN m.kind = 'tier' THEN format('%%s points, was %%s', m.facts ->> 'points', m.facts ->> 'from')
            WHEN m.kind = 'hand' THEN coalesce(m.facts ->> 'text', '')
            WHEN m.kind = 'conversion' THEN coalesce(m.facts ->> 'currency', '') ELSE '' END,
       CASE WHEN m.kind = 'conversion' THEN (m.facts ->> 'amount')::float ELSE 0 END
FROM ({of}) m
LEFT JOIN signals_trigger t ON t.id = m.trigger_id
LEFT JOIN signals_signal g ON g.id = m.signal_id
WHERE m.kind <> 'conversion'
  OR NOT EXISTS (SELECT FROM outreach_outcome o WHERE o.moment_id = m.id AND o.undone_at IS NULL)

-- name: moment_of_account
-- Whose: moments of an account, and of people who act for it now.
SELECT m.*, NULL::int AS person_id FROM signals_moment m WHERE m.account_id = %(account)s
UNION ALL
SELECT m.*, a.person_id FROM accounts_actor a JOIN signals_moment m ON m.actor_id = a.id AND m.account_id IS NULL
WHERE a.account_id = %(account)s

-- name: moment_of_person
-- Whose: moments that the person caused.
SELECT m.*, a.person_id FROM accounts_actor a JOIN signals_moment m ON m.actor_id = a.id
WHERE a.person_id = %(person)s {and_account}

-- name: play
-- Decisions of plays, but for those that were over before anybody looked.
SELECT d.decided_at, 'play', d.id::text, d.state, '', i.person_id, p.name, d.reason, 0
FROM outreach_playdecision d
JOIN outreach_play p ON p.id = d.play_id
LEFT JOIN outreach_queueitem i ON i.decision_id = d.id
WHERE d.state <> 'over' AND {of}

-- name: play_of_account
-- Whose: decisions about an account.
d.account_id = %(account)s

-- name: play_of_person
-- Whose: decisions that opened an item with this person.
d.id IN (SELECT x.decision_id FROM outreach_queueitem x WHERE x.person_id = %(person)s {and_account_of_item})

-- name: done
-- What we did with items, and touches. A touch that closed its item is told once.
SELECT c.at, 'done', c.id::text, c.verb,
       {user_name:u}, i.person_id, p.name, c.note, 0
FROM outreach_queueitem i
JOIN outreach_play p ON p.id = i.play_id
JOIN outreach_queueitemchange c ON c.item_id = i.id AND c.undone_at IS NULL
LEFT JOIN auth_user u ON u.id = c.user_id
WHERE c.verb NOT IN ('email', 'call', 'note') AND {of}
UNION ALL
SELECT i.at, 'done', 't' || i.id, i.channel,
       {user_name:u}, i.person_id,
       i.subject, left(i.body, 300), 0
FROM outreach_touch i LEFT JOIN auth_user u ON u.id = i.user_id
WHERE i.undone_at IS NULL AND {of}

-- name: done_of_account
-- Whose: about an account.
i.account_id = %(account)s

-- name: done_of_person
-- Whose: about a person.
i.person_id = %(person)s {and_account_of_row}

-- name: outcome
-- Outcomes that stand, with the credit they got.
SELECT o.at, 'outcome', o.id::text, o.kind,
       {user_name:u}, a.person_id,
       o.currency, o.credit, o.amount::float
FROM outreach_outcome o
LEFT JOIN auth_user u ON u.id = o.user_id
LEFT JOIN signals_moment m ON m.id = o.moment_id
LEFT JOIN accounts_actor a ON a.id = m.actor_id
WHERE o.undone_at IS NULL AND {of}

-- name: outcome_of_account
-- Whose: of an account.
o.account_id = %(account)s

-- name: outcome_of_person
-- Whose: conversions that the person caused, and outcomes of items with this person.
o.id IN (
  SELECT x.id FROM accounts_actor y JOIN signals_moment z ON z.actor_id = y.id
  JOIN outreach_outcome x ON x.moment_id = z.id WHERE y.person_id = %(person)s
  UNION SELECT x.id FROM outreach_queueitem y JOIN outreach_outcome x ON x.item_id = y.id WHERE y.person_id = %(person)s
) {and_account_of_outcome}

-- name: workspace
-- Since the first thing anybody did there: an import of history makes the row months later.
SELECT f.at, 'product', 'w' || w.id, 'workspace', '', NULL::int, coalesce(nullif(w.name, ''), w.external_id), '', 0
FROM accounts_workspace w
CROSS JOIN LATERAL (
  SELECT coalesce(min(a.first_at), w.created_at) AS at FROM accounts_actor a WHERE a.workspace_id = w.id
) f
WHERE w.account_id = %(account)s

-- name: signal
-- Telling signals by person and day, of the days since %(since)s. Index (actor, day, definition).
SELECT (u.day + interval '12 hours') AT TIME ZONE 'UTC', 'product', 's' || u.person_id || ':' || u.definition_id, 'signal', '',
       u.person_id, s.name, s.slug, u.number
FROM (
  SELECT a.person_id, u.day, u.definition_id, sum(u.count)::int AS number
  FROM accounts_actor a
  CROSS JOIN LATERAL (
    SELECT x.day, x.definition_id, x.count FROM signals_usage x
    WHERE x.actor_id = a.id AND x.day >= %(since)s::date AND x.day <= %(after)s::date
      AND x.definition_id = ANY (ARRAY(
        SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
        WHERE d.state = 'current' AND s.slug = ANY (%(telling)s)))
    OFFSET 0  -- one range an actor, never the usage of everybody
  ) u
  WHERE {of}
  GROUP BY a.person_id, u.day, u.definition_id
) u
JOIN signals_signaldefinition d ON d.id = u.definition_id
JOIN signals_signal s ON s.id = d.signal_id

-- name: signal_of_account
-- Whose: by anybody who acts for the account.
a.account_id = %(account)s

-- name: signal_of_person
-- Whose: by this person.
a.person_id = %(person)s {and_account}

-- name: and_account
-- Piece: within one account only, by the actor.
AND a.account_id = %(account)s

-- name: and_account_of_item
-- Piece: within one account only, by the item of a decision.
AND x.account_id = %(account)s

-- name: and_account_of_row
-- Piece: within one account only, by the item.
AND i.account_id = %(account)s

-- name: and_account_of_outcome
-- Piece: within one account only, by the outcome.
AND o.account_id = %(account)s
