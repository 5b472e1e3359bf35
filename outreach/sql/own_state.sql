-- What the desk keeps of accounts, as measures: since when and until when, in seconds since 1970 (no end: NaN), and a
-- text. Each takes %(accounts)s and is read by signals.provided_load. Registered in outreach/own_state.py.

-- name: owner
-- Who owned an account, by user name. Grain: assignment.
SELECT a.account_id, extract(epoch FROM a.started_at)::float8,
       coalesce(extract(epoch FROM a.ended_at)::float8, 'NaN'), u.username::text
FROM accounts_assignment a JOIN auth_user u ON u.id = a.rep_id
WHERE a.account_id = ANY(%(accounts)s::int[])

-- name: open_item
-- Items from opening to closing, by play. Index queue_item_account. Grain: item.
SELECT i.account_id, extract(epoch FROM i.created_at)::float8,
       coalesce(extract(epoch FROM i.closed_at)::float8, 'NaN'), p.slug::text
FROM outreach_queueitem i JOIN outreach_play p ON p.id = i.play_id
WHERE i.account_id = ANY(%(accounts)s::int[])

-- name: open_opportunity
-- Opportunities until the account is won or lost. Index outcome_account. Grain: opportunity.
SELECT o.account_id, extract(epoch FROM o.at)::float8,
       coalesce(extract(epoch FROM (
         SELECT min(c.at) FROM outreach_outcome c
         WHERE c.account_id = o.account_id AND c.kind IN ('won', 'lost') AND c.undone_at IS NULL AND c.at >= o.at
       ))::float8, 'NaN'), ''::text
FROM outreach_outcome o
WHERE o.account_id = ANY(%(accounts)s::int[]) AND o.kind = 'opportunity' AND o.undone_at IS NULL

-- name: last_outcome
-- Outcomes that stand, each until the next. Index outcome_account. Grain: outcome.
SELECT account_id, extract(epoch FROM at)::float8, 'NaN'::float8, kind::text
FROM outreach_outcome WHERE account_id = ANY(%(accounts)s::int[]) AND undone_at IS NULL

-- name: touches
-- Emails and calls that stand. Index touch_account. Grain: touch.
SELECT account_id, extract(epoch FROM at)::float8, 'NaN'::float8, ''::text
FROM outreach_touch WHERE account_id = ANY(%(accounts)s::int[]) AND undone_at IS NULL AND channel <> 'note'

-- name: kept_since
-- When somebody could first log anything here, in seconds since 1970.
SELECT extract(epoch FROM min(date_joined))::float8 FROM auth_user
