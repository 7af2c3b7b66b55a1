SELECT :schema.snowflake_sync_remove_created('snowflake_sync_queue');
DROP SEQUENCE IF EXISTS :schema.snowflake_sync_claim_token_seq;
