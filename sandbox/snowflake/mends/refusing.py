"""Why a COPY failed: the first value that does not fit, in Snowflake's words."""

import duckdb
from snowflake.connector.errors import ProgrammingError

from sandbox.snowflake.mends.casts import misfit, refusal
from sandbox.snowflake.mends.identifiers import shown
from sandbox.snowflake.mends.projecting import Projection

_HINT = (
    "  If you would like to continue loading when an error is encountered, use other values such"
    " as 'SKIP_FILE' or 'CONTINUE' for the ON_ERROR option. For more information on loading"
    " options, please run 'info loading_data' in a SQL client."
)


def reason(duck: duckdb.DuckDBPyConnection, error: duckdb.Error, projection: Projection, file: str) -> ProgrammingError:
    """Look the file through; `file` is its name as COPY's result shows it, stage first."""
    path = file.split("/", 1)[-1]
    found = _first_misfit(duck, projection)
    if found is None:
        return _of_the_file(error, path)
    row, index, text = found
    field = projection.fields[index - 1]
    said = refusal(field.type)
    where = f'column "{shown(projection.target.table)}"["{shown(field.name)}":{index}]'
    return ProgrammingError(
        msg=f"{said.message.format(text)}\n  File '{path}', line {row}, character 1\n  Row {row}, {where}\n{_HINT}",
        errno=said.errno,
        sqlstate=said.sqlstate,
    )


def _first_misfit(duck: duckdb.DuckDBPyConnection, projection: Projection) -> tuple[int, int, str] | None:
    checked = {i: f for i, f in enumerate(projection.fields, 1) if f.source and f.type != "VARCHAR"}
    if not checked:
        return None
    inputs = projection.inputs
    bad = " ".join(f"WHEN {misfit(f.source, f.type, inputs)} THEN {i}" for i, f in checked.items())
    text = " ".join(f"WHEN {i} THEN {f.source}" for i, f in checked.items())
    try:
        row = duck.execute(
            f"SELECT row, bad, CASE bad {text} END FROM (SELECT row_number() OVER () AS row, *,"
            f" CASE {bad} END AS bad FROM {projection.source}) WHERE bad IS NOT NULL"
            " ORDER BY row LIMIT 1"
        ).fetchone()
    except duckdb.Error:
        # The file itself is wrong.
        return None
    return (int(row[0]), int(row[1]), str(row[2])) if row else None


def _of_the_file(error: duckdb.Error, path: str) -> ProgrammingError:
    message = str(error)
    _, _, numbers = message.partition("Expected Number of Columns:")
    if not numbers:
        first = message.split("\n", 1)[0]
        return ProgrammingError(msg=f"{first}\n  File '{path}'\n{_HINT}", errno=100132, sqlstate="22000")
    wanted, _, got = numbers.split("\n", 1)[0].partition("Found:")
    text = (
        f"Number of columns in file ({got.strip()}) does not match that of the corresponding table"
        f" ({wanted.strip()}), use file format option error_on_column_count_mismatch=false to ignore"
        f" this error\n  File '{path}'\n{_HINT}"
    )
    return ProgrammingError(msg=text, errno=100080, sqlstate="22000")
