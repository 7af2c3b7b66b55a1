"""The commands of docs/operations.md, which tests run as they stand there."""

import re

from tests.deploy.engine import ROOT


def documented(heading: str) -> list[list[str]]:
    """The commands of each block of shell below this heading, comments left out."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = re.split(r"^#{2,3} ", text.partition(f"### {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert blocks, heading
    return [[line for line in re.sub(r"\s+#.*", "", block).splitlines() if line] for block in blocks]
