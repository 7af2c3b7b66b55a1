"""Says whether the database is as the sync needs it; exits 1 if it is not."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from sync.installation import Finding, check_installation
from sync.management.arguments import add_json
from sync.management.command import CheckedCommand


class Command(CheckedCommand):
    help = "Checks the installation in the database, with the rights that this process has there; changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        add_json(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = check_installation()
        ok = all(finding.ok for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": ok, "findings": [asdict(finding) for finding in findings]}, indent=2))
        else:
            for finding in findings:
                self._print(finding)
        if not ok:
            raise SystemExit(1)

    def _print(self, finding: Finding) -> None:
        if finding.ok:
            self.stdout.write(f"ok      {finding.name}: {finding.detail}")
        else:
            self.stdout.write(self.style.ERROR(f"FAILED  {finding.name}: {finding.detail}"))
            self.stdout.write(f"        {finding.remedy}")
