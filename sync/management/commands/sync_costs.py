"""What loads have cost, about, in a terminal."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from config.log_lines import visible
from sync.destinations import NotNowError
from sync.errors import SyncError
from sync.management.arguments import add_json, add_user, user_meant
from sync.management.command import CheckedCommand
from sync.reporting import (
    COST_DAYS,
    COST_FORMULA,
    MOST_COST_DAYS,
    Costs,
    costs,
    counted,
    duration,
    number,
    of_credits,
    size,
)
from sync.warehouse import actual_credits

# Lines of each list.
_SHOWN = 20


class Command(CheckedCommand):
    help = (
        "Statements, time, bytes and estimated credits of what was loaded, by destination, workflow and day, and the "
        "settings that would save. --actual asks Snowflake, too, which wakes the warehouses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user(parser, "Destinations")
        parser.add_argument(
            "--days",
            type=_days,
            default=COST_DAYS,
            metavar="N",
            help=f"So many, today included, of UTC: {COST_DAYS} if not said, {MOST_COST_DAYS} at most.",
        )
        parser.add_argument(
            "--actual", action="store_true", help="Ask Snowflake what the warehouses have used (a minute of each)."
        )
        add_json(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        owner = user_meant(options["user"]).pk if options["user"] else None
        seen = costs(owner, days=options["days"])
        actual = dict(_actual(seen)) if options["actual"] else {}
        if options["json"]:
            self.stdout.write(json.dumps(_as_object(seen, actual), indent=2))
        else:
            self.stdout.write("\n".join(visible(line) for line in _lines(seen, actual)))


def _days(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= MOST_COST_DAYS:
        raise ArgumentTypeError(f"'{value}' is not a number of days from 1 to {MOST_COST_DAYS}.")
    return int(value)


def _actual(seen: Costs) -> Iterator[tuple[str, float | str]]:
    """What Snowflake says of each destination's warehouse, or why it does not."""
    for line in seen.destinations:
        try:
            used: float | str = sum(actual_credits(line.configuration, seen.since).values())
        except (SyncError, NotNowError) as error:
            used = str(error)
        yield str(line.configuration.pk), used


def _lines(seen: Costs, actual: dict[str, float | str]) -> Iterator[str]:
    spent = seen.spent
    credit, daily = of_credits(seen.credits), of_credits(seen.credits_a_day)
    yield f"About {credit} credits since {seen.since:%Y-%m-%d %H:%M} UTC, {daily} a day:"
    yield (
        f"{counted(spent.loads, 'load')}, {counted(round(spent.statements), 'statement')}, "
        f"{duration(spent.seconds)} of workers, {size(spent.bytes)}"
    )
    if seen.is_cut:
        yield "There are too many attempts to look at those before."
    yield from ("", COST_FORMULA)
    for line in seen.destinations[:_SHOWN]:
        yield ""
        credit = of_credits(line.credits)
        yield f"{line.configuration}: about {credit} credits, {number(line.spent.statements)} statements"
        match actual.get(str(line.configuration.pk)):
            case float(used):
                credit = of_credits(used)
                yield f"  Snowflake says: the warehouse used {credit} credits, by everybody; up to three hours late"
            case str(why):
                yield f"  Snowflake does not say: {why}"
        yield from (f"  {advice.said} ({advice.setting} = {advice.value})" for advice in line.advice)
    yield from _table("by workflow", seen.workflows[:_SHOWN])
    yield from _table("by day", seen.days)


def _table(title: str, lines: Any) -> Iterator[str]:
    yield from ("", title)
    for line in lines:
        name = getattr(line, "day", None) or getattr(line, "workflow", None) or "without a workflow, or deleted"
        spent = line.spent
        yield (
            f"  {name}: {counted(spent.loads, 'load')}, {counted(round(spent.statements), 'statement')}, "
            f"{duration(spent.seconds)}, {size(spent.bytes)}"
        )


def _as_object(seen: Costs, actual: dict[str, float | str]) -> dict[str, Any]:
    return {
        "since": seen.since.isoformat(),
        "until": seen.until.isoformat(),
        "is_cut": seen.is_cut,
        "spent": seen.spent._asdict(),
        "credits": round(seen.credits, 3),
        "credits_a_day": round(seen.credits_a_day, 3),
        "formula": COST_FORMULA,
        "destinations": [
            {
                "id": str(line.configuration.pk),
                "name": str(line.configuration),
                "spent": line.spent._asdict(),
                "credits": round(line.credits, 3),
                "actual": actual.get(str(line.configuration.pk)),
                "advice": [
                    {"setting": one.setting, "value": one.value, "now": round(one.now, 3), "then": round(one.then, 3)}
                    for one in line.advice
                ],
            }
            for line in seen.destinations
        ],
        "workflows": [
            {"workflow_id": line.workflow.workflow_id if line.workflow else None, "spent": line.spent._asdict()}
            for line in seen.workflows
        ],
        "days": [
            {"day": line.day.isoformat(), "spent": line.spent._asdict(), "credits": round(line.credits, 3)}
            for line in seen.days
        ],
    }
