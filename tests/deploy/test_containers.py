"""Dockerfile and compose.yaml: built, started, an execution loaded, stopped, nothing left."""

import json
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.chaos.waiting import until
from tests.deploy.documented import documented
from tests.deploy.engine import DEMO, PRODUCT, ROOT, Engine, ran
from tests.processes import PRODUCTION

_OWN = "compose.test.yaml"
# Run in the web server's container.
_DESTINATION = """
from accounts.models import SnowflakeConfiguration, User
user = User.objects.create_user("ada@example.com", name="Ada")
configuration = SnowflakeConfiguration(
    user=user, name="Ada's", account_identifier="a-b", warehouse="W", database="ADA", schema="PUBLIC", username="ADA"
)
configuration.set_secret(SnowflakeConfiguration.AuthMethod.ACCESS_TOKEN, "not-a-real-token")
configuration.save()
"""


@dataclass(frozen=True)
class Project:
    """A copy of compose.yaml, with an .env of its own; `more` is Compose's environment."""

    engine: Engine
    directory: Path
    more: dict[str, str]

    def run(self, command: str, said: str = "") -> str:
        """A command of the documentation, where compose.yaml is; what it printed."""
        return ran(["sh", "-euc", f"cd '{self.directory}'; {command}"], self.engine.environment | self.more, said)

    def url(self, service: str, port: int) -> str:
        return "http://" + self.run(f"docker compose port {service} {port}").strip()

    def live_workers(self) -> list[str]:
        """As Prometheus has them."""
        query = "/api/v1/query?query=snowflake_sync_workers%7Bstate%3D%22live%22%7D"
        with urlopen(self.url("prometheus", 9090) + query, timeout=10) as answer:
            return [sample["value"][1] for sample in json.load(answer)["data"]["result"]]

    def left(self) -> str:
        """Containers, volumes and networks of it."""
        mine = ("--filter", f"label=com.docker.compose.project={self.more['COMPOSE_PROJECT_NAME']}", "--quiet")
        lists = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        return "".join(self.engine.docker(*each, *mine) for each in lists)


@pytest.fixture
def project(engine: Engine, tmp_path: Path) -> Iterator[Project]:
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    for file in (ROOT / "compose.yaml", Path(__file__).parent / _OWN):
        shutil.copy(file, tmp_path)
    chosen = {"COMPOSE_PROJECT_NAME": f"uss-{uuid.uuid4().hex[:8]}"}
    ports = dict.fromkeys(("PORT", "INBOX_PORT", "PROMETHEUS_PORT", "GRAFANA_PORT"), "0")
    images = {"POSTGRES_IMAGE": "stand-in-postgres", "PROMETHEUS_IMAGE": "stand-in-prometheus"}
    made = Project(engine, tmp_path, chosen | ports | images | {"COMPOSE_FILE": f"compose.yaml:{_OWN}"})
    yield made
    made.run("docker compose --profile '*' down --volumes --timeout 1")
    assert made.left() == ""


@pytest.fixture
def production(project: Project) -> Project:
    """As deploy/compose.env.example says, and a local Snowflake beside the worker."""
    values = {
        "POSTGRES_PASSWORD": uuid.uuid4().hex,
        "METRICS_TOKEN": uuid.uuid4().hex,
        **{name: PRODUCTION[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")},
    }
    text = (ROOT / "deploy" / "compose.env.example").read_text()
    for name, value in values.items():
        text, found = re.subn(rf"^{name}=$", f"{name}={value}", text, flags=re.MULTILINE)
        assert found == 1, name
    (project.directory / ".env").write_text(text)
    return project


def test_an_execution_is_loaded(production: Project) -> None:
    ((up, verify, logs, down),) = documented("In containers")
    production.run(up)
    assert "ok      migrations: all applied" in production.run(verify)
    production.run("docker compose exec -T web python manage.py shell", said=_DESTINATION)
    said = production.run("docker compose exec -T worker python manage.py test_sync")
    assert "by a worker that runs: It is in Snowflake" in said
    assert "its 2 rows were read back" in said
    assert "Successfully synced execution" in production.run(logs)

    ready = Request(f"{production.url('web', 8000)}/readyz", headers={"Host": "localhost"})
    with urlopen(ready, timeout=10) as answer:
        assert json.load(answer)["ready"] is True
    until(lambda: production.live_workers() == ["1"], "Prometheus sees the worker")
    _is_hardened(production)

    production.run("docker compose stop worker web")
    assert "SIGTERM: finishing what is in flight" in production.run(logs)
    listed = production.run("docker compose ps --all --format '{{.Service}} {{.ExitCode}}' worker web")
    assert sorted(listed.splitlines()) == ["web 0", "worker 0"]
    production.run(down)
    production.run("docker volume ls --quiet | xargs docker volume rm")
    assert production.left() == ""


def _is_hardened(project: Project) -> None:
    look = "id -u; touch /app/x 2>&1 || true; grep -E CapEff /proc/1/status; grep NoNewPrivs /proc/1/status"
    user, touched, capabilities, no_new = project.run(f"docker compose exec -T worker sh -c '{look}'").splitlines()
    assert user == "10001"
    assert "Read-only file system" in touched
    assert capabilities.split() == ["CapEff:", "0000000000000000"]
    assert no_new.split() == ["NoNewPrivs:", "1"]


def test_the_demo_shows_all_without_any_setting(project: Project) -> None:
    """Twice: what the first one made is gone with it."""
    demo = Project(project.engine, project.directory, project.more | {"COMPOSE_FILE": "compose.yaml"})
    for _ in range(2):
        demo.run("docker compose --profile demo up --detach --wait demo prometheus")
        with urlopen(f"{demo.url('demo', 8000)}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok\n"
        until(lambda: demo.live_workers() == ["1"], "Prometheus sees the demo's worker")
        demo.run("docker compose --profile demo stop demo demo-db")
        assert "Everything that was started has ended" in demo.run("docker compose --profile demo logs demo")


def test_the_image_holds_the_product_alone(engine: Engine) -> None:
    product = {"LICENSE", "accounts", "config", "live.py", "manage.py", "migrations_sql", "sync", "templates"}
    for image, more in ((PRODUCT, set()), (DEMO, {".venv-snowflake", "sandbox"})):
        listed = engine.docker("run", "--rm", "--network", "none", "--entrypoint", "ls", image, "-A", "/app")
        assert set(listed.split()) - {"__pycache__"} == product | more
    history = engine.docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", PRODUCT)
    assert not re.search(r"BEGIN|PASSWORD|TOKEN|SECRET_KEY=", history)


def test_what_lint_says() -> None:
    if sys.platform != "linux":
        pytest.skip("hadolint's package is for Linux")
    linter = Path(sys.executable).with_name("hadolint")
    files = [ROOT / "Dockerfile"]
    done = subprocess.run([linter, *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
