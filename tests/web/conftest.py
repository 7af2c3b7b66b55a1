"""Pages say what there is however busy the machine is; tests of what takes too long say how long that is."""

import pytest

PATIENCES = (
    "sync.web.admin.base.PATIENCE",
    "sync.web.console.data_workflow.SECONDS",
    "sync.reporting.workflows._SEARCHING",
)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PATIENCES:
        monkeypatch.setattr(name, 60.0)
