"""What fakesnow 0.12.1 lacks for this project: small replacements of its functions, one theme a module.

fakesnow is pinned to that version; each mend has a test in `tests/sandbox` that fails without it.
"""

from sandbox.snowflake.mends import (
    copying,
    csv_format,
    describing,
    identifiers,
    merging,
    numbers,
    parsing,
    results,
    stages,
    statements,
    tables,
)


def apply() -> None:
    """Patch fakesnow, once, before it serves anything."""
    for mend in (
        identifiers,
        parsing,
        numbers,
        describing,
        results,
        stages,
        csv_format,
        copying,
        statements,
        tables,
        merging,
    ):
        mend.apply()
