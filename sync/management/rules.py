"""Rules in a terminal: the file that is meant, and how what is said of rules is printed."""

import getpass
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from pathlib import Path

from config.log_lines import visible
from sync.operations import TO_RETRY, ChangeCounts, Effect, PreviewedRows, RemovalPreview, RuleFinding, RulePreview
from sync.rules import MOST_BYTES, Difference, RulesFile, RulesFileError, read_file

# Characters of a value in a table.
_WIDE = 32


def rules_file(name: str) -> RulesFile:
    """The rules in a file; `-` is the standard input. For argparse."""
    try:
        if name == "-":
            return read_file(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
        with Path(name).open("rb") as file:
            return read_file(file.read(MOST_BYTES + 1), name)
    except OSError as error:
        raise ArgumentTypeError(f"'{name}' cannot be read: {error.strerror}.") from None
    except RulesFileError as error:
        said = "\n".join(visible(line) for line in str(error).split("\n"))
        raise ArgumentTypeError(
            f"these are no rules; correct the lines (docs/rules.md says what may stand there):\n{said}"
        ) from None


def author() -> str:
    """Who runs the command, as far as the machine knows."""
    try:
        return f"{getpass.getuser()}, by sync_rules"
    except (OSError, KeyError):
        return "sync_rules"


def differences(found: Difference) -> Iterator[str]:
    """What changes, rule by rule, and how many."""
    yield from map(visible, found.lines)
    counted = {"added": found.added, "removed": found.removed, "changed": found.changed, "moved": found.moved}
    yield "Rules: " + ", ".join(f"{number:,} {what}" for what, number in counted.items() if number)


def findings(found: Sequence[RuleFinding]) -> Iterator[str]:
    """What is to be known of rules, each with its level."""
    for one in found:
        yield visible(f"{one.level:<11}  {f'{one.rule}: ' if one.rule else ''}{one.said}")


def preview(found: RulePreview) -> Iterator[str]:
    """What rules make of an execution: what each did, then its first rows before and after."""
    if found.excluded_by is not None:
        yield visible(f"Excluded: {found.excluded_by}")
    if found.error is not None:
        yield visible(f"It would fail ({found.error.code}): {found.error}")
    for effect in found.effects:
        yield visible(f"{effect.rule}: {effect.said}")
    if found.new_columns:
        yield visible(f"New columns ({found.policy}): {', '.join(found.new_columns)}")
    yield from _counted(found)
    if found.key == "made_up":
        yield "Hashes are made with a key of this preview: those in Snowflake will be others."
    for title, rows in (("Before", found.before), ("After", found.after)):
        if rows.header:
            yield from ("", title, *_table(rows))


def _counted(found: RulePreview) -> Iterator[str]:
    known = found.statistics
    if known or found.checked:
        yield f"Rows read as a load reads them: {found.checked:,}{f' of {known.rows:,}' if known else ''}"
    if known:
        is_all = known.rows == known.examined
        of = f"{known.rows:,}" if is_all else f"the first {known.examined:,}; there are {known.rows:,}"
        yield f"Rows kept: {known.kept:,} of {of}"
        for one in known.columns:
            if one.distinct is not None:
                yield visible(f"Different hashes in {one.name}: {one.distinct:,}; rows without a value: {one.nulls:,}")


def effect(found: Effect) -> Iterator[str]:
    """What is loaded by which rules, and what of it by earlier ones."""
    by = ", ".join(f"{number:,} by version {version}" for version, number in found.versions.items())
    yield f"The rules are at version {found.version}. Runs loaded: {by or 'none'}"
    for one in found.workflows:
        numbers = {
            "loaded under earlier rules": one.earlier,
            "excluded by now": one.excluded,
            "on their way again": one.waiting,
            "waiting to be taken out": one.removing,
            "failed": one.failed,
        }
        if told := ", ".join(f"{number:,} {what}" for what, number in numbers.items() if number):
            yield visible(f"{one.name} ({one.workflow_id}): {told}")
    yield f"Runs loaded under earlier rules: {found.earlier:,}"
    yield from to_retry(found.to_retry)


def to_retry(number: int) -> Iterator[str]:
    """What failed for a rule that is another by now, if anything did."""
    if number:
        yield f"Runs that {TO_RETRY}: {number:,}"


def removal(found: RemovalPreview) -> Iterator[str]:
    """What is in Snowflake although the rules exclude it."""
    yield f"The rules are at version {found.version}. Loaded, and excluded by them: {found.executions:,}"
    if found.executions:
        yield f"Own tables, to be dropped: {found.tables:,}; rows, to be deleted from shared ones: {found.rows:,}"


def done_to(what: str, counts: ChangeCounts) -> Iterator[str]:
    """How many executions were changed, and why others were not."""
    yield f"Runs {what}: {counts.changed:,}"
    if counts.meanwhile:
        yield f"Left alone: {counts.meanwhile:,} changed meanwhile: count again"
    if counts.excluded:
        yield f"Left alone: {counts.excluded:,} excluded by a rule"
    if counts.held:
        yield f"Left alone: {counts.held:,} held by somebody else: run it again"


def _table(found: PreviewedRows) -> Iterator[str]:
    header = [("", "")] + [(column.name, column.type) for column in found.header]
    rows = [[str(row.number), *("NULL" if it is None else it for it in row.values)] for row in found.rows]
    cells = [[_short(cell) for cell in row] for row in [*zip(*header, strict=True), *rows]]
    widths = [max(len(row[place]) for row in cells) for place in range(len(header))]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    if more := len(found.columns) - len(found.header):
        yield f"and {more:,} columns more"


def _short(text: str) -> str:
    shown = visible(text[: _WIDE + 1])
    return shown if len(shown) <= _WIDE else f"{shown[: _WIDE - 1]}…"
