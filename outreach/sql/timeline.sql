-- What happened with an account, with a person, or with a person within an account, newest first. Parameters everywhere:
-- account, person (0: not asked), after, after_kind, after_ref (the row after which a page begins; kind '' for a moment),
-- limit. Each kind of entry is a block with the same columns: at, kind, ref (unique within its kind), sub, who (a
-- colleague), person_id, what, more, number.
-- pieces from: accounts/sql/users.sql accounts/sql/links.sql

-- name: timeline
-- A page of what is asked for: of each block its own newest rows, so that each is a short range of its index, merged.
-- Grain: entry. Parameter: branches (names of the blocks that are asked for; the others are not read).
SELECT happened.at, happened.kind, happened.ref, happened.sub, happened.who, happened.person_id,
       coalesce(nullif(p.name, ''), p.email, '') AS person, happened.what, happened.more, happened.number
FROM (
  (SELECT {columns} FROM ({moment}) happened WHERE 'moment' = ANY (%(branches)s::text[]) AND {page})
  UNION ALL
  (SELECT {columns} FROM ({play}) happened WHERE 'play' = ANY (%(branches)s::text[]) AND {page})
  UNION ALL
  (SELECT {columns} FROM ({done}) happened WHERE 'done' = ANY (%(branches)s::text[]) AND {page})
  UNION ALL
  (SELECT {columns} FROM ({outcome}) happened WHERE 'outcome' = ANY (%(branches)s::text[]) AND {page})
  UNION ALL
  (SELECT {columns} FROM ({workspace}) happened WHERE 'workspace' = ANY (%(branches)s::text[]) AND {page})
  UNION ALL
  (SELECT {columns} FROM ({signal}) happened WHERE 'signal' = ANY (%(branches)s::text[]) AND {page})
) happened
LEFT JOIN accounts_person p ON p.id = happened.person_id
ORDER BY happened.at DESC, happened.kind, happened.ref

-- name: columns
-- What every block gives, in this order.
happened.at, happened.kind, happened.ref, happened.sub, happened.who, happened.person_id, happened.what, happened.more,
happened.number

-- name: page
-- The end of each branch, of one kind: the rows behind the one after which the page begins. `at <= after` is for the
-- index.
happened.at <= %(after)s AND (happened.at < %(after)s OR (%(after_kind)s <> ''
  AND (happened.kind, happened.ref) > (%(after_kind)s::text, %(after_ref)s::text)))
ORDER BY happened.at DESC, happened.ref LIMIT %(limit)s

-- name: of_whom
-- A condition: whether a row is of the account and the person asked for. Alias: whatever has both columns.
(%(account)s = 0 OR {0}.account_id = %(account)s) AND (%(person)s = 0 OR {0}.person_id = %(person)s)

-- name: moment
-- Raised hands and conversions know their actor, whose account may change; the rest knows its account. A conversion that
-- stands as an outcome is not told twice. Grain: moment.
SELECT m.at, 'moment' AS kind, m.id::text AS ref, m.kind AS sub, '' AS who, m.person_id,
       CASE WHEN m.kind = 'tier' THEN format('%%s %%s', upper(m.facts ->> 'model'), m.facts ->> 'to')
            ELSE coalesce(t.name, g.name, m.facts ->> 'name', m.cause) END AS what,
       CASE WHEN m.kind = 'tier' THEN format('%%s points, was %%s', m.facts ->> 'points', m.facts ->> 'from')
            WHEN m.kind = 'hand' THEN coalesce(m.facts ->> 'text', '')
            WHEN m.kind = 'conversion' THEN coalesce(m.facts ->> 'currency', '') ELSE '' END AS more,
       CASE WHEN m.kind = 'conversion' THEN (m.facts ->> 'amount')::float ELSE 0 END AS number
FROM (
  SELECT m.*, NULL::int AS person_id FROM signals_moment m WHERE %(person)s = 0 AND m.account_id = %(account)s
  UNION ALL
  SELECT m.*, a.person_id FROM ({stays}) a JOIN signals_moment m ON m.actor_id = a.id
    AND m.at >= a.begins::timestamp AT TIME ZONE 'UTC' AND m.at < a.ends::timestamp AT TIME ZONE 'UTC'
  WHERE {of_whom:a} AND (%(person)s <> 0 OR m.account_id IS NULL)
) m
LEFT JOIN signals_trigger t ON t.id = m.trigger_id
LEFT JOIN signals_signal g ON g.id = m.signal_id
WHERE m.kind <> 'conversion'
  OR NOT EXISTS (SELECT FROM outreach_outcome o WHERE o.moment_id = m.id AND o.undone_at IS NULL)

-- name: play
-- What plays decided, of a person where it led to an item about them. Grain: decision. Index play_decision_account.
SELECT d.decided_at AS at, 'play' AS kind, d.id::text AS ref, d.state AS sub, '' AS who, i.person_id,
       p.name AS what, d.reason AS more, 0 AS number
FROM outreach_playdecision d
JOIN outreach_play p ON p.id = d.play_id
LEFT JOIN outreach_queueitem i ON i.decision_id = d.id
WHERE d.state <> 'over' AND (%(person)s <> 0 OR d.account_id = %(account)s)
  AND (%(person)s = 0 OR d.id = ANY (ARRAY(
    SELECT x.decision_id FROM outreach_queueitem x WHERE {of_whom:x})))

-- name: done
-- What people did: changes of items, touches, and what was corrected by hand. Grain: change, touch, correction.
-- Indexes queue_item_account, touch_account, correction_account.
SELECT c.at, 'done' AS kind, c.id::text AS ref, c.verb AS sub, {user_name:u} AS who, i.person_id,
       p.name AS what, c.note AS more, 0 AS number
FROM outreach_queueitem i
JOIN outreach_play p ON p.id = i.play_id
JOIN outreach_queueitemchange c ON c.item_id = i.id AND c.undone_at IS NULL
LEFT JOIN auth_user u ON u.id = c.user_id
WHERE c.verb NOT IN ('email', 'call', 'note') AND {of_whom:i}
UNION ALL
SELECT t.at, 'done' AS kind, 't' || t.id AS ref, t.channel AS sub, {user_name:u} AS who, t.person_id,
       t.subject AS what, left(t.body, 300) AS more, 0 AS number
FROM outreach_touch t LEFT JOIN auth_user u ON u.id = t.user_id
WHERE t.undone_at IS NULL AND {of_whom:t}
UNION ALL
SELECT c.at, 'done' AS kind, 'c' || c.id AS ref, 'by-hand-' || c.verb AS sub, {user_name:u} AS who, NULL AS person_id,
       c.text AS what, '' AS more, 0 AS number
FROM accounts_correction c LEFT JOIN auth_user u ON u.id = c.user_id
WHERE c.undone_at IS NULL AND {of_whom:c}

-- name: outcome
-- Outcomes that stand; of a person those of their conversions and of items about them. Grain: outcome.
-- Index outcome_account.
SELECT o.at, 'outcome' AS kind, o.id::text AS ref, o.kind AS sub, {user_name:u} AS who, a.person_id,
       o.currency AS what, o.credit AS more, o.amount::float AS number
FROM outreach_outcome o
LEFT JOIN auth_user u ON u.id = o.user_id
LEFT JOIN signals_moment m ON m.id = o.moment_id
LEFT JOIN accounts_actor a ON a.id = m.actor_id
WHERE o.undone_at IS NULL AND (%(account)s = 0 OR o.account_id = %(account)s)
  AND (%(person)s = 0 OR o.id = ANY (ARRAY(
    SELECT x.id FROM accounts_actor y JOIN signals_moment z ON z.actor_id = y.id
    JOIN outreach_outcome x ON x.moment_id = z.id WHERE y.person_id = %(person)s
    UNION
    SELECT x.id FROM outreach_queueitem y JOIN outreach_outcome x ON x.item_id = y.id
    WHERE y.person_id = %(person)s)))

-- name: workspace
-- Workspaces of an account, since the first thing anybody did there: an import of history makes the row months later.
-- No one person makes one, so no person's page shows it. Grain: workspace.
SELECT f.at, 'product' AS kind, 'w' || w.id AS ref, 'workspace' AS sub, '' AS who, NULL::int AS person_id,
       coalesce(nullif(w.name, ''), w.external_id) AS what, '' AS more, 0 AS number
FROM accounts_workspace w
CROSS JOIN LATERAL (
  SELECT greatest(coalesce(min(a.first_at), w.created_at),
                  (w.past_companies -> -1 ->> 1)::timestamp AT TIME ZONE 'UTC') AS at
  FROM accounts_actor a WHERE a.workspace_id = w.id
) f
WHERE %(person)s = 0 AND w.account_id = %(account)s

-- name: signal
-- Telling signals by person and day, of the days since %(since)s. Grain: person, signal, day.
-- Index (actor, day, definition).
SELECT (u.day + interval '12 hours') AT TIME ZONE 'UTC' AS at, 'product' AS kind,
       's' || u.person_id || ':' || u.definition_id AS ref, 'signal' AS sub, '' AS who,
       u.person_id, s.name AS what, s.slug AS more, u.number
FROM (
  SELECT a.person_id, u.day, u.definition_id, sum(u.count)::int AS number
  FROM ({stays}) a
  CROSS JOIN LATERAL (
    SELECT x.day, x.definition_id, x.count FROM signals_usage x
    WHERE x.actor_id = a.id AND x.day >= %(since)s::date AND x.day <= %(after)s::date
      AND x.day >= a.begins AND x.day < a.ends
      AND x.definition_id = ANY (ARRAY(
        SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
        WHERE d.state = 'current' AND s.slug = ANY (%(telling)s)))
    OFFSET 0  -- one range an actor, never the usage of everybody
  ) u
  WHERE {of_whom:a}
  GROUP BY a.person_id, u.day, u.definition_id
) u
JOIN signals_signaldefinition d ON d.id = u.definition_id
JOIN signals_signal s ON s.id = d.signal_id
