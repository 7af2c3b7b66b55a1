"""No page asks more statements with more rows, or is heavy. A page that is new has to stand in PAGES."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ApiToken, User
from sync.models import SyncAlertChannel, SyncQueueItem
from sync.reporting import history
from sync.web.console.sent_sql import address_of
from sync.web.console.urls import app_name, urlpatterns
from tests.web.console.conftest import Owner

pytestmark = pytest.mark.django_db
Login = Callable[[User], Client]

FEW, MANY = 5, 50
# Statements, and bytes of HTML.
MOST, HEAVY = 35, 60_000
# Of each page the addresses that are tried: what follows its own.
PAGES: dict[str, tuple[str, ...]] = {
    "home": ("", "?user={email}"),
    "runs": (
        "",
        "?status=pending",
        "?status=processing",
        "?status=completed",
        "?status=failed",
        "?status=skipped",
        "?when=7d",
        "?q=report",
        "?q=0000",
        "?workflow=Report+1",
        "?error_code=load_rejected",
        "?destination={destination}",
        "?status=failed&error_code=load_rejected&workflow=Report+1&destination={destination}&user={email}",
    ),
    "runs-csv": ("", "?status=failed"),
    "runs-json": ("",),
    "run": ("",),
    "suggestions": ("?q=rep", "?q=o"),
    "search": ("?q=report", "?q=0000", "?q=example", "?q=o%40example.com", "?q=TABLE"),
    "errors": ("", "?window=day", "?error_code=load_rejected", "?workflow=Report+1", "?user={email}"),
    "errors-csv": ("",),
    "errors-json": ("",),
    "mute": ("?error_code=load_rejected&workflow=w-1&destination={destination}",),
    "retry": ("", "?error_code=load_rejected", "?destination={destination}", "?ticked=1&{ticked}"),
    "skip": ("", "?status=pending", "?ticked=1&{ticked}"),
    "load-again": ("", "?when=7d", "?ticked=1&{ticked}"),
    "leave-out": ("?ticked=1&{ticked}",),
    "destinations": ("", "?q=o"),
    "destination": ("",),
    "costs": ("", "?days=31", "?destination={destination}"),
    "backfill": ("", "?count=", "?count=&of=Report+1"),
    "backfill-of": ("", "?count="),
    "timeline": ("",),
    "contents": ("",),
    "settings": ("",),
    "delete-destination": ("",),
    "connect": ("",),
    "let-in": ("",),
    "sent-sql": ("?of={sent}",),
    "check": ("",),
    "data": ("", "?q=report", "?workflow=w-1"),
    "rules-meaning": ("", "?workflow=w-1"),
    "rules-file": ("",),
    "hash-key": ("",),
    "rules-reload": ("",),
    "rules-return": ("",),
    "rules-remove": ("",),
    "retention": ("", "?workflow=w-1"),
    "prune": ("",),
    "rules-yaml": ("",),
    "rules": ("",),
    "workflows": ("", "?q=report"),
    "workflow": ("",),
    "activity": ("", "?who=o", "?action=destination_paused", "?about=o", "?about=destination:{destination}"),
    "activity-csv": ("",),
    "activity-json": ("",),
    "alerts": ("",),
    "mute-alerts": ("",),
    "new-channel": ("", "?kind=webhook"),
    "channel": ("",),
    "delete-channel": ("",),
    "workers": ("",),
    "users": ("", "?everybody=", "?q=o"),
    "me": ("",),
    "revoke": ("",),
    "log-in": ("",),
}
# What GET only leads away from.
ACTS = {
    "actual-credits",
    "retry-one",
    "look-now",
    "cure",
    "pause",
    "resume",
    "switch",
    "rotate-key",
    "change-rule",
    "log-out",
}

_ROWS = """
INSERT INTO users (email) SELECT 'o' || n || '@example.com' FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO snowflake_sync_logins (user_id, password)
SELECT id, 'x' FROM users WHERE email LIKE 'o%%' ON CONFLICT DO NOTHING;
INSERT INTO snowflake_configurations (user_id, name, account_identifier, warehouse, database, schema, username)
SELECT owner.id, 'Destination ' || n, 'myorg-' || n, 'LOADING', 'ANALYTICS', 'S' || n, 'SYNC'
FROM generate_series(%(first)s, %(last)s) AS n
JOIN users AS owner ON owner.id = %(ada)s OR owner.email = 'o' || n || '@example.com';
INSERT INTO workflows (workflow_id, name, user_id)
SELECT CASE WHEN owner.id = %(ada)s THEN 'w-' ELSE 'x-' END || n, 'Report ' || n, owner.id
FROM generate_series(%(first)s, %(last)s) AS n
JOIN users AS owner ON owner.id = %(ada)s OR owner.email = 'o' || n || '@example.com';
INSERT INTO workflow_executions (execution_id, workflow_id, status, result_columns, result_rows)
SELECT '0000-' || workflow_id || '-' || n, id, 'pending', '[{"name": "clicks", "type": "integer"}]', '[{"clicks": 17}]'
FROM workflows CROSS JOIN generate_series(1, 5) AS n
WHERE substring(workflow_id, '^[wx]-(\\d+)$')::integer BETWEEN %(first)s AND %(last)s;
INSERT INTO snowflake_sync_queue (
    execution_id, user_id, configuration_id, status, error_code, error_message, worker_id, claim_token, schema_name,
    table_name, row_count, rules_version
)
SELECT execution.execution_id, workflow.user_id, configuration.id, drawn.status,
    CASE WHEN drawn.status = 'failed' THEN 'load_rejected' END, CASE WHEN drawn.status = 'failed' THEN 'No.' END,
    CASE WHEN drawn.status = 'processing' THEN 1 END, CASE WHEN drawn.status = 'processing' THEN 1 END,
    CASE WHEN drawn.status = 'completed' THEN 'PUBLIC' END,
    CASE WHEN drawn.status = 'completed' THEN 'T_' || execution.execution_id END, 1, 1
FROM workflow_executions AS execution
JOIN workflows AS workflow ON workflow.id = execution.workflow_id
JOIN LATERAL (
    SELECT id FROM snowflake_configurations WHERE user_id = workflow.user_id ORDER BY created_at, id LIMIT 1
) AS configuration ON true
CROSS JOIN LATERAL (
    SELECT (ARRAY['pending', 'processing', 'completed', 'failed', 'skipped'])[right(execution_id, 1)::integer] AS status
) AS drawn
ON CONFLICT DO NOTHING;
INSERT INTO snowflake_sync_attempts (
    item_id, configuration_id, worker_id, outcome, started_at, statement_count, error_code
)
SELECT item.id, item.configuration_id, 1, CASE item.status WHEN 'completed' THEN 'completed' ELSE 'failed' END, now(),
    3, item.error_code
FROM snowflake_sync_queue AS item
WHERE NOT EXISTS (SELECT FROM snowflake_sync_attempts AS attempt WHERE attempt.item_id = item.id);
INSERT INTO snowflake_sync_workers (host, pid, concurrency, follows_rules)
SELECT 'host' || n, n, 5, true FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO snowflake_sync_tables (configuration_id, database_name, schema_name, table_name, execution_id)
SELECT id, 'ANALYTICS', schema, 'TABLE', NULL FROM snowflake_configurations ON CONFLICT DO NOTHING;
INSERT INTO snowflake_sync_findings (
    configuration_id, kind, database_name, schema_name, table_name, expected, found, first_seen_at, last_seen_at
)
SELECT %(destination)s, 'fewer_rows', 'ANALYTICS', 'PUBLIC', 'TABLE_' || n, '{"rows": 3}', '{"rows": 2}', now(), now()
FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO snowflake_sync_rules (configuration_id, position, name, kind, workflow, settings)
SELECT %(destination)s, n, 'Rule ' || n, 'column', '*', jsonb_build_object(
    'kind', 'column', 'name', 'Rule ' || n, 'action', 'drop', 'columns', jsonb_build_array('note_' || n)
)
FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO snowflake_sync_rule_versions (configuration_id, version, rules)
SELECT %(destination)s, n, (SELECT jsonb_agg(settings) FROM snowflake_sync_rules WHERE position <= n)
FROM generate_series(%(first)s, %(last)s) AS n;
INSERT INTO snowflake_sync_mutes (owner_id, error_code, workflow_id, configuration_id)
SELECT %(ada)s, 'load_rejected', id, %(destination)s FROM workflows WHERE workflow_id LIKE 'w-%%0'
ON CONFLICT DO NOTHING;
INSERT INTO snowflake_sync_api_tokens (digest, token_key, user_id, name)
SELECT 'digest' || users.id || n, 'key', users.id, 'Pipeline' FROM users
CROSS JOIN generate_series(%(first)s, %(last)s) AS n;
INSERT INTO snowflake_sync_activity (
    user_id, user_name, face, action, subject_kind, subject_id, subject_name, owner_id
)
SELECT owner.id, owner.email, 'console', 'destination_paused', 'destination', destination.id::text, destination.name,
    owner.id
FROM snowflake_configurations AS destination
JOIN users AS owner ON owner.id = destination.user_id;
INSERT INTO snowflake_sync_alerts (
    kind, key, user_id, configuration_id, since, opened_at, seen_at, closed_at, facts
)
SELECT 'destination_paused', destination.id::text, destination.user_id, destination.id, now(), now(), now(), ended.at,
    '{"what": "It is paused", "why": "The password was refused.", "remedy": "Enter another.", "over": "It works"}'
FROM snowflake_configurations AS destination
CROSS JOIN (VALUES (NULL::timestamptz), (now())) AS ended (at)
ON CONFLICT DO NOTHING;
INSERT INTO snowflake_sync_alert_channels (id, user_id, name, kind, settings)
SELECT gen_random_uuid(), %(ada)s, 'Channel ' || n, 'email', '{"to": "ada@example.com"}'
FROM generate_series(%(first)s, %(last)s) AS n WHERE n %% 5 = 0;
INSERT INTO snowflake_sync_alert_deliveries (channel_id, event, message)
SELECT id, 'opened', '{"subject": "It is paused", "text": "It is paused."}' FROM snowflake_sync_alert_channels
"""


class Seen(NamedTuple):
    """An answer: `bytes` of a page alone."""

    status: int
    statements: int
    bytes: int


@pytest.fixture
def fill(ada: Owner) -> Callable[[int, int], None]:
    """From one number to another, of each kind of row one for each number, of Ada and of somebody else."""

    def make(first: int, last: int) -> None:
        given: dict[str, Any] = {"first": first, "last": last, "ada": ada.user.pk}
        given["destination"] = ada.configuration.pk
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, given)

    return make


def test_every_page_is_tried() -> None:
    named = {pattern.name for pattern in urlpatterns if pattern.name}
    assert named == set(PAGES) | ACTS


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_as_often_with_more_rows(
    ada: Owner,
    staff: User,
    login: Login,
    fill: Callable[[int, int], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    # Whoever asks when it is time adds up attempts for all: of that the statements are always the same.
    monkeypatch.setattr(history, "add_up", lambda **_: False)
    clients = [login(staff), login(ada.user)]
    fill(1, FEW)
    addresses = _addresses(name, ada)
    few = [(address, _asked(client, address)[:2]) for address in addresses for client in clients]
    fill(FEW + 1, MANY)
    many = [(address, _asked(client, address)) for address in addresses for client in clients]
    assert [(address, (seen.status, seen.statements)) for address, seen in many] == few
    assert max(seen.statements for _, seen in many) <= MOST
    assert max(seen.bytes for _, seen in many) < HEAVY


def _addresses(name: str, ada: Owner) -> list[str]:
    """Of something of Ada's."""
    item = SyncQueueItem.objects.filter(configuration=ada.configuration, status="failed").earliest("execution_id")
    known: dict[str, Any] = {
        "execution_id": item.execution_id,
        "item_id": item.pk,
        "configuration_id": ada.configuration.pk,
        "workflow_id": item.execution.workflow_id,
        "version": 1,
        "channel_id": SyncAlertChannel.objects.earliest("name").pk,
        "token_id": ApiToken.objects.filter(user=ada.user).earliest("pk").pk,
    }
    (pattern,) = (each for each in urlpatterns if each.name == name)
    wanted = {key: known[key] for key in pattern.pattern.converters}
    address = reverse(f"{app_name}:{name}", kwargs=wanted)
    words = {"email": ada.user.email, "destination": ada.configuration.pk, "ticked": f"run={item.execution_id}"}
    words["sent"] = address_of(ada.configuration).partition("of=")[2]
    return [address + query.format(**words) for query in PAGES[name]]


def _asked(client: Client, address: str) -> Seen:
    """The statements before those that are counted made what is made but once."""
    b"".join(client.get(address))
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
        # A file is written while it is read, and keeps its place until then.
        read = len(b"".join(answer))
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    return Seen(answer.status_code, len(asked), read if is_page else 0)
