"""Deletes old history."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from sync.management.arguments import add_dry_run, positive
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.operations import prune_history


class Command(ActingCommand):
    help = (
        "Deletes attempts that are older than so many days, workers that stopped, or stopped beating, before that, and "
        "alerts that were over by then; and who changed what, once it is older than a year. "
        "Never an item of the queue, an item's last attempt, or an attempt of an item that is open. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=_days, default=90, metavar="DAYS", help="Days to keep (default 90).")
        add_dry_run(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        days, dry_run = options["older_than"], options["dry_run"]
        with progress_told("old attempts looked at", options["verbosity"]) as progress:
            counts = prune_history(days, dry_run=dry_run, progress=progress)
        deleted = "that would be deleted" if dry_run else "deleted"
        self.stdout.write(f"Attempts {deleted}: {counts.attempts:,}")
        self.stdout.write(f"Workers {deleted}: {counts.workers:,}")
        self.stdout.write(f"Entries of activity, older than a year, {deleted}: {counts.activity:,}")
        self.stdout.write(f"Alerts that are over {deleted}: {counts.alerts:,}; messages: {counts.messages:,}")
        if counts.held:
            self.stdout.write(f"Left alone: {counts.held:,} held by somebody else: run it again")


def _days(value: str) -> int:
    days = positive(value)
    if days > 36_500:
        raise ArgumentTypeError(f"'{value}' days are more than a hundred years.")
    return days
