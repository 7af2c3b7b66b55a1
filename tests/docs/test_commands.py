"""Every `manage.py` line of the documentation is one that the command takes; what they do is tested where they are."""

import re
import shlex

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from tests.docs.test_links import PAGES, ROOT

AN_ID = "0b8f3c9e-58a1-4b1f-9d0e-1c9a5a4d7e21"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def printed() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            for line in block.replace("\\\n", " ").split("\n"):
                if call := re.search(r"\bmanage\.py ([a-z_]+(?: .*)?)$", line):
                    found.append((str(page.relative_to(ROOT)), call[1]))
    return found


def arguments(call: str) -> list[str]:
    """Without what the shell takes: comments, redirections, what follows."""
    lexer = shlex.shlex(call, posix=True, punctuation_chars="<>|&;")
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [at for at, word in enumerate(words) if word in {"<", ">", "|", "&&", ";"}]
    return [AN_ID if word == "ID" else word for word in words[: ends[0] if ends else None]]


@pytest.mark.parametrize(("page", "call"), printed())
def test_it_is_a_command_with_these_options(page: str, call: str) -> None:
    name, *given = arguments(call)
    assert name in get_commands(), page
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    parser = command.create_parser("manage.py", name)
    parser.called_from_command_line = False  # type: ignore[attr-defined]
    try:
        parser.parse_args(given)
    except CommandError as error:
        pytest.fail(f"{page}: {error}")
