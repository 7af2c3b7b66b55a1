UPDATE :schema.django_admin_log AS entry
SET object_id = (
    SELECT token.digest FROM :schema.snowflake_sync_api_tokens AS token WHERE token.id::text = entry.object_id
)
FROM :schema.django_content_type AS type
WHERE type.id = entry.content_type_id AND (type.app_label, type.model) = ('accounts', 'apitoken');

ALTER TABLE :schema.snowflake_sync_api_tokens
    DROP COLUMN id,
    DROP CONSTRAINT snowflake_sync_api_tokens_digest_key,
    ADD PRIMARY KEY (digest);
