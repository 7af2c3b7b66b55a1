"""Start the local Snowflake in a process of its own, and ask it what it saw."""

import json
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from sandbox.snowflake.faults import Action, Fault
from sandbox.snowflake.records import Login, OpenSession, Statement, Strike

_ROOT = Path(__file__).resolve().parents[2]
# fakesnow needs connector 4, whichever the product has, so that it lives apart.
_PYTHON = _ROOT / ".venv-snowflake" / "bin" / "python"


class LocalSnowflake:
    """A server process; a context manager, or `start()` and `stop()`.

    It has a process group of its own, so that Ctrl-C reaches it only through its owner, and it ends
    by itself when its owner does, however that happens.
    """

    def __init__(self, *, port: int = 0, log: Path | None = None, abandoned_after: float = 300.0) -> None:
        self._arguments = ["--port", str(port), "--abandoned-after", str(abandoned_after)]
        self._arguments += ["--log", str(log)] if log else []
        self._process: subprocess.Popen[str] | None = None
        self.endpoint = ""

    def start(self, timeout: float = 60.0) -> Self:
        """Start the server and wait for it, `timeout` seconds at most."""
        if not _PYTHON.exists():
            raise RuntimeError(
                f"{_PYTHON} is not there: `make .venv-snowflake/.installed` installs the local Snowflake"
            )
        self._process = subprocess.Popen(
            [str(_PYTHON), "-m", "sandbox.snowflake", "--follow-stdin", *self._arguments],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        timer = threading.Timer(timeout, self._process.kill)
        timer.start()
        try:
            assert self._process.stdout is not None
            self.endpoint = self._process.stdout.readline().strip()
        finally:
            timer.cancel()
        if not self.endpoint:
            self.stop()
            raise RuntimeError("the local Snowflake did not start; see its output above")
        return self

    def stop(self) -> None:
        """Stop the server, if it runs; what it held is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def statements(self, contains: str = "", database: str = "") -> list[Statement]:
        """The statements so far, oldest first: all, or those with this text, or in this database."""
        path = f"statements?contains={quote(contains)}&database={quote(database)}"
        return [Statement(**values) for values in self._ask("GET", path)]

    def logins(self) -> list[Login]:
        """The attempts to log in, oldest first, those refused included."""
        return [Login(**values) for values in self._ask("GET", "logins")]

    def strikes(self) -> list[Strike]:
        """The faults that struck, oldest first."""
        return [Strike(**values) for values in self._ask("GET", "strikes")]

    def sessions(self) -> list[OpenSession]:
        """The sessions that have not logged out."""
        return [OpenSession(**values) for values in self._ask("GET", "sessions")]

    def inject(self, match: str, action: Action, **more: Any) -> Fault:
        """Arm a fault; see `sandbox.snowflake.faults.Fault` for what it can be."""
        fault = Fault(match=match, action=action, **more)
        self._ask("POST", "faults", fault.as_json())
        return fault

    def refuse_login(self, code: str, message: str, times: int | None = None) -> Fault:
        """Refuse log-ins, with 390100 for a wrong password, say."""
        return self.inject("login", "error", code=code, message=message, times=times)

    def disturb(self, share: float, seed: int, faults: Sequence[tuple[float, Fault]]) -> None:
        """A share (0 to 1) of all requests meets a fault, drawn from this weighted list by a seeded generator."""
        weighted = [(weight, fault.as_json()) for weight, fault in faults]
        self._ask("POST", "disturbance", {"share": share, "seed": seed, "faults": weighted})

    def require_password(self, user: str, password: str) -> None:
        """From now on this user's log-ins need this password; all others' pass with any."""
        self._ask("POST", "password", {"user": user, "password": password})

    def clear_faults(self) -> None:
        """No faults any more, and no waiting in one; passwords stay."""
        self._ask("DELETE", "faults")

    def refuse(self) -> None:
        """A full stop: no connection is taken, those that were are cut, and nothing can be asked here; data stays."""
        self._tell("refuse")

    def accept(self) -> None:
        """The end of a full stop."""
        self._tell("accept")

    def freeze(self) -> None:
        """Another full stop: connections are taken and nobody answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def reset_log(self) -> None:
        self._ask("POST", "reset")

    def connect(self, database: str | None = None, schema: str | None = "PUBLIC", **more: Any) -> Any:
        """A plain connection, to read back with; give it what else the connector takes."""
        import snowflake.connector  # noqa: PLC0415 - slow, and not every user of this class needs it

        where = urlsplit(self.endpoint)
        settings: dict[str, Any] = {
            "account": "sandbox",
            "user": "sandbox",
            "password": "sandbox",
            "database": database,
            "schema": schema,
            "protocol": where.scheme,
            "host": where.hostname,
            "port": where.port,
            "login_timeout": 60,
            # Connector 5 asks to be told.
            "enable_server_session_keep_alive_auto_detection": False,
            "session_parameters": {"CLIENT_TELEMETRY_ENABLED": False},
        }
        return snowflake.connector.connect(**(settings | more))

    def _tell(self, command: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline().strip() != command:
            raise RuntimeError(f"the local Snowflake did not {command}")

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self.endpoint}/_sandbox/{path}", data=body, method=method)
        with urlopen(request, timeout=30) as response:
            return json.load(response)
