"""What a database is and holds, so that before can be compared with after."""

from dataclasses import dataclass, fields

from tests.installation.server import Database, Row

_RELATIONS = """
SELECT c.oid::regclass::text, c.oid::text, c.relfilenode::text, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text
FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'i', 'S', 'm')
"""
_COLUMNS = """
SELECT a.attrelid::regclass::text || '.' || a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid), a.attnum
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = """
SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid), oid::text
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid <> 0
"""
_TRIGGERS = """
SELECT tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid), tgenabled, oid::text
FROM pg_trigger WHERE NOT tgisinternal
"""
_POLICIES = "SELECT tablename || '.' || policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies"
_FUNCTIONS = """
SELECT oid::regprocedure::text, pg_get_functiondef(oid), proowner::text
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
_TABLES = """
SELECT c.oid::regclass::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY 1
"""
_DJANGOS_OWN = ("django_", "auth_")


@dataclass(frozen=True)
class Snapshot:
    """By name: relations with the file that holds them, columns, constraints, triggers, policies, functions, rows."""

    relations: dict[str, Row]
    columns: dict[str, Row]
    constraints: dict[str, Row]
    triggers: dict[str, Row]
    policies: dict[str, Row]
    functions: dict[str, Row]
    rows: dict[str, Row]

    def missing_from(self, after: "Snapshot") -> set[str]:
        """Names of what is gone or has changed."""
        return {
            f"{kind.name[:-1]} {name}"
            for kind in fields(self)
            for name, value in getattr(self, kind.name).items()
            if getattr(after, kind.name).get(name) != value
        }


def snapshot(database: Database, columns: dict[str, str]) -> Snapshot:
    """The catalogue, and these columns of these tables."""

    def by_name(query: str) -> dict[str, Row]:
        return {row[0]: row[1:] for row in database.rows(query) if not row[0].startswith(_DJANGOS_OWN)}

    return Snapshot(
        relations=by_name(_RELATIONS),
        columns=by_name(_COLUMNS),
        constraints=by_name(_CONSTRAINTS),
        triggers=by_name(_TRIGGERS),
        policies=by_name(_POLICIES),
        functions=by_name(_FUNCTIONS),
        # xmin: an update that changes nothing writes the row anew, too.
        rows={
            table: tuple(database.rows(f"SELECT {names}, xmin::text FROM {table} ORDER BY 1::text"))
            for table, names in columns.items()
        },
    )


def columns_of(database: Database) -> dict[str, str]:
    """The columns of each table, to look at the same ones again."""
    return {table: names for table, names in database.rows(_TABLES) if not table.startswith(_DJANGOS_OWN)}
