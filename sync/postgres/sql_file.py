"""Static SQL stands in a `.sql` file beside the module that runs it."""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def read_sql(module_file: str, *names: str) -> tuple[str, ...]:
    """The statements of the `.sql` file beside a module, in the order of `names`, which are all that it has.

    In `claim.sql` each begins with a line `-- name: open_windows`, and with comments if it needs any; in `claim.py`
    they are read as it is imported: `_OPEN_WINDOWS, _CLAIM = read_sql(__file__, "open_windows", "claim")`. They are
    run with `%(name)s` parameters, so that a percent sign of their own is written twice, in a comment, too.
    Raises LookupError for a name that is not in the file, or is in it and was not asked for.
    """
    path = Path(module_file).with_suffix(".sql")
    _, *parts = _NAME.split(path.read_text(encoding="utf-8"))
    statements = dict(zip(parts[::2], parts[1::2], strict=True))
    if len(parts) != 2 * len(names) or statements.keys() != {*names}:
        raise LookupError(f"{path.name} has the statements {', '.join(parts[::2])}, not {', '.join(names)}")
    return tuple(statements[name] for name in names)
