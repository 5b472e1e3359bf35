-- What scoring keeps of an account that is joined to another. Parameters: old, new (accounts).

-- name: move_moments
-- The moments of the old account are the new one's.
UPDATE signals_moment SET account_id = %(new)s WHERE account_id = %(old)s RETURNING id

-- name: moments_back
-- Those that were moved and are still there.
UPDATE signals_moment SET account_id = %(old)s WHERE account_id = %(new)s AND id = ANY(%(ids)s)

-- name: take_scores
-- Takes the scores of an account away; what they were, as JSON text, for points keep their order there.
WITH gone AS (DELETE FROM signals_score WHERE account_id = %(old)s AND person_id IS NULL RETURNING *)
SELECT coalesce(json_agg(gone), '[]')::text FROM gone

-- name: take_states
-- The same of what was measured last.
WITH gone AS (DELETE FROM signals_accountstate WHERE account_id = %(old)s RETURNING *)
SELECT coalesce(json_agg(gone), '[]')::text FROM gone

-- name: take_stays
-- The same of the segments it is in.
WITH gone AS (DELETE FROM signals_segmentmember WHERE account_id = %(old)s RETURNING *)
SELECT coalesce(json_agg(gone), '[]')::text FROM gone

-- name: scores_back
-- Of models and versions that are still there; what was scored in the meantime stays.
INSERT INTO signals_score SELECT was.* FROM json_populate_recordset(NULL::signals_score, %(rows)s::json) was
JOIN signals_scoringmodelversion v ON v.id = was.version_id AND v.scoring_model_id = was.scoring_model_id
ON CONFLICT DO NOTHING

-- name: states_back
-- Unless it was measured in the meantime.
INSERT INTO signals_accountstate SELECT * FROM json_populate_recordset(NULL::signals_accountstate, %(rows)s::json)
ON CONFLICT DO NOTHING

-- name: stays_back
-- Of segments that are still there.
INSERT INTO signals_segmentmember SELECT was.* FROM json_populate_recordset(NULL::signals_segmentmember, %(rows)s::json) was
JOIN signals_segment s ON s.id = was.segment_id
ON CONFLICT DO NOTHING

-- name: columns
-- The columns of a table.
SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %(table)s

-- name: lock_moments
-- The first in the order of locks: whoever decides about these has them, or leaves them to us.
SELECT m.id FROM signals_moment m WHERE m.account_id = ANY(%(accounts)s) ORDER BY m.id FOR NO KEY UPDATE
