"""Looks for what people have to be told of, and sends it: for where neither a worker nor a web server runs all day."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from config.log_lines import visible
from sync.alerts import deliver, look
from sync.management.command import CheckedCommand


class Command(CheckedCommand):
    help = "Looks for what people have to be told of, unless that was done a moment ago, and sends what is due."

    def handle(self, *_args: Any, **_options: Any) -> None:
        looked = look(older=settings.SYNC_CHECK_INTERVAL / 2)
        taken = deliver()
        if looked is None:
            self.stdout.write(f"Others have looked a moment ago. Sent {taken}.")
            return
        self.stdout.write(f"Opened {looked.opened}, closed {looked.closed}, queued {looked.queued}, sent {taken}.")
        if looked.troubles:
            raise CommandError(visible(f"Not all could be seen: {'; '.join(looked.troubles)}"))
