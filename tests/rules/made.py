"""Documents of rules, made by hypothesis: such as are right, and such as somebody has spoilt."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Documents = list[dict[str, Any]]

# What jsonb can hold: no NUL, no half of a character.
_character = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
_ODD = "no Yes on null ~ 007 1e3 0x1F 1_000 12:30:45 2026-01-31 = > << * - ? ' \" \\ { [ &a !a % @ ` é 売上"
odd = st.sampled_from(
    [*_ODD.split(), "# no comment", "a: b", "- a", "\t", "\ufeff", "\u2028", "\x85", "\x1b[2J", "\U0010ffff"]
)
text = st.text(_character, min_size=1, max_size=12) | odd
lines = st.lists(text | st.sampled_from(["", " indented", "trailing ", "\r", "---", "..."]), max_size=4).map("\n".join)
value = text | lines | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
names = text.map(lambda given: "".join(each for each in given if each >= " ").strip("\x1c\x1d\x1e\x1f") or "rule").map(
    lambda given: given.strip() or "rule"
)


def _with(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {key: it if isinstance(it, st.SearchStrategy) else st.just(it) for key, it in required.items()},
        optional=optional,
    )


def _compared(**about: Any) -> st.SearchStrategy[dict[str, Any]]:
    return (
        _with(about | {"operator": st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), "value": value})
        | _with(about | {"operator": "in", "value": st.lists(value, min_size=1, max_size=3)})
        | _with(about | {"operator": "like", "value": text})
    )


path = text | st.lists(text, min_size=1, max_size=3)
_of_column = (
    _compared(column=text)
    | _with({"column": text, "operator": "between", "value": st.lists(value, min_size=2, max_size=2)})
    | _with({"column": text, "operator": "null"}, value=st.booleans())
)
where = st.recursive(
    _of_column,
    lambda inner: st.builds(
        lambda group, several: {group: several},
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=2),
    ),
    max_leaves=4,
)
when = (
    _compared(parameter=path)
    | _with({"parameter": path, "operator": "exists"}, value=st.booleans())
    | _with({"field": st.sampled_from(["rows", "age_in_days"]), "operator": "gt", "value": st.integers(0, 10**6)})
    | _with({"field": "execution", "value": st.lists(text, min_size=1, max_size=3)}, operator=st.just("in"))
)
types = st.sampled_from(["integer", "decimal(10,2)", "text", "timestamptz", "json", "whatever"])
columns = st.lists(text, min_size=1, max_size=3)
_nested: dict[str, Any] = {"path": path}
_everyones: dict[str, Any] = {"workflow": text, "note": lines, "enabled": st.booleans()}


def _column(action: str, required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    about = {"name": names, "kind": "column", "action": action, "columns": columns} | (required or {})
    return _with(about, **optional, **_everyones)


def _added(**source: Any) -> st.SearchStrategy[dict[str, Any]]:
    return _with({"name": names, "kind": "add", "column": text} | source, **_everyones)


rule = st.one_of(
    _with(
        {"name": names, "kind": "scope", "action": st.sampled_from(["include", "exclude"])},
        when=st.lists(when, max_size=3),
        **_everyones,
    ),
    _column("drop", **_nested),
    _column("hash", **_nested),
    _column(
        "mask",
        keep=st.sampled_from(["last", "first", "domain", "nothing"]),
        characters=st.integers(1, 100),
        text=lines,
        **_nested,
    ),
    _column("rename", {"columns": st.lists(text.filter(lambda it: "*" not in it), min_size=1, max_size=1), "to": text}),
    _column("cast", {"type": types}),
    _column("replace", {"value": value}),
    *(_column(action) for action in ("keep_only", "null", "allow")),
    _with({"name": names, "kind": "rows", "where": where}, **_everyones),
    _added(fact=st.sampled_from(["workflow_id", "workflow_name", "completed_at"])),
    _added(parameter=path, type=types),
    _added(constant=value, type=types),
    _with({"name": names, "kind": "new_columns", "policy": st.sampled_from(["allow", "drop", "hold"])}, **_everyones),
)
documents = st.lists(rule, max_size=4, unique_by=lambda made: made["name"].casefold())

_thing: st.SearchStrategy[Any] = (
    st.none() | value | st.lists(value, max_size=2) | st.dictionaries(text, value, max_size=2) | st.just({})
)


def _places(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place, *(found for key, child in inner for found in _places(child, (*place, key)))]


@st.composite
def spoilt(draw: Callable[..., Any]) -> Any:
    """Documents in which something is missing, of another kind, or more than it should be."""
    made = draw(documents.filter(bool))
    for _ in range(draw(st.integers(1, 2))):
        if not made:
            break
        *above, last = draw(st.sampled_from(_places(made)[1:]))
        node = made
        for step in above:
            node = node[step]
        what = draw(st.sampled_from(["drop", "put", "add"]))
        if what == "put":
            node[last] = draw(_thing)
        elif what == "drop":
            del node[last]
        elif isinstance(node, dict):
            node[draw(text | st.sampled_from(["type", "path", "fact", "all", "value", "column"]))] = draw(_thing)
        else:
            node.append(draw(_thing))
    return made
