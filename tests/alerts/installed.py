"""An installation with people who are told: its commands as processes, a web server and a mail server that listen."""

import email
import email.policy
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from accounts.models import SnowflakeConfiguration, User
from sync.models import SyncAlertChannel
from tests.alerts.channels.mail_server import MailServer
from tests.chaos.waiting import until
from tests.factories import ConfigurationFactory
from tests.installation.server import Database
from tests.processes import killed_at_the_end

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
# While a row says so, whoever takes this step waits in it, in its statement, and says so in its connection's name. (See
# tests/chaos/holds.py.)
_HOLDS = """
CREATE TABLE holds (step text PRIMARY KEY);
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM holds WHERE step = TG_ARGV[0]) THEN
        PERFORM set_config('application_name', 'held', false);
        WHILE EXISTS (SELECT FROM holds WHERE step = TG_ARGV[0]) LOOP
            PERFORM pg_sleep(0.02);
        END LOOP;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER begin BEFORE UPDATE ON snowflake_sync_alert_looks FOR EACH ROW
    WHEN (NEW.number > OLD.number) EXECUTE FUNCTION hold('begin');
CREATE TRIGGER begun AFTER UPDATE ON snowflake_sync_alert_looks FOR EACH ROW
    WHEN (NEW.number > OLD.number) EXECUTE FUNCTION hold('begun');
CREATE TRIGGER opening BEFORE INSERT ON snowflake_sync_alerts FOR EACH ROW EXECUTE FUNCTION hold('opening');
CREATE TRIGGER closing BEFORE UPDATE ON snowflake_sync_alerts FOR EACH ROW
    WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION hold('closing');
CREATE TRIGGER queueing BEFORE INSERT ON snowflake_sync_alert_deliveries FOR EACH ROW EXECUTE FUNCTION hold('queueing');
CREATE TRIGGER ending BEFORE UPDATE ON snowflake_sync_alert_looks FOR EACH ROW
    WHEN (NEW.ended_at > OLD.ended_at) EXECUTE FUNCTION hold('ending');
CREATE CONSTRAINT TRIGGER committing AFTER INSERT ON snowflake_sync_alert_deliveries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold('committing');
CREATE TRIGGER claiming BEFORE UPDATE ON snowflake_sync_alert_deliveries FOR EACH ROW
    WHEN (NEW.tries > OLD.tries) EXECUTE FUNCTION hold('claiming');
CREATE TRIGGER recording BEFORE UPDATE ON snowflake_sync_alert_deliveries FOR EACH ROW
    WHEN (NEW.delivered_at IS NOT NULL) EXECUTE FUNCTION hold('recording');
CREATE TRIGGER noting BEFORE UPDATE ON snowflake_sync_alert_channels FOR EACH ROW EXECUTE FUNCTION hold('noting');
"""
STEPS = ("begin", "begun", "opening", "closing", "queueing", "ending", "committing", "claiming", "recording", "noting")


@dataclass
class Listening:
    """A web server and a mail server: what they took, by the message's id; each can be down."""

    address: str = ""
    mail: str = ""
    up: bool = True
    hooks: list[tuple[str, str]] = field(default_factory=list)
    mails: list[tuple[str, str]] = field(default_factory=list)
    # While it is not set, a hook that has come is not answered.
    answers: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if not self.up:
            return "451 Not now"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((str(mail["Message-ID"]), str(mail["Subject"])))
        return "250 OK"


@contextmanager
def listening() -> Iterator[Listening]:
    made = Listening()
    made.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if made.up:
                made.hooks.append((str(self.headers["webhook-id"]), body["data"]["subject"]))
            made.answers.wait(60)
            self.send_response(200 if made.up else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    made.address = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    controller = MailServer(made)
    controller.start()
    made.mail = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield made
    finally:
        made.answers.set()
        controller.stop()
        server.shutdown()
        server.server_close()


@dataclass
class Installed:
    """A user with two destinations, a webhook and a mail address, who is told of pauses."""

    database: Database
    listening: Listening
    destinations: list[str] = field(default_factory=list)

    def make_people(self) -> None:
        with self.database.as_django_database() as alias:
            user = User(email="ada@example.com", name="Ada")
            user.save(using=alias)
            for schema in ("ONE", "TWO"):
                made = ConfigurationFactory.build(user=None, user_id=user.pk, name=schema, schema=schema)
                made.set_secret(SnowflakeConfiguration.AuthMethod.PASSWORD, "not-a-real-password")
                made.save(using=alias)
                self.destinations.append(str(made.pk))
            hook = SyncAlertChannel(user_id=user.pk, name="Hook", kind="webhook", events=["destination_paused"])
            hook.settings = {"url": self.listening.address}
            hook.seal_secrets({"signing": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
            hook.save(using=alias)
            mail = SyncAlertChannel(user_id=user.pk, name="Mail", kind="email", events=["destination_paused"])
            mail.settings = {"to": "ada@example.com"}
            mail.save(using=alias)
        self.database.run(_HOLDS)
        self.database.run("GRANT SELECT ON holds TO PUBLIC")

    def pause(self, number: int) -> None:
        self._breaker(number, "breaker_state = 'open', breaker_code = 'login_refused', breaker_failures = 1")

    def resume(self, number: int) -> None:
        self._breaker(number, "breaker_state = 'closed', breaker_code = NULL, breaker_failures = 0")

    def _breaker(self, number: int, change: str) -> None:
        id_ = self.destinations[number]
        self.database.run(f"UPDATE snowflake_sync_destination_states SET {change} WHERE configuration_id = '{id_}'")

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        own = {
            "SYNC_CHECK_INTERVAL": "0.2",
            "ALERT_HOSTS": self.listening.address.removesuffix("/hook"),
            "EMAIL_URL": self.listening.mail,
            "DEFAULT_FROM_EMAIL": "sync@example.com",
            "PYTHONUNBUFFERED": "1",
            "DEBUG": "true",
        }
        return subprocess.Popen(
            [sys.executable, str(MANAGE), *arguments],
            env={**os.environ, **self.database.environment(self.database.owner), **own, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def send(self) -> str:
        """A look, and what is due; what had been begun by who died is due again by then."""
        self.database.run(
            "UPDATE snowflake_sync_alert_deliveries SET claimed_until = now(), due_at = least(due_at, now())"
            " WHERE delivered_at IS NULL"
        )
        with killed_at_the_end(self.start("send_alerts")) as process:
            said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return str(said)

    def hold(self, step: str) -> None:
        self.database.run(f"INSERT INTO holds VALUES ('{step}')")

    def held(self) -> bool:
        return bool(self._backends("application_name = 'held'"))

    def release(self) -> None:
        """Whoever was killed goes on to the end of what it had told PostgreSQL, and is gone."""
        self.database.run("DELETE FROM holds")
        until(lambda: not self._backends("application_name = 'held'"), "the killed one is gone from PostgreSQL")

    def _backends(self, which: str) -> int:
        found = f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {which}"
        return int(self.database.rows(found)[0][0])
