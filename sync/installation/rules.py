"""Are the destinations' rules as they are to be followed?"""

import json

from django.db.backends.utils import CursorWrapper

from sync.installation.finding import Finding, Findings, listed
from sync.postgres import read_sql
from sync.rules import RulesError, read_rules

_LATEST, _OTHERS, _LENDS = read_sql(__file__, "latest", "others", "lends")


def rules(cursor: CursorWrapper) -> Findings:
    """Rules that cannot be read, or were changed where no worker looks; and whether this role may hash."""
    cursor.execute(_LATEST)
    latest = cursor.fetchall()
    cursor.execute(_OTHERS)
    others = [id_ for (id_,) in cursor.fetchall()]
    unreadable = [id_ for id_, documents, _ in latest if not _readable(documents)]
    if unreadable:
        said = f"those of {listed(unreadable)} were written by a later version of this program, or by hand"
        yield Finding("rules", ok=False, detail=said, remedy="Run that version, or save the rules again.")
    if others:
        said = f"snowflake_sync_rules says other rules of {listed(others)} than workers go by"
        remedy = (
            "Change rules by the admin, the API or sync_rules, not by SQL. To have in the table what workers go by: "
            "sync_rules export --configuration ID > rules.yaml; sync_rules apply rules.yaml --configuration ID --yes"
        )
        yield Finding("rules", ok=False, detail=said, remedy=remedy)
    if not unreadable and not others:
        yield Finding("rules", ok=True, detail="none" if not latest else "can be read, and are those that people see")
    if any(hash_key for _, _, hash_key in latest):
        cursor.execute(_LENDS)
        lends, database, role = cursor.fetchone()
        said = f"{role} may make {'temporary tables' if lends else 'none, and rules hash columns: such loads fail'}"
        remedy = f"GRANT TEMPORARY ON DATABASE {database} TO {role};"
        yield Finding("temporary tables", lends, said, remedy)


def _readable(documents: str) -> bool:
    try:
        read_rules(json.loads(documents))
    except RulesError:
        return False
    return True
