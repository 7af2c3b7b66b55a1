"""A Docker engine of a test's own, with a base of Debian's packages.

It wants root, and docker.io and mmdebstrap from Debian. What is needed besides is fetched from Debian's archive.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.waiting import until

ROOT = Path(__file__).resolve().parents[2]
BASE = "localhost/python-base:bookworm"
PRODUCT, DEMO = "universal-snowflake-sync", "universal-snowflake-sync-demo"
_STAND_INS = Path(__file__).parent / "stand_ins"
_MIRROR = "http://deb.debian.org/debian"
# Those that are right for the network of this machine.
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# Debian's, not another client that may come first in PATH and lack BuildKit.
_DOCKER, _DOCKERD = "/usr/bin/docker", "/usr/sbin/dockerd"
_PACKAGES = "python3,python3-venv,ca-certificates,tini"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def lacking() -> str:
    """What the machine has not; empty where a test can run."""
    if os.geteuid() != 0:
        return "it has to be root's"
    if Path("/var/run/docker.sock").exists():
        return "an engine runs here already, whose firewall may close this one's networks"
    missing = [program for program in (_DOCKER, _DOCKERD, "mmdebstrap") if not shutil.which(program)]
    return f"{', '.join(missing)} missing: apt-get install docker.io mmdebstrap" if missing else ""


@dataclass(frozen=True)
class Engine:
    """Where its things lie. Images are built once."""

    directory: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the test's own, since compose.yaml takes what it is not told from there."""
        return {
            "PATH": _PATH,
            "HOME": str(self.directory),
            "DOCKER_CONFIG": str(self.directory),
            "DOCKER_HOST": f"unix://{self.directory}/socket",
            "DOCKER_BUILDKIT": "1",
        }

    def docker(self, *arguments: str | Path) -> str:
        return ran([_DOCKER, *arguments], self.environment)

    def build(self, tag: str, target: str, context: Path) -> None:
        secret = ["--secret", f"id=ca,src={CERTIFICATES}"] if CERTIFICATES.exists() else []
        wanted = ["--build-arg", f"BASE={BASE}", "--target", target, "--tag", tag]
        self.docker("build", "--quiet", "--network", "host", *secret, *wanted, context)

    def build_all(self) -> None:
        base = self.directory / "base.tar"
        bootstrap("minbase", _PACKAGES, "bookworm", base)
        self.docker("import", "--change", f"ENV PATH={_PATH}", base, BASE)
        base.unlink()
        self.build(PRODUCT, "product", ROOT)
        self.build(DEMO, "demo", ROOT)
        for stand_in in ("postgres", "prometheus"):
            self.build(f"stand-in-{stand_in}", stand_in, _STAND_INS)
        # Bookworm's Compose is too old for compose.yaml; trixie's runs there.
        extracted = self.directory / "trixie"
        bootstrap("extract", "docker-compose", "trixie", extracted)
        self.prepare_client()

    def prepare_client(self) -> None:
        """Makes `docker compose` known."""
        (self.directory / "cli-plugins").mkdir(exist_ok=True)
        plugin = self.directory / "trixie/usr/libexec/docker/cli-plugins/docker-compose"
        (self.directory / "cli-plugins/docker-compose").symlink_to(plugin)


@contextmanager
def running_engine(directory: Path) -> Iterator[Engine]:
    """Starts it with all images; ends it, and what it held is gone."""
    configuration = directory / "daemon.json"
    engine = Engine(directory)
    places = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
    # It leaves the machine's firewall and forwarding as they are: containers need nobody but each other.
    alone = {"bridge": "none", "iptables": False, "ip-forward": False, "ip-masq": False}
    chosen = {key: str(directory / place) for key, place in places.items()} | alone
    configuration.write_text(json.dumps(chosen | {"hosts": [engine.environment["DOCKER_HOST"]]}))
    with (directory / "log").open("wb") as log:
        daemon = subprocess.Popen([_DOCKERD, "--config-file", configuration], stdout=log, stderr=log)
    try:
        until((directory / "socket").exists, "the engine listens")
        engine.build_all()
        yield engine
    finally:
        daemon.terminate()
        daemon.wait(60)
        shutil.rmtree(directory, ignore_errors=True)


def bootstrap(variant: str, packages: str, suite: str, target: Path) -> None:
    """A root directory, or an archive of one, of Debian's packages."""
    options = ["--quiet", f"--variant={variant}", f"--include={packages}", "--dpkgopt=force-unsafe-io"]
    ran(["mmdebstrap", *options, suite, target, _MIRROR])


def ran(command: Sequence[str | Path], environment: dict[str, str] | None = None, said: str = "") -> str:
    """What it printed; an AssertionError with all of that where it failed."""
    done = subprocess.run(command, env=environment, input=said, capture_output=True, text=True, check=False)
    assert not done.returncode, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
