"""What each test needs, as markers: read off the fixtures that it asks for, its folder, and what its module imports.

By hand is `long` alone: a case of which `make test` has another of the same kind.

`make quick` runs what needs nothing of REMOTE; a test that starts a process and is not known to is refused.
"""

import subprocess
from collections.abc import Generator
from typing import NoReturn

import pytest

# A test has the marker where it asks for one of the fixtures, itself or through others.
FIXTURES = {
    "browser": {"chromium"},
    "snowflake": {"snowflake_server", "account"},
    "installation": {"server"},
    "db": {"db", "transactional_db", "django_db_setup"},
}
# Where all tests have it.
PLACES = {
    "chaos": "chaos",
    "deploy": "deploy",
    "machine": "property",
    "test_alerts_schema.py": "property",
    "test_configurations_schema.py": "property",
    "test_odd_columns.py": "property",
    "test_schema.py": "property",
}
# A module that imports one of these starts processes.
STARTERS = {"subprocess", "web_server", "Installation", "LocalSnowflake"}
# What is more than Python, and the database that all tests share.
REMOTE = {"browser", "chaos", "deploy", "installation", "process", "snowflake"}


def needs(item: pytest.Item) -> set[str]:
    """The names of its markers; `unit` where it needs nothing but Python."""
    asked = set(getattr(item, "fixturenames", ()))
    found = {marker for marker, fixtures in FIXTURES.items() if asked & fixtures}
    if item.get_closest_marker("django_db"):
        found.add("db")
    if STARTERS & set(vars(getattr(item, "module", object))):
        found.add("process")
    found |= {PLACES[part] for part in item.path.parts[-2:] if part in PLACES}
    found = found or {"unit"}
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        found.add("property")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, object, object]:
    """Before `-m` chooses among them, and after they were shuffled.

    Chaos comes first, where two processes share the tests: one of them sets it up, and neither waits at the end for a
    test of minutes that the other has begun last.
    """
    for item in items:
        for marker in sorted(needs(item)):
            item.add_marker(marker)
    result = yield
    items.sort(key=lambda item: item.get_closest_marker("chaos") is None)
    return result


@pytest.fixture(autouse=True)
def _starts_nothing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not any(request.node.get_closest_marker(marker) for marker in REMOTE):

        def refuse(*_: object, **__: object) -> NoReturn:
            pytest.fail("It starts a process, and its markers do not say so: see tests/markers.py.")

        monkeypatch.setattr(subprocess, "Popen", refuse)
