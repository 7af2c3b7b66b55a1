"""Rules of the repository that no linter knows."""

import re
import subprocess
from pathlib import Path

from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 300


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def test_no_file_has_more_than_one_subject() -> None:
    long = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked("*.py", "*.sql")
        if "schema.sql" not in path.name
    }
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


def test_what_a_statement_changes_is_chosen_once() -> None:
    """A plan may ask a subquery of IN again for every row: its LIMIT, and the locks it takes, would not hold."""
    within = re.compile(r"\bIN \(\s*SELECT(?:[^()]|\([^()]*\))*?\b(?:LIMIT|FOR (?:NO KEY )?UPDATE)\b")
    found = [str(path) for path in tracked("sync/*.py", "accounts/*.py", "*.sql") if within.search(path.read_text())]
    assert found == []


def test_a_row_is_named_by_its_key() -> None:
    """A ctid is a place in one partition: in a partitioned table it is the place of other rows, too."""
    found = [str(path) for path in tracked("sync/*.py", "accounts/*.py", "*.sql") if "ctid" in path.read_text()]
    assert found == []


def test_the_queue_itself_is_asked_for() -> None:
    """Without ONLY a statement reads what waits in the queue's inbox, too, through no index but its key."""
    bare = re.compile(r"\b(?:FROM|JOIN|UPDATE) snowflake_sync_queue\b")
    assert [path.name for path in tracked("sync/queue/*.sql") if bare.search(path.read_text())] == []


def test_nothing_stays_in_a_session() -> None:
    """A pooler hands a session to others, the application among them."""
    keeps = re.compile(
        r"\bSET (?!LOCAL\b)(?:SESSION )?\w*(?:_timeout|jit|path|mode|enable_\w+)\b|set_config\([^()]*, *false\)"
        r"|\bpg_(?:try_)?advisory_lock|\bLISTEN\b|\bCREATE TEMP(?![^;]*\bON COMMIT DROP\b)|\"options\": "
    )
    found = [
        str(path)
        for path in tracked("sync/*.py", "sync/*.sql", "accounts/*.py", "migrations_sql/*.py")
        if "snowflake/" not in str(path) and keeps.search(path.read_text())
    ]
    assert found == []


def test_the_sql_pairs_name_the_schema() -> None:
    """With nothing but PostgreSQL's own in the search path: `:schema.` stands for where a table or function is.

    And in ASCII: a database of another encoding has no room for more.
    """
    place = r"FROM|JOIN|INTO|UPDATE|TABLE(?: IF(?: NOT)? EXISTS)?|REFERENCES|FUNCTION|VIEW|SEQUENCE|ON|PERFORM|SELECT"
    bare = re.compile(
        rf"\b(?:{place}) (?:users|workflows|workflow_executions|queue_execution\w+|(?:snowflake|auth|django)_\w+)"
    )
    for path in tracked("migrations_sql/*.sql"):
        statements = re.sub(r"--.*", "", path.read_text(encoding="ascii"))
        assert bare.findall(statements) == [], path.name


def test_the_lock_files_name_no_package_index() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"--(extra-)?index-url|--find-links|https?://", text), path.name


def test_the_links_of_the_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
            if not link.startswith("http"):
                assert (path.parent / link).exists(), f"{path.name}: {link}"


def test_every_setting_is_in_the_example() -> None:
    names = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text())
    example = (ROOT / ".env.example").read_text()
    internal = {"SANDBOX"}
    assert [name for name in names if name not in example and name not in internal] == []


def test_the_readme_names_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    text = "\n".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for target in set(re.findall(r"^make (\w+)", text, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} | set(get_commands())
    for command in set(re.findall(r"manage\.py (\w+)", text)):
        assert command in commands, command
