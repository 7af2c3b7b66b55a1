SELECT :schema.snowflake_sync_remove_columns('snowflake_configurations', '{trial_until, window_opened_at, stage_swept_at}'::text[]);
DROP FUNCTION IF EXISTS :schema.snowflake_sync_remove_columns(text, text[]);
