"""A machine with systemd as its first process, in a directory: systemd-nspawn. It shares the network.

It wants root, and mmdebstrap and systemd-container from Debian.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.chaos.waiting import until
from tests.deploy.engine import CERTIFICATES, ROOT, bootstrap, ran

_PACKAGES = "systemd,systemd-sysv,dbus,python3,python3-venv,ca-certificates"
_CERTIFICATES_THERE = "/usr/local/share/of-the-network.pem"


def lacking() -> str:
    """What this machine has not; empty where a test can run."""
    if os.geteuid() != 0:
        return "it has to be root's"
    missing = [program for program in ("mmdebstrap", "systemd-nspawn", "nsenter") if not shutil.which(program)]
    return f"{', '.join(missing)} missing: apt-get install mmdebstrap systemd-container" if missing else ""


@dataclass
class Machine:
    """`root` is its root directory; `first` its first process, once it has booted."""

    root: Path
    first: int = 0

    def make(self) -> None:
        bootstrap("minbase", _PACKAGES, "bookworm", self.root)
        shutil.copy("/etc/resolv.conf", self.root / "etc")
        if CERTIFICATES.exists():
            shutil.copy(CERTIFICATES, self.root / _CERTIFICATES_THERE[1:])

    def prepare(self, command: str) -> str:
        """Runs it there before it boots."""
        there = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        if CERTIFICATES.exists():
            there["PIP_CERT"] = _CERTIFICATES_THERE
        return ran(["chroot", self.root, "sh", "-euc", command], there)

    def run(self, command: str) -> str:
        """Runs it in the booted machine."""
        return ran(["nsenter", "-t", str(self.first), "-a", "sh", "-euc", command], {"PATH": os.defpath})

    @contextmanager
    def booted(self, *binds: str) -> Iterator[None]:
        """`binds` are what is seen of the host, and where, as systemd-nspawn has them."""
        options = ["--quiet", "--register=no", "--keep-unit", "--console=read-only", "--directory", str(self.root)]
        with (self.root.parent / "console").open("wb") as console:
            container = subprocess.Popen(
                ["systemd-nspawn", *options, *(f"--bind={bind}" for bind in binds), "--boot"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        try:
            children = psutil.Process(container.pid).children
            self.first = until(lambda: [child.pid for child in children()], "systemd has started")[0]
            until(self._is_up, "the machine has booted")
            try:
                yield
            except BaseException as error:
                error.add_note(self.run("journalctl --no-pager --lines 200 --unit 'snowflake-sync-*'"))
                raise
        finally:
            container.terminate()
            with suppress(subprocess.TimeoutExpired):
                container.wait(60)
            container.kill()
            container.wait()

    def _is_up(self) -> bool:
        asked = ["nsenter", "-t", str(self.first), "-a", "systemctl", "is-system-running"]
        done = subprocess.run(asked, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
        return done.stdout.strip() in ("running", "degraded")


def source_archive(directory: Path, name: str) -> Path:
    """The working tree as a release has it."""
    listed = ran(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"])
    there = "\n".join(line for line in listed.splitlines() if (ROOT / line).exists())
    archive = directory / f"{name}.tar.gz"
    ran(["tar", "-czf", archive, "-C", ROOT, "--transform", f"s,^,{name}/,", "-T", "-"], said=there)
    return archive
