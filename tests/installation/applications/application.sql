-- An application as it may be: other columns besides, of other types, some of them compulsory; rows, keys, row-level
-- security that holds for its owner, too, and triggers. Almost none of the snowflake_* columns.
CREATE TABLE tenants (id integer PRIMARY KEY, name varchar(50) NOT NULL);

CREATE TABLE users (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant        integer NOT NULL REFERENCES tenants,
    email         varchar(255) NOT NULL UNIQUE,
    password_hash varchar(255) NOT NULL,
    is_superuser  boolean NOT NULL DEFAULT false,
    name          varchar(100) NOT NULL,
    settings      jsonb NOT NULL DEFAULT '{}',
    created_at    timestamp NOT NULL DEFAULT now()
);

CREATE TABLE workflows (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant      integer NOT NULL REFERENCES tenants,
    workflow_id varchar(100) NOT NULL UNIQUE,
    name        varchar(255) NOT NULL,
    user_id     uuid REFERENCES users ON DELETE CASCADE,
    definition  jsonb NOT NULL
);

CREATE TABLE workflow_executions (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant            integer NOT NULL REFERENCES tenants,
    execution_id      varchar(255) NOT NULL,
    workflow_id       uuid NOT NULL REFERENCES workflows ON DELETE CASCADE,
    status            varchar(50) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed', 'failed')),
    progress          integer NOT NULL DEFAULT 0,
    result_columns    jsonb,
    result_rows       jsonb,
    result_total_rows integer,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    snowflake_enabled boolean DEFAULT false
);
-- Unique by an index alone.
CREATE UNIQUE INDEX workflow_executions_execution_id_unique ON workflow_executions (execution_id);
CREATE INDEX workflow_executions_recent ON workflow_executions (tenant, status, created_at DESC);
CREATE INDEX workflow_executions_running ON workflow_executions (workflow_id) WHERE status = 'running';

CREATE TABLE execution_logs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id varchar(255) NOT NULL REFERENCES workflow_executions (execution_id) ON DELETE CASCADE,
    workflow_id  uuid NOT NULL REFERENCES workflows ON DELETE CASCADE,
    user_id      uuid REFERENCES users ON DELETE SET NULL,
    line         text NOT NULL
);

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE TRIGGER touch BEFORE UPDATE ON workflow_executions FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION log_execution() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO execution_logs (execution_id, workflow_id, line) VALUES (NEW.execution_id, NEW.workflow_id, NEW.status);
    RETURN NULL;
END
$$;
CREATE TRIGGER log_execution AFTER INSERT OR UPDATE OF status ON workflow_executions
    FOR EACH ROW EXECUTE FUNCTION log_execution();

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON users TO :app USING (tenant = current_setting('app.tenant')::integer);
ALTER TABLE workflows ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflows FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON workflows USING (tenant = current_setting('app.tenant', true)::integer);
ALTER TABLE workflow_executions ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow_executions FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON workflow_executions USING (tenant = current_setting('app.tenant', true)::integer);
GRANT SELECT, INSERT, UPDATE, DELETE ON users, workflows, workflow_executions, execution_logs TO :app;

SET app.tenant = 1;
INSERT INTO tenants VALUES (1, 'one'), (2, 'two');
INSERT INTO users (id, tenant, email, password_hash, is_superuser, name) VALUES
    ('00000000-0000-0000-0000-000000000001', 1, 'ann@example.com', 'argon2…', true, 'Ann'),
    ('00000000-0000-0000-0000-000000000002', 1, 'bob@example.com', 'argon2…', false, 'Bob');
INSERT INTO workflows (id, tenant, workflow_id, name, user_id, definition) VALUES
    ('00000000-0000-0000-0000-000000000011', 1, 'report', 'Report', '00000000-0000-0000-0000-000000000001', '{}'),
    ('00000000-0000-0000-0000-000000000012', 1, 'nobody''s', 'Nobody''s', NULL, '{}');
INSERT INTO workflow_executions (tenant, execution_id, workflow_id, status, result_columns, result_rows)
SELECT 1, 'old-' || i, '00000000-0000-0000-0000-000000000011', 'completed', '[{"name": "n", "type": "integer"}]',
    jsonb_build_array(jsonb_build_object('n', i))
FROM generate_series(1, 50) AS i;
INSERT INTO workflow_executions (tenant, execution_id, workflow_id, status)
SELECT 1, 'running-' || i, '00000000-0000-0000-0000-000000000011', 'running' FROM generate_series(1, 50) AS i;
