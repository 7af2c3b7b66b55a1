"""What a preview of rules shows, so that all faces show the same."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from sync.errors import SyncError


@dataclass(frozen=True, slots=True)
class PreviewedColumn:
    """A column of a result, or of what becomes of it.

    `key`: in the result, as rules name it; None: a rule adds the column. `name`: in Snowflake. `declared`: its type in
    result_columns. `type`: Snowflake's. `rules`: the names of those that are followed for it, in order.
    """

    key: str | None
    name: str
    declared: str | None
    type: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """A row by its number in the result, from 1, with a text for each column that is shown; None: the value is null."""

    number: int
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class PreviewedRows:
    """All columns, the first rows, and which of the columns (from 0) the rows have a text for: wide ones are cut."""

    columns: tuple[PreviewedColumn, ...] = ()
    shown: tuple[int, ...] = ()
    rows: tuple[PreviewedRow, ...] = ()

    @property
    def header(self) -> tuple[PreviewedColumn, ...]:
        """The columns of the texts in `rows`."""
        return tuple(self.columns[at] for at in self.shown)


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """What a rule did to this execution, in words (`said`); `matched`: the keys of the columns that it is about.

    Of the rows that were looked at: `rows_left_out`, by this rule alone; `rows_matched`, in which its path leads to a
    value.
    """

    rule: str
    kind: str
    said: str
    matched: tuple[str, ...] = ()
    rows_left_out: int | None = None
    rows_matched: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """Of a column, by its name in Snowflake: rows without a value, and different values where they are hashed."""

    name: str
    nulls: int
    distinct: int | None = None


@dataclass(frozen=True, slots=True)
class PreviewStatistics:
    """Of `rows` in the result the first `examined` were counted, within the time; `kept` of these go to Snowflake."""

    rows: int
    examined: int
    kept: int
    columns: tuple[ColumnStatistics, ...] = ()


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What rules make of an execution's result.

    `version`: of the rules that are in force; None: those of a draft. `excluded_by`: what is said of the execution if
    the rules keep it out; None: it goes there. `error`: what a load would fail with, and
    where, if that is in one of the first `checked` rows; what was found out nevertheless is told beside it.
    `new_columns`: keys that no earlier result had, as far as `policy` asks. `key`: hashes were made with the
    destination's key, or with one that was made up for this preview: then they will be others; None: none were made.
    """

    execution_id: str
    workflow_id: str
    version: int | None
    excluded_by: str | None = None
    error: SyncError | None = None
    checked: int = 0
    before: PreviewedRows = PreviewedRows()
    after: PreviewedRows = PreviewedRows()
    effects: tuple[RuleEffect, ...] = ()
    policy: Literal["allow", "drop", "hold"] = "allow"
    new_columns: tuple[str, ...] = ()
    statistics: PreviewStatistics | None = None
    key: Literal["destination", "made_up"] | None = None

    def as_json(self) -> dict[str, Any]:
        """With the error in the form in which the API tells errors of items."""
        error = self.error and {
            "code": self.error.code,
            "message": f"{self.error.happened}.",
            "remedy": self.error.remedy,
        }
        plain = {
            name: getattr(self, name) for name in ("execution_id", "workflow_id", "version", "excluded_by", "checked")
        }
        parts = {name: asdict(getattr(self, name)) for name in ("before", "after")}
        return plain | {
            "error": error,
            **parts,
            "effects": [asdict(effect) for effect in self.effects],
            "new_columns": {"policy": self.policy, "columns": self.new_columns},
            "statistics": self.statistics and asdict(self.statistics),
            "key": self.key,
        }
