"""SQL stands in a `.sql` file beside the module that runs it."""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^ *--.*\n", re.MULTILINE)
_QUOTED = re.compile(r"\{(\w+)\}")


def read_sql(module_file: str, *names: str, **parts: str) -> tuple[str, ...]:
    """The statements that are asked for by name of the `.sql` file beside a module.

    In `claim.sql` each begins with a line `-- name: open_windows`, and with comments if it needs any; in `claim.py`
    they are read as it is imported: `_OPEN_WINDOWS, _CLAIM = read_sql(__file__, "open_windows", "claim")`. Values are
    `%(name)s` parameters. What stands in several statements is written once, under a name: `{name}` is what an earlier
    part of the file, of `parts.sql` beside it, or of `parts` says. Raises LookupError for a name that there is not.
    """
    path = Path(module_file).with_suffix(".sql")
    for file in (path.with_name("parts.sql"), path):
        _, *found = _NAME.split(file.read_text(encoding="utf-8") if file.exists() else "")
        for name, text in zip(found[::2], found[1::2], strict=True):
            parts[name] = _QUOTED.sub(lambda quoted: parts[quoted[1]], _COMMENT.sub("", text).strip())
    return tuple(parts[name] for name in names)
