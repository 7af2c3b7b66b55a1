"""What a page says."""

import re
from html import unescape

from django.test import Client


def text(client: Client, address: str, status: int = 200) -> str:
    return unescape(kept(client, address, status))


def kept(client: Client, address: str, status: int = 200) -> str:
    """A page, or a file, as it comes."""
    answer = client.get(address)
    sent = b"".join(answer).decode()
    assert answer.status_code == status, sent[:300]
    return sent


def words(page: str) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def fields_of(page: str) -> dict[str, str]:
    """What the page's forms would send, as a browser does."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>", page, re.DOTALL):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        if not name or name[1] in ("csrfmiddlewaretoken", "q"):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        if kind and kind[1] == "checkbox":
            if " checked" in tag:
                found[name[1]] = "on"
        elif tag.startswith("<select"):
            chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', tag)
            first = re.search(r'<option value="([^"]*)"', tag)
            found[name[1]] = (chosen[2] if chosen[1] is None else chosen[1]) if chosen else first[1] if first else ""
        elif tag.startswith("<textarea"):
            found[name[1]] = unescape(tag.partition(">")[2].removesuffix("</textarea>")).removeprefix("\n")
        else:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def seen(client: Client, path: str) -> str:
    return words(text(client, path)).replace(" .", ".")


def told(client: Client, path: str, fields: dict[str, str] | None = None) -> str:
    answer = client.post(path, fields or {}, follow=True)
    assert answer.redirect_chain, words(answer.content.decode())
    return " ".join(str(message) for message in answer.context["messages"])
