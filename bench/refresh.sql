-- name: every_trigger_is_true
UPDATE signals_accountstate
SET triggers = (SELECT jsonb_object_agg(slug, current_date::text) FROM signals_trigger)

-- name: measured_again
-- In an hour, so that every sentence was written before.
UPDATE signals_accountstate
SET changed_at = greatest(changed_at, now()) + interval '1 hour'
