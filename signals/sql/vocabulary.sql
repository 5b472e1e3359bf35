-- What this installation's terms are.

-- name: sources_listening
-- Since when each source is listened to, as it was known on a day, in seconds since 1970; NULL before its first event.
SELECT s.id, extract(epoch FROM CASE WHEN b.id IS NULL THEN s.listening_since ELSE b.listening_since END)::bigint
FROM signals_source s
LEFT JOIN LATERAL (
    SELECT * FROM signals_sourcebefore o WHERE o.source_id = s.id AND o.until > %(day)s ORDER BY o.until LIMIT 1
) b ON true

-- name: senders
-- Which sources send which names, as it was known on a day: (kind, name, source).
SELECT kind, name, source_id FROM signals_eventname WHERE (first_seen_at AT TIME ZONE 'UTC')::date <= %(day)s

-- name: keys_of_names
-- The attribute keys behind the names that rules ask for. A name that is a term (meant) is never a raw trait's.
-- Gives (asked, key, whether people say it).
SELECT k.company_meaning, k.id, false FROM accounts_attributekey k WHERE k.company_meaning = ANY(%(meant)s)
UNION ALL SELECT k.person_meaning, k.id, true FROM accounts_attributekey k WHERE k.person_meaning = ANY(%(meant)s)
UNION ALL SELECT k.name, k.id, false FROM accounts_attributekey k WHERE k.name = ANY(%(raw)s)

-- name: marked_keys
-- Every attribute key that means a term: (term, key, whether people say it).
SELECT k.company_meaning, k.id, false FROM accounts_attributekey k WHERE k.company_meaning <> ''
UNION ALL SELECT k.person_meaning, k.id, true FROM accounts_attributekey k WHERE k.person_meaning <> ''

-- name: first_event_of_source
-- From this arrival on a source is listened to, where nothing earlier is known.
UPDATE signals_source SET listening_since = to_timestamp(%(at)s)
WHERE id = %(source)s AND (listening_since IS NULL OR listening_since > to_timestamp(%(at)s))

-- name: first_seen
-- The earliest days on which definitions counted something, and when that became known; gives those that never had.
WITH new AS (SELECT * FROM unnest(%s::int[], %s::date[]) AS n (id, day)),
old AS (
    SELECT d.id, d.first_seen_on FROM signals_signaldefinition d JOIN new USING (id) ORDER BY d.id FOR UPDATE OF d
),
done AS (
    UPDATE signals_signaldefinition d SET first_seen_on = least(d.first_seen_on, new.day),
        first_known_on = least(coalesce(d.first_known_on, d.first_seen_on), %s)
    FROM new WHERE d.id = new.id AND (d.first_seen_on IS NULL OR d.first_seen_on > new.day)
    RETURNING d.id
)
SELECT old.id FROM old JOIN done USING (id) WHERE old.first_seen_on IS NULL

-- name: models_version_up
-- Whoever scores must read the configuration again.
UPDATE signals_configuration SET models_version = models_version + 1

-- name: meanings_said
-- The terms of which anybody ever said a value.
SELECT k.company_meaning FROM accounts_attributekey k
WHERE k.company_meaning <> '' AND EXISTS (SELECT FROM accounts_attribute a WHERE a.key_id = k.id)
UNION
SELECT k.person_meaning FROM accounts_attributekey k
WHERE k.person_meaning <> '' AND EXISTS (SELECT FROM accounts_attribute a WHERE a.key_id = k.id)

-- name: trait_names
-- Names of traits with what they stand for, and whether anybody was ever said to have one. Bounded: a probe of the
-- index for each name (EXISTS would read all attributes at once).
SELECT k.name, k.person_meaning, k.company_meaning,
       coalesce((SELECT true FROM accounts_attribute a WHERE a.key_id = k.id LIMIT 1), false)
FROM accounts_attributekey k ORDER BY k.name LIMIT %s
