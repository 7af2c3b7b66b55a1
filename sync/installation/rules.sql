-- name: latest
-- The rules that workers go by, and the key that they hash with.
SELECT DISTINCT ON (configuration_id) configuration_id, rules, hash_key
FROM snowflake_sync_rule_versions
ORDER BY configuration_id, version DESC

-- name: others
-- The destinations of which the table that people edit says others; as documents leave out what is so anyway.
WITH followed AS (
    SELECT DISTINCT ON (configuration_id) configuration_id, rules
    FROM snowflake_sync_rule_versions
    ORDER BY configuration_id, version DESC
), edited AS (
    SELECT configuration_id, jsonb_agg(
        settings || jsonb_build_object('name', name, 'kind', kind) || jsonb_strip_nulls(jsonb_build_object(
            'workflow', nullif(workflow, '*'),
            'note', nullif(note, ''),
            'enabled', CASE WHEN NOT is_active THEN false END
        ))
        ORDER BY position, id
    ) AS rules
    FROM snowflake_sync_rules
    GROUP BY configuration_id
)
SELECT configuration_id
FROM followed
FULL JOIN edited USING (configuration_id)
WHERE coalesce(followed.rules, '[]') <> coalesce(edited.rules, '[]')
ORDER BY configuration_id

-- name: lends
SELECT has_database_privilege(current_database(), 'TEMPORARY'), quote_ident(current_database()), quote_ident(current_user)
