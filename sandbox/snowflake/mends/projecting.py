"""Which field of the file goes into which column, and through which cast."""

from dataclasses import dataclass

import duckdb
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from sandbox.snowflake.mends import session
from sandbox.snowflake.mends.casts import cast
from sandbox.snowflake.mends.csv_file import PlainCsv
from sandbox.snowflake.mends.csv_format import CsvFormat
from sandbox.snowflake.mends.identifiers import shown


@dataclass(frozen=True)
class Target:
    """The table that is loaded, by the names that DuckDB knows."""

    catalog: str
    schema: str
    table: str
    temporary: bool = False

    @property
    def sql(self) -> str:
        names = (self.catalog, self.schema, self.table)
        if self.temporary:
            names = ("temp", "main", self.table)
        return ".".join(exp.to_identifier(name, quoted=True).sql("duckdb") for name in names)


@dataclass(frozen=True)
class Field:
    """A target column and what fills it; `source` where that is $n or PARSE_JSON($n)."""

    name: str
    type: str
    expression: Expr
    source: str = ""

    def sql(self, inputs: dict[str, str]) -> str:
        if self.source:
            return cast(self.source, self.type, inputs)
        return f"CAST({self.expression.sql('duckdb')} AS {self.type})"


@dataclass(frozen=True)
class Projection:
    """One COPY of one file."""

    target: Target
    fields: list[Field]
    csv: PlainCsv
    width: int

    @property
    def inputs(self) -> dict[str, str]:
        return _inputs(self.csv.format)

    @property
    def source(self) -> str:
        return self.csv.sql(self.width)

    def insert(self) -> str:
        columns = ", ".join(exp.to_identifier(f.name, quoted=True).sql("duckdb") for f in self.fields)
        values = ", ".join(f.sql(self.inputs) for f in self.fields)
        return f"INSERT INTO {self.target.sql} ({columns}) SELECT {values} FROM {self.source}"


def projection(duck: duckdb.DuckDBPyConnection, statement: exp.Copy, target: Target, csv: PlainCsv) -> Projection:
    """Match the statement's expressions, or the file's fields, with the table's columns."""
    types = {name: kind for name, kind, *_ in duck.execute(f"DESCRIBE {target.sql}").fetchall()}
    names = [column.name for column in statement.this.expressions] or list(types)
    for name in names:
        if name not in types:
            message = "SQL compilation error: error line 1 at position 0\ninvalid identifier"
            raise ProgrammingError(msg=f"{message} '{shown(name)}'", errno=904, sqlstate="42000")
    source = statement.args["files"][0]
    if isinstance(source, exp.Subquery):
        selected = source.this.expressions
        width = max(1 if csv.empty else csv.width(), *(_highest(e) for e in selected))
    else:
        selected = [exp.Parameter(this=exp.Literal.number(i + 1)) for i in range(len(names))]
        width = len(names)
    if len(selected) != len(names):
        raise ProgrammingError(
            msg="SQL compilation error:\nInsert value list does not match column list"
            f" expecting {len(names)} but got {len(selected)}",
            errno=2020,
            sqlstate="21S01",
        )
    fields = [_field(n, types[n], e) for n, e in zip(names, selected, strict=True)]
    return Projection(target, fields, csv, width)


def _highest(expression: Expr) -> int:
    return max((int(p.name) for p in expression.find_all(exp.Parameter)), default=1)


def _field(name: str, kind: str, expression: Expr) -> Field:
    if isinstance(expression, exp.Alias):
        expression = expression.this
    if isinstance(expression, exp.ParseJSON) and isinstance(expression.this, exp.Parameter):
        return Field(name, kind, expression, f"c{expression.this.name}")
    if isinstance(expression, exp.Parameter):
        column = exp.column(f"c{expression.name}")
        if kind == "JSON":
            # Without PARSE_JSON a VARIANT holds the text, as a JSON string.
            return Field(name, kind, exp.Anonymous(this="to_json", expressions=[column]))
        return Field(name, kind, column, column.name)
    replaced = expression.transform(lambda e: exp.column(f"c{e.name}") if isinstance(e, exp.Parameter) else e)
    return Field(name, kind, replaced)


def _inputs(form: CsvFormat) -> dict[str, str]:
    """The input formats: the session's, unless the file format has its own."""
    running = session.current.get()
    names = ("DATE_INPUT_FORMAT", "TIME_INPUT_FORMAT", "TIMESTAMP_INPUT_FORMAT")
    own = {name: running.parameter(name) for name in names} if running else {}
    return {**own, **form.inputs}
