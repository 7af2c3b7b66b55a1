"""Encrypts the stored secrets with the newest key."""

from typing import Any

from django.core.management.base import CommandParser

from sync.management.arguments import add_dry_run
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.operations import rotate_encryption_keys


class Command(ActingCommand):
    help = (
        "Encrypts every stored secret, of destinations and channels, and every hash key with the newest key, which "
        "stands first in FIELD_ENCRYPTION_KEYS, also those that FERNET_KEY encrypted, and binds it to its row. Safe to "
        "break off, to repeat, and to run beside workers. Exits 1 if a secret could not be re-encrypted; keep its key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_dry_run(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        with progress_told("configurations looked at", options["verbosity"]) as progress:
            counts = rotate_encryption_keys(dry_run=dry_run, progress=progress)
        self.stdout.write(
            f"Secrets {'that would be encrypted' if dry_run else 'encrypted'} with the newest key: {counts.rotated:,}"
        )
        self.stdout.write(f"Encrypted with it already: {counts.current:,}")
        if counts.changed:
            self.stdout.write(f"Left alone: {counts.changed:,} that somebody else changed meanwhile: run it again")
        for id_ in counts.unreadable:
            self.stdout.write(
                self.style.ERROR(
                    f"Left alone: a secret or hash key of configuration {id_}, which no key opens: bring its key back, "
                    "or enter the secret again, or make a new hash key"
                )
            )
        for id_ in counts.channels:
            said = "which no key opens: bring their key back, or enter them again"
            self.stdout.write(self.style.ERROR(f"Left alone: the secrets of channel {id_}, {said}"))
        if counts.unreadable or counts.channels or counts.changed:
            raise SystemExit(1)
        if not dry_run:
            self.stdout.write("FERNET_KEY and the older keys of FIELD_ENCRYPTION_KEYS can go.")
