"""What is shipped for Prometheus and Grafana: each rule tried, each query asked of a real Prometheus."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.reporting.metrics import SyncCollector
from tests.processes import web_server

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana"
METRIC = re.compile(r"\bsnowflake_sync_\w+")
TOKEN = "not-a-real-token"
needs_prometheus = pytest.mark.skipif(
    not (shutil.which("promtool") and shutil.which("prometheus")), reason="there is no Prometheus"
)


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((GRAFANA / "dashboard.json").read_text())
    return read


def expressions() -> list[str]:
    asked = [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]
    return [rule["expr"] for rule in rules()] + [one.replace("$__rate_interval", "1m") for one in asked]


@needs_prometheus
def test_rules_do_what_their_tests_say() -> None:
    for call in (["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"]):
        done = subprocess.run(["promtool", *call], cwd=PROMETHEUS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_is_seen_to_fire_and_not_to_fire() -> None:
    tried = yaml.safe_load((PROMETHEUS / "rules.test.yml").read_text())["tests"]
    looks = [look for one in tried for look in one["alert_rule_test"]]
    names = {rule["alert"] for rule in rules()}
    assert {look["alertname"] for look in looks if look["exp_alerts"]} == names
    assert {look["alertname"] for look in looks if not look["exp_alerts"]} == names


def test_each_alert_leads_to_its_runbook() -> None:
    titles = re.findall(r"^## (.+)$", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE)
    there = {f"docs/runbooks.md#{title.lower().replace(' ', '-')}" for title in titles}
    assert {rule["annotations"]["runbook_url"] for rule in rules()} == there


@pytest.mark.django_db
def test_what_is_asked_for_is_what_there_is() -> None:
    there = {metric.name for metric in SyncCollector().collect()}
    asked = {re.sub(r"_(total|bucket)$", "", name) for one in expressions() for name in METRIC.findall(one)}
    assert asked <= there


def test_the_dashboard_is_what_its_program_writes() -> None:
    code = "import dashboard; print(dashboard.written(), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=GRAFANA, capture_output=True, text=True, check=True)
    assert done.stdout == (GRAFANA / "dashboard.json").read_text()


@pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm")
def test_the_dashboard_is_what_grafana_s_schema_allows(tmp_path: Path) -> None:
    """The kit takes anything; Grafana's own types do not."""
    packages = ["@grafana/schema@13.2", "typescript@5"]
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path), *packages]
    if subprocess.run(install, capture_output=True, check=False).returncode:
        pytest.skip("npm's registry cannot be reached")
    # An enumeration of TypeScript's is not its text.
    document = json.dumps(dashboard()).replace('"mode": "absolute"', '"mode": ThresholdsMode.Absolute')
    imports = 'import { type Dashboard, ThresholdsMode } from "@grafana/schema";\n'
    (tmp_path / "dashboard.ts").write_text(f"{imports}export const board: Dashboard = {document};\n")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "bundler", "--module", "esnext"]
    check = ["node_modules/.bin/tsc", *options, "dashboard.ts"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def asked(tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """The address of a Prometheus that has scraped a web server of ours, by the configuration that is shipped."""
    with web_server(more={"METRICS_TOKEN": TOKEN, "ALLOWED_HOSTS": "127.0.0.1"}) as (port, _):
        shipped = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
        shipped["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        shipped["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(shipped))
        (tmp_path / "metrics-token").write_text(TOKEN)
        shutil.copy(PROMETHEUS / "rules.yml", tmp_path)
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        options = ["--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={listen}"]
        with (tmp_path / "log").open("w") as log:
            server = subprocess.Popen(["prometheus", *options], cwd=tmp_path, stdout=log, stderr=log)
        try:
            for _ in range(240):
                if _is_scraped(f"http://{listen}"):
                    break
                # A server of others: nothing but asking tells when it is up.
                time.sleep(0.25)
            else:
                pytest.fail((tmp_path / "log").read_text())
            yield f"http://{listen}"
        finally:
            server.terminate()
            server.wait()


def _answer(address: str, expression: str) -> list[Any]:
    query = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"{address}/api/v1/query?{query}", timeout=30) as answer:
        found: list[Any] = json.load(answer)["data"]["result"]
    return found


def _is_scraped(address: str) -> bool:
    try:
        return [one["value"][1] for one in _answer(address, 'up{job="snowflake-sync"}')] == ["1"]
    except OSError:
        return False


@needs_prometheus
def test_prometheus_understands_each_query(asked: str) -> None:
    for expression in expressions():
        _answer(asked, expression)
    assert [one["value"][1] for one in _answer(asked, 'max(snowflake_sync_workers{state="live"})')] == ["0"]
    with urllib.request.urlopen(f"{asked}/api/v1/rules", timeout=30) as answer:
        loaded = [rule["name"] for group in json.load(answer)["data"]["groups"] for rule in group["rules"]]
    assert loaded == [rule["alert"] for rule in rules()]
