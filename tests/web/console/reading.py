"""What a page says."""

import re
from html import unescape

from django.test import Client


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[:300]
    return unescape(answer.content.decode())


def words(page: str) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
