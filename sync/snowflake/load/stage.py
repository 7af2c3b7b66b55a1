"""From a local file to rows in a table: the stage, PUT, COPY, and reading their answers."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from sync.errors import SyncError, failure
from sync.snowflake import statements
from sync.snowflake.session import Answer, Session, is_stage_gone, uploads_write_to
from sync.snowflake.statements import Column, Table


@dataclass(frozen=True, slots=True)
class FileLoad:
    """A file to load, and the `further` ones of a large result: where to, what columns (our own ones last), what rows.

    `staged_name` is the directory in the stage, unique per attempt: COPY skips a name it has loaded
    before. `marker` (statements.marker) is the comment by which the table is known as ours; below it stand what it is
    `about`, and `notes`, the keys of columns whose names do not say them. `is_staged`: `upload_together` has uploaded
    the file. `fenced` opens a named transaction in a session of its own, for rows that may take longer than a lease to
    be put in place. `releases` is called right before columns go or change their types, with those that the table will
    have.
    """

    table: Table
    columns: tuple[Column, ...]
    path: Path
    rows: int
    staged_name: str
    marker: str
    notes: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    further: tuple[Path, ...] = ()
    is_staged: bool = False
    fenced: Callable[[], AbstractContextManager[Session]] | None = None
    releases: Callable[[Session, Sequence[Column]], None] = lambda _session, _columns: None

    @property
    def comment(self) -> str:
        return statements.comment(self.marker, self.notes, self.about)

    @property
    def staged_file(self) -> str:
        """What COPY reads: the file in the stage, or the directory of several."""
        return self.staged_name if self.further else f"{self.staged_name}/{self.path.name}"

    def placing(self, session: Session, *, together: bool = False) -> AbstractContextManager[Session]:
        """The session that puts the rows in place; `together`: in several statements, which take effect as one."""
        if self.fenced:
            return self.fenced()
        return session.transaction() if together else nullcontext(session)


def with_staged_file(session: Session, load: FileLoad, work: Callable[[], None]) -> None:
    """Uploads the file, unless it is staged, then does `work`, which loads it; on failure, takes it away again.

    Both once more, with a new stage, where the stage turns out to be gone.
    """
    if load.is_staged:
        work()
    else:
        _with_staged(session, [load], work)


def upload_together(session: Session, loads: Sequence[FileLoad]) -> None:
    """Uploads the files of several loads with one PUT: they lie in one directory, where no other file of their kind is,
    and go to one of the stage. All or nothing: where one fails, it is not said which, and those that came are removed.
    """
    _with_staged(session, loads, lambda: None)


def remove_staged(session: Session, load: FileLoad, *, all_beside: bool) -> None:
    """Takes a file away that was uploaded together with others and not loaded; `all_beside`: the others, too."""
    place = load.staged_name if all_beside else load.staged_file
    session.tidy_up(statements.remove(load.table, place), "remove the staged file")


def _with_staged(session: Session, loads: Sequence[FileLoad], work: Callable[[], None]) -> None:
    table = loads[0].table
    make_stage(session, table)
    try:
        _upload_and(session, loads, work)
    except SyncError as error:
        if not is_stage_gone(error):
            raise
        session.memory.stages.discard(_stage_of(table))
    else:
        return
    make_stage(session, table)
    _upload_and(session, loads, work)


def _upload_and(session: Session, loads: Sequence[FileLoad], work: Callable[[], None]) -> None:
    before = session.statements
    try:
        upload(session, *loads)
        work()
    except Exception as error:
        # Also where it is the worker that has to stop, or has lost the lease, unless it never came to PUT.
        is_staged = session.statements > before and not (isinstance(error, SyncError) and is_stage_gone(error))
        if is_staged:
            remove_staged(session, loads[0], all_beside=True)
        raise


def make_stage(session: Session, table: Table) -> None:
    """Makes the schema's stage unless this process has seen it."""
    stage = _stage_of(table)
    if stage in session.memory.stages:
        return
    with session.memory.making_stage:
        if stage not in session.memory.stages:
            session.execute(statements.create_stage(table), f"make the stage {stage}")
            session.memory.stages.add(stage)


def assume_stage(session: Session, table: Table) -> None:
    """The schema's stage is there, as far as we know; should it not be, PUT says so, and it is made then."""
    session.memory.stages.add(_stage_of(table))


def upload(session: Session, load: FileLoad, *others: FileLoad) -> None:
    """PUT. Raises load_not_verified unless Snowflake says of each file, and of no other, that it is UPLOADED."""
    _put(session, load, [load.path, *(other.path for other in others)])
    for path in load.further:
        _put(session, load, [path])


def _put(session: Session, load: FileLoad, paths: Sequence[Path]) -> None:
    put = statements.put(paths[0], load.table, load.staged_name, all_beside=len(paths) > 1)
    with uploads_write_to(paths[0].parent):
        more = f" and {len(paths) - 1} more" if paths[1:] else ""
        answer = session.execute(put, f"upload the rows of {load.table}{more}")
    states = sorted((PurePath(str(row.get("target"))).name, row.get("status")) for row in answer.rows)
    if states != sorted((path.name, "UPLOADED") for path in paths):
        said = sorted({str(state) for _, state in states})
        raise _unverified(f"PUT of {len(paths)} files for {load.table} answered {len(states)} times {said}", answer)


def copy(session: Session, load: FileLoad, into: Table, *, whole: bool) -> None:
    """COPY of what is staged; `whole`: the table was made with the file's columns.

    Raises load_not_verified unless every row sent was loaded.
    """
    answer = session.execute(
        statements.copy(into, load.columns, load.staged_file, whole=whole),
        f"load {load.rows} row{'s' * (load.rows != 1)} into {load.table}",
        loads=into == load.table,
    )
    if not _is_loaded(answer, load):
        raise _unverified(f"COPY into {load.table} answered {_shown(answer)} for {load.rows} rows", answer)


def _is_loaded(answer: Answer, load: FileLoad) -> bool:
    """COPY answers a row a file; together they have to have all rows."""
    outcomes = {(row.get("status"), _number(row.get("errors_seen"))) for row in answer.rows}
    rows = sum(_number(row.get("rows_loaded")) for row in answer.rows)
    return len(answer.rows) == 1 + len(load.further) and outcomes == {("LOADED", 0)} and rows == load.rows


def _number(value: object) -> int:
    """Counts come as numbers or as text, depending on the format of the answer; -1: no number."""
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else -1


def _shown(answer: Answer) -> str:
    # Not first_error: it quotes a value.
    keys = ("status", "rows_parsed", "rows_loaded", "errors_seen")
    rows = [{key: row[key] for key in keys if row.get(key) is not None} for row in answer.rows[:3]]
    return str(rows)[:300]


def _unverified(happened: str, answer: Answer) -> SyncError:
    return failure("load_not_verified", happened, query_id=answer.query_id)


def _stage_of(table: Table) -> str:
    return str(table.beside(statements.STAGE))
