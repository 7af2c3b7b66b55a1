-- Brings what version 0.1.0 made in a database to what 0.2.0 makes: operations.md says when, and what comes before and
-- after. It runs in psql, as the tables' owner, in one transaction: all of it, or nothing.
\set ON_ERROR_STOP on
BEGIN;
SELECT quote_ident(current_schema()) AS schema \gset
-- Nothing that somebody put into the schema takes the place of PostgreSQL's own.
SET LOCAL search_path = pg_catalog, pg_temp;
-- Rows that are hidden from whoever runs this would be left behind unseen, and then lost: that is an error.
SET LOCAL row_security = off;
-- The application goes first.
SET LOCAL lock_timeout = '2s';

SELECT count(*) = 2 AS complete FROM :schema.django_migrations
WHERE (app, name) IN (('accounts', '0010_token_ids'), ('sync', '0021_removed_items')) \gset
\if :complete
\else
    \warn 'Nothing was done. This brings over what the last of 0.1.0 made: run manage.py migrate with that first.'
    ROLLBACK;
    \quit
\endif

ALTER TABLE :schema.snowflake_sync_queue RENAME COLUMN lane TO batch_key;
ALTER INDEX :schema.snowflake_sync_queue_lane_idx RENAME TO snowflake_sync_queue_batch_idx;
UPDATE :schema.snowflake_sync_install_log SET name = 'batch_key' WHERE relation = 'snowflake_sync_queue' AND name = 'lane';

-- How a destination is doing leaves the application's table. As the pair 0008_destination_states makes it.
CREATE TABLE :schema.snowflake_sync_destination_states (
    configuration_id uuid PRIMARY KEY REFERENCES :schema.snowflake_configurations (id) ON DELETE CASCADE,
    settings_version integer NOT NULL DEFAULT 0,
    breaker_state    text NOT NULL DEFAULT 'closed' CHECK (breaker_state IN ('closed', 'open')),
    breaker_until    timestamptz,
    breaker_code     text,
    breaker_reason   text,
    breaker_failures integer NOT NULL DEFAULT 0,
    trial_until      timestamptz,
    last_login_at    timestamptz,
    window_opened_at timestamptz,
    stage_swept_at   timestamptz,
    last_check_at    timestamptz,
    last_check       jsonb,
    check_refusals   integer NOT NULL DEFAULT 0,
    check_refused_at timestamptz
) WITH (fillfactor = 75);
ALTER TABLE :schema.snowflake_sync_destination_states ENABLE ROW LEVEL SECURITY;
INSERT INTO :schema.snowflake_sync_destination_states
SELECT id, settings_version, breaker_state, breaker_until, breaker_code, breaker_reason, breaker_failures, trial_until,
    last_login_at, window_opened_at, stage_swept_at, last_check_at, last_check, check_refusals, check_refused_at
FROM :schema.snowflake_configurations;
DROP TRIGGER snowflake_sync_destination_changed ON :schema.snowflake_configurations;
DROP FUNCTION :schema.snowflake_sync_destination_changed();
SELECT :schema.snowflake_sync_remove_columns('snowflake_configurations', '{settings_version, breaker_state, breaker_until,
    breaker_code, breaker_reason, breaker_failures, trial_until, last_login_at, window_opened_at, stage_swept_at,
    last_check_at, last_check, check_refusals, check_refused_at}') \g /dev/null
DROP FUNCTION :schema.snowflake_sync_remove_columns(text, text[]);

-- By name: the application may have apps of Django's that are called so, too.
DELETE FROM :schema.django_migrations WHERE (app, name) IN (
    ('accounts', '0001_users'), ('accounts', '0002_api_tokens'), ('accounts', '0003_snowflake_configurations'),
    ('accounts', '0004_admin_log_user'), ('accounts', '0005_destination_trials'),
    ('accounts', '0006_destination_changed'), ('accounts', '0007_key_rotation'), ('accounts', '0008_api'),
    ('accounts', '0009_logins'), ('accounts', '0010_token_ids'), ('sync', '0001_workflows'),
    ('sync', '0002_workflow_executions'), ('sync', '0003_snowflake_sync_queue'), ('sync', '0004_queue_indexes'),
    ('sync', '0005_workers_tables_attempts'), ('sync', '0006_trigger'), ('sync', '0007_queue_constraints'),
    ('sync', '0008_views'), ('sync', '0009_lanes'), ('sync', '0010_lane_indexes'), ('sync', '0011_statistics'),
    ('sync', '0012_permissions'), ('sync', '0013_history'), ('sync', '0014_failures_by_code'),
    ('sync', '0015_error_remedy'), ('sync', '0016_column_keys'), ('sync', '0017_pinned_triggers'),
    ('sync', '0018_worker_held_back'), ('sync', '0019_detachable_partitions'), ('sync', '0020_tables_made_for'),
    ('sync', '0021_removed_items')
);
INSERT INTO :schema.django_migrations (app, name, applied) VALUES
    ('accounts', '0001_snowflake_sync_users', now()), ('accounts', '0002_snowflake_sync_destinations', now()),
    ('accounts', '0003_snowflake_sync_admin_log', now()), ('accounts', '0004_snowflake_sync_logins', now()),
    ('sync', '0001_snowflake_sync_workflows', now()), ('sync', '0002_snowflake_sync_executions', now()),
    ('sync', '0003_snowflake_sync_items', now()), ('sync', '0004_snowflake_sync_indexes', now()),
    ('sync', '0005_snowflake_sync_records', now()), ('sync', '0006_snowflake_sync_triggers', now()),
    ('sync', '0007_snowflake_sync_constraints', now()), ('sync', '0008_snowflake_sync_documented_views', now());
COMMIT;
