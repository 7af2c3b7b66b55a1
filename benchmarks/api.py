"""What a request of the API takes with a million items, over HTTP, beside one that only asks for SELECT 1.

The web server; one client, one question after the other, the questions taking turns.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from benchmarks.common import Figure, at_most, reported
from benchmarks.installation import MANAGE, Installation, installation

ITEMS = 1_000_000
USERS = 200
# Workflows of each.
EACH = 10
ROUNDS = 60
BAR = 100.0  # milliseconds
STAFF = "staff@example.com"
# Every second item is one user's; the rest is spread.
LARGE, SMALL = "user1@example.com", "user15@example.com"

_PEOPLE = """
INSERT INTO users (email) SELECT 'user' || number || '@example.com' FROM generate_series(1, %(users)s) AS number;
INSERT INTO users (email) VALUES (%(staff)s);
INSERT INTO snowflake_sync_logins (user_id, is_staff) SELECT id, true FROM users WHERE email = %(staff)s;
INSERT INTO workflows (workflow_id, name, user_id)
SELECT
    email || number,
    'Report ' || number || ' of all campaigns and regions, daily, of ' || substring(email FROM '[a-z]+[0-9]+'),
    id
FROM users CROSS JOIN generate_series(1, %(each)s) AS number WHERE email LIKE 'user%%';
INSERT INTO snowflake_configurations (user_id, name, account_identifier, warehouse, database, schema, username)
SELECT id, 'Warehouse of ' || email, 'myorg-myaccount', 'LOADING', 'ANALYTICS', 'PUBLIC', 'SYNC'
FROM users WHERE email LIKE 'user%%';
"""
_EXECUTIONS = """
INSERT INTO workflow_executions (
    execution_id, workflow_id, status, result_columns, result_rows, result_total_rows, created_at, updated_at
)
SELECT
    gen_random_uuid(), workflow.id, 'completed', '[{"name": "clicks", "type": "integer"}]', '[{"clicks": 17}]', 1,
    now() - number * interval '1 second', now() - number * interval '1 second'
FROM generate_series(1, %(items)s) AS number
JOIN (
    SELECT workflow.id, row_number() OVER (ORDER BY substring(email FROM '\\d+')::integer, workflow_id) - 1 AS place
    FROM workflows AS workflow JOIN users ON users.id = workflow.user_id AND users.email LIKE 'user%%@%%'
    WHERE users.email <> 'owner@example.com'
) AS workflow ON workflow.place = number / 2 %% CASE WHEN number %% 2 = 0 THEN %(each)s ELSE %(each)s * %(users)s END
"""
# Of ten, seven are loaded, one failed, for one of three reasons.
_ITEMS = """
INSERT INTO snowflake_sync_queue (
    execution_id, user_id, configuration_id, status, run_after, error_code, error_message, created_at, updated_at,
    processed_at, schema_name, table_name, row_count, source_row_count, rules_version
)
SELECT execution.execution_id, workflow.user_id, configuration.id, drawn.status, execution.created_at,
    CASE
        WHEN chance >= 0.7 AND chance < 0.775 THEN 'value_does_not_fit'
        WHEN chance >= 0.7 AND chance < 0.79 THEN 'load_rejected'
        WHEN drawn.status = 'failed' THEN 'table_not_ours'
        WHEN drawn.status = 'skipped' THEN 'excluded_by_rule'
    END,
    CASE WHEN drawn.status = 'failed' THEN 'Row 3 of the execution has a value that does not fit.' END,
    execution.created_at, execution.updated_at,
    CASE WHEN drawn.status IN ('completed', 'failed') THEN execution.updated_at END,
    CASE WHEN drawn.status = 'completed' THEN 'PUBLIC' END,
    CASE WHEN drawn.status = 'completed'
        THEN 'WORKFLOW_EXECUTION_20261129_' || upper(replace(execution.execution_id, '-', '_')) END,
    CASE WHEN drawn.status = 'completed' THEN 100 END,
    CASE WHEN drawn.status = 'completed' THEN 100 END,
    CASE WHEN drawn.status = 'completed' THEN 1 END
FROM (
    SELECT *, CASE WHEN chance < 0.7 THEN 'completed' WHEN chance < 0.8 THEN 'failed' WHEN chance < 0.95 THEN 'pending'
        ELSE 'skipped' END AS status
    FROM (SELECT execution_id AS drawn_id, random() AS chance FROM workflow_executions) AS drawn
) AS drawn
JOIN workflow_executions AS execution ON execution.execution_id = drawn.drawn_id
JOIN workflows AS workflow ON workflow.id = execution.workflow_id
JOIN snowflake_configurations AS configuration ON configuration.user_id = workflow.user_id
"""
_WITHOUT_TRIGGERS = "SET session_replication_role = replica"


@dataclass
class Question:
    """A path, who asks, and the milliseconds that each answer took."""

    name: str
    path: str
    token: str = ""
    took: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.took, n=20)[-1]

    @property
    def detail(self) -> str:
        """For the figure."""
        middle = statistics.median(self.took)
        return f"p50 {middle:.1f}, p95 {self.p95:.1f}, max {max(self.took):.1f} ms of {len(self.took)} requests"


def measure(rounds: int) -> list[Figure]:
    """The 95th percentile of each question, and the first one of all, which counts the queue."""
    with installation("") as installed:
        fill(installed)
        tokens = {email: _token(installed, email) for email in (STAFF, LARGE, SMALL)}
        with server(installed) as port, closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as client:
            plain = Question("SELECT 1", "/select-1")
            _warm(client, plain)
            first = _ask(client, Question("", "/api/snowflake-sync/stats", tokens[STAFF]))
            questions = [plain, *_questions(tokens)]
            for _ in range(ROUNDS * min(rounds, 5)):
                for question in questions:
                    question.took.append(_ask(client, question))
    return [
        reported("api: a plain request that asks SELECT 1, p95", plain.p95, "ms", plain.detail),
        reported("api: stats, the first for a long time", first, "ms", f"it counts the {ITEMS:,} items"),
        *(
            at_most(f"api: {question.name}, p95", question.p95, "ms", BAR, question.detail)
            for question in questions[1:]
        ),
    ]


def _questions(tokens: dict[str, str]) -> list[Question]:
    base = "/api/snowflake-sync"
    questions = [
        Question(f"{path}, {who}", f"{base}/{path}", token)
        for who, token in zip(("staff", "half of all items", "few items"), tokens.values(), strict=True)
        for path in ("stats", "failed?limit=50", "queue?limit=50", "queue?status=pending&limit=50")
    ]
    narrow = quote(f"{LARGE}2")
    questions.append(
        Question("queue?workflow=…, half of all items", f"{base}/queue?workflow={narrow}&limit=50", tokens[LARGE])
    )
    return questions


def _ask(client: http.client.HTTPConnection, question: Question) -> float:
    headers = {"Authorization": f"Bearer {question.token}"} if question.token else {}
    started = time.perf_counter()
    client.request("GET", question.path, headers=headers)
    answer = client.getresponse()
    answer.read()
    took = (time.perf_counter() - started) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{question.path} answered {answer.status}")
    return took


def _warm(client: http.client.HTTPConnection, question: Question) -> None:
    for _ in range(20):
        _ask(client, question)


def fill(installed: Installation, *, share: int = 1) -> None:
    """A million items of two hundred users, and what they belong to; of all that, a `share`-th."""
    size = {"users": USERS // share, "items": ITEMS // share, "each": EACH, "staff": STAFF}
    with installed.connection.cursor() as cursor:
        cursor.execute(_WITHOUT_TRIGGERS)
        for statement in (_PEOPLE, _EXECUTIONS):
            cursor.execute(statement, size)
        for statement in (_ITEMS, "VACUUM ANALYZE"):
            cursor.execute(statement)


def _token(installed: Installation, email: str) -> str:
    command = [sys.executable, str(MANAGE), "create_api_token", email]
    done = subprocess.run(command, env=installed.environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def server(installed: Installation) -> Iterator[int]:
    """Its port."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(MANAGE), "run_sync_web", "--listen", f"127.0.0.1:{port}"]
    environment = {
        **installed.environment,
        "DJANGO_SETTINGS_MODULE": "benchmarks.api_settings",
        "SECURE_SSL_REDIRECT": "false",
        "PYTHONPATH": os.fspath(MANAGE.parent),
        "LOG_LEVEL": "ERROR",
    }
    with subprocess.Popen(command, env=environment) as process:
        try:
            _until_it_answers(port, process)
            yield port
        finally:
            process.terminate()


def _until_it_answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the web server did not start; see its output above")
        try:
            with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the web server did not answer in time")
