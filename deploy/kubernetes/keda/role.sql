-- As the owner of the tables: a role that sees when items are due and which destinations take any, and nothing else.
CREATE ROLE snowflake_sync_scaler LOGIN PASSWORD :'password';
GRANT SELECT (configuration_id, status, run_after) ON snowflake_sync_queue TO snowflake_sync_scaler;
GRANT SELECT (id, is_active, min_interval) ON snowflake_configurations TO snowflake_sync_scaler;
GRANT SELECT (configuration_id, breaker_state) ON snowflake_sync_destination_states TO snowflake_sync_scaler;
GRANT SELECT (at, action, subject_kind, subject_id) ON snowflake_sync_activity TO snowflake_sync_scaler;
CREATE POLICY snowflake_sync_scaler ON snowflake_sync_queue FOR SELECT TO snowflake_sync_scaler USING (true);
CREATE POLICY snowflake_sync_scaler ON snowflake_configurations FOR SELECT TO snowflake_sync_scaler USING (true);
CREATE POLICY snowflake_sync_scaler ON snowflake_sync_destination_states FOR SELECT TO snowflake_sync_scaler USING (true);
CREATE POLICY snowflake_sync_scaler ON snowflake_sync_activity FOR SELECT TO snowflake_sync_scaler
    USING (subject_kind = 'destination');
