"""Says of each destination, step by step, whether it works; exits 1 if one does not."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import SnowflakeConfiguration
from config.log_lines import visible
from sync.destinations import NotNowError, Report, check_configuration
from sync.management.arguments import add_json, add_user, user_ids
from sync.management.command import ActingCommand
from sync.snowflake.setup import TITLES, Status, Step

_SIGNS = {Status.OK: "✓", Status.FAILED: "✗", Status.NOT_REACHED: "–"}  # noqa: RUF001 - a dash is meant


class Command(ActingCommand):
    help = (
        "Checks active destinations by loading two rows into a table of their own and dropping it: one log-in each. "
        "A destination that passes is not paused any longer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user(parser, "Destinations")
        parser.add_argument("--configuration", metavar="ID", type=UUID, help="This destination only, active or not.")
        add_json(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        told = [self._check(configuration, as_json=options["json"]) for configuration in _chosen(options)]
        if options["json"]:
            self.stdout.write(json.dumps({"ok": all(one["ok"] for one in told), "configurations": told}, indent=2))
        elif not told:
            self.stdout.write("There is no active destination to check.")
        if not all(one["ok"] for one in told):
            raise SystemExit(1)

    def _check(self, configuration: SnowflakeConfiguration, *, as_json: bool) -> dict[str, Any]:
        about = {"id": str(configuration.pk), "name": str(configuration), "user": configuration.user.email}
        if not as_json:
            heading = visible(f"{configuration} of {about['user']} ({configuration.pk})")
            self.stdout.write(self.style.MIGRATE_HEADING(heading))
        try:
            report = check_configuration(configuration.pk)
        except NotNowError as error:
            if not as_json:
                self.stdout.write(self.style.ERROR(f"✗ {error}"))
            return about | {"ok": False, "detail": str(error), "steps": []}
        if not as_json:
            self._print(report)
        return about | report.as_json()

    def _print(self, report: Report) -> None:
        for step in report.checked.steps:
            self._print_step(step)
        if not report.current:
            self.stdout.write("The configuration was changed meanwhile: check it again.")

    def _print_step(self, step: Step) -> None:
        line = visible(f"{_SIGNS[step.status]} {TITLES[step.name]}" + (f": {step.subject}" if step.subject else ""))
        if step.status is not Status.FAILED:
            self.stdout.write(line)
            return
        self.stdout.write(self.style.ERROR(line))
        for text in (step.message, step.meaning, step.remedy):
            self.stdout.write(f"    {visible(text)}")
        for statement in step.mend:
            self.stdout.write(f"      {visible(statement)}")


def _chosen(options: dict[str, Any]) -> list[SnowflakeConfiguration]:
    configurations = SnowflakeConfiguration.objects.select_related("user")
    if (users := user_ids(options["user"])) is not None:
        configurations = configurations.filter(user_id__in=users)
    if options["configuration"] is None:
        return list(configurations.filter(is_active=True))
    found = list(configurations.filter(pk=options["configuration"]))
    if not found:
        raise CommandError(f"There is no destination {options['configuration']}; the admin lists them.", returncode=2)
    return found
