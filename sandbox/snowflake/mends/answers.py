"""Result sets that the sandbox makes itself, as a statement that DuckDB runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """A result: each column with an example value, which gives its type, and the rows."""

    columns: dict[str, str | int]
    rows: Sequence[tuple[str | int | None, ...]] = field(default_factory=list)

    def sql(self) -> str:
        types = ["BIGINT" if isinstance(e, int) else "VARCHAR" for e in self.columns.values()]
        selects = [
            ", ".join(f'CAST({_literal(v)} AS {t}) AS "{c}"' for v, t, c in zip(row, types, self.columns, strict=True))
            for row in self.rows
        ]
        if not selects:
            empty = ", ".join(f'CAST(NULL AS {t}) AS "{c}"' for c, t in zip(self.columns, types, strict=True))
            return f"SELECT {empty} LIMIT 0"
        return " UNION ALL ".join(f"SELECT {select}" for select in selects)


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
