-- What the documentation of an earlier sync prints, on top of application.sql.
CREATE TABLE snowflake_configurations (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    account_identifier VARCHAR(255) NOT NULL,
    warehouse VARCHAR(255) NOT NULL,
    database VARCHAR(255) NOT NULL,
    schema VARCHAR(255) NOT NULL DEFAULT 'PUBLIC',
    role VARCHAR(255),
    username VARCHAR(255) NOT NULL,
    password_encrypted TEXT,
    private_key_encrypted TEXT,
    is_active BOOLEAN DEFAULT true,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);
CREATE INDEX idx_snowflake_configurations_user ON snowflake_configurations (user_id) WHERE is_active;

ALTER TABLE workflow_executions
    ADD COLUMN snowflake_table_name VARCHAR(255),
    ADD COLUMN snowflake_schema_name VARCHAR(255),
    ADD COLUMN snowflake_status VARCHAR(50),
    ADD COLUMN snowflake_error_message TEXT,
    ADD COLUMN snowflake_uploaded_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN snowflake_row_count INTEGER;

CREATE TABLE snowflake_sync_queue (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    execution_id VARCHAR(255) NOT NULL REFERENCES workflow_executions(execution_id) ON DELETE CASCADE UNIQUE,
    user_id UUID NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    status VARCHAR(50) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    retry_count INTEGER NOT NULL DEFAULT 0,
    max_retries INTEGER NOT NULL DEFAULT 3,
    error_message TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    processed_at TIMESTAMP WITH TIME ZONE
) WITH (fillfactor = 90);
CREATE INDEX idx_snowflake_sync_queue_status ON snowflake_sync_queue (status, created_at);
CREATE INDEX idx_snowflake_sync_queue_user ON snowflake_sync_queue (user_id);

CREATE OR REPLACE FUNCTION queue_execution_for_universal_snowflake_sync()
RETURNS TRIGGER AS $$
DECLARE
    v_user_id UUID;
BEGIN
    IF NEW.status = 'completed' AND (OLD.status IS NULL OR OLD.status != 'completed') THEN
        SELECT user_id INTO v_user_id FROM workflows WHERE id = NEW.workflow_id;
        IF v_user_id IS NOT NULL THEN
            INSERT INTO snowflake_sync_queue (execution_id, user_id, status)
            VALUES (NEW.execution_id, v_user_id, 'pending')
            ON CONFLICT (execution_id) DO UPDATE SET status = 'pending', retry_count = 0, updated_at = NOW();
        END IF;
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
COMMENT ON FUNCTION queue_execution_for_universal_snowflake_sync() IS 'Queues what is finished';

CREATE TRIGGER trigger_queue_universal_snowflake_sync
    AFTER UPDATE OF status ON workflow_executions
    FOR EACH ROW EXECUTE FUNCTION queue_execution_for_universal_snowflake_sync();

CREATE OR REPLACE VIEW snowflake_sync_queue_summary AS
SELECT
    status,
    COUNT(*) AS count,
    MIN(created_at) AS oldest_item,
    MAX(created_at) AS newest_item,
    AVG(retry_count) AS avg_retries
FROM snowflake_sync_queue
GROUP BY status;

CREATE OR REPLACE VIEW snowflake_sync_failures AS
SELECT
    q.*,
    e.status AS execution_status,
    e.created_at AS execution_created_at,
    w.name AS workflow_name,
    u.email AS user_email
FROM snowflake_sync_queue q
JOIN workflow_executions e ON q.execution_id = e.execution_id
JOIN workflows w ON e.workflow_id = w.id
JOIN users u ON q.user_id = u.id
WHERE q.status = 'failed'
ORDER BY q.updated_at DESC;

CREATE VIEW failures_a_user AS SELECT user_email, count(*) AS failures FROM snowflake_sync_failures GROUP BY user_email;
GRANT SELECT ON snowflake_sync_queue_summary, snowflake_sync_failures, failures_a_user TO :app;
GRANT SELECT, INSERT, UPDATE ON snowflake_sync_queue TO :app;

SET app.tenant = 1;
INSERT INTO snowflake_configurations
    (user_id, account_identifier, warehouse, database, schema, username, password_encrypted)
VALUES ('00000000-0000-0000-0000-000000000001', 'org-acct', 'WH', 'DB', 'PUBLIC', 'SYNC', 'gAAAA…');
INSERT INTO snowflake_sync_queue (execution_id, user_id, status, retry_count, error_message)
SELECT 'old-' || i, '00000000-0000-0000-0000-000000000001',
    (ARRAY['pending', 'processing', 'completed', 'failed'])[1 + i % 4], i % 4, CASE i % 4 WHEN 3 THEN 'refused' END
FROM generate_series(1, 40) AS i;
