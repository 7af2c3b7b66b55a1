"""Connector 5: a core in Rust, which Python reaches through its arguments and the environment only.

What is said of it was tried with 5.2.0.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import getproxies, proxy_bypass

from sync.errors import SyncError, failure
from sync.snowflake.session.account import Address
from sync.snowflake.session.destination import LONGEST_PAUSE, Limits

# Snowflake answers a query's request after some 45 seconds, with where to ask on (4.8.1, network.py); a try that ends
# before that, each time, is never answered.
_LONGEST_ANSWER = 60
# Where stages' files may be: docs.snowflake.com/en/sql-reference/functions/system_allowlist.
_STORAGE = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "blob.core.windows.net",
    "blob.core.usgovcloudapi.net",
    "blob.core.chinacloudapi.cn",
    "storage.googleapis.com",
    "rep.googleapis.com",
)
_state = {"forked": False}


def prepare() -> None:
    """What is read when the connector is imported, and never again."""
    # It would ask the metadata addresses of three clouds what machine this is.
    os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")
    os.register_at_fork(after_in_child=lambda: _state.update(forked=True))


def arguments(limits: Limits, address: Address) -> dict[str, object]:
    """Time limits, and what keeps a log-in from looking elsewhere. Raises host_trouble where a proxy is in the way."""
    return {
        "login_timeout": limits.login,
        # Snowflake's own limit is to come first: it ends the statement for sure, and says so.
        "query_timeout": limits.statement + LONGEST_PAUSE,
        "request_timeout": limits.network,
        "connect_timeout": limits.socket,
        "retry_timeout": max(_LONGEST_ANSWER, limits.socket),
        # Nothing but time ends the tries.
        "retry_max_attempts": 10_000,
        "retry_backoff_cap_ms": LONGEST_PAUSE * 1000,
        # Whatever still runs in a session that is given up shall end with it.
        "enable_server_session_keep_alive_auto_detection": False,
        **_stay_with(address),
    }


def connect(connector: Any, arguments: dict[str, object]) -> Any:
    _refuse_in_a_fork()
    return _interruptible(lambda: connector.connect(**arguments))


def execute(cursor: Any, sql: str, _seconds: int, parameters: dict[str, str], values: Sequence[str] | None) -> None:
    """Sends a statement with parameters of its own; `query_timeout` is its limit."""
    _refuse_in_a_fork()
    _interruptible(lambda: cursor.execute(sql, values, _statement_params=parameters))


@contextmanager
def uploads_write_to(_directory: Path) -> Iterator[None]:
    """It encrypts what it sends on the way, and writes nothing."""
    yield


def _stay_with(address: Address) -> dict[str, object]:
    """Lets requests reach the account's host and the clouds' storage: all others are sent to a proxy that is not there.

    The core follows every redirect, and would send the password to wherever a 307 points.
    """
    host = address.host.strip("[]")
    if address.protocol in getproxies() and not proxy_bypass(host):
        raise _proxied(host)
    # Nobody can listen at port 0.
    return {"proxy_host": "127.0.0.1", "proxy_port": 0, "no_proxy": ",".join((host, *_STORAGE))}


def _proxied(host: str) -> SyncError:
    return failure(
        "host_trouble",
        f"The environment names a proxy for {host}, and behind one connector 5 cannot be kept from taking the "
        "credentials to other hosts",
        remedy="Install connector 4, as requirements/production.txt has it, or name the host in NO_PROXY.",
    )


def _refuse_in_a_fork() -> None:
    """The core's threads are not there in a forked child, which would wait for them for ever."""
    if _state["forked"]:
        raise failure(
            "host_trouble",
            "This process was forked from one that had connected to Snowflake, and connector 5 hangs in such a one",
            remedy="Start it as a process of its own, or fork before the first connection.",
        )


def _interruptible(work: Callable[[], Any]) -> Any:
    """Does the work so that Ctrl-C ends it: the core swallows what a signal's handler raises meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        return work()
    done: Future[Any] = Future()

    def settle() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 -- raised in the main thread
            done.set_exception(error)

    threading.Thread(target=settle, daemon=True, name="snowflake").start()
    return done.result()
