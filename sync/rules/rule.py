"""What a rule may say: the documents that API, admin, commands and files hold, checked and typed.

Names of columns are those of the result, as it came: a rule that renames one changes nothing for those after it.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, StrictBool, model_validator

from sync.rules.conditions import STORED, Document, ExecutionCondition, Name, Path, Value, Where
from sync.snowflake.types import parse_declared

Pattern = Annotated[Name, Field(description="Exact, or with * for any characters.")]
_Exact = Annotated[Name, Field(pattern=r"^[^*\x00]*$")]
# No control character, and no blank at either end.
_ONE_LINE = r"^[^\s\x00-\x1f]([^\x00-\x1f]*[^\s\x00-\x1f])?$"


def _declared(text: str) -> str:
    parse_declared(text)
    return text


# As result_columns may declare it: "decimal(10,2)".
TypeName = Annotated[Name, AfterValidator(_declared)]


class _Rule(Document):
    """What every rule has."""

    name: Annotated[str, Field(strict=True, min_length=1, max_length=100, pattern=_ONE_LINE)]
    workflow: Annotated[Pattern, Field(description="workflows.workflow_id of those that it is for.")] = "*"
    note: Annotated[str, Field(strict=True, max_length=1_000, pattern=STORED)] = ""
    enabled: StrictBool = True


class ScopeRule(_Rule):
    """Includes or excludes executions. The first that holds decides; if none does, they are included unless some
    other rule includes: then only what one includes goes there.
    """

    kind: Literal["scope"]
    action: Literal["include", "exclude"]
    when: Annotated[
        tuple[ExecutionCondition, ...], Field(max_length=50, description="All of them have to hold; none: always.")
    ] = ()


class _ColumnRule(_Rule):
    kind: Literal["column"]
    columns: Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=500)]


class _Nested(_ColumnRule):
    path: Annotated[
        Path | None, Field(description="Of a JSON column: only what stands there; * for each element of an array.")
    ] = None


class Drop(_Nested):
    """They do not leave PostgreSQL."""

    action: Literal["drop"]


class KeepOnly(_ColumnRule):
    """All other columns are dropped."""

    action: Literal["keep_only"]


class Rename(_ColumnRule):
    """One column, without *, gets one name."""

    action: Literal["rename"]
    columns: Annotated[tuple[_Exact, ...], Field(min_length=1, max_length=1)]
    to: Name


class Cast(_ColumnRule):
    action: Literal["cast"]
    type: TypeName


class Hash(_Nested):
    """HMAC-SHA256 with a key of the destination, as 64 hexadecimal digits; NULL stays NULL."""

    action: Literal["hash"]


class Mask(_Nested):
    """What is kept of the text, behind or before `***`; nothing of one that has no more than that. NULL stays NULL."""

    action: Literal["mask"]
    keep: Literal["last", "first", "domain", "nothing"] = "nothing"
    characters: Annotated[int, Field(strict=True, ge=1, le=100)] = 4
    text: Annotated[
        str, Field(strict=True, max_length=1_000, pattern=STORED, description="What stands for the rest.")
    ] = "***"


class SetNull(_ColumnRule):
    action: Literal["null"]


class Replace(_ColumnRule):
    """Every value, also NULL, by one of the same type."""

    action: Literal["replace"]
    value: Value


class Allow(_ColumnRule):
    """Decides of new columns that they may come."""

    action: Literal["allow"]


ColumnRule = Annotated[
    Drop | KeepOnly | Rename | Cast | Hash | Mask | SetNull | Replace | Allow, Discriminator("action")
]


class RowsRule(_Rule):
    """Rows for which it does not hold are left out. All such rules have to hold."""

    kind: Literal["rows"]
    where: Where


_GIVEN = {"not": {"type": "null"}}
# What its validator says, for the JSON Schema.
_ONE_SOURCE: dict[str, Any] = {
    "oneOf": [
        {"required": ["constant"], "properties": {"constant": _GIVEN}},
        {"required": ["fact"], "properties": {"fact": _GIVEN, "type": {"type": "null"}}},
        {"required": ["parameter"], "properties": {"parameter": _GIVEN}},
    ]
}


class AddRule(_Rule):
    """A column more, after the result's: one of a constant, a fact of the execution, or one of its parameters."""

    model_config = ConfigDict(json_schema_extra=_ONE_SOURCE)

    kind: Literal["add"]
    column: Name
    constant: Value | None = None
    fact: Literal["workflow_id", "workflow_name", "execution_id", "created_at", "started_at", "completed_at"] | None = (
        None
    )
    parameter: Path | None = None
    type: Annotated[TypeName | None, Field(description="Of a constant or parameter; text, if it is not given.")] = None

    @model_validator(mode="after")
    def _one(self) -> "AddRule":
        if sum(given is not None for given in (self.constant, self.fact, self.parameter)) != 1:
            raise ValueError("give one of constant, fact and parameter")
        if self.fact and self.type:
            raise ValueError("a fact of the execution has its own type")
        return self


class NewColumnsRule(_Rule):
    """What happens to a column that no earlier result of the workflow had. The first such rule decides."""

    kind: Literal["new_columns"]
    policy: Literal["allow", "drop", "hold"]


Rule = Annotated[ScopeRule | ColumnRule | RowsRule | AddRule | NewColumnsRule, Discriminator("kind")]
