"""Gives failed items another try."""

import difflib
from typing import Any

from django.core.management.base import CommandError, CommandParser

from sync.errors import CATALOGUE
from sync.management.arguments import add_dry_run, add_user_and_workflow, user_ids, workflow_ids
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.operations import ChangeCounts, apply_change, preview_change
from sync.queue import Change, ItemFilter


class Command(ActingCommand):
    help = (
        "Puts failed runs back in the queue, with all their retries. Safe to repeat, and to run beside workers. "
        "Mend the cause first: what is still wrong fails again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_user_and_workflow(parser, "Runs")
        parser.add_argument(
            "--error-code",
            metavar="CODE",
            help="Runs that failed with this code only (sync/errors lists them); "
            "skipped_by_hand brings back what was skipped by hand.",
        )
        add_dry_run(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        code, dry_run = options["error_code"], options["dry_run"]
        what = ItemFilter(
            user_ids=user_ids(options["user"]),
            workflow_ids=workflow_ids(options["workflow"]),
            error_codes=(_known(code),) if code is not None else None,
        )
        with progress_told("runs looked at", options["verbosity"]) as progress:
            preview = preview_change(Change.RETRY, what)
            as_of, wanted = preview.as_of, preview.wanted
            counts = ChangeCounts(wanted)
            if not dry_run:
                counts = apply_change(Change.RETRY, what, as_of=as_of, wanted=wanted, progress=progress)
        self.stdout.write(f"Runs {'that would be' if dry_run else 'that are'} waiting again: {counts.changed:,}")
        if preview.no_owner:
            self.stdout.write(
                f"Left alone: {preview.no_owner:,} without owner: give their workflows one (workflows.user_id)"
            )
        if counts.excluded:
            self.stdout.write(f"Left alone: {counts.excluded:,} that rules of their destinations exclude")
        if counts.held:
            self.stdout.write(f"Left alone: {counts.held:,} held by somebody else: run it again")


def _known(code: str) -> str:
    if code in CATALOGUE:
        return code
    near = difflib.get_close_matches(code, CATALOGUE, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(CATALOGUE))}."
    raise CommandError(f"There is no error code {code}. {hint}", returncode=2)
