"""FILE_FORMAT = (TYPE = CSV …), as far as the sandbox knows it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from sandbox.snowflake.mends.patching import patch

_INPUTS = {"DATE_FORMAT", "TIME_FORMAT", "TIMESTAMP_FORMAT"}
_IGNORED = {"TYPE", "ENCODING", "RECORD_DELIMITER"}
_NONE_ONLY = {"ESCAPE", "ESCAPE_UNENCLOSED_FIELD"}
_SIMPLE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "FIELD_DELIMITER": ("delimiter", str),
    "SKIP_HEADER": ("skip_header", int),
    "EMPTY_FIELD_AS_NULL": ("empty_field_as_null", bool),
    "COMPRESSION": ("compression", lambda value: str(value).upper()),
    "ERROR_ON_COLUMN_COUNT_MISMATCH": ("check_columns", bool),
}


@dataclass(frozen=True)
class CsvFormat:
    """Snowflake's defaults; `inputs` are its own date, time and timestamp formats."""

    delimiter: str = ","
    enclosed_by: str = ""
    skip_header: int = 0
    null_if: tuple[str, ...] = ("\\N",)
    empty_field_as_null: bool = True
    compression: str = "AUTO"
    check_columns: bool = True
    inputs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, options: dict[str, Any]) -> Self:
        """From the options of a COPY statement, or of the file format that it names."""
        known: dict[str, Any] = {"inputs": {}}
        for name, value in options.items():
            _take(known, name, value)
        return cls(**known)

    @property
    def nulls(self) -> list[str]:
        """The unquoted fields that are NULL."""
        return [*dict.fromkeys([*([""] if self.empty_field_as_null else []), *self.null_if])]


def _take(known: dict[str, Any], name: str, value: Any) -> None:
    text = str(value)
    none = text.upper() == "NONE"
    if name in _INPUTS:
        known["inputs"][name.replace("_FORMAT", "_INPUT_FORMAT")] = text
    elif name == "NULL_IF":
        known["null_if"] = tuple(map(str, value if isinstance(value, list) else [value]))
    elif name == "FIELD_OPTIONALLY_ENCLOSED_BY":
        known["enclosed_by"] = "" if none else text
    elif name in _SIMPLE:
        attribute, convert = _SIMPLE[name]
        known[attribute] = convert(value)
    elif name not in _IGNORED and not (name in _NONE_ONLY and none):
        raise NotImplementedError(f"FILE_FORMAT option {name} = {value}")


def apply() -> None:
    """Let fakesnow's own reading of COPY's options make a `CsvFormat`."""
    patch("fakesnow.copy_into", "handle_csv", CsvFormat.of)
