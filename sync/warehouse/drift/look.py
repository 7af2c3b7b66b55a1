"""A look at what is in a destination against what was loaded: page by page, and never at one moment.

What is there is seen first, and what should be there is read after it: items that changed since the look began do not
count. What is otherwise has to be so in a second look, too, since nobody says how fresh the number of rows is.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from accounts.models import SnowflakeConfiguration
from sync.destinations import Access
from sync.errors import SyncError
from sync.models import SyncTable
from sync.postgres import database_now
from sync.snowflake.session import NOT_FOUND, Session, errno_of
from sync.snowflake.statements import PREFIX, Table
from sync.snowflake.warehouse import Mark, Shown, columns_in, has_role, tables_in, views_in
from sync.warehouse.drift.comparing import Found, Known, columns_of, is_of, missing, replaced, rows_of
from sync.warehouse.drift.kinds import Kind
from sync.warehouse.drift.known import KnownTables
from sync.warehouse.views import recover

# Findings of a kind that are kept; more are counted. So a schema that was emptied takes no more memory than this.
MOST = 1_000
# Tables whose columns are described before it is read again which they should have.
_DESCRIBED = 200


@dataclass(slots=True)
class Seen:
    """What a look has seen: findings by their place; and how many more of a kind there are.

    `shared`, `own`: the numbers, in the register, of tables that are there and ours. `strangers`: tables with the mark
    of a destination that is not known here.
    """

    found: dict[tuple[str, str, str, str], Found] = field(default_factory=dict)
    more: Counter[str] = field(default_factory=Counter)
    tables: int = 0
    strangers: int = 0
    shared: set[int] = field(default_factory=set)
    own: set[int] = field(default_factory=set)
    _kinds: Counter[str] = field(default_factory=Counter)

    def note(self, found: Iterable[Found]) -> None:
        """Keeps findings, as far as there is room."""
        for one in found:
            self._kinds[one.kind] += 1
            if self._kinds[one.kind] > MOST:
                self.more[one.kind] += 1
            else:
                self.found[one.place] = one

    @property
    def unlisted(self) -> int:
        """Findings that were counted, and not kept."""
        return self.more.total()


@dataclass(slots=True)
class _Schema:
    """What was seen of one schema. `marks`: where each mark stands that is under another name than it should."""

    place: Table
    here: set[int] = field(default_factory=set)
    shared: dict[str, Shown] = field(default_factory=dict)
    known_shared: list[Known] = field(default_factory=list)
    marks: dict[tuple[str, str], Table] = field(default_factory=dict)
    strays: list[tuple[Table, Mark]] = field(default_factory=list)


def look(access: Access, plan: Callable[[KnownTables, Seen], Collection[int]]) -> Seen:
    """Looks twice where anything is otherwise. `plan`: whose columns are to be compared, of the tables that are there.

    Raises SyncError, NotNowError, ChangedError, and what the guard raises.
    """
    with access.session() as session:
        session.about = {"work": "comparison"}
        recover(session, access.configuration)
        first = _Look(access, session).run(plan)
        if not first.found:
            return first
        odd = {one.place[:3] for one in first.found.values() if one.kind is Kind.COLUMNS}
        second = _Look(access, session).run(lambda known, seen: _numbers(known, seen, odd))
    # Once more, of what both have seen.
    second.found = {place: one for place, one in second.found.items() if first.found.get(place) == one}
    second.own, second.shared = first.own, first.shared
    return second


def _numbers(known: KnownTables, seen: Seen, places: Collection[tuple[str, str, str]]) -> list[int]:
    """The numbers, in the register, of tables at these places."""
    tables = [Table(*place) for place in places]
    schemas = {table.beside("") for table in tables}
    return [
        found.id
        for schema in schemas
        for found in known.named(schema, [table.name for table in tables if table.beside("") == schema])
        if found.id in seen.own | seen.shared
    ]


class _Look:
    def __init__(self, access: Access, session: Session) -> None:
        self._configuration, self._session = access.configuration, session
        self._id = str(access.configuration.pk)
        self._home = access.destination.table("")
        self._known = KnownTables(access.configuration, database_now())
        self._seen = Seen()
        self._roles: dict[str, bool] = {}
        self._destinations: Counter[str] = Counter()
        schemas = self._known.schemas()
        databases = Counter(schema.schema for schema in schemas)
        # A destination that was moved has the same schema in two databases.
        self._doubled = {schema for schema, number in databases.items() if number > 1}
        self._schemas = sorted(schemas | {self._home}, key=lambda one: (one.database, one.schema))

    def run(self, plan: Callable[[KnownTables, Seen], Collection[int]]) -> Seen:
        for place in self._schemas:
            try:
                self._look_at(_Schema(place))
            except SyncError as error:
                if place == self._home or errno_of(error) not in NOT_FOUND:
                    raise
                self._miss(place)
        ids = list(plan(self._known, self._seen))
        for start in range(0, len(ids), _DESCRIBED):
            self._compare_columns(ids[start : start + _DESCRIBED])
        self._seen.strangers = self._count_strangers()
        return self._seen

    def _count_strangers(self) -> int:
        """Tables of destinations that are not here, and never were."""
        marked = [UUID(one) for one in self._destinations]
        here = {*SnowflakeConfiguration.objects.filter(pk__in=marked).values_list("pk", flat=True)}
        here |= {
            *SyncTable.objects.filter(configuration__in=marked).values_list("configuration_id", flat=True).distinct()
        }
        return sum(many for one, many in self._destinations.items() if UUID(one) not in here)

    def _look_at(self, schema: _Schema) -> None:
        for page in tables_in(self._session, schema.place):
            shown = {one.name: one for one in page if not one.name.startswith(PREFIX)}
            known = {one.table.name: one for one in self._known.named(schema.place, list(shown))}
            self._seen.tables += len(shown)
            for name, one in shown.items():
                if name in known:
                    self._compare(schema, one, known[name])
                else:
                    self._note_stray(schema, one)
        for known_one in self._with_rows(schema.place, schema.known_shared):
            self._judge(schema.shared[known_one.table.name], known_one)
        self._note_missing(schema)
        self._note_unknown(schema)

    def _compare(self, schema: _Schema, shown: Shown, known: Known) -> None:
        schema.here.add(known.id)
        if known.execution_id is None:
            schema.shared[shown.name] = shown
            schema.known_shared.append(known)
        else:
            self._judge(shown, known)
        if is_of(shown, known, self._id):
            (self._seen.own if known.execution_id else self._seen.shared).add(known.id)
        elif shown.mark and shown.mark.destination_id == self._id:
            self._note_mark(schema, shown.mark, known.table)

    def _judge(self, shown: Shown, known: Known) -> None:
        if not is_of(shown, known, self._id):
            if known.has_to_be_there:
                self._seen.note([replaced(shown, known)])
            return
        self._seen.note(rows_of(shown, known))
        if known.is_settled and shown.owner and not self._has(shown.owner):
            self._seen.note([Found(Kind.OTHER_OWNER, known.table, known.execution_id, found={"owner": shown.owner})])

    def _has(self, role: str) -> bool:
        if role not in self._roles:
            self._roles[role] = has_role(self._session, role)
        return self._roles[role]

    def _with_rows(self, place: Table, shared: Iterable[Known]) -> list[Known]:
        found = self._known.with_rows(place, shared)
        return [replace(one, rows=None) for one in found] if place.schema in self._doubled else found

    def _note_stray(self, schema: _Schema, shown: Shown) -> None:
        if shown.mark is None:
            return
        if shown.mark.destination_id != self._id:
            self._destinations[shown.mark.destination_id] += 1
            return
        table = schema.place.beside(shown.name)
        self._note_mark(schema, shown.mark, table)
        if len(schema.strays) < MOST:
            schema.strays.append((table, shown.mark))
        else:
            self._seen.more[Kind.UNKNOWN] += 1

    @staticmethod
    def _note_mark(schema: _Schema, mark: Mark, table: Table) -> None:
        if len(schema.marks) < MOST:
            schema.marks.setdefault((mark.subject, mark.id), table)

    def _note_missing(self, schema: _Schema) -> None:
        lacking = self._lacking(schema.place, schema.here)
        if not lacking:
            return
        names = {one.table.name for one in lacking}
        views = {name for page in views_in(self._session, schema.place) for name in page if name in names}
        found = [missing(one, schema.marks, views) for one in lacking]
        self._seen.note(found)
        elsewhere = {one.found["name"] for one in found if one.kind is Kind.RENAMED}
        schema.strays = [(table, mark) for table, mark in schema.strays if table.name not in elsewhere]

    def _lacking(self, place: Table, here: Collection[int]) -> list[Known]:
        """Those that should be there, and are not; MOST of them at most."""
        lacking: list[Known] = []
        for page in self._known.pages(place):
            absent = [one for one in page if one.id not in here]
            shared = self._with_rows(place, (one for one in absent if one.execution_id is None))
            for one in (*(own for own in absent if own.execution_id), *shared):
                if not one.has_to_be_there:
                    continue
                if len(lacking) < MOST:
                    lacking.append(one)
                else:
                    self._seen.more[Kind.MISSING] += 1
        return lacking

    def _note_unknown(self, schema: _Schema) -> None:
        owners = self._known.owners([mark.id for _, mark in schema.strays if mark.subject == "execution"])
        shared = {mark.id for _, mark in schema.strays if mark.subject == "shared"}
        registered = {one.table.name for one in self._known.named(schema.place, shared)} if shared else set()
        for table, mark in schema.strays:
            there: dict[str, object] = {"subject": mark.subject, "id": mark.id}
            owner = owners.get(mark.id) if mark.subject == "execution" else None
            if owner and owner.status in ("pending", "processing"):
                continue
            if owner and owner.status == "skipped" and not owner.is_loaded:
                self._seen.note([Found(Kind.NOT_REMOVED, table, mark.id, found=there)])
                continue
            if (owner and owner.has_table) or mark.id in registered:
                there["copy_of"] = f"execution {mark.id}" if owner else mark.id
            self._seen.note([Found(Kind.UNKNOWN, table, found=there)])

    def _miss(self, place: Table) -> None:
        """The role does not see a schema that results were loaded into because their executions asked for it."""
        if self._lacking(place, ()):
            self._seen.more.pop(Kind.MISSING, None)
            self._seen.note([Found(Kind.SCHEMA_UNSEEN, place)])

    def _compare_columns(self, ids: Collection[int]) -> None:
        known = KnownTables(self._configuration, database_now())
        tables = {one.id: one.table for one in known.numbered(ids)}
        there = {id_: columns_in(self._session, table) for id_, table in tables.items()}
        after = known.numbered(ids)
        shared: dict[Table, list[Known]] = {}
        for one in after:
            if one.execution_id is None:
                shared.setdefault(one.table.beside(""), []).append(one)
        settled = [one for one in after if one.execution_id]
        settled += [one for place, tables_there in shared.items() for one in known.with_rows(place, tables_there)]
        for one in settled:
            if columns := there.get(one.id):
                self._seen.note(columns_of(columns, one))
