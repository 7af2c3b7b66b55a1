"""Writes the catalogues of destinations anew, each execution's row; exits 1 where one could not be written."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import SnowflakeConfiguration
from config.log_lines import visible
from sync.destinations import ChangedError, NotNowError
from sync.errors import SyncError
from sync.management.arguments import user_ids
from sync.management.command import ActingCommand
from sync.reporting import catalogue_of, counted
from sync.snowflake.session import Pool
from sync.warehouse import publish_whole


class Command(ActingCommand):
    help = (
        "Writes the whole catalogue, a row for each execution, and loads nothing. It wakes the warehouse. Workers "
        "write what changes by themselves: this is for a catalogue in which somebody has deleted rows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--configuration", metavar="ID", type=UUID, help="This destination.")
        which.add_argument("--all", action="store_true", help="All active destinations.")
        which.add_argument("--user", metavar="EMAIL|UUID", help="Active destinations of this user only.")

    def handle(self, *_args: Any, **options: Any) -> None:
        pool = Pool()
        try:
            written = [self._publish(pool, one) for one in _chosen(options)]
        finally:
            pool.close()
        if not written:
            self.stdout.write("There is no active destination with a catalogue.")
        if not all(written):
            raise SystemExit(1)

    def _publish(self, pool: Pool, configuration: SnowflakeConfiguration) -> bool:
        place = catalogue_of(configuration).place
        try:
            published = publish_whole(configuration.pk, pool)
        except (ChangedError, NotNowError, SyncError) as error:
            self.stdout.write(self.style.ERROR(visible(f"{place}: {error}")))
            return False
        if published is None:
            self.stdout.write(self.style.ERROR(visible(f"{place}: a worker writes it at this moment. Try again.")))
            return False
        said = f"{counted(published.rows, 'row')} written by {counted(published.statements, 'statement')}."
        self.stdout.write(visible(f"{place}: {said}"))
        return True


def _chosen(options: dict[str, Any]) -> list[SnowflakeConfiguration]:
    configurations = SnowflakeConfiguration.objects.exclude(catalogue_name="")
    if options["configuration"] is not None:
        found = list(configurations.filter(pk=options["configuration"]))
        if not found:
            raise CommandError(
                f"There is no destination {options['configuration']} with a catalogue; the admin lists them.",
                returncode=2,
            )
        return found
    if (users := user_ids(options["user"])) is not None:
        configurations = configurations.filter(user_id__in=users)
    return list(configurations.filter(is_active=True))
