UPDATE django_admin_log
SET object_id = (
    SELECT token.digest FROM snowflake_sync_api_tokens AS token WHERE token.id::text = django_admin_log.object_id
)
FROM django_content_type AS type
WHERE type.id = django_admin_log.content_type_id AND (type.app_label, type.model) = ('accounts', 'apitoken');

ALTER TABLE snowflake_sync_api_tokens
    DROP COLUMN id,
    DROP CONSTRAINT snowflake_sync_api_tokens_digest_key,
    ADD PRIMARY KEY (digest);
