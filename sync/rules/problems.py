"""What is wrong with documents of rules: where, and in words."""

import re
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Place = tuple[str | int, ...]

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here: look for a misspelling",
    "model_type": "has to be an object, keys with values",
    "model_attributes_type": "has to be an object, keys with values",
    "tuple_type": "has to be a list",
    "bool_type": "has to be true or false",
    "string_type": "has to be a text: write it in quotes",
    "string_unicode": "holds half a character",
    "string_pattern_mismatch": "holds a character that may not stand there: NUL nowhere; in the name of a rule no line "
    "feed, and no blank at its ends; no * where one column is meant",
}


class RulesError(ValueError):
    """A document that is not one of rules: `problems` are (place, what is wrong there), values left out."""

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{'.'.join(map(str, place)) or 'rules'}: {said}" for place, said in problems))


def problems(error: ValidationError) -> list[tuple[Place, str]]:
    """Where in the documents, the numbers of lists from 0, and what is wrong there."""
    found = [(_place(one["loc"]), one) for one in error.errors(include_url=False, include_input=False)]
    # A list has too few items also where one of them is at fault.
    within = {place[:length] for place, _ in found for length in range(len(place))}
    return [(place, _said(one)) for place, one in found if one["type"] != "too_short" or place not in within]


def _place(steps: Place) -> Place:
    """Without the tags by which pydantic chose among forms: a rule's kind and action, operators, those in brackets."""
    place = list(steps[:1])
    tags = 2 if steps[1:2] == ("column",) else 1
    for step in steps[1:]:
        if tags:
            tags -= 1
        elif step in ("(column)", "(parameter)"):
            tags = 1
        elif not str(step).startswith("("):
            place.append(step)
    return tuple(place)


def _said(one: ErrorDetails) -> str:
    context = one.get("ctx", {})
    match one["type"]:
        case "union_tag_not_found":
            return f"{_unquoted(context['discriminator'])} is missing"
        case "union_tag_invalid":
            return f"{_unquoted(context['discriminator'])} has to be one of {_unquoted(context['expected_tags'])}"
        case "literal_error":
            return f"has to be one of {_unquoted(context['expected']).replace(' or ', ', ')}"
        case "value_error":
            return str(context["error"])
        case known if known in _WORDS:
            return _WORDS[known]
    # "Input should be less than …", "Tuple should have at most …"
    return re.sub(r"^(Input|String|Tuple|Value) (?=should)| after validation", "", one["msg"])


def _unquoted(text: object) -> str:
    return str(text).replace("'", "")
