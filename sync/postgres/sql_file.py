"""Reads the `.sql` file that stands beside the module that runs its statements."""

import re
from functools import cache
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^ *--.*\n", re.MULTILINE)
_QUOTED = re.compile(r"\{(\w+)\}")


def read_sql(module_file: str, *names: str, **parts: str) -> tuple[str, ...]:
    """The statements with these names from the `.sql` file beside a module.

    In `claim.sql` each statement begins with a line `-- name: open_windows`, and with comments if it needs any. The
    import of `claim.py` reads them: `_OPEN_WINDOWS, _CLAIM = read_sql(__file__, "open_windows", "claim")`. Values are
    `%(name)s` parameters. Text that several statements share is written once, under a name: `{name}` stands for an
    earlier part of the file, of `parts.sql` beside it, of the one beside this module, or of `parts`. Raises LookupError
    for an unknown name.
    """
    path = Path(module_file).with_suffix(".sql")
    known = _shared() | parts
    for file in (path.with_name("parts.sql"), path):
        known = _with_parts_of(file, known)
    return tuple(known[name] for name in names)


@cache
def _shared() -> dict[str, str]:
    return _with_parts_of(Path(__file__).with_name("parts.sql"), {})


def _with_parts_of(file: Path, known: dict[str, str]) -> dict[str, str]:
    parts = dict(known)
    _, *found = _NAME.split(file.read_text(encoding="utf-8") if file.exists() else "")
    for name, text in zip(found[::2], found[1::2], strict=True):
        parts[name] = _QUOTED.sub(lambda quoted: parts[quoted[1]], _COMMENT.sub("", text).strip())
    return parts
