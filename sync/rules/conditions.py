"""Comparisons: of a row's columns, and of what is known of an execution."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    Tag,
    WithJsonSchema,
)

# PostgreSQL stores no NUL.
STORED = r"^[^\x00]*$"
_TEXT = "(text)"


def _kind_of_value(value: object) -> str | None:
    forms: dict[type, str] = {str: _TEXT, bool: "(truth)", int: "(number)", float: "(number)"}
    return forms.get(type(value))


def _kind_of_path(value: object) -> str | None:
    forms: dict[type, str] = {str: _TEXT, list: "(keys)", tuple: "(keys)"}
    return forms.get(type(value))


Name = Annotated[str, Field(strict=True, min_length=1, max_length=500, pattern=STORED)]
# What is compared with, or put in place of something. A tag in brackets is in no document: see sync.rules.problems.
Value = Annotated[
    Annotated[str, Field(strict=True, max_length=10_000, pattern=STORED), Tag(_TEXT)]
    | Annotated[StrictBool, Tag("(truth)")]
    | Annotated[StrictInt | StrictFloat, WithJsonSchema({"type": "number"}), Tag("(number)")],
    Discriminator(_kind_of_value, "value", "has to be a text, a number, true or false"),
]
# PostgreSQL's jsonb goes no deeper with a path, and nobody's eye does.
Path = Annotated[
    Annotated[Name, Tag(_TEXT)] | Annotated[tuple[Name, ...], Field(min_length=1, max_length=20), Tag("(keys)")],
    Discriminator(_kind_of_path, "path", "has to be a text with dots between the keys, or a list of keys"),
]
DEEPEST = 5
MOST = 200


class Document(BaseModel):
    """Frozen; and nothing in it that is not known, since what is misspelt would be passed over in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    def __eq__(self, other: object) -> bool:
        """Whether they do the same: 1, 1.0 and True, which Python takes for equal, do not."""
        return type(self) is type(other) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


def steps(path: str | tuple[str, ...]) -> tuple[str, ...]:
    """The keys of a path: `customer.region` has two; a list is for keys with a dot in them."""
    return tuple(path.split(".")) if isinstance(path, str) else path


class Compare(Document):
    operator: Literal["eq", "ne", "lt", "le", "gt", "ge"]
    value: Value


class In(Document):
    operator: Literal["in"]
    value: Annotated[tuple[Value, ...], Field(min_length=1, max_length=1_000)]


class Like(Document):
    operator: Literal["like"]
    value: Annotated[Name, Field(description="* stands for any characters, also for none.")]


class Between(Document):
    operator: Literal["between"]
    value: Annotated[tuple[Value, Value], Field(description="The least and the greatest, both included.")]


class Null(Document):
    """Of a value that is null; with `value: false`, of one that is not."""

    operator: Literal["null"]
    value: StrictBool = True


class Exists(Document):
    operator: Literal["exists"]
    value: StrictBool = True


class _OfColumn(Document):
    column: Name


class ColumnCompares(_OfColumn, Compare):
    pass


class ColumnIn(_OfColumn, In):
    pass


class ColumnLike(_OfColumn, Like):
    pass


class ColumnBetween(_OfColumn, Between):
    pass


class ColumnNull(_OfColumn, Null):
    pass


ColumnCondition = Annotated[
    ColumnCompares | ColumnIn | ColumnLike | ColumnBetween | ColumnNull, Discriminator("operator")
]


class All(Document):
    """Holds if each of its conditions does."""

    all: Annotated[tuple["RowCondition", ...], Field(min_length=1, max_length=MOST)]


class Any(Document):
    """Holds if one of its conditions does."""

    any: Annotated[tuple["RowCondition", ...], Field(min_length=1, max_length=MOST)]


def _form(value: object) -> str:
    """Which of the three a condition is: `all`, `any`, or of a column."""
    for group in ("all", "any"):
        if group in value if isinstance(value, dict) else hasattr(value, group):
            return f"({group})"
    return "(column)"


RowCondition = Annotated[
    Annotated[All, Tag("(all)")] | Annotated[Any, Tag("(any)")] | Annotated[ColumnCondition, Tag("(column)")],
    Discriminator(_form),
]
All.model_rebuild()
Any.model_rebuild()


def _not_too_deep(condition: All | Any | ColumnCompares) -> object:
    if depth(condition) > DEEPEST:
        raise ValueError(f"conditions stand in each other {DEEPEST} deep at most")
    return condition


def depth(condition: object) -> int:
    """How deep conditions stand in each other: 1 for one of a column."""
    match condition:
        case All(all=inner) | Any(any=inner):
            return 1 + max(map(depth, inner))
    return 1


Where = Annotated[RowCondition, AfterValidator(_not_too_deep)]


class _OfParameter(Document):
    parameter: Annotated[Path, Field(description="Where it stands in execution_parameters.")]


class ParameterCompares(_OfParameter, Compare):
    pass


class ParameterIn(_OfParameter, In):
    pass


class ParameterLike(_OfParameter, Like):
    pass


class ParameterExists(_OfParameter, Exists):
    pass


ParameterCondition = Annotated[
    ParameterCompares | ParameterIn | ParameterLike | ParameterExists, Discriminator("operator")
]


def _number(value: object) -> object:
    if _kind_of_value(value) != "(number)":
        raise ValueError("has to be a number, 0 or more")
    return value


class NumberOf(Document):
    """Rows of the result, or days since the execution completed."""

    field: Literal["rows", "age_in_days"]
    operator: Literal["eq", "ne", "lt", "le", "gt", "ge"]
    value: Annotated[StrictInt | StrictFloat, Field(ge=0), BeforeValidator(_number)]


class OneOf(Document):
    """These executions, whatever their results are."""

    field: Literal["execution"]
    operator: Literal["in"] = "in"
    value: Annotated[tuple[Name, ...], Field(min_length=1, max_length=1_000)]


def _subject(value: object) -> str | None:
    """What a condition of an execution is about."""
    given = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    if "parameter" in given:
        return "(parameter)"
    subjects = {"execution": "(execution)", "rows": "(number)", "age_in_days": "(number)"}
    return subjects.get(str(given.get("field")))


ExecutionCondition = Annotated[
    Annotated[ParameterCondition, Tag("(parameter)")]
    | Annotated[NumberOf, Tag("(number)")]
    | Annotated[OneOf, Tag("(execution)")],
    Discriminator(_subject, "subject", "has to have parameter, or a field that is one of execution, rows, age_in_days"),
]
