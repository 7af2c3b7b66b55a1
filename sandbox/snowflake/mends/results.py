"""Rows on their way out: exact whole numbers, NULL timestamps, names as Snowflake shows them."""

import fakesnow.arrow
import pyarrow as pa
from fakesnow.rowtype import ColumnInfo, describe_as_rowtype

from sandbox.snowflake.mends.identifiers import shown
from sandbox.snowflake.mends.patching import patch

_to_sf = fakesnow.arrow.to_sf
_timestamps = fakesnow.arrow.timestamp_to_sf_struct


def timestamp_to_sf_struct(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Without a mask a NULL would come out as 1970-01-01."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    struct = _timestamps(column.fill_null(0))
    arrays = [struct.field(i) for i in range(struct.type.num_fields)]
    return pa.StructArray.from_arrays(arrays, fields=list(struct.type), mask=column.is_null())


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """As Snowflake sends them: 64 bits where they fit, so that the connector gives an int."""
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column


def names_shown(table: pa.Table) -> pa.Table:
    """What SHOW, LIST and the like answer, with names as Snowflake shows them."""
    for i, column in enumerate(table.columns):
        if pa.types.is_string(column.type):
            texts = [None if text is None else shown(text) for text in column.to_pylist()]
            table = table.set_column(i, table.schema.field(i), pa.array(texts, type=column.type))
    return table


def to_sf(table: pa.Table, rowtype: list[ColumnInfo]) -> pa.Table:
    for i, column in enumerate(table.columns):
        if pa.types.is_decimal(column.type) and column.type.scale == 0:
            whole = _whole(column)
            table = table.set_column(i, table.schema.field(i).with_type(whole.type), whole)
    return _to_sf(table, rowtype)


def rowtype_shown(described: list[tuple[str, ...]]) -> list[ColumnInfo]:
    infos: list[ColumnInfo] = describe_as_rowtype(described)
    for info in infos:
        info["name"] = shown(info["name"])
    return infos


def apply() -> None:
    patch("fakesnow.arrow", "timestamp_to_sf_struct", timestamp_to_sf_struct)
    patch("fakesnow.server", "to_sf", to_sf)
    patch("fakesnow.server", "describe_as_rowtype", rowtype_shown)
