"""JSON's values as PostgreSQL has them, and what steps make of one: None, bool, str, Decimal, list, dict.

A key that is missing is None.
"""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sync.rules import Mask
from tests.results.conftest import hmac_of

NUMBERS = ("int", "decimal(10,2)", "float")
_MOMENT = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?"


class Refused(Exception):  # noqa: N818 - an outcome
    def __init__(self, code: str, row: int | None = None) -> None:
        self.outcome = (code, row)


def text(value: Any) -> str | None:
    """As ->> writes it: the text in a string, JSON of anything else, None of null."""
    return value if value is None or isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str:
    """As jsonb writes it: the shortest keys first."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list):
        return f"[{', '.join(map(json_text, value))}]"
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: (len(item[0].encode()), item[0].encode()))
        return f"{{{', '.join(f'{json_text(key)}: {json_text(inner)}' for key, inner in ordered)}}}"
    return json.dumps(value, ensure_ascii=False)


def canonical(value: Any, declared: str, *, is_text: bool = False) -> str | None:
    written = text(value)
    is_number = isinstance(value, Decimal) or (declared in NUMBERS and written and number(written) is not None)
    if not is_number or (is_text and declared not in NUMBERS):
        return written
    plain = f"{Decimal(str(written)):f}"
    trimmed = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if trimmed == "-0" else trimmed


def number(written: str) -> Decimal | None:
    pattern = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?"
    return Decimal(written) if re.fullmatch(pattern, written) and len(written) <= 1000 else None


def read(declared: str, value: Any) -> Any:  # noqa: PLR0911 - a table
    """The value as its type has it; None if it is none of it."""
    written = str(text(value))
    match declared:
        case "text":
            return written
        case "json":
            return value
        case "boolean":
            return next((truth for truth, words in BOOLEANS.items() if re.fullmatch(words, written, re.I | re.A)), None)
        case "date":
            return _day(written)
        case "timestamp" | "timestamptz":
            return _moment(declared, written)
    found = number(written)
    whole, scale = {"int": (38, 0), "decimal(10,2)": (8, 2)}.get(declared, (5000, 5000))
    if found is None or (found and (found.adjusted() >= whole or _last_digit(found) < -scale)):
        return None
    return found


def _last_digit(found: Decimal) -> int:
    """The power of ten of the last one that is not 0."""
    digits = f"{found:f}"
    return -len(digits.partition(".")[2].rstrip("0"))


BOOLEANS = {True: r"true|t|yes|y|on|1(\.0+)?", False: r"false|f|no|n|off|0(\.0+)?"}


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.A) else None
    except ValueError:
        return None


def _moment(declared: str, written: str) -> tuple[datetime, str] | None:
    """To the second, and the digits behind it."""
    zone = r"(Z|[+-]00:00)?" if declared == "timestamp" else r"(Z|[+-]\d\d:\d\d)?"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.A) and _day(written):
        written += "T00:00:00"
    if not re.fullmatch(_MOMENT + zone, written, re.A) or not _day(written[:10]):
        return None
    whole, fraction, offset = re.fullmatch(r"(.{19})(?:\.(\d+))?(.*)", written).groups()  # type: ignore[union-attr]
    moment = datetime.fromisoformat(whole + (offset.replace("Z", "+00:00") or "+00:00"))
    return moment.astimezone(UTC), (fraction or "").rstrip("0")


def hashed(value: Any, declared: str, *, is_text: bool = False) -> str | None:
    written = canonical(value, declared, is_text=is_text)
    return None if written is None else hmac_of(written)


def masked(value: Any, rule: Mask) -> str | None:
    written = text(value)
    if written is None:
        return None
    keeps = len(written) > rule.characters
    if rule.keep == "last" and keeps:
        return rule.text + written[-rule.characters :]
    if rule.keep == "first" and keeps:
        return written[: rule.characters] + rule.text
    if rule.keep == "domain" and re.fullmatch("[^@]+@[A-Za-z0-9.-]+", written):
        return f"{rule.text}@{written.partition('@')[2]}"
    return rule.text


def along(value: Any, path: tuple[str, ...], made: Any) -> Any:
    """A copy with something made of what stands there; without `made` it is taken out."""
    step, *rest = path
    if value is None:
        return None
    if step == "*":
        if not isinstance(value, list):
            raise Refused("rule_does_not_fit")
        if not rest and not made:
            return []
        return [along(inner, tuple(rest), made) if rest else made(inner) for inner in value]
    if not isinstance(value, dict):
        raise Refused("rule_does_not_fit")
    if step not in value:
        return value
    if not rest and not made:
        return {key: inner for key, inner in value.items() if key != step}
    return value | {step: along(value[step], tuple(rest), made) if rest else made(value[step])}


def as_json(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(repr(value)) if is_number else value


def distinct(value: Any) -> Any:
    """JSON whose true is not 1, and whose 1.50 is 1.5."""
    if isinstance(value, list):
        return [distinct(inner) for inner in value]
    if isinstance(value, dict):
        return {key: distinct(inner) for key, inner in value.items()}
    return (type(value), value)
