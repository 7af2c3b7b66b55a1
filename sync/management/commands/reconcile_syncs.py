"""Looks at what is in Snowflake against what was loaded; exits 1 where something is otherwise."""

import json
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import SnowflakeConfiguration
from config.log_lines import visible
from sync.destinations import ChangedError, NotNowError
from sync.errors import SyncError
from sync.management.arguments import add_json, user_ids
from sync.management.command import ActingCommand
from sync.models import SyncFinding, SyncQueueItem
from sync.operations import subject, what_to_do
from sync.reporting import counted, number
from sync.snowflake.session import Pool
from sync.warehouse import BusyError, Deep, compare_deeply, reconcile, said

# Findings of a destination that are printed.
_LISTED = 200


class Command(ActingCommand):
    help = (
        "Looks at the tables of destinations: what is missing, was changed by somebody else, or is not known. Wakes no "
        "warehouse. Exits 1 where something is otherwise than it was loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--configuration", metavar="ID", type=UUID, help="This destination, active or not.")
        which.add_argument("--deep", metavar="EXECUTION", help="One run's rows, one by one: wakes the warehouse.")
        which.add_argument("--all", action="store_true", help="All active destinations.")
        which.add_argument("--user", metavar="EMAIL|UUID", help="Active destinations of this user only.")
        parser.add_argument(
            "--columns", action="store_true", help="Compare the columns of all tables: a statement each."
        )
        add_json(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        pool = Pool()
        try:
            if options["deep"] is not None:
                told = [self._compare(pool, item, options) for item in _items(options["deep"])]
            else:
                told = [self._look(pool, one, options) for one in _chosen(options)]
        finally:
            pool.close()
        if options["json"]:
            self.stdout.write(json.dumps({"ok": all(one["ok"] for one in told), "configurations": told}, indent=2))
        elif not told:
            self.stdout.write("There is no active destination to look at.")
        if not all(one["ok"] for one in told):
            raise SystemExit(1)

    def _compare(self, pool: Pool, item: SyncQueueItem, options: dict[str, Any]) -> dict[str, Any]:
        try:
            found = compare_deeply(item, pool)
        except (ChangedError, NotNowError, SyncError) as error:
            found = Deep(are_equal=None, said=str(error))
        if not options["json"]:
            self.stdout.write(visible(f"{item.configuration}: {found.said}"))
        about = {"id": str(item.configuration_id), "name": str(item.configuration)}
        return about | {"ok": bool(found.are_equal), "equal": found.are_equal, "said": found.said}

    def _look(self, pool: Pool, configuration: SnowflakeConfiguration, options: dict[str, Any]) -> dict[str, Any]:
        about = {"id": str(configuration.pk), "name": str(configuration), "user": configuration.user.email}
        if not options["json"]:
            heading = visible(f"{configuration} of {about['user']} ({configuration.pk})")
            self.stdout.write(self.style.MIGRATE_HEADING(heading))
        try:
            done = reconcile(configuration.pk, pool, all_columns=options["columns"])
        except (BusyError, ChangedError, NotNowError, SyncError) as error:
            if not options["json"]:
                self.stdout.write(self.style.ERROR(visible(str(error))))
            return about | {"ok": False, "detail": str(error), "findings": []}
        open_ = SyncFinding.objects.filter(configuration=configuration, closed_at=None).order_by("first_seen_at", "pk")
        count, findings = open_.count(), list(open_[:_LISTED])
        if not options["json"]:
            self._print(findings, count + done.unlisted)
            self.stdout.write(
                f"{counted(done.tables, 'table')} in {done.seconds:.1f} s, {counted(count + done.unlisted, 'finding')}."
            )
            if done.strangers:
                bear = counted(done.strangers, "table bears", "tables bear")
                self.stdout.write(f"{bear} the mark of a destination that is not known here, and is none of them.")
        return about | {
            "ok": not count,
            "tables": done.tables,
            "seconds": done.seconds,
            "strangers": done.strangers,
            "count": count + done.unlisted,
            "findings": [
                {
                    "id": one.pk,
                    "kind": one.kind,
                    "table": subject(one),
                    "execution_id": one.execution_id,
                    "said": said(one.kind, one.expected, one.found),
                    "what_to_do": what_to_do(one),
                }
                for one in findings
            ],
        }

    def _print(self, findings: list[SyncFinding], count: int) -> None:
        for one in findings:
            self.stdout.write(visible(f"- {subject(one)} {said(one.kind, one.expected, one.found)}"))
            self.stdout.write(visible(f"    {what_to_do(one)}"))
        if count > len(findings):
            self.stdout.write(f"and {number(count - len(findings))} more")


def _items(execution_id: str) -> list[SyncQueueItem]:
    items = SyncQueueItem.objects.select_related("configuration", "execution").filter(
        execution__execution_id=execution_id, configuration__isnull=False
    )
    found = list(items.defer("execution__result_rows", "execution__result_columns", "execution__execution_parameters"))
    if not found:
        raise CommandError(f"No destination has anything of an execution {execution_id}.", returncode=2)
    return found


def _chosen(options: dict[str, Any]) -> list[SnowflakeConfiguration]:
    configurations = SnowflakeConfiguration.objects.select_related("user")
    if options["configuration"] is not None:
        found = list(configurations.filter(pk=options["configuration"]))
        if not found:
            raise CommandError(
                f"There is no destination {options['configuration']}; the admin lists them.", returncode=2
            )
        return found
    if (users := user_ids(options["user"])) is not None:
        configurations = configurations.filter(user_id__in=users)
    return list(configurations.filter(is_active=True))
