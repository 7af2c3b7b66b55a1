"""deploy/kubernetes, held against the published schemas; and what the workers are scaled by."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import kubernetes_validate
import psycopg2
import pytest
import yaml
from django.utils import timezone

from accounts.models import SnowflakeConfiguration
from sandbox.postgres import POSTGRES_VERSIONS
from sync.activity import Action
from sync.destinations import change_configuration, pause_by_hand, resume_by_hand
from sync.models import SyncActivity, SyncQueueItem
from sync.postgres import fetch
from sync.reporting import Scope
from sync.reporting.destinations import destinations
from tests.deploy.conftest import whole
from tests.deploy.engine import ROOT, ran
from tests.installation.databases import NewDatabase
from tests.web.console.conftest import Owner, ada, owner

__all__ = ["ada", "owner"]

KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE = sorted(path for path in (KUBERNETES / "base").glob("*.yaml") if path.name != "kustomization.yaml")
SCALE = KUBERNETES / "keda" / "scale.yaml"
KINDS = {
    "CronJob": 1,
    "Deployment": 2,
    "Job": 1,
    "NetworkPolicy": 2,
    "PodDisruptionBudget": 2,
    "Service": 1,
}
KEDAS = {"ScaledObject": 1, "TriggerAuthentication": 1}
_PACKAGES = ("@kubernetes-models/keda@0.4.2", "typescript@5.9.3")
_MODELS = "@kubernetes-models/keda/keda.sh/v1alpha1"


def objects(*files: Path) -> list[dict[str, Any]]:
    return [found for file in files for found in yaml.safe_load_all(file.read_text())]


def pods(of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The specifications of pods."""
    jobs = [each["spec"]["jobTemplate"]["spec"] for each in of if each["kind"] == "CronJob"]
    others = [each["spec"] for each in of if each["kind"] in ("Deployment", "Job")]
    return [each["template"]["spec"] for each in others + jobs]


@pytest.mark.parametrize("version", ["1.30", kubernetes_validate.latest_version()])
def test_the_schemas_know_all_of_it(version: str) -> None:
    found = objects(*BASE)
    assert Counter(each["kind"] for each in found) == KINDS
    for each in found:
        kubernetes_validate.validate(each, version, strict=True)
    misspelt = yaml.safe_load((KUBERNETES / "base" / "prune.yaml").read_text().replace("emptyDir", "emptyDirectory"))
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(misspelt, version, strict=True)


def test_pods_are_restricted() -> None:
    """By https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, and with a root read-only."""
    found = pods(objects(*BASE))
    assert len(found) == 4
    for pod in found:
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"] + pod.get("initContainers", []):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("overlay", ["base", "keda"])
def test_kustomize_puts_them_together(overlay: str) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    built = list(yaml.safe_load_all(ran(["kubectl", "kustomize", KUBERNETES / overlay])))
    assert Counter(found["kind"] for found in built) == KINDS | (KEDAS if overlay == "keda" else {})
    for found in built:
        # One that selects more would close the whole namespace, or send requests to others' pods.
        for selector in [found["spec"].get("selector"), found["spec"].get("podSelector")]:
            if selector is not None and found["kind"] != "Job":
                assert selector.get("matchLabels", selector)["app.kubernetes.io/name"] == "snowflake-sync"
    worker = next(each for each in built if each["metadata"]["name"] == "snowflake-sync-worker")
    assert ("replicas" in worker["spec"]) == (overlay == "base")
    for pod in pods(built):
        assert {each["image"].partition(":")[0] for each in pod["containers"]} == {
            "registry.example.com/universal-snowflake-sync"
        }


def test_keda_knows_all_of_its_own(tmp_path: Path) -> None:
    """TypeScript names a key that a type has not; the package's own validation lets it pass."""
    whole()
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    ran(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", tmp_path, *_PACKAGES])
    found = objects(SCALE)
    assert Counter(each["kind"] for each in found) == KEDAS
    assert type_errors(tmp_path, found) == ""
    found[0]["spec"]["polingInterval"] = found[0]["spec"].pop("pollingInterval")
    assert "polingInterval" in type_errors(tmp_path, found)


def type_errors(packages: Path, of: list[dict[str, Any]]) -> str:
    lines = [f'import type * as keda from "{_MODELS}";']
    lines += [f"export const o{n}: keda.I{each['kind']} = {json.dumps(each)};" for n, each in enumerate(of)]
    (packages / "objects.ts").write_text("\n".join(lines))
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "objects.ts"]
    command = [str(packages / "node_modules/.bin/tsc"), *options]
    return subprocess.run(command, cwd=packages, capture_output=True, text=True, check=False).stdout


(TRIGGER,) = objects(SCALE)[0]["spec"]["triggers"]
QUERY: str = TRIGGER["metadata"]["query"]


def late(_: Owner) -> None:
    pass


def unrouted(ada: Owner) -> None:
    ada.item("pending", ago=900, configuration=None)


def not_due(ada: Owner) -> None:
    SyncQueueItem.objects.update(run_after=timezone.now() + timedelta(hours=1))


def windowed(ada: Owner) -> None:
    SnowflakeConfiguration.objects.update(min_interval=timedelta(seconds=200))


def off(ada: Owner) -> None:
    SnowflakeConfiguration.objects.filter(pk=ada.configuration.pk).update(is_active=False)


def paused(ada: Owner) -> None:
    pause_by_hand(ada.configuration.pk)


def resumed(ada: Owner) -> None:
    paused(ada)
    resume_by_hand(ada.configuration.pk)
    for action, ago in ((Action.DESTINATION_PAUSED, 300), (Action.DESTINATION_RESUMED, 100)):
        SyncActivity.objects.filter(action=action).update(at=timezone.now() - timedelta(seconds=ago))


def changed(ada: Owner) -> None:
    change_configuration(ada.configuration.pk, {"name": "Another name"}, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "seconds"),
    [
        (late, 500),
        (unrouted, 900),
        (not_due, 0),
        (windowed, 300),
        (off, 20),
        (paused, 20),
        (resumed, 100),
        (changed, 500),
    ],
)
def test_workers_are_scaled_by_what_the_metric_says(
    owner: Callable[[], Owner], ada: Owner, change: Callable[[Owner], None], seconds: int
) -> None:
    """Of two destinations, one of which is later."""
    ada.item("pending", ago=500)
    ada.item("completed", ago=5000)
    owner().item("pending", ago=20)
    change(ada)
    counts = Scope().counted()
    metric = destinations(Scope(), counts, counts.as_of).lag
    ((asked,),) = fetch(QUERY)
    assert asked == pytest.approx(metric, abs=2)
    assert asked == pytest.approx(seconds, abs=5)


def test_its_role_sees_that_and_nothing_else(new_database: NewDatabase) -> None:
    database = new_database(installed=True)
    command = [
        str(POSTGRES_VERSIONS[18] / "psql"),
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        "password=for-tests-only",
    ]
    ran([*command, "-f", KUBERNETES / "keda" / "role.sql"], database.environment())
    try:
        database.migrate(verbosity=0)
        session = psycopg2.connect(
            **database.server | {"dbname": database.name, "user": "snowflake_sync_scaler", "password": "for-tests-only"}
        )
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute(QUERY)
            assert cursor.fetchone() == (0,)
            for table in ("snowflake_configurations", "workflow_executions", "users", "snowflake_sync_attempts"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"SELECT * FROM {table}")
        session.close()
    finally:
        database.run("DROP OWNED BY snowflake_sync_scaler; DROP ROLE snowflake_sync_scaler")
