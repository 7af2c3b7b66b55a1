"""Queues past executions for the destinations that lack them."""

from typing import Any

from django.core.management.base import CommandParser

from sync.management.arguments import (
    add_dry_run,
    add_since_and_until,
    add_user_and_workflow,
    positive,
    since_and_until,
    user_ids,
    workflow_ids,
)
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.operations import BackfillCounts, backfill_executions
from sync.queue import BackfillFilter


class Command(ActingCommand):
    help = (
        "Queues completed runs for the active destinations of their owners that do not have them yet. "
        "Safe to repeat, to break off, and to run beside workers and the application."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_and_workflow(parser, "Runs")
        add_since_and_until(parser)
        parser.add_argument("--limit", type=positive, metavar="N", help="Queue N runs at most.")
        add_dry_run(parser)
        parser.add_argument(
            "--force", action="store_true", help="Queue everything again, also what is there, as if it had changed."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        since, until = since_and_until(options)
        what = BackfillFilter(
            user_ids=user_ids(options["user"]), workflow_ids=workflow_ids(options["workflow"]), since=since, until=until
        )
        dry_run, again = options["dry_run"], "What is queued stays queued; run it again for the rest."
        with progress_told("runs looked at", options["verbosity"], again) as progress:
            counts = backfill_executions(
                what, force=options["force"], dry_run=dry_run, limit=options["limit"], progress=progress
            )
        self._report(counts, dry_run=dry_run)

    def _report(self, counts: BackfillCounts, *, dry_run: bool) -> None:
        self.stdout.write(f"Runs {'that would be queued' if dry_run else 'queued'}: {counts.queued:,}")
        if not counts.finished:
            self.stdout.write("The limit was reached; there may be more.")
        for number, why in counts.why_left_alone:
            self.stdout.write(f"Left alone: {number:,} {why}")
