"""Takes out of Snowflake what is past the retention of its destination."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import SnowflakeConfiguration
from config.log_lines import visible
from sync.management.arguments import add_dry_run, add_user_and_workflow, user_ids, workflow_ids
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.operations import ChangeCounts, PrunePreview, preview_prune, prune_results, retention_of
from sync.queue import PastCount
from sync.reporting import counted


class Command(ActingCommand):
    help = (
        "Asks workers to take out of Snowflake what is past the retention of its destination, which they do by "
        "themselves once a day: own tables are dropped, rows of shared ones deleted, which wakes the warehouse. Never "
        "what the application has no more, unless the retention says so. Safe to repeat, and to run beside workers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_and_workflow(parser, "Results")
        parser.add_argument("--configuration", metavar="ID", type=UUID, help="Results in this destination only.")
        add_dry_run(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        workflows = workflow_ids(options["workflow"])
        found = _destinations(options)
        for about in found:
            self.stdout.write(self.style.MIGRATE_HEADING(visible(f"{about} of {about.user.email} ({about.pk})")))
            self._prune(about, workflows[0] if workflows else None, options)
        if not found:
            self.stdout.write("No destination has a retention: everything is kept.")

    def _prune(self, about: SnowflakeConfiguration, workflow_id: UUID | None, options: dict[str, Any]) -> None:
        preview = preview_prune(about.pk, workflow_id)
        for one in preview.workflows:
            self.stdout.write(visible(f"  {one.workflow_name or one.workflow_id}: {_said(one)}"))
        wanted = preview.total("results")
        done = ChangeCounts(wanted)
        if not options["dry_run"]:
            done = self._ask(about, workflow_id, preview, options["verbosity"])
        done_to = "that would be asked for" if options["dry_run"] else "asked for"
        self.stdout.write(f"Results {done_to}, to be taken out of Snowflake: {done.changed:,}")
        if left := done.held + done.meanwhile:
            self.stdout.write(f"Left alone: {left:,} that somebody else holds, or that have changed: run it again")

    def _ask(
        self, about: SnowflakeConfiguration, workflow_id: UUID | None, preview: PrunePreview, verbosity: int
    ) -> ChangeCounts:
        with progress_told("results asked for", verbosity) as progress:
            wanted = preview.total("results")
            return prune_results(about.pk, workflow_id, as_of=preview.as_of, wanted=wanted, progress=progress)


def _said(one: PastCount) -> str:
    parts = [counted(one.results, "result")]
    if one.tables:
        parts.append(f"{counted(one.tables, 'own table')}")
    if one.rows:
        parts.append(f"{counted(one.rows, 'row')} of shared tables")
    if one.only_copies:
        parts.append(f"{one.only_copies:,} of them the only copy")
    said = ", ".join(parts)
    return f"{said}; {one.kept:,} kept: the only copy" if one.kept else said


def _destinations(options: dict[str, Any]) -> list[SnowflakeConfiguration]:
    """Those that do not keep everything."""
    found = SnowflakeConfiguration.objects.select_related("user").order_by("created_at", "pk")
    if (users := user_ids(options["user"])) is not None:
        found = found.filter(user_id__in=users)
    if options["configuration"] is not None:
        found = found.filter(pk=options["configuration"])
        if not found:
            raise CommandError(
                f"There is no destination {options['configuration']}; the admin lists them.", returncode=2
            )
    return [one for one in found if any(line.amount for line in retention_of(one.pk).values())]
