"""Where an address that was kept leads."""

import pytest
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize(
    ("short", "leads_to"),
    [
        ("/admin", "/admin/"),
        ("/monitor?user=ada", "/?user=ada"),
        ("/monitor/items?a=b", "/runs?a=b"),
        ("/monitor/executions/a/b", "/runs/a/b"),
    ],
)
def test_an_address_without_its_last_stroke(short: str, leads_to: str) -> None:
    assert Client().get(short).headers["Location"] == leads_to


def test_reverse_names() -> None:
    assert reverse("console:run", args=["a/b"]) == "/runs/a/b"
