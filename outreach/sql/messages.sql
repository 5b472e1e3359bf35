-- What a message is made of, beside the facts that a page has read of the account anyway.
-- pieces from: accounts/sql/links.sql

-- name: desk
-- Of one item, as one JSON value inside the query that reads it: the templates of its play by persona, the draft,
-- the people it may go to (asked for, of the draft, of the item; whole persons of the account only), and where a
-- template speaks of them, the features used most in 30 days. Parameters: to (person or 0),
-- features (a category), today. Alias: the item.
SELECT jsonb_build_object(
  'templates', (
    SELECT jsonb_object_agg(t.persona, jsonb_build_object('subject', t.subject, 'body', t.body))
    FROM outreach_messagetemplate t WHERE t.play_id = {0}.play_id),
  'draft', (
    SELECT jsonb_build_object('person', w.person_id, 'persona', w.persona, 'subject', w.subject, 'body', w.body,
                              'facts', w.facts, 'at', w.changed_at)
    FROM outreach_draft w WHERE w.item_id = {0}.id),
  'people', (
    SELECT jsonb_agg(jsonb_build_object('id', h.id, 'name', h.name, 'email', h.email, 'title', h.title,
                                        'is_admin', h.is_product_admin, 'excluded_by', h.excluded_by))
    FROM accounts_person h
    WHERE h.id IN ({0}.person_id, %(to)s, (SELECT w.person_id FROM outreach_draft w WHERE w.item_id = {0}.id))
      AND h.merged_into_id IS NULL
      AND (h.account_id = {0}.account_id
        OR EXISTS (SELECT FROM accounts_actor a WHERE a.person_id = h.id AND a.account_id = {0}.account_id))),
  'features', (
    SELECT jsonb_agg(f.name ORDER BY f.used DESC, f.name)
    FROM (
      SELECT s.name, sum(u.count) AS used
      FROM ({stays}) a
      JOIN signals_usage u ON u.actor_id = a.id AND u.day >= a.begins AND u.day < a.ends
        AND u.day > %(today)s::date - 30 AND u.day <= %(today)s::date
        AND u.definition_id = ANY (ARRAY(
          SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
          JOIN signals_category c ON c.id = s.category_id
          WHERE d.state = 'current' AND c.slug = %(features)s))
      JOIN signals_signaldefinition d ON d.id = u.definition_id
      JOIN signals_signal s ON s.id = d.signal_id
      WHERE a.account_id = {0}.account_id
        AND EXISTS (
          SELECT FROM outreach_messagetemplate t
          WHERE t.play_id = {0}.play_id AND strpos(t.subject || t.body, 'top_features') > 0)
      GROUP BY s.name ORDER BY 2 DESC, 1 LIMIT 3
    ) f)
) AS desk

-- name: trial
-- The same for an account without an item: whom a template under work would be tried on. Parameters: account, features,
-- today.
SELECT s.name AS feature
FROM ({stays}) a
JOIN signals_usage u ON u.actor_id = a.id AND u.day >= a.begins AND u.day < a.ends
  AND u.day > %(today)s::date - 30 AND u.day <= %(today)s::date
  AND u.definition_id = ANY (ARRAY(
    SELECT d.id FROM signals_signaldefinition d JOIN signals_signal s ON s.id = d.signal_id
    JOIN signals_category c ON c.id = s.category_id
    WHERE d.state = 'current' AND c.slug = %(features)s))
JOIN signals_signaldefinition d ON d.id = u.definition_id
JOIN signals_signal s ON s.id = d.signal_id
WHERE a.account_id = %(account)s
GROUP BY s.name ORDER BY sum(u.count) DESC, s.name LIMIT 3
