"""Stages: what PUT says about its file, LIST below a directory, REMOVE."""

import hashlib
import shutil
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import duckdb
from fakesnow.server import gcs_stage_info as _gcs_stage_info
from fakesnow.transforms import stage
from fakesnow.transforms.options import parse_options
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp
from starlette.requests import Request

from sandbox.snowflake.encryption import MATERIAL
from sandbox.snowflake.mends.answers import Answer
from sandbox.snowflake.mends.identifiers import parts_from_var, shown
from sandbox.snowflake.mends.patching import patch

_put_stage = stage.put_stage
# What else Snowflake says of where a stage's files are; connector 5 does not do without.
_PLACE = {"region": "sandbox", "storageAccount": "", "isClientSideEncrypted": True, "endPoint": ""}


def bucket() -> Path:
    """Where staged files are."""
    return Path(stage.LOCAL_BUCKET_PATH)


def empty_bucket() -> None:
    shutil.rmtree(stage.LOCAL_BUCKET_PATH, ignore_errors=True)


def put_stage(expression: Expr, *args: Any) -> Expr:
    """The stage may stand in quotes, the statement's own options count, and the client encrypts the file."""
    if not isinstance(expression, exp.Put):
        return expression
    target = expression.args["target"].name
    if target.startswith("'"):
        expression.set("target", exp.Var(this=target[1:-1].replace("''", "'")))
    options = parse_options(expression.args.get("properties") or [])
    transformed: Expr = _put_stage(expression, *args)
    data = transformed.args["put_stage_data"]
    data["sourceCompression"] = str(options.get("SOURCE_COMPRESSION", "auto_detect")).lower()
    data["encryptionMaterial"] = MATERIAL
    data["overwrite"] = bool(options.get("OVERWRITE", False))
    return transformed


def gcs_stage_info(request: Request, expression: Expr, data: Any) -> dict[str, Any]:
    """Where a PUT's file goes. For files that a wildcard names, connector 4 asks once more for each, and connector 5
    takes an address of all of them with a token, as Snowflake gives them where it does not sign each address.
    """
    info = _PLACE | _gcs_stage_info(request, expression, data)
    if "*" in data["src_locations"][0] and "/4." not in request.headers["user-agent"]:
        place = Path(data["stageInfo"]["location"]).relative_to(bucket())
        del info["presignedUrl"]
        info |= {
            "location": f"{place}/",
            "creds": {"GCS_ACCESS_TOKEN": "token"},
            "endPoint": f"{request.url.scheme}://{request.url.netloc}/fs_bucket",
        }
    return info


def reference(duck: duckdb.DuckDBPyConnection, database: str | None, schema: str | None, text: str) -> tuple[str, str]:
    """A stage reference as written, `@db.schema."stage"/dir` → (the stage's name, the path)."""
    text = text.strip().rstrip(";").strip()
    if text.startswith("'"):
        text = text[1:-1].replace("''", "'")
    name, path = _split_path(text.removeprefix("@"))
    parts = parts_from_var(name, database, schema)
    duck.execute(
        "SELECT 1 FROM _fs_global._fs_information_schema._fs_stages"
        " WHERE database_name = ? AND schema_name = ? AND name = ?",
        parts,
    )
    if not duck.fetchone():
        raise stage.not_found_error(shown(".".join(parts)))
    return ".".join(parts), path


def _split_path(text: str) -> tuple[str, str]:
    quoted = False
    for i, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "/" and not quoted:
            return text[:i], text[i + 1 :]
    return text, ""


def files(name: str, prefix: str) -> list[tuple[str, Path]]:
    """(name as LIST shows it, path) of a stage's files whose path begins with the prefix."""
    root = Path(stage.internal_dir(name))
    found = sorted(path for path in root.rglob("*") if path.is_file())
    inside = [(path.relative_to(root).as_posix(), path) for path in found]
    label = shown(name.rsplit(".", 1)[-1]).lower()
    return [(f"{label}/{name}", path) for name, path in inside if name.startswith(prefix)]


def list_files(found: list[tuple[str, Path]]) -> Answer:
    """What LIST answers."""
    rows = []
    for name, path in found:
        try:
            about, content = path.stat(), path.read_bytes()
        except FileNotFoundError:
            continue  # a COPY has loaded it meanwhile
        changed = datetime.fromtimestamp(about.st_mtime, UTC)
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        rows.append((name, about.st_size, digest, format_datetime(changed).replace("+0000", "GMT")))
    return Answer({"name": "", "size": 0, "md5": "", "last_modified": ""}, rows)


def remove_files(found: list[tuple[str, Path]]) -> Answer:
    """What REMOVE does and answers."""
    rows = []
    for name, path in found:
        path.unlink(missing_ok=True)
        rows.append((name, "removed"))
    return Answer({"name": "", "result": ""}, rows)


def drop(
    duck: duckdb.DuckDBPyConnection, database: str | None, schema: str | None, text: str, *, missing: str | None
) -> Answer:
    """DROP STAGE, with its files; `missing`: IF EXISTS."""
    try:
        name, _ = reference(duck, database, schema, text)
    except ProgrammingError:
        if not missing:
            raise
        return Answer({"status": ""}, [("Drop statement executed successfully.",)])
    label = parts_from_var(text.strip().rstrip(";").strip(), database, schema)
    duck.execute(
        "DELETE FROM _fs_global._fs_information_schema._fs_stages"
        " WHERE database_name = ? AND schema_name = ? AND name = ?",
        label,
    )
    shutil.rmtree(stage.internal_dir(name), ignore_errors=True)
    return Answer({"status": ""}, [(f"{shown(label[2])} successfully dropped.",)])


def apply() -> None:
    patch("fakesnow.transforms", "put_stage", put_stage)
    patch("fakesnow.server", "gcs_stage_info", gcs_stage_info)
