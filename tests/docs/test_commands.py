"""Every `manage.py` line of the documentation is one that the command takes; what they do is tested where they are."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from tests.docs.test_links import PAGES, ROOT

AN_ID = "0b8f3c9e-58a1-4b1f-9d0e-1c9a5a4d7e21"
CALL = re.compile(r"\bmanage\.py ([a-z_]+(?: .*)?)$", re.MULTILINE)
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def printed() -> list[tuple[str, str]]:
    return [
        (str(page.relative_to(ROOT)), call)
        for page in PAGES
        for block in BLOCK.findall(page.read_text())
        for call in CALL.findall(block.replace("\\\n", " "))
    ]


def arguments(call: str) -> list[str]:
    """Without what the shell takes: comments, redirections, what follows."""
    lexer = shlex.shlex(call, posix=True, punctuation_chars="<>|&;")
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [at for at, word in enumerate(words) if word in {"<", ">", "|", "&&", ";"}]
    return [AN_ID if word == "ID" else word for word in words[: ends[0] if ends else None]]


@pytest.mark.parametrize(("page", "call"), printed())
def test_it_is_a_command_with_these_options(
    page: str, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files that are named have to be there.
    (tmp_path / "rules.yaml").write_text("[]\n")
    monkeypatch.chdir(tmp_path)
    name, *given = arguments(call)
    assert name in get_commands(), page
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    parser.called_from_command_line = False
    try:
        parser.parse_args(given)
    except CommandError as error:
        pytest.fail(f"{page}: {error}")
