"""The rules of a destination as a file, and what follows from changing them."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from accounts.models import SnowflakeConfiguration
from config.log_lines import visible
from sync.destinations import NotDoneError
from sync.errors import SyncError
from sync.management.arguments import add_since_and_until, add_workflow, since_and_until, workflow_ids
from sync.management.command import ActingCommand
from sync.management.progress import progress_told
from sync.management.rules import author, differences, done_to, effect, findings, preview, removal, rules_file, to_retry
from sync.models import SyncRuleVersion, WorkflowExecution
from sync.operations import (
    NEW_KEY,
    Loaded,
    bring_back,
    change_rules,
    check_rules,
    count_effect,
    count_returning,
    count_to_retry,
    draft_of,
    preview_removal,
    preview_rules,
    reload_earlier,
    remove_excluded,
    rotate_hash_key,
    rules_of,
)
from sync.postgres import TooSlowError
from sync.rules import RuleSet, RulesFile, difference, documents, of_version, schema, write_file

_NOTHING = "Nothing was changed. To do it, add --yes."
_LOADED = (
    "What is loaded stays as it is: effect says what of it the rules concern; reload, return and remove change it."
)
_STALE = (
    "The file was version {file} of the rules; they are at version {now}{made} by now. Export them again and make your "
    "change to that; or take the first line out of the file, to put it in place of whatever is there."
)


class Command(ActingCommand):
    help = (
        "Writes the rules of a destination into a file, says what a file would change of them, changes them, and shows "
        "what they make of a run. Without --yes nothing is changed. docs/rules.md has examples of all of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True, metavar="PART")

        def part(name: str, said: str, *, needs_destination: bool = True) -> CommandParser:
            made: CommandParser = parts.add_parser(name, help=said, description=said)
            about = "A destination's id, as check_snowflake and the admin show it."
            made.add_argument("--configuration", metavar="ID", type=UUID, required=needs_destination, help=about)
            return made

        def some(made: CommandParser) -> CommandParser:
            add_workflow(made, "Runs")
            add_since_and_until(made)
            return made

        def confirmed(made: CommandParser) -> CommandParser:
            made.add_argument("--yes", action="store_true", help="Do it; without, it is said what would be done.")
            return made

        def file(made: CommandParser, **more: Any) -> None:
            made.add_argument("file", metavar="FILE", type=rules_file, help="YAML; - is the standard input.", **more)

        export = part("export", "Prints the rules as YAML.")
        export.add_argument("--at", type=int, metavar="VERSION", help="As they were at that version.")
        file(confirmed(part("apply", "Puts the rules of a file in place of all there are.")))
        check = "Says whether a file can be read; of a destination's runs, what the rules matched, too."
        file(part("check", check, needs_destination=False))
        shows = part("preview", "Shows what the rules of a file, or those in force, make of a run.")
        file(shows, nargs="?")
        shows.add_argument("--execution", metavar="ID", required=True, help="workflow_executions.execution_id.")
        some(part("effect", "Says how many runs are loaded under earlier rules, workflow by workflow."))
        confirmed(some(part("reload", "Loads again what was loaded under earlier rules.")))
        confirmed(part("return", "Lets come back what the rules excluded once, and do no more."))
        confirmed(part("remove", "Takes out of Snowflake what the rules exclude and is there."))
        confirmed(part("rotate-key", "Makes a new key for hashes, and says first what that does."))
        parts.add_parser("schema", help="Prints the JSON Schema of the files.")

    def handle(self, *_args: Any, part: str, **options: Any) -> None:
        try:
            getattr(self, f"_{part.replace('-', '_')}")(options)
        except SnowflakeConfiguration.DoesNotExist:
            said = f"There is no destination {options['configuration']}; the admin lists them."
            raise CommandError(said, returncode=2) from None
        except SyncError as error:
            raise CommandError(visible(str(error))) from None
        except NotDoneError as error:
            raise CommandError(visible(f"{error} {error.what_to_do}".strip())) from None

    def _schema(self, _options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(schema(), indent=2))

    def _export(self, options: dict[str, Any]) -> None:
        configuration = _configuration(options)
        version = options["at"]
        if version and not SyncRuleVersion.objects.filter(configuration=configuration, version=version).exists():
            there = rules_of(configuration.pk).version
            raise CommandError(
                f"There is no version {version} of the rules: they are at version {there}.", returncode=2
            )
        rules = rules_of(configuration.pk) if version is None else of_version(configuration.pk, version)
        about = visible(f"{_made(configuration, rules.version)}: {configuration} of {configuration.user.email}")
        self.stdout.write(write_file(rules.rules, configuration.pk, rules.version, about), ending="")

    def _check(self, options: dict[str, Any]) -> None:
        file: RulesFile = options["file"]
        self._say([f"Rules that can be read: {len(file.rules):,}"])
        if options["configuration"]:
            configuration = _configuration(options)
            found = check_rules(configuration, _draft(configuration, file))
            self._say(findings(found))
            if any(one.level == "error" for one in found):
                raise SystemExit(1)

    def _apply(self, options: dict[str, Any]) -> None:
        configuration = _configuration(options)
        file: RulesFile = options["file"]
        there = rules_of(configuration.pk)
        changes = difference(there.rules, file.rules)
        if not changes.lines:
            if options["yes"]:
                # It may be that the table that people edit says others.
                change_rules(configuration.pk, file.rules, author=author(), expected_version=there.version)
            self._say([f"The rules are as in the file, at version {there.version}."])
            return
        self._say(differences(changes))
        found = check_rules(configuration, _draft(configuration, file))
        self._say(findings([one for one in found if one.level != "information"]))
        if file.exported_from and file.exported_from[0] == configuration.pk and file.exported_from[1] != there.version:
            made = _made(configuration, there.version)
            raise CommandError(visible(_STALE.format(file=file.exported_from[1], now=there.version, made=made)))
        if self._is_confirmed(options):
            done = change_rules(configuration.pk, file.rules, author=author(), expected_version=there.version)
            self._say([f"The rules are at version {done.rules.version}."])
            self._say([*filter(None, [done.goes_on]), _LOADED, *to_retry(count_to_retry(Loaded(configuration.pk)))])

    def _preview(self, options: dict[str, Any]) -> None:
        configuration = _configuration(options)
        draft = _draft(configuration, options["file"]) if options["file"] else None
        try:
            found = preview_rules(configuration, options["execution"], draft)
        except WorkflowExecution.DoesNotExist:
            said = f"The owner of the destination has no run {options['execution']}: check the id."
            raise CommandError(visible(said), returncode=2) from None
        except TooSlowError:
            raise CommandError("PostgreSQL did not answer in time; try it again, or another run.") from None
        self._say(preview(found))

    def _effect(self, options: dict[str, Any]) -> None:
        self._say(effect(count_effect(_loaded(options))))

    def _reload(self, options: dict[str, Any]) -> None:
        what = _loaded(options)
        found = count_effect(what)
        self._say(effect(found))
        if found.earlier and self._is_confirmed(options):
            with progress_told("runs looked at", options["verbosity"]) as progress:
                done = reload_earlier(
                    what, version=found.version, as_of=found.as_of, wanted=found.earlier, progress=progress
                )
            self._say(done_to("queued, to be loaded again", done))

    def _return(self, options: dict[str, Any]) -> None:
        configuration = _configuration(options)
        found = count_returning(configuration.pk)
        self._say([f"Runs that no rule excludes any more: {found.wanted:,}"])
        if found.wanted and self._is_confirmed(options):
            with progress_told("runs brought back", options["verbosity"]) as progress:
                done = bring_back(
                    configuration.pk, version=found.version, as_of=found.as_of, wanted=found.wanted, progress=progress
                )
            self._say(done_to("queued", done))

    def _remove(self, options: dict[str, Any]) -> None:
        configuration = _configuration(options)
        found = preview_removal(configuration.pk)
        self._say(removal(found))
        if found.executions and self._is_confirmed(options):
            with progress_told("runs looked at", options["verbosity"]) as progress:
                done = remove_excluded(
                    configuration.pk,
                    version=found.version,
                    as_of=found.as_of,
                    wanted=found.executions,
                    progress=progress,
                )
            self._say(done_to("to be taken out of Snowflake by workers", done))

    def _rotate_key(self, options: dict[str, Any]) -> None:
        configuration = _configuration(options)
        self._say([NEW_KEY])
        if self._is_confirmed(options):
            rotated = rotate_hash_key(configuration.pk, author=author())
            self._say([f"Hashes are made with a new key; the rules are at version {rotated.rules.version}."])

    def _is_confirmed(self, options: dict[str, Any]) -> bool:
        if not options["yes"]:
            self._say([_NOTHING])
        return bool(options["yes"])

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _configuration(options: dict[str, Any]) -> SnowflakeConfiguration:
    return SnowflakeConfiguration.objects.select_related("user").get(pk=options["configuration"])


def _loaded(options: dict[str, Any]) -> Loaded:
    since, until = since_and_until(options)
    return Loaded(options["configuration"], since, until, workflow_ids(options["workflow"]))


def _draft(configuration: SnowflakeConfiguration, file: RulesFile) -> RuleSet:
    return draft_of(configuration.pk, documents(file.rules))


def _made(configuration: SnowflakeConfiguration, version: int) -> str:
    """When and by whom a version was made, behind its number."""
    stored = SyncRuleVersion.objects.filter(configuration=configuration, version=version).first()
    return f", of {stored.made_at:%Y-%m-%d %H:%M:%S} UTC by {stored.author or 'somebody'}" if stored else ""
