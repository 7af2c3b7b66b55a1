"""What the pages show besides runs and destinations: attempts, errors, changes, tokens, workers, rules, tables."""

from benchmarks.api import fill
from benchmarks.installation import Installation

CHANGES = 100_000

# A rare error among a hundred thousand failures, and one destination that is paused.
_ERRORS = """
UPDATE snowflake_sync_queue SET error_code = 'warehouse_missing', error_message = 'There is no warehouse LOADING.'
WHERE id IN (SELECT id FROM snowflake_sync_queue WHERE status = 'failed' ORDER BY id LIMIT 20);
UPDATE snowflake_sync_destination_states SET breaker_state = 'open', breaker_code = 'login_refused'
WHERE configuration_id = (SELECT id FROM snowflake_configurations ORDER BY id LIMIT 1);
UPDATE snowflake_sync_destination_states
SET last_check_at = now(), last_login_at = now(), last_check = jsonb_build_object(
    'ok', true, 'current', true, 'ended', true, 'checked_at', now(), 'seconds', 1.5, 'steps', '[]'::jsonb
);
"""
_ATTEMPTS = """
INSERT INTO snowflake_sync_attempts (
    item_id, configuration_id, worker_id, outcome, due_at, started_at, finished_at, timings, row_count, byte_count,
    statement_count, error_code
)
SELECT
    id, configuration_id, 1 + random() * 9,
    CASE status WHEN 'completed' THEN 'completed' WHEN 'failed' THEN 'failed' ELSE 'retry' END,
    updated_at - random() * interval '20 seconds', updated_at - random() * interval '2 seconds', updated_at,
    '{"extract": 12.5, "connect": 0.1, "load": 800}', 100, 4000, 3,
    CASE status WHEN 'completed' THEN NULL WHEN 'failed' THEN 'value_does_not_fit' ELSE 'session_lost' END
FROM snowflake_sync_queue
ORDER BY updated_at
"""
_WORKERS = """
INSERT INTO snowflake_sync_workers (host, pid, concurrency, heartbeat_at, in_flight, follows_rules)
SELECT 'host' || number, number, 5, now() + interval '1 hour', 4, true FROM generate_series(1, 50) AS number;
UPDATE snowflake_sync_queue AS item SET status = 'processing', worker_id = claimed.number %% 50 + 1, claim_token = 1
FROM (
    SELECT id, row_number() OVER (ORDER BY run_after, id) AS number FROM snowflake_sync_queue
    WHERE status = 'pending' ORDER BY run_after, id LIMIT 200
) AS claimed
WHERE claimed.id = item.id
"""
_PEOPLE = """
INSERT INTO snowflake_sync_logins (user_id, password)
SELECT id, 'pbkdf2_sha256$1$x$x' FROM users WHERE email LIKE 'user%%' ON CONFLICT DO NOTHING;
INSERT INTO snowflake_sync_api_tokens (digest, token_key, user_id, name)
SELECT users.id::text || number, 'key' || number, users.id, 'Pipeline ' || number
FROM users CROSS JOIN generate_series(1, 30) AS number;
INSERT INTO snowflake_sync_activity (
    at, user_id, user_name, face, action, subject_kind, subject_id, subject_name, owner_id, changes, note
)
SELECT
    now() - number * interval '1 minute', owner.id, owner.email, (ARRAY['console', 'api', 'admin'])[1 + number %% 3],
    CASE number %% 5 WHEN 0 THEN 'destination_paused' WHEN 1 THEN 'destination_resumed' ELSE 'destination_changed' END,
    'destination', destination.id::text, destination.name, owner.id,
    '[{"field": "schema", "from": "PUBLIC", "to": "SALES"}]', ''
FROM generate_series(1, %(changes)s) AS number
JOIN (SELECT *, row_number() OVER (ORDER BY email) - 1 AS place, count(*) OVER () AS all_of_them FROM users) AS owner
    ON owner.place = number %% owner.all_of_them
JOIN snowflake_configurations AS destination ON destination.user_id = owner.id
"""
_RULES = """
INSERT INTO snowflake_sync_rules (configuration_id, position, name, kind, workflow, settings)
SELECT configuration.id, number, 'Hash ' || number, 'column', '*', jsonb_build_object(
    'kind', 'column', 'name', 'Hash ' || number, 'action', 'hash', 'columns', jsonb_build_array('mail_' || number)
)
FROM snowflake_configurations AS configuration CROSS JOIN generate_series(1, 20) AS number;
INSERT INTO snowflake_sync_hash_keys (configuration_id, number, key_encrypted)
SELECT id, 1, 'x' FROM snowflake_configurations;
INSERT INTO snowflake_sync_rule_versions (configuration_id, version, rules, hash_key)
SELECT configuration_id, version, jsonb_agg(settings ORDER BY position), 1
FROM snowflake_sync_rules CROSS JOIN generate_series(1, 30) AS version
GROUP BY configuration_id, version;
INSERT INTO snowflake_sync_tables (configuration_id, database_name, schema_name, table_name, execution_id)
SELECT configuration_id, 'ANALYTICS', 'PUBLIC', table_name, execution_id
FROM snowflake_sync_queue WHERE table_name IS NOT NULL AND hashtext(id::text) %% 10 = 0;
INSERT INTO snowflake_sync_mutes (owner_id, error_code, workflow_id, configuration_id, until)
SELECT owner.id, 'load_rejected', workflow.id, configuration.id, now() + interval '7 days'
FROM workflows AS workflow
JOIN snowflake_configurations AS configuration ON configuration.user_id = workflow.user_id
CROSS JOIN LATERAL (VALUES (workflow.user_id), (NULL::uuid)) AS owner (id)
WHERE workflow.name LIKE 'Report 3 of %%';
"""
# A hundred that are open, and many that were.
_ALERTS = """
INSERT INTO snowflake_sync_alerts (
    kind, key, user_id, configuration_id, since, opened_at, seen_at, closed_at, facts
)
SELECT
    'destination_paused', id::text, user_id, id, now() - number * interval '1 hour', now() - number * interval '1 hour',
    now(),
    CASE WHEN number > 1 OR hashtext(id::text) %% 2 = 0 THEN now() END, jsonb_build_object(
        'what', name || ' is paused: the password was refused', 'whose', 'Of somebody', 'over', name || ' works',
        'why', 'Snowflake refused the credentials.', 'remedy', 'Enter new credentials, then check the destination.'
    )
FROM snowflake_configurations CROSS JOIN generate_series(1, 25) AS number;
"""
_KNOWN = """
SELECT configuration.id, workflow.id, workflow.workflow_id, workflow.name, (
    SELECT execution_id FROM snowflake_sync_queue AS item
    WHERE item.configuration_id = configuration.id AND status = 'failed' LIMIT 1
), (
    SELECT execution.id FROM snowflake_sync_queue AS item JOIN workflow_executions AS execution USING (execution_id)
    WHERE item.configuration_id = configuration.id AND item.status = 'failed' LIMIT 1
), (
    SELECT left(execution_id, 4) FROM snowflake_sync_queue AS item
    WHERE item.configuration_id = configuration.id GROUP BY 1 HAVING count(*) > 1 LIMIT 1
), (
    SELECT table_name FROM snowflake_sync_tables AS made WHERE made.configuration_id = configuration.id LIMIT 1
)
FROM users AS owner
JOIN snowflake_configurations AS configuration ON configuration.user_id = owner.id
JOIN workflows AS workflow ON workflow.user_id = owner.id
WHERE owner.email = %s
ORDER BY workflow.workflow_id
LIMIT 1
"""


class Known:
    """Of one user: the destination, a workflow, a run that failed (id and key), how ids of several begin, a table."""

    def __init__(self, installed: Installation, email: str) -> None:
        (row,) = installed.ask(_KNOWN, [email])
        self.email = email
        self.destination, self.workflow, self.workflow_id, self.workflow_name, *of_runs = row
        self.run, self.run_id, self.beginning, self.table = of_runs


def fill_console(installed: Installation, *, share: int = 1) -> None:
    """All of it, or a `share`-th."""
    fill(installed, share=share)
    with installed.connection.cursor() as cursor:
        for statement in (_ERRORS, _ATTEMPTS, _WORKERS, _PEOPLE, _RULES, _ALERTS):
            cursor.execute(statement, {"changes": CHANGES // share})
        cursor.execute("VACUUM ANALYZE")
