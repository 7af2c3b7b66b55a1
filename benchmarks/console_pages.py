"""The addresses that are asked for: every page of the console that shows something, and the API's lists."""

from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.console_data import Known

# A page is weighed; of a file the first byte is waited for; an answer of the API is for machines.
PAGE, FILE, API = "page", "file", "api"
_API = "/api/snowflake-sync"


def addresses(known: Known, *, is_staff: bool) -> Iterator[tuple[str, str, str]]:
    """Names, kinds and paths; `known` is the viewer's, or, for staff, the largest user's."""
    for name, path in _pages(known):
        yield name, PAGE, path
    for name, path in _of_staff(known) if is_staff else ():
        yield name, PAGE, path
    for name, path in _files():
        yield name, FILE, path
    for name, path in _lists(known):
        yield name, API, path


def _query(path: str, **parameters: object) -> str:
    return f"{path}?{urlencode(parameters)}"


def _pages(known: Known) -> Iterator[tuple[str, str]]:
    yield "home", "/"
    yield from _runs(known)
    yield "run", f"/runs/{known.run}"
    yield from _searches(known)
    yield from _errors(known)
    yield from _destination(known)
    yield "workflows", "/workflows"
    yield "workflows: last page", "/workflows?page=9999"
    yield "workflows: a name", _query("/workflows", q=known.workflow_name)
    yield "workflow", f"/workflows/{known.workflow}"
    yield "activity", "/activity"
    yield "activity: by somebody", _query("/activity", who=known.email)
    yield "activity: by nobody there is", "/activity?who=nobody"
    yield "activity: an action", "/activity?action=destination_paused"
    yield "activity: a face", "/activity?face=api"
    yield "activity: about a destination", f"/activity?about=destination:{known.destination}"
    yield "activity: about a word", "/activity?about=warehouse"
    yield "activity: of a time", "/activity?since=2026-01-01&until=2026-01-02"
    yield "alerts", "/alerts"
    yield "alerts: muting", "/alerts/mute"
    yield "alerts: a new channel", "/alerts/channels/new"
    yield "me", "/me"


def _runs(known: Known) -> Iterator[tuple[str, str]]:
    destination, workflow = known.destination, known.workflow_id
    yield "runs", "/runs"
    for when in ("today", "yesterday", "7d"):
        yield f"runs: {when}", f"/runs?when={when}"
    for status in ("pending", "processing", "completed", "failed", "skipped"):
        yield f"runs: {status}", f"/runs?status={status}"
    yield "runs: completed today", "/runs?status=completed&when=today"
    yield "runs: failed today", "/runs?status=failed&when=today"
    yield "runs: a destination", _query("/runs", destination=destination)
    yield "runs: failed, a destination", _query("/runs", status="failed", destination=destination)
    yield "runs: a workflow", _query("/runs", workflow=workflow)
    yield "runs: failed, a workflow", _query("/runs", status="failed", workflow=workflow)
    yield "runs: a rare error", "/runs?status=failed&error_code=warehouse_missing"
    yield "runs: a rare error, any status", "/runs?error_code=warehouse_missing"
    yield "runs: a common error", "/runs?status=failed&error_code=value_does_not_fit"
    yield (
        "runs: a group of errors",
        _query("/runs", status="failed", error_code="value_does_not_fit", workflow=workflow, destination=destination),
    )
    yield "runs: words that many workflows have", "/runs?q=Report"
    yield "runs: a workflow's name", _query("/runs", q=known.workflow_name)
    yield "runs: beginning of an id", f"/runs?q={known.beginning}"


def _searches(known: Known) -> Iterator[tuple[str, str]]:
    yield "search: beginning of an id", f"/search?q={known.beginning}"
    yield "search: words of many workflows", "/search?q=report"
    yield "search: a table", _query("/search", q=known.table[:-3])
    yield "search: nothing there is", "/search?q=zzzz"
    yield "search: suggestions", "/search/suggestions?q=rep"


def _errors(known: Known) -> Iterator[tuple[str, str]]:
    yield "errors", "/errors"
    yield "errors: last page", "/errors?page=9999"
    yield "errors: page 2", "/errors?page=2"
    yield "errors: of a day", "/errors?window=day"
    yield "errors: a code", "/errors?error_code=load_rejected"
    yield "errors: a workflow", _query("/errors", workflow=known.workflow_id)
    yield "errors: a destination", _query("/errors", destination=known.destination)
    yield (
        "errors: muting one",
        _query("/errors/mute", error_code="load_rejected", workflow=known.workflow_id, destination=known.destination),
    )
    for verb in ("retry", "skip"):
        yield f"{verb}: a rare error", f"/{verb}?error_code=warehouse_missing"
        yield f"{verb}: all that failed", f"/{verb}"
        yield f"{verb}: one run", f"/{verb}?run={known.run}"
    yield "load again: today", "/load-again?when=today"
    yield "load again: all", "/load-again"
    yield "leave out: one run", f"/leave-out?run={known.run}"


def _destination(known: Known) -> Iterator[tuple[str, str]]:
    base = f"/destinations/{known.destination}"
    yield "destinations", "/destinations"
    yield "destinations: a word", "/destinations?q=user1"
    yield "destination", base
    for page in ("timeline", "data", "settings", "delete", "backfill", "data/hash-key", "data/file", "rules/7"):
        yield f"destination: {page}", f"{base}/{page}"
    yield "destination: data of a workflow", _query(f"{base}/data", workflow=known.workflow_id)
    yield "destination: meaning", f"{base}/data/meaning"
    yield "destination: meaning for a workflow", _query(f"{base}/data/meaning", workflow=known.workflow_id)
    for act in ("reload", "return", "remove"):
        yield f"destination: {act}", f"{base}/data/{act}"
    yield "destination: let in", f"/connect/{known.destination}/let-in"
    yield "destination: check", f"/connect/{known.destination}/check"
    yield "connect", "/connect"
    yield "backfill", "/backfill"
    yield "backfill: dry run of a run", f"/backfill?execution={known.run_id}&count="


def _of_staff(known: Known) -> Iterator[tuple[str, str]]:
    yield "home: as a user", _query("/", user=known.email)
    yield "runs: a user's", _query("/runs", user=known.email)
    yield "errors: a user's", _query("/errors", user=known.email)
    yield "workers", "/workers"
    yield "users", "/users"
    yield "users: everybody", "/users?everybody="
    yield "users: a word", "/users?q=user1"
    yield "search: addresses", "/search?q=user1%40"
    yield "search: destinations", "/search?q=warehouse"


def _files() -> Iterator[tuple[str, str]]:
    yield "file of runs", "/runs.csv"
    yield "file of failed runs", "/runs.json?status=failed"
    yield "file of errors", "/errors.csv"
    yield "file of changes", "/activity.csv"


def _lists(known: Known) -> Iterator[tuple[str, str]]:
    yield "api: stats", f"{_API}/stats"
    yield "api: queue", f"{_API}/queue?limit=50"
    yield "api: queue, a workflow", _query(f"{_API}/queue", workflow=known.workflow_id, limit=50)
    yield "api: failed", f"{_API}/failed?limit=50"
    yield "api: status of a run", f"{_API}/execution/{known.run}/sync-status"
    yield "api: errors", f"{_API}/errors"
    yield "api: activity", f"{_API}/activity"
    yield "api: tokens", f"{_API}/tokens"
    yield "api: destinations", "/api/snowflake/configurations"
    rules = f"/api/snowflake/configurations/{known.destination}/rules"
    for name in ("", "/versions", "/versions/7", "/effect"):
        yield f"api: rules{name}", f"{rules}{name}"
