"""What takes minutes, or packages that few machines have, is run by `make deployed`: `make test` skips it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import engine as engines


def whole() -> None:
    """Skips the test unless all of deployment was asked for."""
    if os.environ.get("DEPLOYED") != "true":
        pytest.skip("it takes minutes: make deployed runs it")


@pytest.fixture(scope="session")
def engine() -> Iterator[engines.Engine]:
    whole()
    if missing := engines.lacking():
        pytest.skip(missing)
    # A socket's path has to be short.
    with engines.running_engine(Path(tempfile.mkdtemp(prefix="uss-engine-"))) as running:
        yield running
