"""The ends of the ranges in pyproject.toml, each line in an environment of its own: `make matrix`.

`make test` and `make long` test the locked set, whole. A line here has what it names in the place of what is locked,
the newest that the range lets in, and runs what depends on that. Interpreters that this machine has not are named, and
their lines skipped.
Names of lines choose among them: `make matrix ARGS="connector-5 python-3.13"`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ROOT / "requirements" / "dev.txt"

_MAIN = ("tests/worker/test_main_job.py", "tests/snowflake/test_loads.py", "tests/snowflake/test_shared.py")
_FAULTS = ("tests/snowflake", "tests/security/test_redirects.py", "tests/load", "tests/worker", "tests/chaos")
_DJANGO = ("tests/queue", "tests/management", "tests/operations", "tests/reporting", "tests/web/api", "tests/web/admin")
# What installs and what opens Chromium is the locked set's.
_NOT = "not (browser or installation or long)"


@dataclass(frozen=True)
class Line:
    name: str
    python: str
    runs: tuple[str, ...]
    instead: tuple[str, ...] = ()

    @property
    def environment(self) -> Path:
        return ROOT / f".venv-{self.name}"


# It wants a protobuf that is older than the one that is locked for traces.
_CONNECTOR_5 = ("snowflake-connector-python>=5.2,<6", "protobuf<7")

LINES = (
    Line("connector-5", "3.11", _FAULTS, _CONNECTOR_5),
    Line("django-6", "3.12", (*_DJANGO, *_MAIN), ("django>=6,<7",)),
    Line("python-3.12", "3.12", (*_DJANGO, *_MAIN)),
    Line("python-3.13", "3.13", (*_DJANGO, *_MAIN)),
    Line("python-3.14", "3.14", (*_DJANGO, *_MAIN), (*_CONNECTOR_5, "django>=6,<7")),
)


def main(names: list[str]) -> int:
    unknown = set(names) - {line.name for line in LINES}
    if unknown:
        print(f"There is no line {', '.join(sorted(unknown))}; there are {', '.join(line.name for line in LINES)}.")
        return 2
    chosen = [line for line in LINES if not names or line.name in names]
    said = {line.name: _run(line) for line in chosen}
    print("\n" + "\n".join(f"{name:12} {how}" for name, how in said.items()))
    return any(how.startswith("failed") for how in said.values())


def _run(line: Line) -> str:
    interpreter = next(_interpreters(line.python), None)
    if interpreter is None:
        return f"skipped: no Python {line.python} on PATH or in pyenv"
    print(f"\n{line.name}: {interpreter}, {', '.join(line.instead) or 'as locked'}", flush=True)
    if not _installed(line, interpreter):
        return "failed: it could not be installed"
    started = time.monotonic()
    python = str(line.environment / "bin" / "python")
    done = subprocess.run([python, "-m", "pytest", "-q", "-m", _NOT, *line.runs], cwd=ROOT, check=False)
    return f"{'failed' if done.returncode else 'passed'} in {time.monotonic() - started:.0f} s"


def _interpreters(version: str) -> Iterator[str]:
    """Those of this version that run: pyenv's shims are on PATH also for versions that are not chosen."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = shutil.which(f"python{version}")
    for path in [
        *([found] if found else []),
        *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python{version}"))),
    ]:
        tried = subprocess.run([path, "-c", "import ssl, venv"], capture_output=True, check=False)
        if not tried.returncode:
            yield path


def _installed(line: Line, interpreter: str) -> bool:
    stamp = line.environment / ".installed"
    wanted = hashlib.sha256(LOCKED.read_bytes() + repr((line.instead, interpreter)).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    uv = Path(sys.executable).with_name("uv")
    overrides = line.environment / "instead.txt"
    commands: list[list[str | Path]] = [
        [uv, "venv", "--quiet", "--clear", "--python", interpreter, line.environment],
        [uv, "pip", "install", "--quiet", "--requirements", LOCKED, "--overrides", overrides],
    ]
    for command in commands:
        if subprocess.run(command, env={**os.environ, "VIRTUAL_ENV": str(line.environment)}, check=False).returncode:
            return False
        overrides.write_text("\n".join(line.instead))
    stamp.write_text(wanted)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
