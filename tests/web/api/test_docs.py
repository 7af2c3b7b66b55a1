"""The curl lines of docs/api.md, as printed, against a server; and what the tables say."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests.web.api.conftest import Owned

API = (Path(__file__).resolve().parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
# Those of the configurations build on each other: tests/web/api/test_configurations_docs.py runs them.
_ELSEWHERE = API[API.index("\n## Configurations") : API.index("\n## In Python")]
CURLS = [
    command.replace("\\\n", " ")
    for block in re.findall(r"```sh\n(.*?)```", API.replace(_ELSEWHERE, ""), re.DOTALL)
    for command in re.findall(r"^curl (?:.*\\\n)*.*$", block, re.MULTILINE)
]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("printed", CURLS)
def test_it_works_as_printed(live_server: object, ada: Owned, printed: str) -> None:
    ada.more(11)
    cursor = ada.caller.get("queue?limit=10").json()["next_cursor"]
    filled = {
        "https://sync.example.com": str(live_server),
        "TOKEN": ada.caller.token,
        "SYNC_ID": str(ada.item.pk),
        "EXECUTION_ID": ada.execution.execution_id,
        "CURSOR": cursor,
    }
    command = re.sub("|".join(filled), lambda found: filled[found[0]], printed)
    done = subprocess.run(
        ["sh", "-c", f"{command} --silent --fail-with-body"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)


def test_every_endpoint_has_a_curl_line() -> None:
    headings = re.findall(r"^## (?:GET|POST) (/api/\S+)$", API, re.MULTILINE)
    for heading in headings:
        path = re.sub(r"\{\w+\}", "[A-Z_]+", heading)
        assert any(re.search(path, curl) for curl in CURLS), heading
    assert len(CURLS) >= len(headings) == 8


def test_the_rates_are_those_of_the_settings() -> None:
    printed = dict(re.findall(r"\| `API_(\w+)_RATE` \| (\S+) \|", API))
    assert {name.lower(): rate for name, rate in printed.items()} == settings.API_RATES


def test_the_json_is_json() -> None:
    for block in re.findall(r"```json\n(.*?)```", API, re.DOTALL):
        assert json.loads(block)


def test_the_page_loads_nothing_from_elsewhere() -> None:
    answer = Client().get("/api/docs")
    page = answer.content.decode()
    loaded = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page)
    assert len(loaded) >= 5
    for url in loaded:
        assert finders.find(url.removeprefix("/static/")), url
    assert "<style" not in page
    assert "<script" not in re.sub(r"<script src=[^>]+></script>", "", page)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe" not in policy
