-- An invented world, made inside Postgres: every figure is a function of an id, so that each run has the same.
-- Accounts differ as real ones do: most are quiet, a few have many people who come often.

-- name: accounts
-- Names and domains of the shape that companies have; words and endings repeat as in any list of companies.
INSERT INTO accounts_account (id, name, domain, created_at)
SELECT id, concat_ws(' ', head || tail, noun, nullif(form, '')), lower(head || tail || noun) || ending,
       now() - interval '130 days'
FROM (
  SELECT id, (%(heads)s::text[])[1 + n %% 60] AS head, (%(tails)s::text[])[1 + n / 60 %% 30] AS tail,
         (%(nouns)s::text[])[1 + n / 1800 %% 40] AS noun, (%(forms)s::text[])[1 + n / 72000 %% 16] AS form,
         (%(endings)s::text[])[1 + n / 72000 %% 16] AS ending
  FROM (SELECT id, (id::bigint * 7919 %% 1152000)::int AS n FROM generate_series(%(first)s::int, %(last)s::int) id) i
) words

-- name: workspaces
-- One an account, a second one for every thirtieth.
INSERT INTO accounts_workspace (source_id, external_id, spelling, name, account_id, created_at)
SELECT %(source)s, 'ws-' || a.id || '-' || w, 'ws-' || a.id || '-' || w, a.name, a.id, a.created_at
FROM accounts_account a CROSS JOIN generate_series(1, 2) w
WHERE a.id BETWEEN %(first)s AND %(last)s AND (w = 1 OR a.id %% 30 = 0)

-- name: people
INSERT INTO accounts_person (created_at, email, name, title, role, domain, email_kind, excluded_by, account_id)
SELECT a.created_at, lower(given) || '.' || lower(family) || m || '@' || a.domain, given || ' ' || family,
       (%(titles)s::text[])[1 + (h >> 16 & 15)], CASE WHEN m = 1 THEN 'admin' ELSE 'member' END,
       a.domain, 'corporate', '', a.id
FROM (
  SELECT a.*, (hashint4(a.id) & 1023) / 1024.0::float8 AS busy FROM accounts_account a
  WHERE a.id BETWEEN %(first)s AND %(last)s
) a
CROSS JOIN LATERAL generate_series(1, 1 + floor(12 * a.busy ^ 6)::int) m
CROSS JOIN LATERAL (SELECT hashint4(a.id * 32 + m)) AS hash (h)
CROSS JOIN LATERAL (
  SELECT (%(given)s::text[])[1 + (h & 31)], (%(family)s::text[])[1 + (h >> 8 & 31)]
) AS called (given, family)

-- name: actors
INSERT INTO accounts_actor (profile_id, person_id, workspace_id, account_id, first_at)
SELECT p.id, p.id, w.id, p.account_id, now() - make_interval(days => 60 + p.id %% 60)
FROM accounts_person p
JOIN (
  SELECT id, account_id, row_number() OVER (PARTITION BY account_id ORDER BY id) - 1 AS place FROM accounts_workspace
) w ON w.account_id = p.account_id AND w.place = CASE WHEN p.account_id %% 30 = 0 THEN p.id %% 2 ELSE 0 END
WHERE p.account_id BETWEEN %(first)s AND %(last)s

-- name: attribute_keys
INSERT INTO accounts_attributekey (name) SELECT unnest(%(names)s::text[]) ON CONFLICT DO NOTHING

-- name: attributes
-- What the product says of each workspace; seats in use change four times.
INSERT INTO accounts_attribute (subject_kind, subject_id, key_id, origin, day, at, number, text)
SELECT 2, w.id, k.id, 1, current_date - said.days, current_date - said.days, said.number,
       coalesce(said.number::text, said.text)
FROM (
  SELECT w.id, hashint4(w.id) AS h FROM accounts_workspace w WHERE w.account_id BETWEEN %(first)s AND %(last)s
) w
CROSS JOIN LATERAL (VALUES
  ('plan', 100, NULL::int, (ARRAY['free', 'free', 'free', 'free', 'trial', 'team', 'team', 'business'])[1 + (h & 7)]),
  ('company_size', 100, 5 + (h >> 3 & 2047), NULL),
  ('industry', 100, NULL, (ARRAY['Software', 'Retail', 'Media', 'Healthcare'])[1 + (h >> 14 & 3)]),
  ('country', 100, NULL, (ARRAY['US', 'GB', 'DE', 'FR', 'BR', 'JP', 'ES', 'SE'])[1 + (h >> 16 & 7)]),
  ('seats', 100, 10 + (h >> 19 & 31), NULL),
  ('mrr', 100, CASE WHEN h & 7 > 4 THEN 50 * (1 + (h >> 24 & 15)) ELSE 0 END, NULL),
  ('seats_used', 100, 1 + (h >> 24 & 7), NULL),
  ('seats_used', 70, 3 + (h >> 24 & 7), NULL),
  ('seats_used', 40, 4 + (h >> 24 & 7), NULL),
  ('seats_used', 10, 6 + (h >> 24 & 7), NULL)
) AS said (key, days, number, text)
JOIN accounts_attributekey k ON k.name = said.key

-- name: habits
-- How often each actor comes: of 1,024 days.
CREATE TEMPORARY TABLE bench_habit AS
SELECT c.id, (%(busier)s * 1024 * 0.091 * (0.05 + ((hashint4(c.account_id) & 1023) / 1024.0::float8) ^ 3))::int AS share
FROM accounts_actor c WHERE c.account_id BETWEEN %(first)s AND %(last)s

-- name: usage_of_day
-- Any activity; items made in three of eight; one of the other signals in five of eight.
INSERT INTO signals_usage (actor_id, day, definition_id, count)
SELECT c.id, %(day)s, u.definition, 1 + (h >> 26 & 7)
FROM bench_habit c
CROSS JOIN LATERAL (SELECT hashint4(c.id * 128 + %(ago)s)) AS hash (h)
CROSS JOIN LATERAL (VALUES
  (%(activity)s, true),
  (%(items)s, h >> 10 & 7 < 3),
  ((%(others)s::int[])[1 + (h >> 16 & 31)], h >> 13 & 7 < 5)
) AS u (definition, happened)
WHERE h & 1023 < c.share AND u.happened

-- name: quiet_states
-- Accounts that nobody looks at have states and scores too: as rows, not as work.
INSERT INTO signals_accountstate (account_id, measures, triggers, fingerprint, as_of, changed_at)
SELECT a.id, '{"people:activity:30": 1}', '{}', 1, current_date, now() FROM accounts_account a
WHERE a.id BETWEEN %(first)s AND %(last)s

-- name: quiet_scores
INSERT INTO signals_score (scoring_model_id, version_id, account_id, points, tier, qualified, breakdown, as_of, changed_at)
SELECT v.scoring_model_id, v.id, a.id, p.points,
       CASE WHEN p.points >= 100 THEN 'executive' WHEN p.points >= 65 THEN 'inside'
            WHEN p.points >= 41 THEN 'upgrade' ELSE 'nurture' END,
       p.points >= 65, '[{"slug": "people", "name": "People", "points": 0, "held": false}]', current_date, now()
FROM accounts_account a
CROSS JOIN signals_scoringmodelversion v
CROSS JOIN LATERAL (SELECT (160 * ((hashint4(a.id + v.id) & 1023) / 1024.0::float8) ^ 3)::int) AS p (points)
WHERE a.id BETWEEN %(first)s AND %(last)s AND v.state = 'live' AND v.scoring_model_id = ANY(%(models)s)
